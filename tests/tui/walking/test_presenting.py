"""The step alone, for a room: no chrome, all walking keys, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import LARGE, QUICK, SMALL, Driver, running
from tui_backprop.dataclass import replace
from tui_backprop.debug.replay.reader import read
from tui_backprop.render.presenter import presenter_content
from tui_backprop.render.text.spans import plain
from tui_backprop.replays import Recording, load_replay
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from pathlib import Path

CHROME = set("─━│┃┌┐└┘╭╮╰╯┏┓")
SAY = 'replay: 1\nscenario: vector-double\n\npresent on\nsay "now look"\nstep\npresent off\n'


def expected(driver: Driver) -> list[str]:
    """What the picture of the present step is on this screen."""
    width, height = driver.app.size
    content = presenter_content(driver.screen.view_model.view(), width, height)
    lines = [plain(content.line(y, 0, width)).rstrip() for y in range(content.size[1])]
    return [*lines, *[""] * (height - len(lines))]


def cells(driver: Driver) -> list[str]:
    """The screen, a line per row, without blanks at their ends."""
    return [line.rstrip() for line in driver.text().splitlines()]


@pytest.mark.few(1)
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_step_is_all_that_is_shown(size: tuple[int, int]) -> None:
    """At every step on the way, in both languages; escape brings the panes."""
    async with running(size=size) as driver:
        before = driver.text()
        await driver.press("P")
        for key in ("s", "n", "end", "S", "N", "home", "s", "f", "l", "s"):
            await driver.press(key)
            assert cells(driver)[3:] == expected(driver)[3:], key  # a notification lies above
            assert not CHROME & set(driver.text()) or key == "l", key
        await driver.speak("en")
        await driver.press("home", "escape")
        assert driver.text().splitlines()[2:] == before.splitlines()[2:]
        assert not driver.screen.is_presenting


@pytest.mark.few(2)
@pytest.mark.parametrize("theme", ["projector", "high-contrast", "textual-light", "nord"])
async def test_every_theme_marks_the_entry(theme: str) -> None:
    """The mark is a glyph, in colours or without."""
    async with running(options=replace(QUICK, theme=theme)) as driver:
        await driver.press("P", "end")
        assert "▐" in driver.text()


async def test_ascii_and_no_colour() -> None:
    """A plain terminal gets plain cells."""
    async with running(options=Options(algebra=False, ascii=True, color=False)) as driver:
        await driver.press("P", "end", "S")
        assert driver.text().isascii()
        assert "X.grad" in driver.text()


async def test_blank_until_a_key() -> None:
    """Whichever it is, it does nothing else; so does a click."""
    async with running() as driver:
        await driver.press("P", "end")
        shown, at = driver.text(), driver.session.cursor
        for key in ("s", "q", "escape", "full_stop", "ctrl+p", "ctrl+c"):
            await driver.press("full_stop")
            assert not driver.text().strip()
            await driver.press(key)
            assert driver.text() == shown
            assert driver.session.cursor == at
        assert driver.app.is_running


async def test_blank_of_the_panes_too() -> None:
    """A class looks elsewhere while the panes are up as well."""
    async with running() as driver:
        shown = driver.text()
        await driver.press("full_stop")
        assert not driver.text().strip()
        await driver.pilot.click(offset=(3, 3))
        await driver.settle()
        assert driver.text() == shown


async def test_lines_are_typed_and_answered_there() -> None:
    """One line of an answer under the sentence, more of them in the drawer."""
    async with running() as driver:
        await driver.press("P", "end")
        await type_line(driver, "print X.grad[0]")
        assert "X.grad[0]" in driver.text()
        await type_line(driver, "why X.grad[0]")
        assert driver.screen.answer_size == "on"
        await driver.press("escape")
        assert driver.screen.is_presenting
        await driver.press("escape")
        assert not driver.screen.is_presenting


async def test_one_pane_and_the_step_alone_take_turns() -> None:
    """Neither lies over the other."""
    async with running() as driver:
        await type_line(driver, "maximize J")
        await driver.press("P")
        assert (driver.screen.is_presenting, driver.screen.maximized_pane) == (True, "")
        await type_line(driver, "maximize J")
        assert (driver.screen.is_presenting, driver.screen.maximized_pane) == (False, "jacobian")
        await driver.press("P", "m")
        assert (driver.screen.is_presenting, driver.screen.maximized_pane) == (False, "graph")


async def test_another_language_is_everybodys_afterwards() -> None:
    """What the one pane lay over speaks it too, and shows through nowhere meanwhile."""
    async with running() as driver:
        english = driver.pane("footer")
        await driver.press("P", "l")
        assert "单步" not in driver.text()
        await driver.press("escape")
        assert "单步" in driver.pane("footer")
        await driver.press("P", "l", "escape")
        assert driver.pane("footer") == english


async def test_it_is_recorded_as_any_look(tmp_path: Path) -> None:
    """By key, by line and by escape; blanking is nobody's business."""
    recording = Recording(tmp_path / "walk.replay", tb.load("vector-double"))
    async with running(options=replace(QUICK, recording=recording)) as driver:
        await driver.press("P", "s", "full_stop", "s", "escape", "s")
        await type_line(driver, "present on")
        await type_line(driver, "language zh")
    recording.close()
    lines = [line.act for line in load_replay(recording.path).script.lines]
    assert [getattr(act, "command", act) for act in lines] == [
        "present on", "step", "present off", "step", "present on", "language zh",
    ]  # fmt: skip


async def test_a_replay_presents_and_tells(tmp_path: Path) -> None:
    """The narration is there, the bar is not; back and forward look the same."""
    async with running(options=replace(QUICK, replay=read(SAY))) as driver:
        await driver.press("greater_than_sign", "greater_than_sign")
        assert driver.screen.is_presenting
        assert "now look" in driver.text()
        assert "2/4" not in driver.text()
        seen = []
        for key in (">", ">", "<", "<", "<", "<"):
            await driver.press({">": "greater_than_sign", "<": "less_than_sign"}[key])
            seen.append(driver.screen.is_presenting)
        assert seen == [True, False, True, True, True, False]
        assert "0/4" in driver.text()
