"""``quiz``: asked in a terminal or through a pipe, listed, and marked from a file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.cli.support import DOUBLE, Said, run, start, write
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.quiz import questions

if TYPE_CHECKING:
    from pathlib import Path

OWN = f"""{DOUBLE}questions:
- {{at: "X.grad[1]", ask: sum, text: {{en: "How much arrives?", zh: "得到多少？"}}, hints: [first]}}
- {{at: Y, ask: shape}}
"""


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered beyond a test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str,
    *words: str | Path,
) -> Said:  # fmt: skip
    """What comes of a round in which so much is typed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return run(capsys, "quiz", *words)


def right_answers(name: str) -> list[str]:
    """Those of a shipped scenario."""
    return [shown(q) for q in chosen(tb.load(name).trace().timeline)]


def test_all_right_is_status_0(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the questions in order, and one line at the end."""
    typed = "\n".join(right_answers("chain"))
    said = answered(capsys, monkeypatch, typed, "chain")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("The chain rule")
    assert "question 1 of 8\nWhat is u?\nu = x ** 2\nx = 1.5\n" in said.out
    assert "nan, inf\n> 2.25\nright\n" in said.out
    assert said.out.endswith("\n8 of 8 right\n")


def test_hints_a_second_try_and_leaving(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong answer may be mended; what is left is skipped."""
    said = answered(capsys, monkeypatch, "?\n3\n2.25\n\nquit\n", "chain")
    assert said.status == 1
    for text in ("hint 1: u = x ** 2", "not right", "once more", "right\n", "1 of 8 right",
                 "the right answer: 0.778073", "2. skipped: What is s?",
                 "not done with yet: 6"):  # fmt: skip
        assert text in said.out


def test_the_end_of_the_input_ends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the rest were skipped; lines may be of any length and hold anything."""
    hostile = f"{'9' * 10**6}\n__import__('os').system('x')\n１２\n\x1b[31m\n"
    said = answered(capsys, monkeypatch, hostile, "chain")
    assert (said.status, said.err) == (1, "")
    assert "0 of 8 right" in said.out
    assert "\x1b" not in said.out
    assert len(said.out) < 10_000


def test_it_is_remembered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The next time says how it went; a broken file is set aside."""
    answered(capsys, monkeypatch, "2.25\n", "chain", "--no-progress")
    assert not list((tmp_path / "data").rglob("*"))
    answered(capsys, monkeypatch, "2.25\n", "chain")
    said = answered(capsys, monkeypatch, "", "chain")
    assert "the last time: 1 of 8 right; the best: 1" in said.out
    file = next((tmp_path / "data").rglob("quiz.json"))
    file.write_text("{")
    said = answered(capsys, monkeypatch, "", "chain")
    assert said.status == 1
    assert "kept as quiz.json.1~" in said.out


def test_a_round_that_was_left_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next question, with what was right; to look at one and leave it changes nothing."""
    right = right_answers("chain")
    answered(capsys, monkeypatch, "\n".join(right[:3]) + "\nquit\n", "chain")
    looked = answered(capsys, monkeypatch, "quit\n", "chain")
    assert "question 4 of 8" in looked.out
    again = answered(capsys, monkeypatch, "\n".join(right[3:]), "chain")
    assert "the last time: 3 of 8 right; the best: 3" in again.out
    assert again.out.endswith("\n8 of 8 right\n")
    assert again.status == 0
    assert "question 1 of 8" in answered(capsys, monkeypatch, "", "chain").out


def test_own_questions_in_two_languages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the order of the walk, with the author's words."""
    path = write(tmp_path, OWN)
    said = answered(capsys, monkeypatch, "3\n?\n4\n", path)
    assert said.status == 0
    assert "hint 1: first" in said.out
    assert said.out.index("shape of Y") < said.out.index("How much arrives?")
    assert "得到多少？" in answered(capsys, monkeypatch, "\n", path, "--lang", "zh").out


@pytest.mark.parametrize(
    "change", ["ask: shape|ask: form", "at: Y|at: Z", "at: Y, ask: shape|at: X, ask: sum"]
)
def test_a_question_that_cannot_be_asked_is_a_problem_of_the_file(
    change: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With its line, for every command that reads it."""
    before, after = change.split("|")
    path = write(tmp_path, OWN.replace(before, after))
    said = run(capsys, "check", path)
    assert said.status == 2
    assert "scenario.yaml:1" in said.err


def test_a_file_of_answers_is_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A line each, in the order of the questions; as JSON for programs."""
    right = right_answers("chain")
    path = write(tmp_path, "\r\n".join(right), "answers")
    said = run(capsys, "quiz", "chain", "--answers", path)
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("\n8 of 8 right\n")
    wrong = [right[0], "", "nonsense", "y", "1", "-4.1"]
    path = write(tmp_path, "\n".join(wrong) + "\n\n\n\n\n", "answers")
    said = run(capsys, "quiz", "chain", "--answers", path, "--json")
    found = json.loads(said.out)
    assert (said.status, found["right"], found["count"], found["format"]) == (1, 2, 8, 1)
    rows = [(q["outcome"], q["verdict"], q["evidence"]) for q in found["questions"]]
    assert rows[:5] == [
        ("right", "right", None), ("skipped", None, None), ("wrong", "unreadable", None),
        ("right", "right", "identical"), ("wrong", "wrong", None),
    ]  # fmt: skip
    assert found["questions"][4]["slips"] == ["forgotten factor"]
    assert [q["right"] for q in found["questions"]] == right


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"2\n" * 10**6, b"2\n" * 9])
def test_a_file_that_is_none_of_answers(
    body: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Bad input, and no traceback: what is one line too many stands beside a wrong question."""
    said = run(capsys, "quiz", "chain", "--answers", write(tmp_path, body, "answers"))
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_questions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without their answers; as many as are asked for."""
    said = run(capsys, "quiz", "chain", "--list", "--count", "3")
    assert said.status == 0
    assert [line[:2] for line in said.out.splitlines() if line[0].isdigit()] == ["1.", "2.", "3."]
    found = json.loads(run(capsys, "quiz", "chain", "--list", "--json").out)["questions"]
    assert [q["number"] for q in found] == [*range(1, 9)]
    assert not any("right" in q for q in found)


@pytest.mark.parametrize(
    "words",
    [("chain", "--json"), ("chain", "--count", "0"), ("chain", "--count", "many"), (), ("nothing",),
     ("chain", "--answers", "no-such-file"), ("chain", "--list", "--answers", "x")],
)  # fmt: skip
def test_bad_usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, nothing printed."""
    said = run(capsys, "quiz", *words)
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_a_pipe_without_colours_is_enough(tmp_path: Path) -> None:
    """In a process of its own, without a terminal, in ASCII."""
    said = start("quiz", "chain", "--ascii", PYTHONIOENCODING="ascii", FORCE_COLOR="1",
                 XDG_DATA_HOME=str(tmp_path))  # fmt: skip
    assert said.returncode == 1
    assert said.stdout.isascii()
    assert b"\x1b" not in said.stdout
    assert said.stderr == b""


def test_what_is_asked_here_is_what_python_is_given() -> None:
    """The questions of a session."""
    own = tb.load("chain").session()
    assert [q.key for q in questions(own)] == [q.key for q in chosen(own.timeline)]
