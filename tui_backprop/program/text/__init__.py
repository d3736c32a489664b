"""A program's text: its places and its problems, and the way from characters to `ast` statements.

source          the text, its places and its snippets
problems        what is wrong with it, with the place
scan, nesting   what is checked before it is parsed
syntax          parsing it in pieces
complaints      what Python's reader says where it cannot
"""
