"""Programs: from text to a graph, through `ast` and an allow-list.

Only here is text read; nothing is ever executed.

    source ─ syntax ─ statements, expressions ─ machine ─ tape
    caps     ast      instructions             runs      nodes
"""

from tui_backprop.program.build import build

__all__ = ["build"]
