"""Everything that is shown, as text with roles: no terminal is needed here.

text/      numbers, names, arrays, spans and tables
formulas/  symbolic partials, plain and in LaTeX
layout/    the graph as boxes and wires
matrix/    a Jacobian as a grid of numbers, and as a picture
panes/     one function per pane of the screen
export/    documents, transcripts and JSON
speech/    steps in words, for ears
view       what a pane may know
rows       the nodes one below the other, modules folded
"""
