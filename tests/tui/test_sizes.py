"""Every screen and every dialog in a terminal of any size, from one cell on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import QUICK, SMALL
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

SIZES = ((1, 1), (2, 1), (1, 8), (3, 3), (9, 4), (20, 5), (200, 1), (200, 60), SMALL)
_ASCII = Options(algebra=False, ascii=True)
DIALOGS = {
    "panes": ("s", "s", "s"),
    "watching": ("b", "s", "w", "escape"),
    "maximized": ("m",),
    "picker": ("o",),
    "themes": ("T",),
    "palette": ("ctrl+p",),
    "help": ("question_mark",),
    "log": ("i", "L"),
    "prompt": ("colon", "x", "enter"),
    "search": ("slash",),
}
MOVES = ("down", "pagedown", "pageup", "up", "end", "a", "backspace")


async def move(driver: Driver) -> None:
    """Press keys."""
    for key in MOVES:
        await driver.pilot.press(key)


@pytest.mark.parametrize(
    ("dialog", "options"),
    [
        ("panes", QUICK),
        *(
            pytest.param(dialog, options, marks=pytest.mark.exhaustive)
            for dialog, options in (
                ("panes", _ASCII),
                *((d, QUICK) for d in DIALOGS if d != "panes"),
            )
        ),
    ],
)
async def test_any_size(run: Run, dialog: str, options: Options) -> None:
    """Opened in it, and changed to it while it is open; nothing is raised, and the way back is."""
    # In a few cells the list fails inside the pilot, which asks for pictures itself; the program
    # asks for them by a timer. `tests/test_terminal_ends.py` has that in a real terminal.
    sizes = [size for size in SIZES if dialog != "picker" or (size[0] >= 20 and size[1] >= 5)]
    async with run(size=SMALL, options=options) as driver:
        await driver.press(*DIALOGS[dialog])
        for size in sizes:
            await driver.pilot.resize_terminal(*size)
            await move(driver)
            await driver.pilot.pause(0.01)
            assert not driver.app.faults.reports, (size, driver.app.faults.reports)
    for size in sizes[:6:2]:
        async with run(size=size, options=options) as driver:
            await driver.press(*DIALOGS[dialog])
            await move(driver)
            await driver.pilot.resize_terminal(*SMALL)
            await driver.pilot.pause(0.01)
            assert not driver.app.faults.reports, (size, driver.app.faults.reports)
            for _ in range(3):
                await driver.pilot.press("escape")
            await driver.pilot.press("end")
            assert driver.session.cursor == driver.session.last
