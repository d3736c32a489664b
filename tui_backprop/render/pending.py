"""Which pictures may take longer than a key can wait, and what stands in their place meanwhile.

They stand apart from the pictures because whether arrays are large is asked before any is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.language.phrases import phrase
from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.spans import Span, wrap
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.view import View

_ENTRIES: Final = 100_000
"""Beyond one for each node: arrays that large are read, added and pulled back within a moment."""
_MULTIPLICATIONS: Final = 10**7
_TOTAL: Final = 2_000
"""Entries of all values where each row of J takes a whole backward pass."""


def may_take_long(view: View) -> bool:
    """Whether some pane may take longer than a person notices."""
    frame = view.frame
    graph = frame.timeline.trace.graph
    if frame.phase is Phase.BUILD:
        return False
    is_large = graph.elements - len(graph.nodes) > _ENTRIES
    is_total = view.total and frame.edge is not None and graph.elements > _TOTAL
    return is_large or graph.multiplications > _MULTIPLICATIONS or is_total


def pending_content(view: View, width: int) -> Content:
    """What is shown until the picture is there; never the numbers of another step."""
    lines = wrap(phrase(view.language, "pending"), max(2, width))
    return Lines([(Span(text, "dim"),) for text in lines])
