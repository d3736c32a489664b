"""Where the walk is: the status line, and the timeline as a bar on which a click goes there.

The bar shows all steps at once, and must cost nothing for 10⁹ of them.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.stops import first_step
from tui_backprop.language.message import said
from tui_backprop.render.panes.node_state import trials_span
from tui_backprop.render.text.spans import (
    Span,
    clip,
    fit_line,
    line_width,
    lines_of,
    merge,
    printable,
    width,
)
from tui_backprop.render.text.updates import iteration_text
from tui_backprop.timeline.frame import Phase, Section

if TYPE_CHECKING:
    from tui_backprop.debug.stops import Stop
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Timeline


_LABELS: Final = {
    Phase.BUILD: said("BUILD"),
    Phase.SEED: said("SEED"),
    Phase.PARTIAL: said("BACKWARD"),
    Phase.UPDATE: said("UPDATE"),
}


_FORWARD: Final = said("FORWARD")


def progress_content(view: View, cells: int, _height: int) -> Content:
    """The bar of a view's timeline, ``cells`` wide; of a training, that of its iteration."""
    parts = _parts(view, max(cells - 2, 1))
    spans: list[Span] = [Span(" ")]
    steps: list[int] = [0]
    cells_of = [_bounds(section, room) for section, _, room in parts]
    marks = _marks(view, cells_of) if view.stops else {}
    for (section, label, _), found in zip(parts, cells_of, strict=True):
        if label:
            spans.append(Span(label, "dim"))
            steps += [section.start] * width(label)
        steps += found[:-1]
        if marks:
            spans += (_cell(view, *cell, marks.get(cell, "")) for cell in pairwise(found))
        else:
            spans += _unmarked(view, found)
    bar = merge(tuple(spans))

    def leads(x: int, _y: int) -> int | None:
        """To the first step that a cell covers."""
        return steps[x] if 0 <= x < len(steps) else None

    return lines_of((bar,), leads=leads)


