"""The v pane: the vector that is pulled back, entry by entry.

It stands apart from the gradient because v is finished: it only feeds the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug.frame import Phase
from tui_backprop.render.content import Lines
from tui_backprop.render.numbers import aligned, numerals_in, role_of
from tui_backprop.render.phrases import phrase
from tui_backprop.render.spans import Span, merge, pad, width
from tui_backprop.render.summary import window
from tui_backprop.render.wrapping import wrap

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.spans import Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array


def v_content(view: View, cells: int, height: int) -> Content:
    """A window of v around the row of the current partial."""
    frame = view.frame
    if frame.v is None:
        lines = wrap(phrase(view.language, "v_later"), max(2, cells))
        return Lines([(Span(text, "dim"),) for text in lines], title="v")
    title = f"v of {view.namer.label(frame.node.id)}"
    return Lines(_lines(view, frame.v.ravel(), cells, height), title=title)


def _lines(view: View, v: Array, cells: int, height: int) -> list[Line]:
    frame, charset = view.frame, view.charset
    rows = window(v.size, max(frame.row, 0), max(1, height))
    shown = [r for r in rows if r is not None]
    names = {r: view.namer.cotangent(frame.node.id, r) for r in shown}
    label = max((width(name) for name in names.values()), default=0)
    room = max(1, cells - label - 3)
    texts = dict(zip(shown, aligned(v[np.array(shown, dtype=np.intp)], None,
                                    numerals_in(charset), room), strict=True))  # fmt: skip
    return [
        (Span(pad(charset.elided_rows, label, "right"), "dim"),)
        if r is None
        else _row(view, r, pad(names[r], label), texts[r], float(v[r]))
        for r in rows
    ]


def _row(view: View, row: int, name: str, text: str, value: float) -> Line:
    frame = view.frame
    if row == frame.row:
        return merge((Span(f"{name} {view.charset.pointer} ", "title"), Span(text, "current")))
    role: SpanRole = "changed" if frame.phase is Phase.SEED else role_of(value)
    return merge((Span(f"{name}   ", "dim"), Span(text, role)))
