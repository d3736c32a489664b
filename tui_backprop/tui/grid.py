"""The panes of a screen, and the layout that puts each where it needs to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region
from textual.layout import Layout, WidgetPlacement

from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.arrangement import Arrangement, Place, maximized
from tui_backprop.render.needs import STEP, is_building, needs
from tui_backprop.render.panes.board import is_on_board
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.view import has_loss, may_take_long
from tui_backprop.spelling import nearest
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.panes import LOSS, PANES, WATCHING, GraphPane, StepPane
from tui_backprop.tui.runtime.paint import can_paint, paint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.geometry import Size
    from textual.layout import ArrangeResult
    from textual.screen import Screen
    from textual.widget import Widget

    from tui_backprop.render.arrangement import Need
    from tui_backprop.render.view import View
    from tui_backprop.tui.line_pane import LinePane
    from tui_backprop.tui.panes import ViewPane


class _Free(NamedTuple):
    """The room that panes have together, and whether each has a box around it."""

    width: int
    height: int
    is_boxed: bool


_MOST_NEEDS: Final = 8
"""Kinds of views whose places are kept: a walk goes from building to pulling back, and back."""


class PaneGrid(Layout):
    """The panes, and where they lie.

    Attributes:
        graph: the one that is a drawing or a tape.
        panes: all of them; what is watched comes last.
        is_presenting: whether the presenter's alone is shown.
    """

    name = "panes"

    def __init__(self, view: View, size: tuple[int, int]) -> None:
        rows = PANES if view.frame.timeline.iterations is None else (*PANES, LOSS)
        self.panes = tuple(row.pane(view) for row in rows)
        self.graph = next(pane for pane in self.panes if isinstance(pane, GraphPane))
        self._step = next(pane for pane in self.panes if isinstance(pane, StepPane))
        self.is_presenting = False
        self._watching: ViewPane | None = None
        self._free = _Free(*size, BaseScreen.has_boxes(size[1]))
        self._needs: dict[tuple[object, ...], Mapping[str, Need]] = {}
        self._laid_out: dict[tuple[object, ...], tuple[Mapping[str, Need], dict[str, Place]]] = {}
        self._arrangement = self._fitting(view)
        self._shown: frozenset[str] = frozenset()

    # Where they lie.

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """The places of those that are shown."""
        del greedy
        screen = parent.screen
        free = _Free(*size, BaseScreen.is_boxed(screen.classes))
        if free != self._free:
            self._free = free
            self._laid_out.clear()
            self._arrangement = self._fitting(self.graph.view)
        if self.is_presenting:
            places = {"presenter": Place(0, 0, *size)}
        elif screen.maximized is not None and screen.maximized.id:
            places = maximized(screen.maximized.id, STEP, *size, is_boxed=free.is_boxed)
        else:
            places = self._places(self._arrangement)
        for pane in self.panes:
            if pane.id in places and pane.id not in self._shown:
                pane.forget()
        self._step.tells_notes = "note" not in places
        self._shown = frozenset(places)
        return [
            WidgetPlacement(Region(*places[child.id]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in places
        ]

    def is_shown(self, widget: Widget) -> bool:
        """Whether a widget has a place; what is not a pane has."""
        return widget not in self.panes or widget.id in self._shown

    def _places(self, arrangement: Arrangement) -> dict[str, Place]:
        """Where panes lie in it; nothing is shared out anew at each step."""
        width, height, is_boxed = self._free
        key = (id(arrangement.needs), arrangement.is_board, arrangement.has_note,
               arrangement.is_watching, arrangement.has_loss)  # fmt: skip
        needs, places = self._laid_out.get(key, (None, {}))
        if needs is not arrangement.needs:
            places = arrangement.places(width, height, is_boxed=is_boxed)
            self._laid_out[key] = arrangement.needs, places
        return places

    def _arranged(self, view: View, *, is_board: bool) -> Arrangement:
        watched = len(view.breakpoints) + len(view.displays)
        key = (
            view.namer,
            view.notes,
            view.language,
            view.graph_view,
            watched,
            view.trials,
            is_building(view),
        )
        found = self._needs.get(key)
        if found is None:
            if len(self._needs) >= _MOST_NEEDS:
                self._needs.clear()
                self._laid_out.clear()
            found = self._needs[key] = needs(view)
        return Arrangement(
            found,
            is_board=is_board,
            has_note=bool(notes_at(view.frame, view.notes)),
            is_watching=self.is_watching,
            has_loss=has_loss(view),
        )

    def _fit(self, view: View) -> bool:
        """Ask for another layout where a view needs one; whether it does."""
        arrangement = self._fitting(view)
        if arrangement == self._arrangement:
            return False
        self._arrangement = arrangement
        self.graph.refresh(layout=True)  # of any pane: the screen forgets where all of them lie
        return True

    def _fitting(self, view: View) -> Arrangement:
        """The board, if the matrix of a view fits into the place that it would have."""
        arrangement = self._arranged(view, is_board=True)
        if is_building(view):  # one sentence says that there is no J yet, and one pane does for it
            return arrangement
        place = self._places(arrangement).get("board")
        if place is None or may_take_long(view) or not self._is_on_board(view, place):
            return self._arranged(view, is_board=False)
        return arrangement

    def _is_on_board(self, view: View, place: Place) -> bool:
        across, down = (4, 2) if self._free.is_boxed else (0, 1)
        return is_on_board(view, place.width - across, place.height - down)

    @property
    def is_watching(self) -> bool:
        """Whether the pane of displays and breakpoints is there."""
        return self._watching is not None

    def watch(self, screen: Screen[None], view: View) -> None:
        """Bring the pane of displays and breakpoints where there are some, else take it away."""
        if self._watching is not None:
            self._watching.remove()
            self.panes = tuple(pane for pane in self.panes if pane is not self._watching)
            self._watching = None
        else:
            self._watching = WATCHING.pane(view)
            screen.mount(self._watching, after=self.graph)
            self.panes = (*self.panes, self._watching)

    def named(self, word: str) -> ViewPane:
        """The pane of a name: the one that it has here, or the title on its border.

        Raises:
            CommandError: there is none that could be looked at alone.
        """
        titles = {row.id: row.title for row in (*PANES, WATCHING, LOSS)}
        panes = {pane.id: pane for pane in self.panes if pane.id and pane.can_focus}
        for name, pane in panes.items():
            if word in {name, titles[name]}:
                return pane
        names = list(panes)
        hint = nearest(word, names) or said("there are: {names}", names=joined(", ", names))
        raise CommandError(said("there is no pane '{word}'; {hint}", word=word[:40], hint=hint))

    @property
    def shown(self) -> list[ViewPane]:
        """The panes that have a place now."""
        return [pane for pane in self.panes if pane.id in self._shown]

    def make_early(self, view: View) -> None:
        """Make all pictures of a view; see `ViewPane.make_early`."""
        for pane in self.shown:
            if not pane.is_light:
                pane.make_early(view)

    def present(self, *, is_presenting: bool) -> None:
        """Show the presenter's pane alone, or all others again."""
        self.is_presenting = is_presenting
        self.graph.refresh(layout=True)

    def draw(self, screen: Screen[None], view: View, *others: LinePane) -> None:
        """Show a view: at once where nothing lies over the panes, else as Textual does."""
        is_moved = self._fit(view)
        for pane in self.panes:
            pane.view = view
        shown = [*self.shown, *others]
        if not is_moved and can_paint(screen):
            paint(screen, [patch for one in shown for patch in one.patches()])
        else:
            with screen.app.batch_update():
                for one in shown:
                    one.redraw()
