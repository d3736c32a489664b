"""A pane of the debugger: one picture of the current view.

It stands between `LinePane`, which knows no views, and the panes, which know nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.render.language import language_of
from tui_backprop.tui.foresight import Foreseen, Remembered
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View

Picture: TypeAlias = "Callable[[View, int, int], Content]"
"""What a view looks like in a window: ``(view, width, height)`` → content."""


class ViewPane(LinePane):
    """Shows one picture of a view.

    Attributes:
        view: what the next picture will be of.
    """

    def __init__(self, view: View, picture: Picture, *, id: str, title: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(view.charset, title, id=id)
        self.view = view
        self._picture = picture
        self._foreseen: Foreseen | None = None
        self.can_focus = bool(title)

    def make(self, width: int, height: int) -> Content:
        """The picture of the present view, made now or made already."""
        seen = self._foreseen
        if seen is not None and seen.fits(self.view, (width, height)):
            return seen.content
        return self._picture(self.view, width, height)

    def told(self, text: str) -> str:
        """A sentence in the language of the view."""
        return language_of(self.view.language).retold(text)

    def foresee(self, view: View) -> None:
        """Make the rows of a view that may come next."""
        window = self.content_size
        if window != self._window or not self.is_readable(window):
            return
        content = Remembered(self._picture(view, *window))
        self._foreseen = Foreseen(view, (window[0], window[1]), content)
        camera = self._camera.followed(content.focus, content.size, window)
        for row in range(camera.y, camera.y + window[1]):
            content.line(row, camera.x, camera.x + window[0])
        self.label_early(content, camera)
