"""Commands that were given on the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.asking.test_console import wait_until_idle
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_commands_at_the_start(run: Run) -> None:
    """Carried out when the screen is there, in order; more than a line opens a drawer."""
    commands: tuple[str, ...] = ("break Y", "continue", "display X")
    async with run(options=Options(algebra=False, commands=commands)) as driver:
        await driver.settle()
        assert driver.session.cursor == 2
        assert "X = [1, 2, 3]" in driver.pane("watching")
        assert len(driver.screen.view_model.log.lines) == 6
    commands = ("goto 3", "info node Y", "list", "nonsense", "goto 5")
    async with run(options=Options(algebra=False, commands=commands)) as driver:
        await driver.settle()
        assert "Y  node 2  multiply" in driver.pane("drawer")
        assert driver.session.cursor == 3
        assert driver.screen.view_model.log.lines[-1].kind == "wrong"


async def test_a_long_command_at_the_start_has_the_others_wait(run: Run) -> None:
    """One at a time, in their order."""
    options = Options(algebra=False, commands=("goto 3",))
    async with run("mlp-2-3-1", options=options) as driver:
        driver.screen.console.background.seconds = 0
        driver.screen.console.carry_out_all(["until step >= 20", "step", "until step >= 25"])
        await wait_until_idle(driver)
        await wait_until_idle(driver)
        assert driver.session.cursor == 25
