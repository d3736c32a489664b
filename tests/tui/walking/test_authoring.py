"""Scenarios of one's own, begun and changed while the debugger is open."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.support import run
from tests.scenario.faulty import stray
from tests.tui.conftest import LARGE, SMALL, running
from tui_backprop.debug.commands.resuming import event_name
from tui_backprop.replays import load_replay
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from tests.tui.conftest import Driver


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


TEXT: Final = """\
format: 1
inputs: {X: [1, 2, 3]}
program: |
  Y = 2 * X
backward: {of: Y, v: [1, 2, 3]}
"""


async def _look(driver: Driver) -> None:
    driver.screen.reloading.look()
    for _ in range(50):
        await driver.pilot.pause(0.01)
        if not any(w.is_running for w in driver.app.workers):
            break
    await driver.settle()


async def _reload(driver: Driver, key: str = "r") -> None:
    await driver.press(key)
    await driver.pilot.pause(0.2)
    await driver.settle()


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("language", "offered", "told"),
    [
        ("en", "net.yaml has changed: r loads it again", "loaded again: at the same event"),
        ("zh", "net.yaml 已改动：按 r 重新载入", "已重新载入：停在同一事件上"),
    ],
)
async def test_a_changed_file_is_offered_and_loaded(language: str, offered: str, told: str) -> None:
    """The cursor stays on the same event, and everything else where it means something."""
    path = Path("net.yaml")
    path.write_text(TEXT, "utf-8")
    options = Options(algebra=False, language=language)
    async with running(str(path), LARGE, options) as driver:
        await driver.press("s", "s", "s", "s", "s", "t", "j")
        await driver.press("b")
        await _look(driver)
        assert offered not in driver.text()
        path.write_text(TEXT.replace("  Y", "  h = X * X\n  Y").replace("2 *", "5 *"), "utf-8")
        await _look(driver)
        assert offered in driver.text()
        before = driver.session
        await _reload(driver)
        assert driver.session is not before
        assert event_name(driver.session.frame) == event_name(before.frame)
        assert (driver.session.cursor, before.cursor) == (6, 5)
        assert [b.text for b in driver.session.breakpoints] == ["Y"]
        assert told in driver.text()
        assert driver.screen.view_model.total
        assert driver.screen.grid.graph.is_tape is (driver.screen.view_model.graph_view == "tape")


async def test_a_file_that_is_wrong_leaves_the_walk_as_it_is() -> None:
    """Its errors are shown over it; mended, it is loaded."""
    path = Path("net.yaml")
    path.write_text(TEXT, "utf-8")
    async with running(str(path), LARGE) as driver:
        await driver.press("s", "s", "s", "s")
        before = driver.session
        path.write_text(TEXT.replace("2 * X", "2 * Q"), "utf-8")
        await _reload(driver)
        assert "unknown name 'Q'" in driver.text()
        await driver.press("escape")
        assert driver.session is before
        assert driver.session.cursor == 4
        await driver.press("s")
        assert driver.session.cursor == 5
        path.write_text(TEXT.replace("2 * X", "3 * X"), "utf-8")
        await _reload(driver)
        assert driver.session is not before
        assert driver.session.cursor == 5


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("config", "key", "title"),
    [
        ("", "r", "net.yaml: escape closes, r loads it again"),
        ('[keys]\nreload = "f5"\n', "f5", "net.yaml: escape closes, f5 loads it again"),
    ],
)
async def test_a_mended_file_is_loaded_from_the_page_of_its_errors(
    config: str, key: str, title: str
) -> None:
    """By the key that says so, as often as it takes; the page says how one leaves it."""
    path, chosen = Path("net.yaml"), Path("config.toml")
    path.write_text(TEXT, "utf-8")
    chosen.write_text(config, "utf-8")
    async with running(str(path), SMALL, Options(algebra=False, config=chosen)) as driver:
        await driver.press("s", "s", "s", "s")
        before = driver.session
        path.write_text(TEXT.replace("2 * X", "2 * Q"), "utf-8")
        await _reload(driver, key)
        assert title in driver.text().splitlines()[0]
        path.write_text(TEXT.replace("2 * X", "2 * P"), "utf-8")
        await _reload(driver, key)
        assert "unknown name 'P'" in driver.text()
        assert len(driver.app.screen_stack) == 2
        path.write_text(TEXT.replace("2 * X", "3 * X"), "utf-8")
        await _reload(driver, key)
        assert driver.session is not before
        assert driver.session.cursor == 4


async def test_what_is_lost_is_listed() -> None:
    """In the log, which is opened for it."""
    path = Path("net.yaml")
    path.write_text(TEXT.replace("  Y", "  h = X * X\n  Y"), "utf-8")
    async with running(str(path), LARGE) as driver:
        driver.screen.attempt("break h")
        driver.screen.attempt("set X = [4, 5, 6]")
        path.write_text(TEXT, "utf-8")
        await _reload(driver)
        assert "lost: breakpoint 1: h: there is no 'h'" in driver.text()
        assert "what was set is lost" in driver.text()


@pytest.mark.parametrize("scenario", ["touched", "gone"])
async def test_what_is_no_change_is_not_offered(scenario: str) -> None:
    """Saved without a change, or gone for the moment, as while an editor writes it."""
    path = Path("net.yaml")
    path.write_text(TEXT, "utf-8")
    async with running(str(path), LARGE) as driver:
        await _look(driver)
        if scenario == "gone":
            path.unlink()
        else:
            path.write_text(TEXT, "utf-8")
            os.utime(path, ns=(1, 1))
        await _look(driver)
        assert "has changed" not in driver.text()


async def test_a_replay_is_not_loaded_again() -> None:
    """It says why, and what to do."""
    replay = load_replay("seed")
    options = Options(algebra=False, replay=replay.script)
    async with running(replay.scenario, LARGE, options) as driver:
        await driver.press("r")
        assert "a replay goes through the" in driver.text()


async def test_looking_waits_for_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is carried out while a look at the file is under way."""
    release = threading.Event()
    path = Path("net.yaml")
    path.write_text(TEXT, "utf-8")

    def slow(_path: Path) -> None:
        release.wait(10)

    monkeypatch.setattr("tui_backprop.tui.walking.reloading.stamp", slow)
    async with running(str(path), LARGE) as driver:
        driver.screen.reloading.look()
        await driver.press("s", "s")
        assert driver.session.cursor == 2
        release.set()


