"""The screen at a step, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_backprop.tui.exporting.pixels import check_pixels, pixels
from tui_backprop.tui.exporting.unseen import show
from tui_backprop.tui.screenshot import picture

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_backprop.exports.subject import Subject
    from tui_backprop.tui.exporting.unseen import UnseenApp


def svg(subject: Subject) -> list[str]:
    """As `screenshot` in the app writes it."""
    return [_drawn(subject)]


def png(subject: Subject) -> list[bytes]:
    """The same in pixels.

    Raises:
        TuiBackpropError: what draws pixels is not installed, or there is no such font.
    """
    check_pixels()
    font = subject.options.get("font")
    return [pixels(_drawn(subject), None if font is None else Path(font))]


def _drawn(subject: Subject) -> str:
    """SVG of the step, whether or not a breakpoint comes before it."""
    drawn: list[str] = []

    async def walk(app: UnseenApp, pilot: Pilot[object]) -> None:
        app.walk.carry_out(f"goto {subject.view.frame.k}")
        await app.settle(pilot)
        drawn.append(picture(app, subject.name))

    show(subject, walk)
    return drawn[0]
