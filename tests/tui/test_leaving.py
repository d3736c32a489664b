"""Leaving: what is not saved is said once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.debug.commands.saved import unsaved
from tui_backprop.scenario.files import folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


def said(driver: Driver) -> str:
    """The last thing that could not be done."""
    return [notice.message for notice in driver.app._notifications][-1]


@pytest.mark.few(2)
@pytest.mark.parametrize("line", ["break Y", "watch X.grad[0]", "display norm(v)", "tbreak 5"])
async def test_what_is_set_and_not_saved_is_said_and_the_next_q_leaves(run: Run, line: str) -> None:
    """Once: somebody who does not want it must not be kept."""
    async with run("vector-double", SMALL) as driver:
        driver.screen.attempt(line)
        await driver.press("q")
        assert driver.app.is_running
        assert "1 breakpoint or display is not saved: :save" in said(driver)
        await driver.press("q")
        assert not driver.app.is_running


async def test_another_breakpoint_is_another_matter(run: Run) -> None:
    """It was not said of this one; nor is it of one that was taken away."""
    async with run("vector-double", LARGE) as driver:
        driver.session.execute("break Y")
        await driver.press("q")
        driver.session.execute("break X")
        await driver.press("q")
        assert driver.app.is_running
        assert "2 breakpoints and displays are not saved" in said(driver)
        driver.session.execute("delete")
        await driver.press("q")
        assert not driver.app.is_running


async def test_who_has_set_nothing_leaves_at_once(run: Run) -> None:
    """Wherever the walk is, and whatever numbers were tried."""
    async with run("vector-double", SMALL) as driver:
        driver.session.execute("set X = [3, 4, 5]")
        await driver.press("end", "q")
        assert not driver.app.is_running


def test_what_a_file_keeps_is_saved(tmp_path: Path) -> None:
    """After `save` and after `source`; not what was set besides, before or after."""
    path = tmp_path / "kept"
    session = tb.load("vector-double").session()
    session.execute("break Y")
    session.execute("display v")
    assert len(unsaved(session)) == 2
    session.execute(f"save {path}")
    session.execute("end")
    assert not unsaved(session)
    session.execute("break X")
    assert len(unsaved(session)) == 1

    other = tb.load("vector-double").session()
    other.execute("watch v[0]")
    other.execute(f"source {path}")
    assert len(unsaved(other)) == 1
    other.execute("delete")
    assert not unsaved(other)


def test_what_the_scenario_sets_is_no_loss(tmp_path: Path) -> None:
    """It comes back with the scenario."""
    path = tmp_path / "given.yaml"
    shutil.copy(folder() / "vector-double.yaml", path)
    with path.open("a", encoding="utf-8") as file:
        file.write("breakpoints: [break Y]\n")
    session = tb.load(path).session()
    assert session.breakpoints
    assert not unsaved(session)
