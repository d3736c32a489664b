"""The state of a replay: chapter, narration, speed, and a bar to jump on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.text.spans import (
    Lines,
    Span,
    fit_line,
    lines_of,
    merge,
    printable,
    printable_lines,
    width,
    wrap,
)

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line

_NARROWEST: Final = 8
"""Cells below which a bar says nothing."""


@dataclass(frozen=True, slots=True)
class ReplayState:
    """The state of a replay that the pane shows.

    Attributes:
        position: how many lines are carried out.
        length: how many there are.
        marks: positions at which chapters begin.
        chapter: the name of this one; may be empty.
        narration: what was said last; may be empty.
        is_playing: whether it goes on by itself.
        is_away: whether the walk was taken over and stands elsewhere.
        speed: as a factor.
        language: the code of one that there is.
        charset: Unicode or ASCII.
        hint: the keys, shown where the narration leaves room.
        is_bare: whether the narration is all that is shown, as for a room.
    """

    position: int
    length: int
    marks: tuple[int, ...]
    chapter: str
    narration: str
    is_playing: bool
    is_away: bool
    speed: float
    language: str
    charset: Charset
    hint: str = ""
    is_bare: bool = False


def replay_content(state: ReplayState, cells: int, rows: int) -> Lines:
    """The bar, then what is being said."""
    said = wrap(printable_lines(state.narration), cells) if state.narration else ()
    if state.is_bare:
        return lines_of(tuple((Span(text),) for text in list(said)[:rows]))
    lines = [_bar_line(state, cells), *((Span(text),) for text in list(said)[: rows - 1])]
    if state.hint and len(lines) < rows:
        lines += [()] * (rows - 1 - len(lines))
        lines.append(fit_line((Span(state.hint, "dim"),), cells, state.charset.ellipsis))
    return lines_of(tuple(lines), title=printable(state.chapter))


def position_at(state: ReplayState, x: int, cells: int) -> int | None:
    """The position that a cell of the bar leads to; None beside the bar."""
    start, bar = _bar_place(state, cells)
    if not start <= x < start + bar:
        return None
    return round((x - start) * state.length / max(bar - 1, 1))


def _words(state: ReplayState) -> str:
    return f" {_way(state)}  {state.position}/{state.length}  {state.speed:g}x "


def _way(state: ReplayState) -> str:
    spoken = language_of(state.language)
    if state.is_away:
        return spoken.say("left")
    return spoken.say_in("a replay", "playing") if state.is_playing else spoken.say("paused")


def _bar_place(state: ReplayState, cells: int) -> tuple[int, int]:
    """Where the bar begins, and how many cells it has."""
    start = width(_words(state)) + 1
    bar = cells - start - 1
    return (start, bar) if bar >= _NARROWEST else (cells, 0)


def _bar_line(state: ReplayState, cells: int) -> Line:
    start, bar = _bar_place(state, cells)
    words = Span(_words(state), "marker" if state.is_away else "title")
    spans = [words, Span(" ")]
    here = _cell_of(state, state.position, bar)
    marked = {_cell_of(state, mark, bar) for mark in state.marks}
    is_ascii = state.charset.is_ascii
    done, rest, mark, cursor = "=-|O" if is_ascii else "━─┼●"
    for x in range(bar):
        if x == here:
            spans.append(Span(cursor, "current"))
        elif x in marked:
            spans.append(Span(mark, "marker"))
        else:
            spans.append(Span(done if x < here else rest, "" if x < here else "dim"))
    del start
    return fit_line(merge(tuple(spans)), cells)


def _cell_of(state: ReplayState, position: int, bar: int) -> int:
    return round(position * (bar - 1) / max(state.length, 1))
