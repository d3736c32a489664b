"""``learn``: the list with what is done, and a lesson asked line by line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.cli.support import Said, run
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.scenario.lessons import LESSONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered beyond a test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int, *words: str
) -> Said:
    """What comes of a lesson in which all is answered right."""
    own = tb.load(LESSONS[number - 1].scenario).session()
    typed = "\n".join(shown(question) for question in questions(own))
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return run(capsys, "learn", "--plain", str(number), *words)


def test_the_list_names_them_all_and_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """From 1 to 12."""
    said = run(capsys, "learn")
    assert said.status == 0
    rows = said.out.splitlines()[1:13]
    assert [row.split()[0] for row in rows] == [str(n) for n in range(1, 13)]
    assert all(lesson.scenario in row for lesson, row in zip(LESSONS, rows, strict=True))
    assert said.out.endswith("next: tui-backprop learn 1\n")


def test_what_is_done_is_remembered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next is the first that is not all right; without progress nothing is kept."""
    answered(capsys, monkeypatch, 1, "--no-progress")
    assert "next: tui-backprop learn 1" in run(capsys, "learn").out
    said = answered(capsys, monkeypatch, 1)
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("3 of 3 right\n")
    told = run(capsys, "learn").out
    assert "first-derivative       3 of 3" in told
    assert "next: tui-backprop learn 2" in told
    assert "next: tui-backprop learn 1" in run(capsys, "learn", "--no-progress").out
    body = json.loads(run(capsys, "learn", "--json").out)
    assert body["next"] == 2
    assert [lesson["done"] for lesson in body["lessons"]] == [True] + [False] * 11


def test_after_the_last_one_there_are_hunts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All twelve can be answered right, one after the other."""
    for number in range(1, 13):
        assert answered(capsys, monkeypatch, number).status == 0
    told = run(capsys, "learn").out
    assert told.count("3 of 3") == 12
    assert "all are done" in told


def test_a_lesson_is_narrated_in_both_languages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title, the program, the notes, the questions."""
    english = answered(capsys, monkeypatch, 5).out
    chinese = answered(capsys, monkeypatch, 5, "--lang", "zh").out
    for told, words in ((english, "how much each y counts"), (chinese, "每个 y 算多少")):
        assert "y = x ** 2" in told
        assert words in told
    assert "With v = (1, 2, 3), what is x.grad[2]?" in english


@pytest.mark.parametrize("words", [("0",), ("13",), ("one",), ("1", "--json"), ("1", "2")])
def test_what_is_no_lesson_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 2, and nothing asked."""
    said = run(capsys, "learn", *words)
    assert said.status == 2
    assert said.out == ""
    assert "Traceback" not in said.err


def test_without_a_terminal_the_screen_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said what to do instead."""
    said = run(capsys, "learn", "1")
    assert said.status == 2
    assert "'learn --plain 1' asks line by line" in said.err
