"""``init``: the first file of a newcomer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import run
from tui_backprop.scenario.fields import Document

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_opens_and_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a name too; the lines that are advised work."""
    monkeypatch.chdir(tmp_path)
    found = run(capsys, "init")
    assert (found.status, found.err) == (0, "")
    assert "tui-backprop check scenario.yaml" in found.out
    report = run(capsys, "check", "scenario.yaml", "--json")
    assert report.status == 0
    assert json.loads(report.out)
    assert "SymPy" in report.out
    assert run(capsys, "open", "scenario.yaml", "--batch", "-e", "end").status == 0


def test_every_part_has_a_comment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The parts are words of the format, and each but the title stands behind one."""
    path = tmp_path / "first.yml"
    run(capsys, "init", path)
    before, parts = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0].isalpha():
            word = line.partition(":")[0]
            parts.append(word)
            assert word in Document.__dataclass_fields__
            assert before.startswith("#") or word == "title"
        before = line
    assert {"format", "inputs", "constants", "program", "backward", "expect", "notes"} < {*parts}


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds something stays as it is, and the exit status says so."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    found = run(capsys, "init", path)
    assert found.status == 2
    assert "holds something: name another one" in found.err
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["notes.txt", "scenario", "folder.yaml", "none/a.yaml"])
def test_what_cannot_be_a_scenario_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ending, a folder, a folder that is not there."""
    (tmp_path / "folder.yaml").mkdir()
    found = run(capsys, "init", tmp_path / name)
    assert found.status == 2
    assert found.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["folder.yaml"]
