"""The pane of displays and breakpoints: there while there is something in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.marks import few_of
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.mark.few(1)
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_comes_and_goes(run: Run, size: tuple[int, int]) -> None:
    """With the first breakpoint or display, and the panes are as before when the last is gone."""
    async with run("mlp-2-3-1", size) as driver:
        await driver.press("end")
        before = driver.text().splitlines()[1:]
        assert not driver.screen.query("#watching")
        await type_line(driver, "display norm(W1.grad)")
        await type_line(driver, "break h if v[0] > 0")
        pane = driver.pane("watching")
        assert " = 10.8496" in pane
        assert "◈ 1 h if v[0] > 0" in pane
        for name in ("program", "graph", "equation"):
            assert driver.app.screen.query_one(f"#{name}").size.height > 0
        await type_line(driver, "delete 1")
        await type_line(driver, "undisplay")
        assert not driver.screen.query("#watching")
        assert driver.text().splitlines()[1:] == before


SEEN = {
    (80, 24): True, (100, 30): True, (160, 48): True, (80, 15): True, (59, 22): True,
    (50, 34): True, (50, 50): True, (50, 15): False, (80, 8): False,
}  # fmt: skip
"""Sizes of a terminal, and whether there is room for the pane."""


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("scenario", "size"),
    few_of(
        [
            ("vector-double", (59, 22)),
            ("vector-double", (50, 15)),
            ("vector-double-ones", (160, 48)),
            ("vector-double-ones", (80, 15)),
        ],
        ["vector-double", "vector-double-ones"],
        SEEN,
    ),
)
async def test_in_every_layout(run: Run, size: tuple[int, int], scenario: str) -> None:
    """With notes and without; where there is no room it is away, and nothing else is pushed out."""
    async with run(scenario, size) as driver:
        await type_line(driver, "display step")
        assert len(driver.text().splitlines()) == size[1]
        assert (driver.app.screen.query_one("#watching").size.height > 0) is SEEN[size]
        assert ("step = 0" in driver.pane("watching")) is SEEN[size]
        for name in ("status", "equation"):
            region = driver.app.screen.query_one(f"#{name}").region
            assert region.height > 0
            assert region.bottom <= size[1]
        footer = driver.app.screen.query_one("#footer").region
        assert footer.bottom <= size[1]


async def test_what_it_shows_follows_the_walk(run: Run) -> None:
    """Values at the cursor, hits as they are counted."""
    async with run() as driver:
        await type_line(driver, "display X.grad[1]")
        await type_line(driver, "break write X.grad[1]")
        assert "X.grad[1] = ·" in driver.pane("watching")
        await driver.press("c", "c")
        assert "X.grad[1] = 4" in driver.pane("watching")
        assert "2×" in driver.pane("watching")


async def test_a_click_switches_a_breakpoint(run: Run) -> None:
    """Off, and on again; a click on a display does nothing."""
    async with run("mlp-2-3-1", LARGE) as driver:
        await type_line(driver, "display step")
        await type_line(driver, "break h")
        for is_enabled in (False, True):
            await driver.pilot.click("#watching", offset=(6, 2))
            await driver.settle()
            assert driver.session.breakpoints[0].is_enabled is is_enabled
            assert ("◇ 1" in driver.pane("watching")) is not is_enabled
        await driver.pilot.click("#watching", offset=(6, 1))
        await driver.settle()
        assert driver.session.breakpoints[0].is_enabled
        assert driver.session.cursor == 0


async def test_in_ascii(run: Run) -> None:
    """No cell holds anything else."""
    async with run(options=Options(ascii=True, algebra=False)) as driver:
        await type_line(driver, "display X.grad[1]")
        await type_line(driver, "break Y if v[0] > 0")
        await driver.press("end")
        assert driver.text().isascii()
        assert "C 1 Y if v[0] > 0" in driver.pane("watching")


async def test_it_may_fill_the_screen(run: Run) -> None:
    """As any other pane, but for the sentence of the step."""
    async with run() as driver:
        await type_line(driver, "display step")
        driver.app.screen.query_one("#watching").focus()
        await driver.press("m")
        assert driver.app.screen.query_one("#watching").size.height == 15
        assert "X is an input" in driver.text()
        await driver.press("escape")
        assert "step = 0" in driver.pane("watching")


async def test_another_scenario_has_nothing_to_watch(run: Run) -> None:
    """The pane goes with what was in it."""
    async with run() as driver:
        await type_line(driver, "display step")
        driver.app.open("chain")
        await driver.settle()
        assert not driver.screen.query("#watching")


async def test_trials_are_marked_until_they_are_undone(run: Run) -> None:
    """On values, on gradient entries, in the status; undo and redo by key and by word."""
    async with run(size=LARGE) as driver:
        await driver.press("end")
        before = driver.text()
        await type_line(driver, "set X[0] = 5")
        assert "*[5 2 3]" in driver.pane("graph")
        assert "* X[0] = 5" in driver.pane("status")
        await type_line(driver, "set v = [1, 0, 3]")
        assert "0*" in driver.pane("board")
        assert "v = [1, 0, 3] was set" in driver.pane("status")
        await driver.press("U", "U")
        assert "*[" not in driver.pane("graph")
        await driver.press("S", "s")
        assert driver.text() == before
        await type_line(driver, "redo")
        assert "*[5 2 3]" in driver.pane("graph")
