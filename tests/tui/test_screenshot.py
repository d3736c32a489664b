"""Pictures of the screen."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.tui.cells import CELL, rows_of, runs
from tests.tui.conftest import LARGE, SMALL, running
from tui_backprop.debug.commands import ON_SCREEN, find_command
from tui_backprop.errors import CommandError
from tui_backprop.render.text.spans import width
from tui_backprop.tui.commands import VIEW_COMMANDS
from tui_backprop.tui.options import Options
from tui_backprop.tui.screenshot import path_for, picture


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to write into."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.few(2)
@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_picture_says_what_the_screen_does(size: tuple[int, int], language: str) -> None:
    """Every character over its own cells, in both languages; no host is asked for anything."""
    async with running("vector-double", size, Options(algebra=False, language=language)) as driver:
        await driver.press("s", "s", "s", "s")
        rows = driver.text().split("\n")
        drawn = picture(driver.app, "vector-double")
    ET.fromstring(drawn)  # noqa: S314 - it is our own
    assert "url(http" not in drawn
    assert "full-width" not in drawn
    assert rows_of(drawn, size) == [row.replace("\xa0", " ").rstrip() for row in rows]
    for x, _, length, text in runs(drawn):
        assert x == pytest.approx(round(x / CELL) * CELL, abs=0.1)
        assert length == pytest.approx(width(text) * CELL, abs=0.1)
        # What a renderer drops, or gives another width than we think, moves nothing beside it.
        assert text.strip("\xa0") == text
        assert width(text[0]) == 1 or len(text) == 1


async def test_the_command_writes_a_file(elsewhere: Path) -> None:
    """Named after the scenario and the step, or as one likes; without the command line."""
    async with running() as driver:
        for line, name in (
            ("screenshot", "vector-double-step-0.svg"),
            ("screenshot", "vector-double-step-0-2.svg"),
            ("screenshot mine", "mine.svg"),
        ):  # fmt: skip
            await driver.press("colon")
            await driver.write(line)
            await driver.press("enter")
            await driver.pilot.pause(0.1)
            await driver.settle()
            assert f"picture written to {name}" in driver.text()
            assert "command:" not in (elsewhere / name).read_text("utf-8")
        driver.screen.carry_out("screenshot mine")
        await driver.pilot.pause(0.1)
        await driver.settle()
        assert "the picture in mine.svg is a new one" in driver.text()


async def test_what_cannot_be_written_is_said() -> None:
    """Where the folder is missing."""
    async with running() as driver:
        driver.screen.carry_out("screenshot no/such/folder/x")
        await driver.pilot.pause(0.1)
        await driver.settle()
        assert "no/such/folder/x.svg" in driver.text()


def test_nothing_of_others_is_overwritten(elsewhere: Path) -> None:
    """Neither another's SVG nor a folder; another format is refused."""
    (elsewhere / "theirs.svg").write_text("<svg/>")
    (elsewhere / "folder.svg").mkdir()
    for typed, message in (
        ("theirs.svg", "not overwritten"), ("theirs", "not overwritten"), ("folder", "overwritten"),
        ("x.png", "name it x.svg"), ("x\0y", "zero byte"), ("~nobody-at-all/x", "no such home"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=message):
            path_for(typed, "s", 1)
    assert path_for("", "../a b", 3) == Path("..-a-b-step-3.svg")


def test_without_a_screen_there_is_no_picture_of_it() -> None:
    """Nor anything else that is about the screen."""
    known = {(command.name, command.now is not None) for command in VIEW_COMMANDS}
    assert known == set(ON_SCREEN), "ON_SCREEN"
    for name, _ in ON_SCREEN:
        with pytest.raises(CommandError, match=f"'{name}' is about the screen, and there is none"):
            find_command(name)
