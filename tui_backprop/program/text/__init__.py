"""A program's text: its places and its problems, and the way from characters to `ast` statements.

source    the text, what is checked of it before it is parsed, and the problems found in it
syntax    parsing it in pieces
"""
