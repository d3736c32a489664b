"""A walk on the screen, written down."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import tui_backprop as tb
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import Driver, running
from tui_backprop.dataclass import replace
from tui_backprop.replays import Recording, load_replay
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

QUICK = Options(algebra=False)


def told(driver: Driver) -> list[str]:
    """What was said in passing."""
    notes = [note.message for note in driver.app._notifications]
    return [getattr(note, "whole", note) for note in notes]  # before it was broken into lines


def commands(path: Path) -> list[str]:
    """What a recording does."""
    return [line.act.command for line in load_replay(path).script.lines]  # type: ignore[union-attr]  # all are


async def test_another_scenario_is_recorded_in_a_file_of_its_own(tmp_path: Path) -> None:
    """A recording is of one scenario; nothing that is done is left out, and where it is is said."""
    path = tmp_path / "walk.replay"
    (tmp_path / "walk-2.replay").write_text("somebody's")
    recording = Recording(path, tb.load("vector-double"))
    async with running(options=replace(QUICK, recording=recording)) as driver:
        await driver.press("s", "s")
        await type_line(driver, "open fan-out")
        assert any("walk-3.replay" in note for note in told(driver))
        await driver.press("n")
        await type_line(driver, "open nowhere.yaml")
        await driver.press("escape")
        await driver.press("s")
        await type_line(driver, "open fan-out")
        await driver.press("f")
    recording.close()
    assert recording.lost == ""
    assert commands(path) == ["step", "step"]
    assert (tmp_path / "walk-2.replay").read_text() == "somebody's"
    assert commands(tmp_path / "walk-3.replay") == ["next", "step"]
    assert commands(tmp_path / "walk-4.replay") == ["finish"]
    names = [load_replay(tmp_path / f"walk{n}.replay").script.scenario for n in ("", "-3", "-4")]
    assert names == ["vector-double", "fan-out", "fan-out"]


async def test_what_cannot_be_recorded_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk goes on; who asks afterwards is told too."""
    recording = Recording(tmp_path / "walk.replay", tb.load("vector-double"))
    async with running(options=replace(QUICK, recording=recording)) as driver:
        await driver.press("s")
        opened = os.open

        def full(path: str, flags: int, mode: int = 0o777, **named: int) -> int:
            if flags & os.O_CREAT and str(path).startswith(str(tmp_path)):
                raise OSError(errno.ENOSPC, "No space left on device")
            return opened(path, flags, mode, **named)

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", full)
            await type_line(driver, "open fan-out")
        assert any("what follows is not recorded" in note for note in told(driver))
        await driver.press("s")
        assert driver.session.cursor == 1
    recording.close()
    assert "No space left" in recording.lost
    assert commands(tmp_path / "walk.replay") == ["step"]


async def test_narration_is_typed_and_told_again(tmp_path: Path) -> None:
    """With the looks around it: a language, a pane, the step alone."""
    recording = Recording(tmp_path / "walk.replay", tb.load("vector-double"))
    async with running(options=replace(QUICK, recording=recording)) as driver:
        await driver.press("s", "P")
        await type_line(driver, "say Here is the constant.")
        assert "Here is the constant." in driver.text()
        await driver.press("l", "escape")
        await type_line(driver, "maximize J")
    recording.close()
    script = load_replay(recording.path).script
    async with running(options=replace(QUICK, replay=script)) as driver:
        for _ in range(3):
            await driver.press("greater_than_sign")
        assert driver.screen.is_presenting
        assert "Here is the constant." in driver.text()
        driver.screen.carry_out(f"replay-to {len(script.lines)}")
        await driver.settle()
        assert driver.screen.view_model.language == "zh"
        assert (driver.screen.is_presenting, driver.screen.maximized_pane) == (False, "jacobian")


async def test_narration_without_a_recording_is_refused() -> None:
    """Nothing is lost without a word."""
    async with running() as driver:
        await type_line(driver, "say hello")
        assert "nothing is recorded" in driver.text()