async def test_a_faulty_file_is_opened_in_chinese() -> None:
    """Place, line and caret, and every word about them."""
    Path("net.yaml").write_text(TEXT.replace("2 * X", "2 * Q").replace("of: Y", "off: Y"), "utf-8")
    async with running("chain", SMALL, Options(algebra=False, language="zh")) as driver:
        driver.screen.open("net.yaml")
        await driver.pilot.pause(0.2)
        await driver.settle()
        shown = driver.text()
        assert "net.yaml:4:11：未知的名字 “Q”" in shown
        assert "^ 是不是 “X”？" in shown or "^" in shown
        assert "未知的键 “off”" in shown
        lines = [line for line in shown.split("\n") if re.search("[一-鿿]", line)]
        for line in lines[1:]:
            assert stray(line.replace("│", ""), f"{TEXT} net.yaml off Q") == [], line


@pytest.mark.few(2)
@pytest.mark.parametrize("name", ["nosuch", "Vector-Double", "vector-duoble", "nosuch.yaml"])
async def test_what_cannot_be_opened_is_told_as_on_the_command_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest name, or with what lists them."""
    assert run(capsys, name).status == 2
    told = "".join(run(capsys, name).err.removeprefix("tui-backprop: ").split())
    async with running("chain", LARGE) as driver:
        driver.screen.open(name)
        await driver.pilot.pause(0.2)
        await driver.settle()
        assert told in "".join(driver.text().replace("│", "").split())
