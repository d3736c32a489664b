"""A pane of the debugger: one picture of the current view.

`LinePane` knows no views; this adds them, and makes pictures early.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final, TypeAlias

from textual.message import Message

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.view import View, may_take_long, pending_content, sentence_content
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tui_backprop.render.text.content import Box, Content
    from tui_backprop.render.text.spans import Line
    from tui_backprop.timeline.timeline import Frame


Picture: TypeAlias = "Callable[[View, int, int], Content]"
"""What a view looks like in a window: ``(view, width, height)`` → content."""


class ViewPane(LinePane):
    """Shows one picture of a view.

    Attributes:
        view: what the next picture will be of.
        is_light: whether its picture never takes long, however large the arrays are.
    """

    is_light = False

    class Wanted(Message):
        """A picture that may take long is not there: it is to be made, and drawn then."""

    def __init__(self, view: View, picture: Picture, *, id: str, title: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(view.charset, title, id=id)
        self.view = view
        self._picture = picture
        self._foreseen: Foreseen | None = None
        self._broken: tuple[View, Exception, TracebackType | None] | None = None
        self.can_focus = bool(title)

    def make(self, width: int, height: int) -> Content:
        """The picture of the present view, made now or made already."""
        seen = self._foreseen
        if seen is not None and seen.fits(self.view, (width, height)):
            return seen.content
        if self._broken is not None and self._broken[0] is self.view:
            _, error, where = self._broken
            raise error.with_traceback(where)
        if not self.is_light and may_take_long(self.view):
            if not self.view.is_pending:
                self.post_message(self.Wanted())
            return pending_content(self.view, width)
        return self._pictured(self.view, width, height)

    def _pictured(self, view: View, width: int, height: int) -> Content:
        """The picture; where it would need what nobody knows, the sentence that says so."""
        try:
            return self._picture(view, width, height)
        except UnknownError as error:
            return sentence_content(self.told(str(error)), width)

    def told(self, text: str) -> str:
        """A sentence in the language of the view."""
        return language_of(self.view.language).retold(text)

    def foresee(self, view: View) -> None:
        """Make the rows of a view that may come next."""
        self.make_early(view)
        self.label(view)

    def make_early(self, view: View) -> None:
        """Make the rows without the border's label: no widget is touched, so a thread may do it."""
        window = self._window
        if window != self.content_size or not self.is_readable(window):
            return
        try:
            content = Remembered(self._pictured(view, *window))
            camera = self._camera.followed(content.focus, content.size, window)
            for row in range(camera.y, camera.y + window[1]):
                content.line(row, camera.x, camera.x + window[0])
        except Exception as error:  # noqa: BLE001 - it is raised again where it would be shown
            self._broken = view, error, error.__traceback__
            return
        self._foreseen = Foreseen(view, (window[0], window[1]), content)

    def label(self, view: View) -> None:
        """Draw the border of what was made early."""
        seen = self._foreseen
        if seen is not None and seen.view is view and seen.window == self._window:
            content = seen.content
            camera = self._camera.followed(content.focus, content.size, self._window)
            self.label_early(content, camera)


_OTHER_FIELDS: Final = tuple(f.name for f in fields(View) if f.name not in {"frame", "before"})


def is_same(a: View, b: View) -> bool:
    """Whether two views give the same picture."""
    if a is b:
        return True
    if not _is_same_frame(a.frame, b.frame) or not _is_same_frame(a.before, b.before):
        return False
    return all(getattr(a, name) == getattr(b, name) for name in _OTHER_FIELDS)


def _is_same_frame(a: Frame | None, b: Frame | None) -> bool:
    """Whether two frames are the same step of the same walk; each is made anew when asked for."""
    if a is None or b is None:
        return a is b
    return a.k == b.k and a.timeline is b.timeline


class Remembered:
    """A content whose lines are made once.

    Attributes:
        title: the content's.
        size: the content's.
        focus: the content's.
    """

    def __init__(self, content: Content) -> None:
        self.title: str = content.title
        self.size: tuple[int, int] = content.size
        self.focus: Box | None = content.focus
        self.content = content
        self._lines: dict[tuple[int, int, int], Line] = {}

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The content's, kept."""
        key = (y, x0, x1)
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = self.content.line(y, x0, x1)
        return found

    def step_at(self, x: int, y: int) -> int | None:
        """The content's."""
        return self.content.step_at(x, y)


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """A picture made before its step is reached.

    Attributes:
        view: of what.
        window: for which width and height.
        content: the picture.
    """

    view: View
    window: tuple[int, int]
    content: Remembered

    def fits(self, view: View, window: tuple[int, int]) -> bool:
        """Whether this is the picture of a view in a window."""
        return self.window == window and is_same(self.view, view)
