"""The smallest parts of what is shown.

spans            styled text, its width, cutting and wrapping; the lines of a pane
charset          Unicode or ASCII
numbers, arrays  as many digits as tell it apart
names            nodes and entries
table, json      tables with aligned columns, JSON without surprises
many             many numbers and places at once, for programs
"""
