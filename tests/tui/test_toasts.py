"""What cannot be done is said where neither the step nor a replay is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast
from wcwidth import wcwidth

from tests.tui.conftest import LARGE, SMALL
from tui_backprop.replays import load_replay
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

SIZES = (SMALL, LARGE, (60, 20), (100, 30))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_covers_neither_the_step_nor_the_replay(
    run: Run, size: tuple[int, int], language: str
) -> None:
    """Nor the header; all of it is to be read, no wide character is cut where panes meet."""
    replay = load_replay("fan-out")
    options = Options(algebra=False, replay=replay.script, language=language)
    async with run(replay.scenario, size, options) as driver:
        await driver.press("left_square_bracket")
        (toast,) = driver.app.screen.query(Toast)
        for name in ("equation", "replay", "status", "footer", "timeline"):
            assert not toast.region.overlaps(driver.app.screen.query_one(f"#{name}").region), name
        said = driver.screen.told(toast._notification.message)
        assert "".join(said.split()) in shown_in(driver)


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


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_long_one_too(run: Run, size: tuple[int, int]) -> None:
    """It grows downwards over the graph."""
    async with run("vector-double", size) as driver:
        driver.screen.warn("a sentence of some length " * 4)
        await driver.settle()
        (toast,) = driver.app.screen.query(Toast)
        assert not toast.region.overlaps(driver.app.screen.query_one("#equation").region)
        assert toast.region.x >= driver.screen.grid.graph.region.x


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_all_of_it_is_read_on_another_screen_too(run: Run, language: str) -> None:
    """Smaller and larger again, and beside an answer: it goes where the graph goes."""
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
        assert toast.region.right <= driver.screen.grid.graph.region.right
