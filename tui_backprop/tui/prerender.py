"""What the next step will look like, made while nobody waits for it.

It stands apart from the panes because it changes nothing that is seen: views are immutable and
equal views give equal pictures, so a picture made early is the picture.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.render.view import View

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Box, Content
    from tui_backprop.render.text.spans import Line
    from tui_backprop.timeline.frame import Frame

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
    """A picture made early.

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
