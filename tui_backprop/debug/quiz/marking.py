"""An answer marked: right, wrong and why, not exact enough, or no answer at all."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import apart, closely, number
from tui_backprop.debug.quiz.comparing import compare
from tui_backprop.debug.quiz.formulas import Evidence
from tui_backprop.debug.quiz.hints import shape_text
from tui_backprop.debug.quiz.question import NumberAnswer, ShapeAnswer, TruthAnswer
from tui_backprop.debug.quiz.typed import (
    NUMBER_EXAMPLES,
    SHAPE_EXAMPLES,
    Nearness,
    read_number,
    read_shape,
    read_truth,
)
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from tui_backprop.debug.quiz.question import FormulaAnswer, Question
    from tui_backprop.rules.types import Shape


class Verdict(Enum):
    """What an answer is."""

    RIGHT = "right"
    WRONG = "wrong"
    ROUGH = "rough"
    """Right as far as it goes, with too few digits to tell."""
    UNREADABLE = "unreadable"
    """No answer of the kind that was asked for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is made of an answer.

    Attributes:
        verdict: the word for it.
        text: the same in a sentence, and what was probably done where it is wrong.
        slips: names of the known slips that give the answer.
        evidence: of a formula that is right, how that was found.
    """

    verdict: Verdict
    text: str
    slips: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def is_right(self) -> bool:
        """Whether it counts."""
        return self.verdict is Verdict.RIGHT

    @property
    def is_final(self) -> bool:
        """Whether it is an answer, and not to be given once more in other words."""
        return self.verdict in {Verdict.RIGHT, Verdict.WRONG}


def mark(question: Question, text: str) -> Mark:
    """Mark an answer; nothing of it is executed, whatever it is."""
    try:
        answer = question.answer
        if isinstance(answer, NumberAnswer):
            return _number(question, answer, text)
        if isinstance(answer, ShapeAnswer):
            return _shape(answer, text)
        if isinstance(answer, TruthAnswer):
            return _truth(answer, text)
        return _formula(answer, text)
    except CommandError as error:
        return Mark(Verdict.UNREADABLE, str(error))


def shown(question: Question) -> str:
    """The right answer as one would type it; of a formula see ``because``."""
    answer = question.answer
    if isinstance(answer, NumberAnswer):
        return closely(answer.value)
    if isinstance(answer, ShapeAnswer):
        return shape_text(answer.shape)
    if isinstance(answer, TruthAnswer):
        return said("yes") if answer.is_true else said("no")
    from tui_backprop.debug.quiz.proof import written

    return written(answer.formula)


def wanted(question: Question) -> str:
    """In which form an answer is given, without a word on what it is."""
    answer = question.answer
    if isinstance(answer, NumberAnswer):
        return said("answer with a number, such as {examples}", examples=NUMBER_EXAMPLES)
    if isinstance(answer, ShapeAnswer):
        return said("answer with a shape, such as {examples}", examples=SHAPE_EXAMPLES)
    if isinstance(answer, TruthAnswer):
        return said("answer yes or no")
    return said("answer with a formula; a power is {power}, an entry {entry}, counted from 0",
                power="x**2", entry="x[0]")  # fmt: skip


def _right(text: str = "") -> Mark:
    return Mark(Verdict.RIGHT, text or said("right"))


def _number(question: Question, answer: NumberAnswer, text: str) -> Mark:
    given = read_number(text)
    nearness = given.nearness(answer.value, answer.exactness)
    if nearness is Nearness.SAME:
        return _right()
    if nearness is Nearness.ROUNDED:
        return Mark(Verdict.ROUGH, said("so far that is right: give it with three digits or more"))
    if nearness is Nearness.CUT:
        return Mark(
            Verdict.ROUGH,
            said("so far that is right, but the last digit is cut off: round it, or give one more"),
        )
    found = [
        slip for slip in question.slips()
        if given.nearness(slip.value, answer.exactness) is Nearness.SAME
    ]  # fmt: skip
    return _wrong([(slip.name, slip.text) for slip in found])


def _wrong(slips: list[tuple[str, str]], otherwise: str = "") -> Mark:
    if not slips:
        return Mark(Verdict.WRONG, otherwise or said("not right"))
    (name, first), *others = slips
    told = joined(": ", [name, first])
    for other in others:
        told = said("{one}; or {other}", one=told, other=joined(": ", other))
    # A number may come out by chance, so it is not said that this was done.
    return Mark(Verdict.WRONG, said("not right; a known slip gives that: {slip}", slip=told),
                tuple(name for name, _ in slips))  # fmt: skip


def _shape(answer: ShapeAnswer, text: str) -> Mark:
    given: Shape = read_shape(text)
    if given == answer.shape:
        return _right()
    own = next((name for shape, name in answer.others if shape == given), "")
    if own:
        return Mark(Verdict.WRONG, said("not right: that is the shape of {name}", name=own))
    if sorted(given) == sorted(answer.shape):
        return Mark(Verdict.WRONG, said("not right: these axes are there, in another order"))
    return Mark(Verdict.WRONG, said("not right"))


def _truth(answer: TruthAnswer, text: str) -> Mark:
    given = read_truth(text)
    if given == answer.is_true:
        return _right()
    if answer.is_true:
        return Mark(Verdict.WRONG, said("not right: the one does not read the other at all"))
    if not answer.number:
        return Mark(
            Verdict.WRONG,
            said("not right: it is 0 at these numbers, and not at all numbers"),
        )
    told = said("not right: at these numbers it is {value}", value=number(answer.number))
    return Mark(Verdict.WRONG, told)


_EVIDENCE = {
    Evidence.IDENTICAL: said("right: it is the same formula"),
    Evidence.SIMPLIFIED: said("right: the difference simplifies to 0"),
    Evidence.POINTS: said(
        "right: at every point that was tried it gives what the right formula gives"
    ),
}


def _formula(answer: FormulaAnswer, text: str) -> Mark:
    found = compare(answer.formula, text)
    if found.evidence is not None:
        return Mark(Verdict.RIGHT, _EVIDENCE[found.evidence], evidence=found.evidence)
    if found.is_here:
        told = said("not right: it is right at the numbers of this walk, and not at others")
    elif found.off:
        told = said("not right: it is off by {off} everywhere", off=number(found.off))
    else:
        theirs, right = apart(found.theirs, found.right)
        told = said("not right: at {point} it gives {theirs} where {right} is right",
                    point=found.at, theirs=theirs, right=right)  # fmt: skip
        if not found.at:
            told = said("not right: it gives {theirs} where {right} is right", theirs=theirs,
                        right=right)  # fmt: skip
    return _wrong(list(found.slips), told)
