"""The status line: the phase, the step, the direction of the last move, the node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.render.panes.node_state import trials_span
from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.spans import Span, clip, fit_line, line_width, merge, printable
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.text.spans import Line
    from tui_backprop.render.view import View

_PHASES: Final = {
    Phase.BUILD: said("BUILD"),
    Phase.SEED: said("SEED"),
    Phase.PARTIAL: said("BACKWARD"),
    Phase.ZERO_GRAD: said("ZERO_GRAD"),
}
_WAYS: Final = {"forward": said("forward in time"), "reverse": said("back in time")}


def header_content(view: View, cells: int, _height: int) -> Content:
    """One line: the title, and where we are."""
    return Lines((header_line(view, cells),))


def status_line(view: View, cells: int) -> Line:
    """``BACKWARD  step 8/12  ▸ forward in time  Y → X``, exactly ``cells`` wide."""
    return fit_line(_shortened(view, cells), cells, view.charset.ellipsis)


def header_line(view: View, cells: int) -> Line:
    """The title on the left, the status on the right where both fit."""
    whole = (*_spans(view), Span(" "))
    room = cells - line_width(whole) - 3
    if room < 12:
        return status_line(view, cells)
    title = clip(f" {printable(view.title)}", room, view.charset.ellipsis)
    gap = cells - line_width(whole) - line_width((Span(title),))
    return fit_line(merge((Span(title, "title"), Span(" " * gap), *whole)), cells)


def _shortened(view: View, cells: int) -> Line:
    """Why the walk stopped is read before which way it went and where that was."""
    whole = _spans(view)
    if line_width(whole) <= cells or not view.reason:
        return whole
    without_words = _spans(view, way="")
    return without_words if line_width(without_words) <= cells else _spans(view, way="", node="")


def _spans(view: View, way: str | None = None, node: str | None = None) -> Line:
    """All of it, or with less said about the way and the node."""
    frame = view.frame
    arrow, words = _direction(view)
    way, node = words if way is None else way, _node(view) if node is None else node
    step = view.spoken.say("step")
    return merge(
        (
            Span(f" {phase_text(view)} ", "title"),
            Span(f"  {step} {frame.k}/{frame.length - 1}"),
            Span(f"  {arrow} {way}".rstrip()),
            Span(f"  {node}" if node else "", "dim"),
            trials_span(view),
            Span(f"  {printable(view.reason)}" if view.reason else "", "marker"),
        )
    )


def phase_text(view: View) -> str:
    """The phase, and which pass of several."""
    frame = view.frame
    text = view.spoken.retold(_PHASES[frame.phase])
    passes = len(frame.timeline.walks)
    if frame.pass_number < 0 or passes < 2:
        return text
    number = view.spoken.say("pass {number} of {count}", number=frame.pass_number + 1, count=passes)
    return f"{text} {number}"


def _direction(view: View) -> tuple[str, str]:
    is_forward = view.direction == "forward"
    arrow = view.charset.pointer if is_forward else view.charset.back
    return arrow, view.spoken.retold(_WAYS[view.direction])


def _node(view: View) -> str:
    frame = view.frame
    label = view.namer.label(frame.node.id)
    if frame.edge is None:
        return label
    arrow = "->" if view.charset.is_ascii else "→"
    return f"{label} {arrow} {view.namer.label(frame.edge.parent)}"
