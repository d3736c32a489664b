"""Scenarios of one's own, begun and changed while the debugger is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import SMALL, running
from tui_backprop.tui.options import Options


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to write into."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("language", "told"), [("en", "in an editor"), ("zh", "在编辑器里修改")])
async def test_a_new_scenario_is_written_and_opened(language: str, told: str) -> None:
    """It says what to do next, in the language of the screen."""
    async with running("chain", SMALL, Options(algebra=False, language=language)) as driver:
        await driver.press("colon")
        await driver.write("new net")
        await driver.press("enter")
        await driver.pilot.pause(0.3)
        await driver.settle()
        assert driver.screen.view_model.scenario.path == Path("net.yaml")
        assert told in driver.text()
    assert Path("net.yaml").is_file()


async def test_a_name_that_is_taken_keeps_the_line() -> None:
    """What was there stays, and so does the walk."""
    Path("net.yaml").write_text("mine", "utf-8")
    async with running("chain", SMALL) as driver:
        await driver.press("colon")
        await driver.write("new net")
        await driver.press("enter")
        assert "name another one" in driver.text()
        assert driver.screen.view_model.scenario.model.name == "chain"
    assert Path("net.yaml").read_text("utf-8") == "mine"
