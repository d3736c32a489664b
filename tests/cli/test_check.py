"""``check``: tables, disagreements and exit statuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.cli.support import DOUBLE, run, write
from tui_backprop.cli.check import Checked, as_lines
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.render.text.spans import width
from tui_backprop.verify.check import check
from tui_backprop.verify.pytorch import running

if TYPE_CHECKING:
    from pathlib import Path

WRONG = DOUBLE.replace("X: [2, 4, 6]", "X: [2, 5, 6]")
KINKED = DOUBLE.replace("2 * X", "relu(X - 1)").replace("[2, 4, 6]", "[0, 2, 3]")


def test_a_sound_scenario_is_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each witness, and a line that sums up."""
    said = run(capsys, "check", write(tmp_path, DOUBLE, "good.yaml"))
    assert (said.status, said.err) == (0, "")
    header, sympy, differences, expect, *rest = said.out.splitlines()
    assert header.split()[:3] == ["scenario", "witness", "compared"]
    assert sympy.split()[:5] == ["good", "SymPy", "9", "of", "9"]
    assert differences.split()[:4] == ["differences", "3", "of", "3"]
    assert expect.split()[:4] == ["expect", "3", "of", "3"]
    assert all(row.endswith("agree") for row in (sympy, differences, expect))
    assert (rest[-1], "" in rest) == ("1 scenario: 1 agree", True)


