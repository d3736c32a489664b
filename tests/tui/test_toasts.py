"""What cannot be done is said where neither the step nor a replay is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast
from wcwidth import wcwidth

from tests.tui.conftest import LARGE, SMALL
from tui_backprop.replays import load_replay
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.line_pane import LinePane
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

SIZES = ((60, 20), SMALL, (100, 30), (120, 40), LARGE)


@pytest.mark.few(2)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_covers_no_pane(run: Run, size: tuple[int, int], language: str) -> None:
    """But the bar of the walk, whose step the header says; all of it is to be read."""
    replay = load_replay("fan-out")
    options = Options(algebra=False, replay=replay.script, language=language)
    async with run(replay.scenario, size, options) as driver:
        await driver.press("left_square_bracket")
        (toast,) = driver.app.screen.query(Toast)
        below = {"footer"} if size == (60, 20) else {"timeline"}  # the replay takes the other line
        assert covered(driver, toast) == below
        said = driver.screen.told(toast._notification.message)
        assert "".join(said.split()) in shown_in(driver)


def covered(driver: Driver, toast: Toast) -> set[str]:
    """Over which panes a message lies."""
    shown = driver.app.screen.query(LinePane)
    return {pane.id or "" for pane in shown if toast.region.overlaps(pane.region)}


def shown_in(driver: Driver) -> str:
    """What is to be read in the one message on the screen, without its blanks."""
    (toast,) = driver.app.screen.query(Toast)
    x, y, width, height = toast.region
    rows = [row[x : x + width] for row in cells_of(driver)[y : y + height]]
    return "".join("".join("".join(row) for row in rows).replace("▌", "").split())


async def test_no_warning_stands_there_twice(run: Run) -> None:
    """Pressed again, the same is said in its own place; another one comes beside it."""
    replay = load_replay("fan-out")
    async with run(replay.scenario, SMALL, Options(algebra=False, replay=replay.script)) as driver:
        for _ in range(3):
            await driver.press("left_square_bracket")
            await driver.settle()
            assert len(driver.app.screen.query(Toast)) == 1
        await driver.press("less_than_sign")
        await driver.settle()
        assert len(driver.app.screen.query(Toast)) == 2


def cells_of(driver: Driver) -> list[list[str]]:
    """The screen cell by cell; the second cell of a wide character is empty."""
    return [
        [cell for c in line for cell in (c, *[""] * (wcwidth(c) - 1))]
        for line in driver.text().splitlines()
    ]


@pytest.mark.few(2)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_long_one_too(run: Run, size: tuple[int, int]) -> None:
    """It takes the line of the keys, and no row of what a step shows."""
    async with run("vector-double", size) as driver:
        driver.screen.warn("a sentence of some length " * 4)
        await driver.settle()
        (toast,) = driver.app.screen.query(Toast)
        assert covered(driver, toast) <= {"timeline", "footer"}
        driver.screen.warn("and another")
        await driver.settle()
        assert len(driver.app.screen.query(Toast)) == 2
        titled = {
            pane for toast in driver.app.screen.query(Toast) for pane in covered(driver, toast)
        }
        assert "graph" not in titled
        assert "status" not in titled


@pytest.mark.few(2)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_above_a_command_line_and_an_answer(run: Run, size: tuple[int, int]) -> None:
    """Neither what is typed nor what is read is covered."""
    async with run("vector-double", size) as driver:
        driver.screen.attempt("help break")
        driver.screen.warn("what cannot be done")
        await driver.press("colon")
        (toast,) = driver.app.screen.query(Toast)
        assert covered(driver, toast) <= {"timeline", "footer"}
        assert not toast.region.overlaps(driver.find(Prompt).region)


@pytest.mark.exhaustive
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_all_of_it_is_read_on_another_screen_too(run: Run, language: str) -> None:
    """Smaller and larger again, and beside an answer: it goes where the bar goes."""
    said = {"en": "what cannot be done is said in so many words", "zh": "不能做的事在这里说明"}
    message = " ".join([said[language]] * 3)
    async with run("vector-double", (120, 40)) as driver:
        driver.screen.warn(message)
        await driver.settle()
        for size in ((80, 24), (60, 20), (160, 48), (120, 40)):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
            assert "".join(message.split()) in shown_in(driver), size
        await driver.pilot.resize_terminal(160, 48)
        driver.screen.attempt("help break")
        await driver.settle()
        assert "".join(message.split()) in shown_in(driver)
        (toast,) = driver.app.screen.query(Toast)
        assert toast.region.right <= driver.app.screen.query_one("#timeline").region.right
