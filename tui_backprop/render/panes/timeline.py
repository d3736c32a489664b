"""The timeline as a bar: sections, the cursor, breakpoints; a click goes there.

It shows all steps at once, and must cost nothing for 10⁹ of them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.stops import first_step
from tui_backprop.language.message import said
from tui_backprop.render.text.spans import Span, fit_line, merge, slice_line, width
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.debug.stops import Stop
    from tui_backprop.render.text.content import Box, Content
    from tui_backprop.render.text.spans import Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Section, Timeline

_LABELS: Final = {
    Phase.BUILD: said("BUILD"),
    Phase.SEED: said("SEED"),
    Phase.PARTIAL: said("BACKWARD"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One line: each section has a label where there is room, and cells in proportion.

    Attributes:
        spans: the picture.
        steps: for each cell the first step that it stands for.
    """

    spans: Line
    steps: tuple[int, ...]
    title: str = ""
    focus: Box | None = None

    @property
    def size(self) -> tuple[int, int]:
        """One line."""
        return len(self.steps), 1

    def line(self, _y: int, x0: int, x1: int) -> Line:
        """The bar."""
        return fit_line(slice_line(self.spans, x0, x1), x1 - x0)

    def step_at(self, x: int, _y: int) -> int | None:
        """The first step that a cell of the bar covers."""
        return self.steps[x] if 0 <= x < len(self.steps) else None


def progress_content(view: View, cells: int, _height: int) -> Content:
    """The bar of a view's timeline, ``cells`` wide."""
    parts = _parts(view, max(cells - 2, 1))
    spans: list[Span] = [Span(" ")]
    steps: list[int] = [0]
    cells_of = [_bounds(section, room) for section, _, room in parts]
    marks = _marks(view, cells_of) if view.stops else {}
    for (section, label, _), found in zip(parts, cells_of, strict=True):
        if label:
            spans.append(Span(label, "dim"))
            steps += [section.start] * width(label)
        for start, stop in pairwise(found):
            steps.append(start)
            spans.append(_cell(view, start, stop, marks.get((start, stop), "")))
    return Bar(merge(tuple(spans)), tuple(steps))


def _bounds(section: Section, room: int) -> list[int]:
    """Where the cells of a section begin, and where the last one ends."""
    length = section.stop - section.start
    return [*(section.start + length * k // room for k in range(room)), section.stop]


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
    retold = view.spoken.retold
    labels = [f" {retold(_LABELS[s.phase])} " if s.phase in _LABELS else " " for s in sections]
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
