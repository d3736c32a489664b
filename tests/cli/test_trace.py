"""``trace``: what the options change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import DOUBLE, run, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_and_a_shipped_name_are_both_scenarios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path, and a name without its ending."""
    assert run(capsys, "trace", write(tmp_path, DOUBLE)).out.startswith("twice\n")
    assert run(capsys, "trace", "vector-double").out.startswith("Y = 2X")


def test_the_language_is_that_of_titles_and_headings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """English unless asked."""
    said = run(capsys, "trace", "--lang", "zh", write(tmp_path, DOUBLE))
    assert said.out.startswith("两倍\n\n程序\n")


def test_zeros_follow_the_scenario_unless_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Skipped is the default of the format."""
    path = write(tmp_path, DOUBLE)
    counts = [
        run(capsys, "trace", path, "--format", "json", *more).out.count('"partial",')
        for more in ([], ["--zeros", "skip"], ["--zeros", "show"])
    ]
    assert counts == [3, 3, 9]


def test_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Formulas can be left out."""
    path = write(tmp_path, DOUBLE)
    full = json.loads(run(capsys, "trace", path, "--format", "json").out)
    bare = json.loads(run(capsys, "trace", path, "--format", "json", "--no-formulas").out)
    assert [step.get("symbolic") for step in full["steps"][4:]] == ["2", "2", "2"]
    assert [step.get("symbolic") for step in bare["steps"][4:]] == [None, None, None]
    assert full["title"] == "twice"


def test_the_level_of_nodes_has_fewer_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One for each edge."""
    said = run(capsys, "trace", "--level", "node", write(tmp_path, DOUBLE))
    assert "vᵀJ = [2 4 6]   X.grad = [2 4 6]" in said.out


def test_limits_can_be_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What they refuse is refused by name."""
    path = write(tmp_path, DOUBLE)
    said = run(capsys, "trace", "--limit", "nodes=2", path)
    assert said.status == 2
    assert "limit" in said.err
    assert run(capsys, "trace", "--limit", "nodes=3", "--limit", "elements=3", path).status == 0


def test_titles_are_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences do not reach the terminal, in no format."""
    hostile = DOUBLE.replace('"twice"', r'"\e]0;owned\a[b]\x9b31m\u202Ex"')
    path = write(tmp_path, hostile)
    for form in ("text", "json", "markdown", "latex"):
        said = run(capsys, "trace", "--format", form, path)
        assert said.status == 0
        assert all(line.isprintable() for line in said.out.splitlines())
        assert "[b" in said.out


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_documents_follow_the_same_options(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Language, zeros, formulas, level; and LaTeX needs no glyphs in any charset."""
    path = write(tmp_path, DOUBLE)

    def told(*more: str) -> str:
        return run(capsys, "trace", path, "--format", form, *more).out

    assert "两倍" in told("--lang", "zh")
    structural = r"\dfrac{\partial y_{1}}{\partial x_{2}} = 0"
    assert structural in told("--zeros", "show")
    assert structural not in told()
    assert r"\left(2 \cdot x_{1}\right)" in told()
    assert r"\left(2 \cdot x_{1}\right)" not in told("--no-formulas")
    assert r"v^{\mathsf{T}} J" in told("--level", "node")
    assert told("--ascii").isascii()
