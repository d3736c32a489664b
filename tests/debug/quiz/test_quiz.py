"""A round: tries, hints, skipping, what is told in the end, what is remembered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.debug.quiz.rounds import session
from tui_backprop.api import Scenario
from tui_backprop.dataclass import replace
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.progress import Progress
from tui_backprop.debug.quiz.quiz import Outcome, Quiz, marked, questions
from tui_backprop.errors import CommandError
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import PosedQuestion, Provenance

if TYPE_CHECKING:
    from pathlib import Path


def a_round() -> Quiz:
    """Three questions or more."""
    return Quiz(chosen(session("u = x * x\ny = exp(u)", "x: 0.5").timeline))


def test_all_right() -> None:
    """One answer each."""
    quiz = a_round()
    while quiz.question is not None:
        quiz.answer(shown(quiz.question))
    assert quiz.is_perfect
    assert [r.outcome for r in quiz.results] == [Outcome.RIGHT] * len(quiz.questions)
    assert len(list(quiz.summary())) == 1


def test_a_wrong_answer_may_be_mended_once() -> None:
    """And the second wrong one ends the question with the right answer."""
    quiz = a_round()
    first = quiz.question
    assert "once more" in quiz.answer("77")[-1]
    assert quiz.question is first
    told = quiz.answer("78")
    assert any(line.startswith("the right answer") for line in told)
    assert quiz.question is not first
    assert quiz.results[0].outcome is Outcome.WRONG


def test_of_yes_and_no_there_is_one_try() -> None:
    """A second one would need no thought."""
    asked = [q for q in chosen(session("y = 2 * x", "x: [1, 2]").timeline) if q.kind == "zero"]
    quiz = Quiz(tuple(asked[:1]))
    assert any(line.startswith("the right answer") for line in quiz.answer("no"))
    assert quiz.results[0].outcome is Outcome.WRONG


def test_what_is_no_answer_is_no_try() -> None:
    """However often."""
    quiz = a_round()
    first = quiz.question
    for text in ("?!", "__import__('os')", "x" * 10**6, "77"):
        quiz.answer(text)
        assert quiz.question is first


def test_hints_and_skipping() -> None:
    """Three hints, then that there are no more; an empty line skips."""
    quiz = a_round()
    told = [quiz.hint() for _ in range(4)]
    assert [line.partition(":")[0] for line in told] == [
        "hint 1", "hint 2", "hint 3", "there are no more hints"
    ]  # fmt: skip
    quiz.answer("  ")
    assert quiz.results[0].outcome is Outcome.SKIPPED
    assert quiz.results[0].hints == 3
    quiz.abandon()
    assert quiz.question is None
    assert (quiz.right, quiz.is_perfect) == (0, False)
    assert len(list(quiz.summary())) == 1 + len(quiz.questions)
    assert (quiz.answer("2"), quiz.hint()) == ((), "")


def test_a_file_of_answers_has_one_for_each() -> None:
    """Too many are left, too few are skipped, what is none is wrong."""
    asked = a_round().questions
    right = [shown(q) for q in asked]
    assert marked(asked, right).is_perfect
    assert marked(asked, [*right, "and more"]).is_perfect
    quiz = marked(asked, ["nonsense", "", right[2]])
    outcomes = [r.outcome for r in quiz.results]
    assert outcomes[:3] == [Outcome.WRONG, Outcome.SKIPPED, Outcome.RIGHT]
    assert set(outcomes[3:]) <= {Outcome.SKIPPED}


def test_a_scenario_asks_its_own_questions() -> None:
    """In the order of the walk, and no others."""
    own = session("u = x * x\ny = exp(u)", "x: 0.5")
    posed = (PosedQuestion("x.grad", "sum", {}), PosedQuestion("u", "value", {}))
    own.trace.provenance = replace(Provenance(), questions=posed)
    assert [q.about for q in questions(own)] == ["u", "x.grad"]


@pytest.mark.parametrize("more", ["", "questions: [{at: h, ask: value}]\n"])
def test_a_hunt_is_not_asked_about(more: str) -> None:
    """Its derivatives are wrong on purpose: what is right would be marked wrong."""
    plant = "plant: {op: tanh, bug: missing-square}\n"
    text = f"format: 1\ninputs: {{x: 0.5}}\nprogram: h = tanh(x)\n{plant}{more}"
    with pytest.raises(CommandError, match=r"a bug is planted.*'differences X'.*'accuse NODE BUG'"):
        questions(Scenario(loads(text)).session())


def test_progress_is_remembered(tmp_path: Path) -> None:
    """The last round and the best one, by scenario."""
    path, quiz = tmp_path / "deep" / "quiz.json", a_round()
    assert Progress(path).past("a") is None
    Progress(path).remember("a", marked(quiz.questions, [shown(q) for q in quiz.questions]))
    Progress(path).remember("a", marked(quiz.questions, []))
    past = Progress(path).past("a")
    assert past is not None
    assert (past.rounds, past.right, past.best) == (2, 0, len(quiz.questions))
    assert Progress(path).past("b") is None
    Progress(None).remember("a", quiz)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"[1, 2", b"[]", b'{"format": 2}', b'{"format": 1, "scenarios": 3}',
     b'{"format": 1, "scenarios": {"a": {"rounds": "many"}}}', b"[" * 10**5,
     b'{"format": 1, "scenarios": {"a": {"rounds": -1, "right": 0, "count": 1, "best": 0}}}'],
)  # fmt: skip
def test_a_broken_or_foreign_file_is_set_aside(body: bytes, tmp_path: Path) -> None:
    """Whole, and a new one is begun."""
    path = tmp_path / "quiz.json"
    path.write_bytes(body)
    progress = Progress(path)
    assert progress.past("a") is None
    assert "kept as" in progress.notice
    progress.remember("a", marked(a_round().questions, []))
    assert (tmp_path / "quiz.json.1~").read_bytes() == body
    assert json.loads(path.read_text())["scenarios"]["a"]["rounds"] == 1


def test_a_file_that_cannot_be_written_is_noticed(tmp_path: Path) -> None:
    """A folder in its place, or a file in place of its folder."""
    (tmp_path / "quiz.json").mkdir()
    there = Progress(tmp_path / "quiz.json")
    assert there.past("a") is None
    there.remember("a", marked(a_round().questions, []))
    assert there.notice
    (tmp_path / "file").write_bytes(b"")
    below = Progress(tmp_path / "file" / "quiz.json")
    below.remember("a", marked(a_round().questions, []))
    assert below.notice
