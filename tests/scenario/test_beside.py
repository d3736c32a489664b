"""Where the commands of a scenario are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.scenario.beside import commands_beside
from tui_backprop.scenario.shipped import shipped

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


def test_nowhere_in_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system is asked."""
    monkeypatch.setattr("os.access", lambda *_: False)
    assert commands_beside(tmp_path / "seed.yaml") is None
