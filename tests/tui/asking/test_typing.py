"""What a person sees while typing a line: carets, words to choose from, earlier lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from tests.tui.asking.test_console import type_line
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_the_caret_stands_under_the_column(run: Run) -> None:
    """Of the line that was typed, short for a command or not; the cursor is there too."""
    async with run() as driver:
        for line, column in (("p norm(Q)", 7), ("print  norm(Q)", 12), ("  nonsense", 2)):
            await type_line(driver, line)
            assert driver.find(Input).cursor_position == column
            lines = driver.text().splitlines()
            at = next(y for y, row in enumerate(lines) if row.startswith(line))
            assert lines[at + 1].index("^") == column
            await driver.press("escape")


async def test_the_caret_follows_a_line_that_is_longer_than_the_screen(run: Run) -> None:
    """The line scrolls, the caret with it."""
    async with run() as driver:
        await type_line(driver, "print " + " + ".join(["X"] * 60) + " + Q + X")
        for _ in range(500):
            if "^" in driver.text():
                break
            await driver.pilot.pause(0.01)
        rows = driver.text().splitlines()
        (at,) = [y for y, row in enumerate(rows) if row.lstrip().startswith("^")]
        assert rows[at - 1][rows[at].index("^")] == "Q"


async def test_tab_offers_what_fits_the_place(run: Run) -> None:
    """The word grows as far as it can; what it may become is listed until something is typed."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("print X.g")
        await driver.press("tab")
        assert driver.find(Input).value == "print X.grad"
        await driver.write(" + squ")
        await driver.press("tab")
        assert "square(  squeeze(" in driver.text()
        await driver.write("e")
        assert "square(  squeeze(" not in driver.text()
        await driver.press("tab")
        assert driver.find(Input).value == "print X.grad + squeeze("


async def test_typed_lines_come_back(run: Run, tmp_path: Path) -> None:
    """In another session, where a file is given."""
    options = Options(algebra=False, history=tmp_path / "history")
    async with run(options=options) as driver:
        await type_line(driver, "goto 7")
    async with run(options=options) as driver:
        await driver.press("colon", "up")
        assert driver.find(Input).value == "goto 7"
