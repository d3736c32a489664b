"""Programs: from text to a graph, through `ast` and an allow-list.

They stand apart from the graph itself because only here is text read; nothing is ever executed.

    scan ─ parse ─ compile ─ execute
    caps   ast     instructions   nodes
"""

from tui_backprop.graph.program.build import build

__all__ = ["build"]
