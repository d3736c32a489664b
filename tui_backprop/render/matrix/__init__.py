"""A Jacobian on the screen: as numbers in a grid, and as a picture of its pattern.

labels        what stands before rows and over columns
cells         numbers as texts, column by column
fit           which rows and columns a window shows
grid          the lines of that
sample        the entries that a picture is made from
picture       the lines of that
composition   both in one window
"""
