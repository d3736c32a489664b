"""``export``: a file whole or not at all, never over another one, and options where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_backprop.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_beside_you_is_called_as_the_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where it went is said."""
    monkeypatch.chdir(tmp_path)
    assert main(["export", "chain", "--to", "dot"]) == 0
    assert (tmp_path / "chain.dot").read_text("utf-8").startswith('digraph "chain" {\n')
    assert capsys.readouterr().out == "written: chain.dot\n"


def test_no_file_is_written_over_unless_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is left beside it either."""
    path = tmp_path / "it.dot"
    path.write_text("mine")
    assert main(["export", "chain", "--to", "dot", "-o", str(path)]) == 2
    assert "the file is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert [*tmp_path.iterdir()] == [path]
    assert main(["export", "chain", "--to", "dot", "-o", str(path), "--force"]) == 0
    assert path.read_text("utf-8").startswith("digraph")


@pytest.mark.parametrize("more", [(), ("--force",)])
@pytest.mark.parametrize("other", ["sheet.md", "./sheet.md", "link/sheet.md"])
def test_two_files_by_one_name_are_refused_before_one_is_written(
    other: str, more: tuple[str, ...],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """However the second name is written, and also where files may be written over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    words = ["export", "chain", "--to", "worksheet", "-o", "sheet.md", "--answers", other, *more]
    assert main(words) == 2
    assert "the file of --answers is the same one" in capsys.readouterr().err
    assert not (tmp_path / "sheet.md").exists()


def test_it_goes_to_the_terminal_where_that_is_asked_for(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """As bytes, and nothing else with them."""
    assert main(["export", "chain", "--to", "mermaid", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"---\ntitle:")


def test_a_step_is_one_of_the_walk(capsys: pytest.CaptureFixture[str]) -> None:
    """The refusal says which there are."""
    assert main(["export", "chain", "--to", "dot", "--step", "99", "-o", "-"]) == 2
    assert "the walk has no step 99: it has 0 to" in capsys.readouterr().err
    for text in ("p", "9" * 5000, "1.5", ""):
        assert main(["export", "chain", "--to", "dot", "--step", text, "-o", "-"]) == 2
        assert "expected the number of a step" in capsys.readouterr().err


def test_a_replay_is_exported_by_its_scenario(tmp_path: Path) -> None:
    """Of formats that know no replay the walk is what its scenario gives."""
    path = tmp_path / "r.dot"
    assert main(["export", "vector-double", "--to", "dot", "-o", str(path)]) == 0
    assert path.exists()


def test_an_option_is_refused_where_another_format_takes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The refusal says which do."""
    assert main(["export", "chain", "--to", "dot", "--level", "node", "-o", "-"]) == 2
    assert "--level is for csv, not for dot" in capsys.readouterr().err
