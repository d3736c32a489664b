"""What a person watches: displays with their values, breakpoints with their counts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tui_backprop.debug import format as shown
from tui_backprop.debug.conditions.references import Cotangent, JacobianOf, Known
from tui_backprop.render.text.spans import (
    Lines,
    Span,
    clip,
    fit_line,
    merge,
    pad,
    printable,
    width,
)
from tui_backprop.render.text.table import sparkline

if TYPE_CHECKING:
    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.conditions.expression import Expression, Sample
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Timeline

_STEPS: Final = 24
"""Steps that a sparkline shows at most."""
_FEWEST: Final = 6
_MOST_READ: Final = 1 << 21
"""Entries that a sparkline may read at most: it must cost less than a refresh of the screen."""
_KEPT: Final = 512


def watching_content(view: View, cells: int, _height: int) -> Content:
    """The displays, then the breakpoints, a row each, as wide as the pane."""
    displays = len(view.displays)

    def row(y: int) -> Line:
        if y < displays:
            return _display(view, y, cells)
        return _breakpoint(view, view.breakpoints[y - displays], cells)

    return Lines((cells, displays + len(view.breakpoints)), row)


def breakpoint_at(view: View, y: int) -> int | None:
    """The number of the breakpoint in a row."""
    at = y - len(view.displays)
    return view.breakpoints[at].number if 0 <= at < len(view.breakpoints) else None


def _display(view: View, number: int, cells: int) -> Line:
    """``norm(v) = 3.74   ▁▁▃▅▇``: the value is whole as long as there is room for it."""
    asked, frame, charset = view.displays[number], view.frame, view.charset
    found = asked.displayed(frame)
    value = _plain(view.spoken.retold(shown.sample(found)), charset)
    needed = width(printable(asked.text)) + 3 + width(value)
    # Where all of it does not fit, the name is cut, and a few bars remain.
    free = max(cells - needed - 1, _FEWEST) if cells >= 4 * _FEWEST else 0
    bars = _history(view, asked, found, free)
    room = cells - (sum(width(span.text) for span in bars) + 1 if bars else 0)
    name = clip(printable(asked.text), max(room - width(value) - 3, 1), charset.ellipsis)
    role: SpanRole = "unknown" if value == charset.unknown else ""
    head = fit_line((Span(name, "title"), Span(" = ", "dim"), Span(value, role)), room,
                    charset.ellipsis)  # fmt: skip
    return merge((*head, Span(" "), *bars)) if bars else merge(head)


def _plain(text: str, charset: Charset) -> str:
    text = text.replace(shown.UNKNOWN, charset.unknown).replace("…", charset.ellipsis)
    return printable(text)


def _history(view: View, asked: Expression, found: Sample, room: int) -> Line:
    """Bars for the steps around the cursor; nothing for what is no number."""
    if isinstance(found, str) or (isinstance(found, Known) and found.values.size != 1):
        return ()
    steps = _steps(view, asked, room)
    if not steps:
        return ()
    timeline, k = view.frame.timeline, view.frame.k
    samples = [_sample(asked, timeline, step) for step in steps]
    text = sparkline(samples, view.charset)
    at = k - steps.start
    return Span(text[:at]), Span(text[at], "current"), Span(text[at + 1 :], "dim")


def _steps(view: View, asked: Expression, room: int) -> range:
    """The steps of a sparkline, with the cursor in the middle; fewer where each costs much."""
    cost = max((_entries(view, reference) for reference in asked.references), default=1)
    count = min(_STEPS, room, _MOST_READ // max(cost, 1))
    start = view.frame.k - count // 2
    return range(start, start + count) if count >= _FEWEST else range(0)


def _entries(view: View, reference: object) -> int:
    """How many numbers a reference reads at each step."""
    frame = view.frame
    if isinstance(reference, Cotangent):
        return frame.node.size
    if isinstance(reference, JacobianOf):
        return 1 if frame.J is None else frame.J.shape[0] * frame.J.shape[1]
    node = getattr(reference, "node", None)
    return 1 if node is None else frame.timeline.nodes[node].size


def _sample(asked: Expression, timeline: Timeline, k: int) -> float | None:
    """The number at a step; None where there is none, or no such step."""
    if not 0 <= k < timeline.length:
        return None
    kept = _samples(asked, timeline)
    if k not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        found = asked.displayed(timeline[k])
        kept[k] = _number(found)
    return kept[k]


@lru_cache(maxsize=32)
def _samples(asked: Expression, timeline: Timeline) -> dict[int, float | None]:
    """The numbers computed so far, so that a step needs one number more and not all again."""
    del asked, timeline  # they are the key
    return {}


def _number(found: Sample) -> float | None:
    if not isinstance(found, Known) or found.values.size != 1:
        return None
    is_known = found.mask is None or bool(found.mask.all())
    return float(found.values.reshape(-1)[0]) if is_known else None


def _breakpoint(view: View, b: Breakpoint, cells: int) -> Line:
    """``◆ 2 Y if any(isnan(v))    once  3×``."""
    charset, spoken = view.charset, view.spoken
    glyph = charset.breakpoint if b.condition is None else charset.conditional
    word = spoken.say("watch") + " " if b.watched is not None else ""
    marks = [spoken.say("ignore {count}", count=b.ignore)] * bool(b.ignore)
    marks += [spoken.say("once")] * b.is_temporary + [spoken.say("off")] * (not b.is_enabled)
    right = "  ".join([*marks, f"{b.hits}{charset.times}"])
    text = f"{b.number} {word}{printable(b.text)}"
    room = cells - 2 - width(right) - 2
    if room < _FEWEST:
        right, room = "", cells - 2
    left = pad(clip(text, max(room, 0), charset.ellipsis), max(room, 0))
    role: SpanRole = "" if b.is_enabled else "dim"
    return merge(
        (
            Span(f"{glyph if b.is_enabled else charset.disabled} ", role or "marker"),
            Span(left, role),
            Span(f"  {right}" if right else "", "dim"),
        )
    )
