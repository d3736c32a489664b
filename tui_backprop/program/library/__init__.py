"""The composed ops: ops that are written in the program language.

*.txt          their texts, by family
definitions    reading the texts, with what their comments say
compiled       compiling one when a program first calls it
contained      which ops are inside one
"""
