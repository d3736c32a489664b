"""Pictures of large arrays and scenarios from the list: keys are heard while they take long."""

from __future__ import annotations

from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import LARGE, write_scenario
from tui_backprop.api import load
from tui_backprop.tui.pages.picker import Picker
from tui_backprop.tui.runtime.background import Rendering
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver
    from tui_backprop.render.text.spans import Content
    from tui_backprop.render.view import View

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

WIDE = """\
format: 1
inputs: {x: 2, W: {shape: [200000], fill: 3}}
program: Y = x * W
"""


async def until(driver: Driver, is_there: Callable[[], bool]) -> None:
    """Wait for what threads do."""
    for _ in range(500):
        if is_there():
            return
        await driver.pilot.pause(0.01)
    raise AssertionError(driver.text())


@pytest.mark.few(1)
@pytest.mark.parametrize("pane", ["jacobian", "gradient", "equation", "graph"])
async def test_keys_are_heard_while_a_picture_is_made(
    run: Run, tmp_path: Path, pane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said that it is computed; then the picture of the last step is there."""
    may_go_on, began, drawn_by = Event(), Event(), list[bool]()
    async with run(write_scenario(tmp_path, WIDE), size=LARGE) as driver:
        slow = next(p for p in driver.screen.grid.panes if p.id == pane)
        picture = slow._picture

        def slowly(view: View, width: int, height: int) -> Content:
            if view.frame.edge is not None:
                drawn_by.append(current_thread() is main_thread())
                began.set()
                may_go_on.wait(10)
            return picture(view, width, height)

        monkeypatch.setattr(slow, "_picture", slowly)
        await driver.press("end")
        await until(driver, began.is_set)
        waiting = "computing …"
        await until(driver, lambda: waiting in driver.pane(pane))
        last = driver.session.last
        await driver.pilot.press("S", "S")
        await until(driver, lambda: f"step {last - 2}/{last}" in driver.pane("status"))
        assert driver.session.cursor == last - 2
        assert waiting in driver.pane(pane)
        may_go_on.set()
        await until(driver, lambda: waiting not in driver.pane(pane))
        await driver.settle()
        assert slow._prerendered is not None
        assert slow._content is slow._prerendered.content or slow.view.frame.k == last - 2
        assert not any(drawn_by)


async def test_total_j_of_a_large_graph_is_made_apart(run: Run, tmp_path: Path) -> None:
    """And is there in the end, also in another size."""
    async with run(write_scenario(tmp_path, WIDE), size=LARGE) as driver:
        await driver.press("end", "j")
        await until(driver, lambda: "whole graph" in driver.pane("jacobian"))
        assert "computing …" not in driver.pane("jacobian")
        await driver.pilot.resize_terminal(120, 40)
        await until(driver, lambda: "computing …" not in driver.text())
        assert "whole graph" in driver.pane("jacobian")


async def test_a_picture_that_fails_apart_is_said_in_its_pane(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are there, and keys go on."""

    def fail(view: View, width: int, height: int) -> Content:
        raise ValueError(f"broken at {view.frame.k}, {width} by {height}")

    async with run(write_scenario(tmp_path, WIDE), size=LARGE) as driver:
        broken = next(p for p in driver.screen.grid.panes if p.id == "jacobian")
        monkeypatch.setattr(broken, "_picture", fail)
        await driver.press("end", "S")
        await until(driver, lambda: "computing …" not in driver.text())
        assert "error of the program" in driver.pane("jacobian")
        assert "W.grad" in driver.pane("gradient")
        driver.expected_faults = [list(report) for report in driver.app.faults.reports]
        assert len(driver.expected_faults) == 1


def test_what_goes_wrong_is_raised_where_it_is_waited_for() -> None:
    """Once; giving up is no error."""

    def fail(_view: View) -> None:
        raise ValueError("broken")

    rendering = Rendering(None, fail)  # type: ignore[arg-type]  # no view is looked at
    with pytest.raises(ValueError, match="broken"):
        rendering.is_over(10)
    assert rendering.is_over()


@pytest.mark.exhaustive
async def test_the_list_hears_keys_while_a_scenario_is_opened(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape goes on picking; what is opened in the end takes the list's place."""
    may_go_on = Event()

    def slowly(*arguments: object) -> object:
        may_go_on.wait(60)
        return load(*arguments)  # type: ignore[arg-type]  # whatever it takes

    monkeypatch.setattr("tui_backprop.tui.opening.load", slowly)
    async with run(None, size=LARGE) as driver:
        await driver.press("enter")
        await until(driver, lambda: "escape stops" in driver.text())
        await driver.press("escape")
        assert isinstance(driver.app.screen, Picker)
        may_go_on.set()
        await driver.pilot.pause(0.1)
        assert isinstance(driver.app.screen, Picker)
        await driver.pilot.press("enter")
        await until(driver, lambda: isinstance(driver.app.screen, DebugScreen))
