"""The command language on the screen: long searches, answers, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.marks import few_of
from tests.tui.conftest import LARGE, SMALL, write_scenario
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.pages.sheets import LogPage, LogSheet
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

LONG = """\
format: 1
title: long
inputs:
  A: {shape: [120, 120], random: normal, seed: 1}
  B: {shape: [120, 120], random: normal, seed: 2}
program: |
  Y = A @ B
backward: {of: Y}
"""
NEVER = "until step * 0 + sin(step) > 2"
"""No bound says so, and it has three million steps to look at."""


async def type_line(driver: Driver, line: str) -> None:
    """A line, typed and sent."""
    await driver.press("colon")
    await driver.write(line)
    await driver.press("enter")


async def begin_search(driver: Driver) -> None:
    """Look for what never comes."""
    await type_line(driver, NEVER)
    for _ in range(500):
        if is_busy(driver):
            break
        await driver.pilot.pause(0.01)
    await driver.settle()
    assert is_busy(driver)


async def test_answers_are_told_in_the_language_of_the_screen(run: Run) -> None:
    """In the status and in the log, from the moment on that it is chosen."""
    async with run() as driver:
        await type_line(driver, "break Y")
        assert "breakpoint 1: Y: set" in driver.pane("status")
        await driver.speak("zh")
        await driver.press("left")
        assert "到了第一步" in driver.pane("status")
        await type_line(driver, "info node Y")
        assert "梯度" in driver.text()


@pytest.mark.few(0)
@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(
    "key", few_of([("escape",), ("c",)], ["escape", "s", "N", "c", "home", "i"])
)
async def test_a_long_search_is_given_up(run: Run, tmp_path: Path, key: str) -> None:
    """It says where it is; escape or a key of the walk stops it, and nothing has moved."""
    async with run(write_scenario(tmp_path, LONG), LARGE) as driver:
        driver.session.goto(7)
        await begin_search(driver)
        assert not driver.screen.query(Prompt)
        assert "searching: step" in driver.pane("status")
        assert "of 3,456,003" in driver.pane("status")
        before = driver.screen.console.background.step
        await driver.pilot.pause(0.2)
        assert driver.screen.console.background.step > before
        await driver.press(key)
        await wait_until_idle(driver)
        assert "given up at step" in driver.pane("status")
        assert (driver.session.cursor, driver.session.breakpoints) == (7, ())
        await driver.press("s")
        assert driver.session.cursor == 8


async def test_a_search_of_several_slices_arrives(run: Run) -> None:
    """Where one of one slice would have."""
    async with run("mlp-2-3-1") as driver:
        driver.screen.console.background.seconds = 0
        await type_line(driver, "until step >= 20")
        await wait_until_idle(driver)
        assert driver.session.cursor == 20
        assert "until step >= 20" in driver.text()


def is_busy(driver: Driver) -> bool:
    """Whether something is searched for."""
    return driver.screen.console.background.is_running


async def wait_until_idle(driver: Driver) -> None:
    """Until nothing is searched for any more."""
    for _ in range(500):
        if not is_busy(driver):
            break
        await driver.pilot.pause(0.01)
    assert not is_busy(driver)
    await driver.settle()


@pytest.mark.exhaustive
@pytest.mark.usefixtures("small_slices")
async def test_one_at_a_time(run: Run, tmp_path: Path) -> None:
    """A second line waits for nobody: it is refused; what does not move is done."""
    async with run(write_scenario(tmp_path, LONG), LARGE) as driver:
        await begin_search(driver)
        await type_line(driver, "goto 9")
        assert "a search is under way: escape stops it" in driver.text()
        await driver.press("escape")
        await driver.press("t")
        assert is_busy(driver)
        await driver.press("escape")
        assert not is_busy(driver)


@pytest.mark.usefixtures("small_slices")
async def test_another_scenario_ends_a_search(run: Run, tmp_path: Path) -> None:
    """There is nothing left to search in."""
    async with run(write_scenario(tmp_path, LONG), LARGE) as driver:
        await begin_search(driver)
        driver.app.open("chain")
        await driver.settle()
        assert not is_busy(driver)
        assert driver.screen.view_model.log.lines == ()


@pytest.mark.usefixtures("small_slices")
async def test_a_click_ends_a_search(run: Run, tmp_path: Path) -> None:
    """And goes where it points."""
    async with run(write_scenario(tmp_path, LONG), SMALL) as driver:
        await begin_search(driver)
        await driver.pilot.click("#timeline", offset=(1, 0))
        await driver.settle()
        assert not is_busy(driver)
        assert driver.session.cursor == 0


async def test_a_search_that_fails_late_is_told(run: Run, tmp_path: Path) -> None:
    """The prompt is gone by then."""
    commands = tmp_path / "commands"
    commands.write_text("until step >= 20\nnonsense\n", encoding="utf-8")
    async with run("mlp-2-3-1", LARGE) as driver:
        driver.screen.console.background.seconds = 0
        await type_line(driver, f"source {commands}")
        await wait_until_idle(driver)
        assert "unknown command 'nonsense'" in driver.text()
        assert driver.screen.view_model.log.lines[-1].kind == "wrong"


async def test_a_click_on_a_line_of_the_log_goes_to_its_step(run: Run) -> None:
    """The same as enter on it; a line without a step does nothing."""
    async with run("mlp-2-3-1") as driver:
        await driver.press("end")
        await type_line(driver, "where")
        await driver.press("L")
        assert ":  where" in driver.text()
        assert "▸  0" in driver.text()
        await driver.pilot.click(LogPage, offset=(8, 1))
        await driver.settle()
        assert isinstance(driver.app.screen, LogSheet)
        await driver.pilot.click(LogPage, offset=(8, 2))
        await driver.settle()
        assert driver.screen.view_model.session.frame.phase.value == "seed"
        await driver.press("L", "down", "enter")
        assert driver.session.frame.edge is not None


async def test_a_single_line_stays_in_the_status(run: Run) -> None:
    """And is in the log when it is opened, with what was wrong, and whole."""
    async with run() as driver:
        await driver.press("end")
        await type_line(driver, "print X.grad")
        assert "X.grad = [2, 4, 6]" in driver.text()
        await type_line(driver, "print  Z")
        await driver.press("escape")
        await driver.press("L")
        lines = [line.rstrip(" │") for line in driver.text().splitlines()]
        assert "│   ^" not in lines
        at = next(y for y, line in enumerate(lines) if "print  Z" in line)
        assert lines[at + 1].index("^") == lines[at].index("Z")
        assert "there is no 'Z'" in lines[at + 2]
        await driver.press("up", "up", "home", "pagedown", "end", "enter", "L")
        assert isinstance(driver.app.screen, DebugScreen)


async def test_a_long_answer_ends_in_an_ellipsis_and_is_whole_in_the_log(run: Run) -> None:
    """A status has one line; the log breaks it."""
    condition = " and ".join(f"step > {k}" for k in range(10))
    async with run() as driver:
        await type_line(driver, f"until {condition}")
        assert driver.text().splitlines()[0].rstrip().endswith("…")
        await driver.press("L")
        text = "".join(line.strip("│ ") for line in driver.text().splitlines())
        assert "step > 8 and step > 9" in text


async def test_a_command_opens_the_log(run: Run) -> None:
    """So does its key; an empty one is empty."""
    async with run() as driver:
        await driver.press("L")
        assert isinstance(driver.app.screen, LogSheet)
        await driver.press("enter", "down", "escape")
        await type_line(driver, "log")
        assert isinstance(driver.app.screen, LogSheet)


async def test_keys_that_say_something_are_in_the_log(run: Run) -> None:
    """Once, however often they say the same."""
    async with run() as driver:
        await driver.press("end", "s", "s", "S")
        assert [x.text for x in driver.screen.view_model.log.lines] == ["step", "end of the walk"]


async def test_an_answer_follows_the_width(run: Run) -> None:
    """The log is broken anew when the terminal changes."""
    async with run("mlp-2-3-1", LARGE) as driver:
        await type_line(driver, "help break")
        await driver.press("L")
        await driver.pilot.resize_terminal(30, 10)
        await driver.settle()
        assert len(driver.text().splitlines()) == 10
        assert driver.find(LogPage).size.width <= 30
