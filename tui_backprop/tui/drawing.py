"""A screen that draws a walk: soon after it was asked to, once for many keys, ahead where it can.

What takes long is made beside the screen, which says so meanwhile.
"""

from __future__ import annotations

from asyncio import Task, create_task, sleep
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.language.message import said
from tui_backprop.render.view import may_take_long
from tui_backprop.tui.asking.screen import AskingScreen
from tui_backprop.tui.grid import PaneGrid
from tui_backprop.tui.keymap import Footer
from tui_backprop.tui.panes import is_same
from tui_backprop.tui.runtime.background import Rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.geometry import Size
    from textual.widget import Widget

    from tui_backprop.render.view import View
    from tui_backprop.tui.view_model import ViewModel


_IDLE: Final = 0.01
"""Seconds without a key after which a person is taken to be looking."""
_TURN: Final = 0.002
"""Seconds of pictures made ahead between two looks at the keys: nobody feels them."""
_AT_ONCE: Final = 0.05
"""Seconds in which most pictures are there, so that nobody reads that they are computed."""
_GLANCE: Final = 0.02
"""Seconds between two looks whether they are there."""
_HURRIED: Final = 0.05
"""Seconds between two pictures while keys wait to be carried out."""


class DrawingScreen(AskingScreen):
    """The panes of a walk, and when they are drawn.

    Attributes:
        view_model: what is shown.
        keys: the keys in force, by command name.
        grid: the panes that show it.
        failed: told of an error of the program itself, and in what; gives what a person is to
            read.
        is_hurried: whether keys wait to be carried out.
        when_drawn: told that what is to be seen is another picture, or may be.
    """

    def __init__(
        self, view_model: ViewModel, keys: Mapping[str, tuple[str, ...]], size: tuple[int, int]
    ) -> None:
        super().__init__(self.classes_of(*size))
        self.view_model = view_model
        self.keys = keys
        self.grid = PaneGrid(view_model.view(), size)
        self._footer = Footer(view_model.charset, keys, view_model.spoken)
        self.failed: Callable[[Exception, str], str] = _said_plainly
        self.is_hurried: Callable[[], bool] = lambda: False
        self.when_drawn: Callable[[], None] = lambda: None
        self._is_marked = False
        self._is_owed = False
        self._is_pending = False
        self._drawn_at = 0.0
        self._good = view_model.state()
        self._prerendering: Task[None] | None = None
        self._prerendered: View | None = None
        self._rendering: Rendering | None = None

    @property
    def layout(self) -> PaneGrid:
        """Where the panes lie."""
        return self.grid

    @property
    def focus_chain(self) -> list[Widget]:
        """What the focus goes to: no pane that has no place now."""
        return [widget for widget in super().focus_chain if self.grid.is_shown(widget)]

    def lay_out(self, size: Size | None = None) -> None:
        """Give all their room, and what is said over the bar its place when that has one."""
        super().lay_out(size)
        if self.query("Toast"):
            from tui_backprop.tui.toasts import place_again

            self.call_after_refresh(lambda: place_again(self))

    def walk_in(self, view_model: ViewModel) -> None:
        """Draw another walk from now on."""
        self.view_model = view_model
        self._good = view_model.state()

    def warn(self, message: str) -> None:
        """Say what cannot be done."""
        self.notify(self.told(message), severity="warning", markup=False)

    def mark(self) -> None:
        """Draw soon: once, however many keys arrive until then."""
        if self.is_hurried() and monotonic() - self._drawn_at < _HURRIED:
            self._is_owed = True
        elif not self._is_marked:
            self._is_marked = True
            self.call_later(self._draw)

    @property
    def is_drawn(self) -> bool:
        """Whether nothing is still to be drawn, nor computed for what is."""
        return not (self._is_marked or self._is_owed or self._is_pending)

    def catch_up(self) -> None:
        """No more keys wait: draw what was left out meanwhile."""
        if self._is_owed:
            self.mark()

    def _draw(self) -> None:
        self._is_marked = self._is_owed = False
        self._drawn_at = monotonic()
        view = self._view()
        if self._prerendered is not None and is_same(self._prerendered, view):
            view = self._prerendered  # compared once here, rather than by each pane
        elif may_take_long(view):
            view = self._made_apart(view)
        if bool(view.breakpoints or view.displays) is not self.grid.is_watching:
            self.grid.watch(self, view)
        others = [self._footer] if self._footer.speak(view.spoken) else []
        if others and self.grid.is_presenting:  # nothing of it may come over the one pane
            others.pop().forget()
        self._is_pending = view.is_pending
        self.grid.draw(self, view, *others)
        self.draw_answer()
        if self.replay is not None:
            self.replay.draw()
        self.when_drawn()
        if self._prerendering is not None:
            self._prerendering.cancel()
        if not view.is_pending:
            # Neither a timer of Textual's nor a message: both would cost as much as some pictures.
            self._prerendering = create_task(self._prerender_soon(), name="prerender")

    def _made_apart(self, view: View) -> View:
        """A view whose pictures are there, or one that says that they are being computed."""
        rendering = self._rendering
        if rendering is not None and not is_same(rendering.view, view):
            rendering.give_up()
            if rendering.is_over():
                rendering = None
        if rendering is None:
            rendering = self._rendering = Rendering(view, self.grid.make_early)
        if is_same(rendering.view, view) and rendering.is_over(_AT_ONCE):
            self._rendering = None
            return rendering.view
        self.set_timer(_GLANCE, self._look)
        return replace(view, is_pending=True)

    def _look(self) -> None:
        """Draw again once what is being computed is there, or may be begun."""
        if self._rendering is None or self._rendering.is_over():
            self.mark()
        elif not self._is_marked:
            self.set_timer(_GLANCE, self._look)

    def _view(self) -> View:
        """The present view; where it cannot be made, the last that could."""
        try:
            view = self.view_model.view()
        except Exception as error:  # noqa: BLE001 - whatever it is, the walk goes on from there
            self.view_model.put_back(self._good)
            self.warn(self.failed(error, "view"))
            view = self.view_model.view()
        self._good = self.view_model.state()
        return view

    async def _prerender_soon(self) -> None:
        await sleep(_IDLE)
        try:
            await self._prerender()
        except Exception as error:  # noqa: BLE001 - whatever it is, the walk goes on
            self.call_later(_raise, error)  # where what a handler raises is said, and once

    async def _prerender(self) -> None:
        """While nobody presses a key: make what the next press will most likely show."""
        view = self.view_model.next_view()
        if view is not None and may_take_long(view):
            if self._rendering is None:
                self._rendering = Rendering(view, self.grid.make_early)
            return
        self._prerendered = view
        until = monotonic()
        for pane in self.grid.shown if view is not None else ():
            if monotonic() >= until:
                await sleep(0)
                until = monotonic() + _TURN
            if self._is_marked or self.is_hurried() or view is None:
                return
            pane.prerender(view)


def _raise(error: Exception) -> None:
    raise error


def _said_plainly(error: Exception, doing: str) -> str:
    """The sentence about an error where nobody keeps it."""
    return said("{doing}: {error}", doing=doing, error=str(error))