def _bounds(section: Section, room: int) -> list[int]:
    """Where the cells of a section begin, and where the last one ends."""
    length = section.stop - section.start
    return [*(section.start + length * k // room for k in range(room)), section.stop]


def _unmarked(view: View, bounds: list[int]) -> list[Span]:
    """The cells of a section without breakpoints, in at most three pieces."""
    before = bisect_right(bounds, view.frame.k) - 1
    count = len(bounds) - 1
    if not 0 <= before < count:  # the cursor is in another section
        edge = 0 if before < 0 else count - 1
        sample = _cell(view, bounds[edge], bounds[edge + 1], "")
        return [Span(sample.text * count, sample.role)]
    done = _cell(view, bounds[0], bounds[1], "") if before else Span("")
    at = _cell(view, bounds[before], bounds[before + 1], "")
    last = _cell(view, bounds[-2], bounds[-1], "") if before < count - 1 else Span("")
    return [
        Span(done.text * before, done.role),
        at,
        Span(last.text * (count - before - 1), last.role),
    ]


def _cell(view: View, start: int, stop: int, mark: str) -> Span:
    cursor = view.frame.k
    is_ascii = view.charset.is_ascii
    # A step that is wider than a cell has empty cells before the one that it ends in.
    if start <= cursor < stop:
        return Span("O" if is_ascii else "●", "current")
    if mark:
        return Span(mark, "marker")
    role: SpanRole = "title" if start <= cursor else "dim"
    done, rest = ("=", "-") if is_ascii else ("━", "─")
    return Span(done if start <= cursor else rest, role)


def _marks(view: View, cells_of: list[list[int]]) -> dict[tuple[int, int], str]:
    """Cells in which a breakpoint stops, and the glyph: one without a condition goes before."""
    timeline, charset = view.frame.timeline, view.charset
    cells = tuple(bounds for found in cells_of for bounds in pairwise(found))
    marks: dict[tuple[int, int], str] = {}
    for stop in view.stops:
        glyph = charset.conditional if stop in view.conditional else charset.breakpoint
        for cell in _stopping(stop, timeline, cells):
            if marks.get(cell) != charset.breakpoint:
                marks[cell] = glyph
    return marks


@lru_cache(maxsize=64)
def _stopping(
    stop: Stop, timeline: Timeline, cells: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """The cells that have a step of a place.

    Each is asked for one step, and each place once: however many steps it has, a frame waits for
    none of them.
    """
    return tuple(c for c in cells if first_step(stop, timeline, range(*c)) is not None)


def _parts(view: View, cells: int) -> list[tuple[Section, str, int]]:
    """Each section with its label and its cells; labels go first where room is short."""
    sections = view.frame.timeline.sections
    if 2 * len(sections) > cells:
        whole = Section(sections[0].phase, -1, sections[0].start, sections[-1].stop)
        return [(whole, "", cells)]
    retold = view.spoken.retold
    is_forward = view.frame.is_forward
    names = {**_LABELS, Phase.PARTIAL: _FORWARD} if is_forward else _LABELS
    labels = [f" {retold(names[s.phase])} " if s.phase in names else " " for s in sections]
    labels[0] = labels[0].lstrip().lower()
    labels = [label.lower() for label in labels]
    if sum(width(label) for label in labels) + 3 * len(sections) > cells:
        labels = [" "] * len(sections)
    room = max(cells - sum(width(label) for label in labels), len(sections))
    return list(zip(sections, labels, _shares(sections, room), strict=True))


def _shares(sections: tuple[Section, ...], room: int) -> list[int]:
    """Cells in proportion to the steps, at least one each, none more than its steps need."""
    lengths = [s.stop - s.start for s in sections]
    total = sum(lengths)
    shares = [max(1, room * n // total) for n in lengths]
    while sum(shares) > room and max(shares) > 1:
        shares[shares.index(max(shares))] -= 1
    longest = lengths.index(max(lengths))
    shares[longest] += max(0, room - sum(shares))
    return shares


_PHASES: Final = {
    Phase.BUILD: said("BUILD"),
    Phase.SEED: said("SEED"),
    Phase.PARTIAL: said("BACKWARD"),
    Phase.ZERO_GRAD: said("ZERO_GRAD"),
    Phase.UPDATE: said("UPDATE"),
}
_WAYS: Final = {"forward": said("forward in time"), "reverse": said("back in time")}


def header_content(view: View, cells: int, _height: int) -> Content:
    """One line: the title, and where we are."""
    return lines_of((header_line(view, cells),))


def status_line(view: View, cells: int) -> Line:
    """``BACKWARD  step 8/12  ▸ forward in time  Y → X``, exactly ``cells`` wide."""
    return fit_line(_shortened(view, cells), cells, view.charset.ellipsis)


def header_line(view: View, cells: int) -> Line:
    """The title on the left, the status on the right where both fit."""
    for status in (_spans(view), _spans(view, way=""))[: 1 + bool(view.reason)]:
        whole = (*status, Span(" "))
        room = cells - line_width(whole) - 3
        if room >= 12:
            break
    else:
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
    """The whole status, or one with less said about the way and the node."""
    frame = view.frame
    arrow, words = _direction(view)
    way, node = words if way is None else way, _node(view) if node is None else node
    reason = printable(view.reason)
    if node == reason:  # `goto h` stops at h because of h
        node = ""
    step = view.spoken.say("step")
    return merge(
        (
            Span(f" {phase_text(view)} ", "title"),
            Span(f"  {step} {frame.k}/{frame.length - 1}"),
            Span(f"  {arrow} {way}".rstrip()),
            Span(f"  {node}" if node else "", "dim"),
            Span("") if _tells_of_trial(view) else trials_span(view),
            Span(f"  {reason}" if reason else "", "marker"),
        )
    )


def _tells_of_trial(view: View) -> bool:
    """Whether the reason says already what was set last."""
    return bool(view.trials) and view.trials[-1] in view.reason


def phase_text(view: View) -> str:
    """The phase, which iteration, and which backward pass of several; a zero_grad is of none."""
    frame = view.frame
    is_pushed = frame.is_forward and frame.phase is Phase.PARTIAL
    phase = view.spoken.retold(_FORWARD if is_pushed else _PHASES[frame.phase])
    text = " ".join(filter(None, (phase, iteration_text(view))))
    passes = frame.timeline.backward_count()
    if frame.phase not in {Phase.SEED, Phase.PARTIAL} or passes < 2:
        return text
    number = view.spoken.say(
        "pass {number} of {count}",
        number=frame.timeline.backward_count(frame.pass_number),
        count=passes,
    )
    return f"{text} {number}"


def _direction(view: View) -> tuple[str, str]:
    is_forward = view.direction == "forward"
    arrow = view.charset.pointer if is_forward else view.charset.back
    return arrow, view.spoken.retold(_WAYS[view.direction])


def _node(view: View) -> str:
    frame = view.frame
    if frame.edge is None:
        return view.namer.label(frame.node.id)
    arrow = "->" if view.charset.is_ascii else "→"
    return f"{view.namer.label(frame.source)} {arrow} {view.namer.label(frame.target)}"