@pytest.mark.parametrize("is_installed", [True, False])
def test_pytorch_has_a_row_where_it_is_installed(
    is_installed: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it is not, one line says so, and the table is what it was."""
    if is_installed:
        pytest.importorskip(
            "torch", reason="PyTorch is an optional witness: pip install '.[torch]'"
        )
    else:
        monkeypatch.setattr(running, "find_spec", lambda _name: None)
    good = write(tmp_path, DOUBLE, "good.yaml")
    lines = run(capsys, "check", good, good).out.splitlines()
    about = [line.split() for line in lines if "PyTorch" in line]
    absence = [["PyTorch", "was", "not", "asked:", "not", "installed", "(pip", "install", "torch)"]]
    row = ["PyTorch", "6", "of", "6", "0", "0", "agree"]
    assert about == ([row, row] if is_installed else absence)
    told = json.loads(run(capsys, "check", "--json", good).out)["scenarios"][0]
    verdicts = {w["witness"]: w["verdict"] for w in told["witnesses"]}
    assert verdicts["PyTorch"] == ("agree" if is_installed else "not asked")
    assert told["verdict"] == "agree"


def test_a_disagreement_is_status_1_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With both numbers."""
    said = run(capsys, "check", write(tmp_path, WRONG, "bad.yaml"))
    assert said.status == 1
    assert "DISAGREE (1)" in said.out
    assert "bad: X.grad[1]: engine 4.0, expect 5.0" in said.out
    assert said.out.endswith("1 scenario: 1 disagree\n")


def test_a_kink_is_status_0_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the convention used there."""
    said = run(capsys, "check", write(tmp_path, KINKED))
    assert said.status == 0
    assert "kink (1)" in said.out
    assert "relu'(0) = 0" in said.out


def test_one_bad_file_does_not_keep_the_others_from_being_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It makes the status 2, whatever the others say."""
    good, wrong = write(tmp_path, DOUBLE, "a.yaml"), write(tmp_path, WRONG, "b.yaml")
    said = run(capsys, "check", tmp_path / "missing.yaml", good, wrong)
    assert said.status == 2
    assert "missing.yaml" in said.err
    assert "Traceback" not in said.err
    assert said.out.endswith("3 scenarios: 1 agree, 1 disagree, 1 not readable\n")


def test_a_folder_means_its_scenarios(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In order, those of folders inside too; other files are left alone."""
    (tmp_path / "inner").mkdir()
    write(tmp_path, DOUBLE, "b.yaml")
    write(tmp_path, DOUBLE, "inner/c.yml")
    write(tmp_path, "no scenario", "notes.txt")
    said = run(capsys, "check", tmp_path)
    assert said.status == 0
    table, _, _ = said.out.partition("\n\n")
    names = [line.split()[0] for line in table.splitlines()[1:] if line[0] != " "]
    assert names == ["b", "c"]


def test_an_empty_folder_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was checked, and that must not look like success."""
    said = run(capsys, "check", tmp_path)
    assert said.status == 2
    assert "no scenarios" in said.err


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers as numbers, a file that is bad with its error."""
    wrong = write(tmp_path, WRONG, "bad.yaml")
    said = run(capsys, "check", "--json", wrong, tmp_path / "missing.yaml")
    assert said.status == 2
    found = json.loads(said.out)
    checked, missing = found["scenarios"]
    assert (checked["scenario"], checked["verdict"]) == ("bad", "disagree")
    witness = {w["witness"]: w for w in checked["witnesses"]}
    assert witness["SymPy"]["compared"] == witness["SymPy"]["total"] == 9
    assert witness["expect"]["disagreements"] == [
        {"entry": "X.grad[1]", "engine": 4.0, "witness": 5.0, "absolute": 1.0, "relative": 0.2,
         "remark": ""}
    ]  # fmt: skip
    assert "error" in missing


def test_json_spells_what_it_has_no_number_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """NaN and infinities, as in a trace."""
    text = DOUBLE.replace("2 * X", "log(X - 1)").replace("X: [2, 4, 6]", "X: [.inf, 2, .nan]")
    found = json.loads(run(capsys, "check", "--json", write(tmp_path, text)).out)
    expect = found["scenarios"][0]["witnesses"][2]
    assert [d["witness"] for d in expect["disagreements"]] == ["nan"]


def test_the_table_fits_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long names are broken into lines; nothing is left out."""
    monkeypatch.setattr("tui_backprop.cli.check.terminal_width", lambda: 90)
    said = run(capsys, "check", write(tmp_path, DOUBLE, f"{'long' * 12}.yaml"))
    rows = said.out.partition("\n\n")[0].splitlines()
    assert max(map(len, rows)) <= 90
    assert "".join(row.split()[0] for row in rows if "long" in row) == "long" * 12


def test_claims_are_reported_with_step_and_slip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong one is status 1; one that is wrong on purpose is told, and status 0."""
    wrong = DOUBLE + "claims: [{of: X.grad, value: [12, 12, 12]}]\n"
    said = run(capsys, "check", write(tmp_path, wrong, "wrong.yaml"))
    assert said.status == 1
    assert "wrong: X.grad[0]: engine 2.0, claims 12.0\n  from step 4 on: wrong index:" in said.out
    taught = wrong.replace("12]}", "12], holds: false}")
    said = run(capsys, "check", write(tmp_path, taught, "taught.yaml"))
    assert said.status == 0
    assert "taught: X.grad[0] is claimed to be 12.0 and is 2.0, a slip on purpose;" in said.out
    found = json.loads(run(capsys, "check", "--json", "vector-double-slip").out)
    witness = found["scenarios"][0]["witnesses"][-1]
    assert (witness["witness"], witness["verdict"]) == ("claims", "agree")
    assert [report.split(";")[0] for report in witness["reports"]] == [
        "X.grad[0] is claimed to be 6.0 and is 2.0, a slip on purpose",
        "X.grad[0] is claimed to be 12.0 and is 2.0, a slip on purpose",
    ]


@pytest.mark.parametrize("code", languages())
def test_remarks_stand_below_a_table_that_is_too_wide(code: str) -> None:
    """And no line of either is wider than the terminal."""
    found = [Checked("where-sqrt", "where-sqrt", check(tb.load("where-sqrt")))]
    language = language_of(code)
    wide, narrow = (list(as_lines(found, cells, language)) for cells in (None, 80))
    assert all(width(line) <= 80 for line in narrow)
    beside = [line for line in wide if "dr[1]/dx[1]" in line]
    below = [line for line in narrow if "dr[1]/dx[1]" in line]
    assert len(beside) == len(below) == 1
    assert beside[0].startswith("where-sqrt  SymPy")
    assert below[0].startswith(f"where-sqrt{language.say(': ')}SymPy")


@pytest.mark.parametrize("code", languages())
def test_columns_align(code: str) -> None:
    """Letters of two cells too: each number ends, and each verdict begins, in one column."""
    found = [Checked("mlp", "mlp", check(tb.load("mlp-2-3-1")))]
    language = language_of(code)
    verdict = language.say("agree")
    *table, _summary = as_lines(found, None, language)
    rows = [line for line in table if line.endswith(verdict)]
    assert len(rows) >= 3
    assert len({width(row) for row in rows}) == 1


def test_the_summary_counts_by_verdict() -> None:
    """One scenario, and several; what could not be read is counted too."""
    sound = Checked("a", "a", check(tb.load("chain")))
    bad = Checked("b", "b", None, TuiBackpropError("no"))
    assert list(as_lines([sound], None))[-1] == "1 scenario: 1 agree"
    assert list(as_lines([sound, bad], None))[-1] == "2 scenarios: 1 agree, 1 not readable"
