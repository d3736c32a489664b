"""A pane of the debugger: one picture of the current view.

It stands between `LinePane`, which knows no views, and the panes, which know nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

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
        self.can_focus = bool(title)

    def make(self, width: int, height: int) -> Content:
        """The picture of the present view."""
        return self._picture(self.view, width, height)
