"""One question about a walk: what is asked, what is right, which wrong answers are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.quiz.formulas import LocalFormula
    from tui_backprop.debug.quiz.typed import Exactness
    from tui_backprop.rules.types import Shape

KindName: TypeAlias = Literal["value", "partial", "shape", "sum", "zero", "expression"]

KINDS: tuple[KindName, ...] = get_args(KindName)
"""What may be asked for."""


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """A number is right.

    Attributes:
        value: it.
        exactness: how exactly it is known.
    """

    value: float
    exactness: Exactness


@dataclass(frozen=True, slots=True)
class ShapeAnswer:
    """A shape is right.

    Attributes:
        shape: it.
        others: shapes that are met beside it, each with what it is the shape of.
    """

    shape: Shape
    others: tuple[tuple[Shape, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TruthAnswer:
    """Yes or no is right.

    Attributes:
        is_true: whether it is yes.
        number: the partial at the numbers of now.
    """

    is_true: bool
    number: float


@dataclass(frozen=True, slots=True, eq=False)
class FormulaAnswer:
    """A formula is right that gives the partial at all numbers of its operands.

    Attributes:
        formula: knows which.
    """

    formula: LocalFormula


RightAnswer: TypeAlias = "NumberAnswer | ShapeAnswer | TruthAnswer | FormulaAnswer"


@dataclass(frozen=True, slots=True)
class NumberSlip:
    """A known slip with the number that it gives.

    Attributes:
        name: what kind of slip, in a few words.
        text: what was done, in a sentence.
        value: the number.
    """

    name: str
    text: str
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Something to ask.

    Attributes:
        kind: what is asked for.
        step: the step of the walk that shows the answer; before it none of it is to be seen.
        about: the value, partial or gradient that it is about, counted from 0: ``X.grad[1]``.
        text: what is asked, a sentence.
        given: what else is to be known, a line each.
        answer: what is right.
        hints: three, each more telling; made when they are asked for.
        slips: the known ones, the most telling first; made when needed.
        because: why the answer is right, a line; made when it is told.
    """

    kind: KindName
    step: int
    about: str
    text: str
    given: tuple[str, ...]
    answer: RightAnswer
    hints: tuple[Callable[[], str], ...]
    slips: Callable[[], tuple[NumberSlip, ...]]
    because: Callable[[], str]

    @property
    def key(self) -> str:
        """What the question is known by from one time to the next."""
        return f"{self.kind} {self.about}"
