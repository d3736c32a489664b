"""Programs: from text to a graph, through `ast` and an allow-list.

Only here is text read; nothing is ever executed.

    text ─── compiling ─── code ─── running
    `ast`    allow-list    slots    nodes

vocabulary/   the names that programs use, and those that they do not
text/         the text itself, up to its statements
compiling/    from statements to instructions
code/         the instructions, as plain data
running/      the machine that runs them, and the tape of nodes
library/      the ops that are written in the program language
build         a graph from a program, every stage in order; or its problems alone
formula       a graph from one expression, as a debugger asks it
"""

from tui_backprop.program.build import build, read

__all__ = ["build", "read"]
