"""A pane of the debugger: one picture of the current view.

It stands between `LinePane`, which knows no views, and the panes, which know nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class ViewPane(LinePane):
    """Shows one picture of a view; a subclass says which.

    Attributes:
        view: what the next picture will be of.
    """

    def __init__(self, view: View, title: str = "", *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(view.charset, title, id=id)
        self.view = view

    def make(self, width: int, height: int) -> Content:
        """The picture of the present view."""
        return self.picture(self.view, width, height)

    def picture(self, view: View, width: int, height: int) -> Content:
        """What this pane shows of a view."""
        raise NotImplementedError
