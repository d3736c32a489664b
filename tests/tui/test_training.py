"""A scenario that trains, on the screen: through its iterations, with the curve of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import LARGE, SMALL, write_scenario
from tui_backprop.scenario.files import resolve
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.mark.parametrize("size", [SMALL, (100, 30), LARGE, (50, 24), (80, 12)])
async def test_keys_walk_through_iterations(run: Run, size: tuple[int, int]) -> None:
    """Over the end of one into the next, and back; the curve stands where J is not."""
    async with run("adam-valley", size) as driver:
        session = driver.session
        end = session.timeline.steps.stop
        session.goto(end - 2)
        driver.screen.mark()
        await driver.settle()
        assert session.frame.phase is Phase.UPDATE
        assert "UPDATE" in driver.text()
        await driver.press("n", "s")
        assert session.cursor == end
        assert session.timeline.updates.number == 1
        assert "BUILD" in driver.text()
        await driver.press("S", "N")
        assert session.cursor == end - 3
        await driver.press("end")
        assert "8/8" in driver.text() or "8 of 8" in driver.text() or "UPDATE" in driver.text()
        is_there = "loss" in [pane.id for pane in driver.screen.query("*") if pane.region.area]
        assert is_there or size[1] < 20
        await driver.press("f", "F", "F", "F", "home")
        assert session.cursor == 0


async def test_only_where_something_is_trained(run: Run) -> None:
    """The pane of the loss is no part of other screens, nor a name that they know."""
    async with run("chain", LARGE) as driver:
        assert not driver.app.screen.query("#loss")
    async with run("mazur-training", LARGE) as driver:
        assert driver.app.screen.query("#loss")
        await driver.press("end")
        assert "iteration 3: 0.283547" in driver.pane("loss")
        assert "0.583497" in driver.pane("equation")
        await driver.press("S", "S", "S", "S", "S", "S", "S", "S")
        assert driver.session.frame.phase is Phase.PARTIAL
        assert "BACKWARD iteration 3 of 3" in driver.text()


async def test_commands_are_told_within_the_iteration(run: Run) -> None:
    """Typed lines go to other iterations too."""
    async with run("adam-valley", LARGE) as driver:
        await driver.press("colon")
        await driver.write("goto iteration 5")
        await driver.press("enter")
        assert driver.session.timeline.updates.number == 4
        await driver.press("escape", "colon")
        await driver.write("break w if w[0] < 1.35")
        await driver.press("enter", "escape", "c")
        frame = driver.session.frame
        value = frame.value(0)
        assert value is not None
        assert value[0] < 1.35
        assert driver.session.timeline.updates.number > 4


async def test_a_long_training_can_be_given_up(
    run: Run, small_slices: None, tmp_path: Path
) -> None:
    """The end of thousands of iterations is far: keys work meanwhile, and nothing has moved."""
    del small_slices
    text = resolve("adam-valley").read_text("utf-8").replace("steps: 8", "steps: 20000")
    async with run(write_scenario(tmp_path, text)) as driver:
        driver.app.simulate_key("end")
        await driver.pilot.pause(0.1)
        assert driver.screen.is_busy
        await driver.press("escape")
        assert "given up" in driver.text()
        assert driver.session.cursor == 0
        await driver.press("s")
        assert driver.session.cursor == 1
