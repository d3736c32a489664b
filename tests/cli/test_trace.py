"""``trace``: what the options change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import DOUBLE, run, write
from tui_backprop.cli import trace
from tui_backprop.cli.trace import FORMATS, Format

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


def test_plain_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both languages, both levels, no sign in any charset."""
    path = write(tmp_path, DOUBLE)
    said = run(capsys, "trace", "--plain", path)
    assert said.status == 0
    assert said.out.splitlines()[-1] == "The gradient of X is a vector of 3: 2, 4, 6."
    assert "y 2 depends on x 2 with slope 2." in said.out
    assert said.out.isascii()
    node = run(capsys, "trace", "--plain", "--level", "node", path)
    assert "From Y, X receives a vector of 3: 2, 4, 6." in node.out
    chinese = run(capsys, "trace", "--plain", "--lang", "zh", path)
    assert chinese.out.splitlines()[-1] == "X 的梯度是 3 维向量：2、4、6。"


@pytest.mark.parametrize("form", ["text", "json"])
def test_plain_words_are_a_form_of_their_own(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for with another form, also with the default, neither is guessed."""
    said = run(capsys, "trace", "--plain", "--format", form, write(tmp_path, DOUBLE))
    assert said.status == 2
    assert "--plain" in said.err
    assert "--format" in said.err


def test_titles_are_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences do not reach the terminal, in no format."""
    hostile = DOUBLE.replace('"twice"', r'"\e]0;owned\a[b]\x9b31m\u202Ex"')
    path = write(tmp_path, hostile)
    telling = set()
    for form in (*FORMATS, None):
        chosen = ["--format", form] if form else ["--plain"]
        said = run(capsys, "trace", *chosen, path)
        assert said.status == 0
        assert all(line.isprintable() for line in said.out.splitlines())
        telling |= {form} if "[b" in said.out else set()
    assert {*FORMATS, None} >= telling >= {"text", "json", "markdown", "latex", None}


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


def test_the_help_tells_every_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes to the table comes into the help, whose list of commands has a line each."""
    known = {name: FORMATS[name] for name in ("text", "json", "markdown", "latex")}
    monkeypatch.setattr(trace, "FORMATS", known)
    assert trace._summary() == "print the whole walk as text, words, JSON, Markdown or LaTeX"
    known["csv"] = Format("export.csv", "trace_csv", "CSV", ".csv", "for spreadsheets")
    assert trace._summary() == "print the walk as text, words, JSON, Markdown, LaTeX or CSV"
    told = " ".join(run(capsys, "trace", "--help").out.split())
    assert "text for people, json for programs, markdown and latex for notes and papers" in told
    assert "as mathematics, csv for spreadsheets (default: text)" in told
    known |= dict.fromkeys("abcdefgh", known["csv"])
    assert trace._summary() == "print the whole walk, in any of 14 forms"
