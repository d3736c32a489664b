"""The drawer: an answer of several lines, beside the panes or under them while the walk goes on.

It takes room from the panes instead of covering them, and never so much that there is none left for
what a step shows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.geometry import Size

from tui_backprop.language.message import clauses, said
from tui_backprop.render.panes.log import log_rows
from tui_backprop.render.text.spans import clip, printable
from tui_backprop.render.text.spans import width as width_of
from tui_backprop.tui.asking.log_pane import LogPane
from tui_backprop.tui.camera import Camera
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.style_sheets import read_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.screen import Screen

    from tui_backprop.debug.log import LogLine
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.tui.view_model import ViewModel

_RULES: Final = Path(__file__).with_name("drawer.tcss")

_WIDEST: Final = 140
"""Columns from which there is room for an answer beside the panes."""
_LEAST_BESIDE: Final = 44
_MARGIN: Final = 7
"""Cells beside the text: a mark before it, a border and a blank at either side."""
_LOWEST: Final = 4
_APART: Final = "   "
"""Between what was asked and what can be done."""
_LEAST_ASKED: Final = 12
"""Cells of what was asked that are worth more than a hint."""
_LEFT: Final = 10
"""Lines that a large drawer leaves: enough for the graph, J and the step."""


class Place(NamedTuple):
    """Where an answer lies.

    Attributes:
        is_beside: whether to the right of the panes, rather than under them.
        cells: how many columns it takes there, or how many lines.
    """

    is_beside: bool
    cells: int


def place_for(
    room: Size, longest: int, rows: Callable[[int], int], *, is_large: bool = False
) -> Place:
    """Where an answer lies in the room that panes and answer have together.

    Args:
        room: in cells.
        longest: cells of the answer's longest line.
        rows: how many lines it has when it is broken for so many columns, its border included.
        is_large: whether a person wants to see more of it.
    """
    if room.width >= _WIDEST:
        most = room.width // 2 if is_large else 2 * room.width // 5
        return Place(is_beside=True, cells=min(max(longest + _MARGIN, _LEAST_BESIDE), most))
    most = max(room.height // 3, min(_LOWEST, room.height // 2))
    if is_large:
        most = max(most, min(2 * room.height // 3, room.height - _LEFT))
    return Place(is_beside=False, cells=min(rows(room.width), most))


class DrawerState(NamedTuple):
    """An answer as it lies in a drawer.

    Attributes:
        lines: of the log: the line that asked, then the answer.
        is_large: whether a person wanted to see more of it.
    """

    lines: tuple[LogLine, ...]
    is_large: bool


class Drawer(LogPane):
    """One answer; the keys of the walk go on meaning the walk, unless it has the focus.

    Attributes:
        is_open: whether it is to be seen.
        is_large: whether a person wants to see more of it.
    """

    def __init__(
        self, charset: Charset, language: Callable[[], Language], keys: Mapping[str, Sequence[str]]
    ) -> None:
        """Show nothing yet.

        Args:
            charset: of the marks.
            language: that of the screen.
            keys: the keys in force, by command name.
        """
        super().__init__(charset, "", id="drawer")
        self.is_open = False
        self.is_large = False
        self._language = language
        self._key = next(iter(keys.get("answer", ())), "")
        self._asked = ""
        self._given: tuple[LogLine, ...] = ()
        self._answered: tuple[LogLine, ...] = ()
        self._edition = 0
        self._longest = 0
        self._heights: dict[int, int] = {}
        self._titled_in = ""
        self._can_grow = False

    @property
    def lines(self) -> Sequence[LogLine]:
        """Of the answer, without the line that asked."""
        return self._answered

    @property
    def edition(self) -> int:
        """How many answers were shown."""
        return self._edition

    def show(self, lines: Sequence[LogLine]) -> None:
        """Another answer in place of the present one, from its first line on.

        Args:
            lines: of the log: the line that asked, then the answer.
        """
        self._given = tuple(lines)
        asked, *answered = lines
        self._asked, self._answered = printable(asked.text), tuple(answered)
        self._edition += 1
        self._longest = max((width_of(printable(line.text)) for line in answered), default=0)
        self._heights.clear()
        self._camera = Camera()
        self.is_open, self.is_large = True, False
        self.choose_in(range(len(answered)))
        if not self._leads:
            self._chosen = -1

    @property
    def state(self) -> DrawerState | None:
        """What lies there; None where it is closed."""
        return DrawerState(self._given, self.is_large) if self.is_open else None

    def toggle(self) -> None:
        """Larger, or as large as before; where it is closed, open."""
        self.is_large = self.is_open and not self.is_large
        self.is_open = True

    def close(self) -> None:
        """Take no room any more; the answer is kept."""
        self.is_open = False

    def clear(self) -> None:
        """Forget the answer."""
        self._answered = ()
        self.close()

    @property
    def _leads(self) -> bool:
        """Whether any line leads to a step."""
        return any(line.step is not None for line in self._answered)

    def fit(self, room: Size, taken: int) -> Size:
        """Take some room.

        Args:
            room: the whole screen.
            taken: lines of it that a replay and a command line have.

        Returns:
            What is left of the screen.
        """
        place = Place(is_beside=False, cells=0)
        if self.is_open:
            place, other = (self._place(room, taken, is_large=x) for x in (False, True))
            self._can_grow = other.cells > place.cells
            place = other if self.is_large else place
        self.display = place.cells > 1
        if not self.display:
            return room
        self.set_class(place.is_beside, "-beside")
        if place.is_beside:
            self.styles.width, self.styles.height = place.cells, "100%"
            return Size(room.width - place.cells, room.height)
        self.styles.width, self.styles.height = "100%", place.cells
        return Size(room.width, room.height - place.cells)

    def _place(self, room: Size, taken: int, *, is_large: bool) -> Place:
        """Where it lies, small or large.

        The answer gets a box where the panes keep theirs. Only the lines that it leaves decide
        that: if a box of its own is what takes theirs away, it has a line to spare, and none less.
        """

        def place(edges: int, sides: int) -> Place:
            return place_for(
                Size(room.width, max(room.height - taken, 0)),
                self._longest,
                lambda cells: self._height_in(cells - sides) + edges,
                is_large=is_large,
            )

        boxed, plain = place(2, 4), place(1, 0)
        if boxed.is_beside:
            return boxed
        return boxed if BaseScreen.has_boxes(room.height - plain.cells) else plain

    def _height_in(self, cells: int) -> int:
        """How many lines the answer has when it is broken for so many columns."""
        found = self._heights.get(cells)
        if found is None:
            found = self._heights[cells] = len(log_rows(self._answered, cells))
        return found

    def follow_language(self) -> None:
        """Say what can be done in the language that the screen has now."""
        if self.is_open and self._titled_in != self._language().code:
            self.redraw()

    def translated(self, text: str) -> str:
        """A sentence in the language of the screen."""
        return self._language().retold(text)

    def title_for(self, width: int, height: int) -> str:
        """What was asked, and what can be done with the answer: above all, how it is closed."""
        self._titled_in = self._language().code
        count = len(self._rows)
        hints = [said("escape closes")]
        if self._leads:
            hints.append(said("enter goes to the step"))
        if self.is_large and self._can_grow:
            hints.append(said("{key} makes it smaller", key=self._key))
        elif count > height and self._can_grow:
            hints.append(said("{key} makes it larger", key=self._key))
        # Which rows are in sight is written behind it.
        room = width - 4 - (4 + 3 * len(str(count)) if count > height else 0)
        for number in range(len(hints), 0, -1):
            hint = self.translated(clauses(hints[:number]))
            left = room - width_of(hint) - len(_APART)
            if left >= min(width_of(self._asked), _LEAST_ASKED):
                return clip(self._asked, left, self._charset.ellipsis) + _APART + hint
        return hint

    def action_choose(self, by: int) -> None:
        """Another line where any leads to a step, else a line further."""
        if self._leads:
            super().action_choose(by)
        else:
            self.action_pan(0, by)


def drawer_on(
    screen: Screen[None], view_model: Callable[[], ViewModel], keys: Mapping[str, tuple[str, ...]]
) -> Drawer:
    """Bring a drawer, which is empty, to a screen; it lies outside what stands there already."""
    read_once(screen.app, _RULES)
    drawer = Drawer(view_model().charset, lambda: view_model().spoken, keys)
    screen.mount(drawer, before="#status")
    return drawer
