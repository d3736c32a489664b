"""The first steps of somebody new."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.chinese import english
from tests.marks import few, few_of
from tests.tui.conftest import LARGE, SMALL, running
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.walking.guide import FORWARD_STEPS, STEPS, Guide, begin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.conftest import Driver


@asynccontextmanager
async def _started(
    marker: Path | None = None, language: str = "en", size: tuple[int, int] = SMALL
) -> AsyncIterator[Driver]:
    """Who starts without a scenario, and takes what is offered first."""
    options = Options(algebra=False, language=language, guided=marker)
    async with running(None, size, options) as driver:
        await driver.press("enter")
        await _see(driver)
        yield driver


async def _see(driver: Driver) -> None:
    await driver.pilot.pause(0.3)
    await driver.settle()


def _guide(driver: Driver) -> str:
    height = driver.find(Guide).size.height
    return " ".join(" ".join(driver.text().split("\n")[-height:]).split())


@pytest.mark.exhaustive
@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("language", "size"),
    few_of([("en", SMALL), ("zh", (60, 20))], ["en", "zh"], [(60, 20), SMALL, LARGE]),
)
async def test_each_step_is_told_until_it_is_done(language: str, size: tuple[int, int]) -> None:
    """All of it is readable at each size; what was done is not told again when one goes back."""
    signs = {"en": ("1 of 3", "2 of 3", "3 of 3", "That is all"),
             "zh": ("引导 1/3", "引导 2/3", "引导 3/3", "就是这些")}[language]  # fmt: skip
    async with _started(language=language, size=size) as driver:
        for at, keys in enumerate((("s", "s"), ("s",), ("s",), ())):
            told = _guide(driver)
            assert signs[at] in told
            assert told[-1] in ".。"
            if language == "zh":
                assert english(told, ["backward", "escape", "help"]) == []
            await driver.press(*keys)
            await _see(driver)
        await driver.press("S", "S")
        await _see(driver)
        assert signs[-1] in _guide(driver)
    assert len(signs) == len(STEPS)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "keys", few([("s", "escape"), ("escape",), ("end", "question_mark", "escape")], 1)
)
async def test_it_goes_away_for_good(keys: tuple[str, ...], tmp_path: Path) -> None:
    """By escape at any step, and by itself when help was asked for at the end."""
    marker = tmp_path / "state" / "guided"
    async with _started(marker) as driver:
        assert driver.screen.query(Guide)
        for key in keys:
            await driver.press(key)
            await _see(driver)
        assert not driver.screen.query(Guide)
        await driver.press("s", "s")
    assert marker.exists()
    async with _started(marker) as driver:
        assert driver.screen.view_model.scenario.model.name == "vector-double"
        assert not driver.screen.query(Guide)


async def test_it_is_told_in_the_language_of_the_screen() -> None:
    """Which may be changed meanwhile."""
    async with _started() as driver:
        await driver.speak("zh")
        await _see(driver)
        assert "引导 1/3" in _guide(driver)


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_another_scenario_ends_it() -> None:
    """It is about the first one."""
    async with _started() as driver:
        await driver.press("o")
        await driver.write("chain")
        await driver.press("enter")
        await _see(driver)
        assert driver.screen.view_model.scenario.model.name == "chain"
        assert not driver.screen.query(Guide)


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_it_is_begun_once_in_a_run() -> None:
    """Though nobody keeps that it was."""
    async with _started() as driver:
        await driver.press("escape", "o", "enter")
        await _see(driver)
        assert driver.screen.view_model.scenario.model.name == "vector-double"
        assert not driver.screen.query(Guide)


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_who_names_a_scenario_is_not_guided() -> None:
    """Nor who takes another one of the list."""
    async with running("vector-double") as driver:
        await driver.press("o", "enter")
        await _see(driver)
        assert not driver.screen.query(Guide)
    async with running(None) as driver:
        await driver.write("fan-out")
        await driver.press("enter")
        await _see(driver)
        assert not driver.screen.query(Guide)


def test_the_first_steps_of_a_forward_walk_are_its_own() -> None:
    """It has no v and no gradient; as many steps, the first of them the same."""
    assert len(FORWARD_STEPS) == len(STEPS)
    assert FORWARD_STEPS[0] == STEPS[0]
    assert not [told for told in FORWARD_STEPS if "gradient" in told or "backward" in told]


async def test_who_begins_with_a_forward_walk_is_told_of_the_tangent() -> None:
    """The bar says what the next key does there."""
    async with running("forward-mode", SMALL) as driver:
        screen = driver.app.screen
        assert isinstance(screen, DebugScreen)
        begin(screen, None)
        await _see(driver)
        session = screen.view_model.session
        await driver.press(*"s" * (len(session.trace.graph.nodes) - 1))
        await _see(driver)
        assert "places t, a tangent, on an input" in _guide(driver)
