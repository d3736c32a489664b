"""The v pane: the vector that is pulled back, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_backprop.render.text.arrays import window
from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.numbers import aligned, numerals_in, role_of
from tui_backprop.render.text.spans import Span, merge, pad, width, wrap
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.text.spans import Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array


def v_content(view: View, cells: int, height: int) -> Content:
    """A window of v around the row of the current partial."""
    frame = view.frame
    if frame.v is None:
        lines = wrap(view.spoken.say("v comes with the seed."), max(2, cells))
        return Lines([(Span(text, "dim"),) for text in lines], title="v")
    pulled = _Pulled(frame.node.id, frame.v.ravel(), frame.row)
    if view.total and frame.edge is not None:
        # J of the whole graph is multiplied by the seed, and by no v on the way.
        run = frame.timeline.walk(frame.pass_number).run
        pulled = _Pulled(run.of, run.seed.ravel(), frame.row if run.of == frame.node.id else -1)
    title = f"v of {view.namer.label(pulled.node)}"
    return Lines(_lines(view, pulled, cells, height), title=title)


class _Pulled(NamedTuple):
    """The vector that stands beside J, and which entry the step multiplies by; -1 for none."""

    node: int
    v: Array
    row: int


def _lines(view: View, pulled: _Pulled, cells: int, height: int) -> list[Line]:
    charset, v = view.charset, pulled.v
    rows = window(v.size, max(pulled.row, 0), max(1, height))
    shown = [r for r in rows if r is not None]
    names = {r: view.namer.cotangent(pulled.node, r) for r in shown}
    label = max((width(name) for name in names.values()), default=0)
    room = max(1, cells - label - 3)
    texts = dict(zip(shown, aligned(v[np.array(shown, dtype=np.intp)], None,
                                    numerals_in(charset), room), strict=True))  # fmt: skip
    return [
        (Span(pad(charset.elided_rows, label, "right"), "dim"),)
        if r is None
        else _row(view, pad(names[r], label), texts[r], float(v[r]), is_current=r == pulled.row)
        for r in rows
    ]


def _row(view: View, name: str, text: str, value: float, *, is_current: bool) -> Line:
    frame = view.frame
    if is_current:
        return merge((Span(f"{name} {view.charset.pointer} ", "title"), Span(text, "current")))
    role: SpanRole = "changed" if frame.phase is Phase.SEED else role_of(value)
    return merge((Span(f"{name}   ", "dim"), Span(text, role)))
