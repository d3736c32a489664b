"""Where the commands of a scenario are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.scenario.files import commands_beside, shipped

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_beside_a_file_of_ones_own(tmp_path: Path) -> None:
    """With another ending."""
    assert commands_beside(tmp_path / "seed.yaml") == tmp_path / "seed.commands"


def test_nowhere_for_what_is_shipped() -> None:
    """Nor for what came from no file."""
    assert {commands_beside(path) for path in shipped()} == {None}
    assert commands_beside(None) is None


def test_in_a_folder_that_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there already can be read; nobody is asked whether it may be written."""
    monkeypatch.setattr("os.access", lambda *_: False)
    assert commands_beside(tmp_path / "seed.yaml") == tmp_path / "seed.commands"
