"""Where a walk says what cannot be done: over the bar and the keys, and all else is in sight."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from textual.widgets._toast import Toast

from tui_backprop.render.text.spans import wrap
from tui_backprop.tui.style_sheets import read_once

if TYPE_CHECKING:
    from textual.screen import Screen

_RULES: Final = Path(__file__).with_name("toasts.tcss")
_MARGIN: Final = 3
"""Cells of a toast on its left and its right that hold no text."""


class Broken(str):
    """A message in lines for one width.

    Attributes:
        whole: the same without the breaks.
    """

    __slots__ = ("whole",)

    whole: str


def placed(screen: Screen[None], message: str) -> Broken:
    """Make room for a message below the panes; the message as it fits there.

    It is as wide as they are: Textual cuts wide characters where panes meet. Lines are broken here,
    since Textual breaks those of wide characters at their few blanks only, and counts the lines of
    others before it knows how narrow they are.
    """
    read_once(screen.app, _RULES)
    foot = _foot(screen)
    found = Broken("\n".join(wrap(message, max(foot.width - _MARGIN, 2))))
    found.whole = message
    _make_room(screen, foot, len(found.splitlines()) + _lines_of_others(screen, found))
    return found


def place_again(screen: Screen[None]) -> None:
    """The messages that stand there, where the panes are not as wide or high any more."""
    for toast in screen.query(Toast):
        notification = toast._notification  # noqa: SLF001 - a toast has nothing else that says it
        if isinstance(notification.message, Broken):
            notification.message = placed(screen, notification.message.whole)
            toast.refresh(layout=True)


def _foot(screen: Screen[None]) -> Region:
    """The bar of the walk and the keys; the last line of the screen where there is neither."""
    found = [widget.region for widget in screen.query("#timeline, #footer")]
    last = Region(0, max(screen.size.height - 1, 0), screen.size.width, 1)
    return Region.from_union([region for region in found if region.area] or [last])


def _lines_of_others(screen: Screen[None], message: Broken) -> int:
    """Lines of the messages that stand there already."""
    shown = [toast._notification for toast in screen.query(Toast)]  # noqa: SLF001 - as above
    return sum(
        len(other.message.splitlines()) + bool(other.title)
        for other in shown
        if getattr(other.message, "whole", "") != message.whole
    )


def _make_room(screen: Screen[None], foot: Region, lines: int) -> None:
    """The keys stay in sight where the bar has room enough; what is longer grows upward."""
    bottom = foot.bottom - 1 if lines < foot.height else foot.bottom
    for rack in screen.query("ToastRack"):
        rack.styles.margin = (0, 0, screen.size.height - bottom, foot.x)
        rack.styles.width = foot.width
