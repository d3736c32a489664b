"""Where we are: the phase, the step, the direction of the last move, the node.

It stands apart because it is the one line that is always on screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.frame import Phase
from tui_backprop.render.phrases import phrase
from tui_backprop.render.spans import Span, clip, fit_line, line_width, merge, printable
from tui_backprop.render.trials import trials_span

if TYPE_CHECKING:
    from tui_backprop.render.spans import Line
    from tui_backprop.render.view import View

_PHASES: Final = {
    Phase.BUILD: "build",
    Phase.SEED: "seed_phase",
    Phase.PARTIAL: "backward",
    Phase.ZERO_GRAD: "zero_phase",
}


def status_line(view: View, cells: int) -> Line:
    """``BACKWARD  step 8/12  ▸ forward in time  Y → X``, exactly ``cells`` wide."""
    frame = view.frame
    arrow, where = _direction(view)
    spans = [
        Span(f" {phase_text(view)} ", "title"),
        Span(f"  {phrase(view.language, 'step')} {frame.k}/{frame.length - 1}"),
        Span(f"  {arrow} {where}"),
        Span(f"  {_node(view)}", "dim"),
    ]
    spans.append(trials_span(view))
    if view.reason:
        spans.append(Span(f"  {printable(view.reason)}", "marker"))
    return fit_line(merge(tuple(spans)), cells, view.charset.ellipsis)


def header_line(view: View, cells: int) -> Line:
    """The title on the left, the status on the right where both fit."""
    status = status_line(view, 10**4)
    status = (*status[:-1], Span(status[-1].text.rstrip() + " ", status[-1].role))
    room = cells - line_width(status) - 3
    title = clip(f" {printable(view.title)}", max(room, 0), view.charset.ellipsis)
    if room < 12:
        return fit_line(status, cells, view.charset.ellipsis)
    gap = cells - line_width(status) - line_width((Span(title),))
    return fit_line(merge((Span(title, "title"), Span(" " * gap), *status)), cells)


def phase_text(view: View) -> str:
    """The phase, and which pass of several."""
    frame = view.frame
    text = phrase(view.language, _PHASES[frame.phase])
    passes = len(frame.timeline.walks)
    if frame.pass_number < 0 or passes < 2:
        return text
    number = phrase(view.language, "pass", number=frame.pass_number + 1, count=passes)
    return f"{text} {number}"


def _direction(view: View) -> tuple[str, str]:
    is_forward = view.direction == "forward"
    arrow = view.charset.pointer if is_forward else view.charset.back
    return arrow, phrase(view.language, view.direction)


def _node(view: View) -> str:
    frame = view.frame
    label = view.namer.label(frame.node.id)
    if frame.edge is None:
        return label
    arrow = "->" if view.charset.is_ascii else "→"
    return f"{label} {arrow} {view.namer.label(frame.edge.parent)}"
