"""Small scenarios, their questions, and answers in several forms, for tests."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from tui_backprop import Session
from tui_backprop.api import Scenario
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.formulas import LocalFormula
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.question import NumberAnswer, ShapeAnswer, TruthAnswer
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tui_backprop.debug.quiz.question import Question


def session(program: str, inputs: str, more: str = "") -> Session:
    """A session over a small scenario."""
    lines = "".join(f"  {line}\n" for line in program.splitlines())
    text = f"format: 1\ninputs: {{{inputs}}}\nprogram: |\n{lines}{more}"
    return Session(Scenario(loads(text)).trace())


def formula(program: str, inputs: str, argument: int = 0, j: int = 0, i: int = 0) -> LocalFormula:
    """The partial of the last op of a program."""
    trace = session(program, inputs).trace
    return LocalFormula(trace, trace.graph.nodes[-1].edges[argument], j, i)


def only(program: str, inputs: str, kind: str) -> Question:
    """The first question of a kind that a small scenario is asked."""
    asked = chosen(session(program, inputs).timeline)
    return next(q for q in asked if q.kind == kind)


def right_forms(question: Question) -> list[str]:
    """The right answer as several people would type it."""
    answer = question.answer
    if isinstance(answer, NumberAnswer):
        return number_forms(answer.value)
    if isinstance(answer, ShapeAnswer):
        axes = [str(n) for n in answer.shape]
        forms = [str(answer.shape), str(list(answer.shape))]
        return [*forms, "x".join(axes), ", ".join(axes), " × ".join(axes)] if axes else forms
    if isinstance(answer, TruthAnswer):
        return ["yes", " Y ", "是"] if answer.is_true else ["no", "N", "否"]
    text = shown(question)
    return [text, f" ({text}) ", f"2*({text})/2", f"({text}) + 0", f"-(-({text}))"]


def number_forms(value: float) -> list[str]:
    """A number in full, rounded to six digits, with an exponent, as a fraction."""
    if math.isnan(value):
        return ["nan", "NaN", " nan "]
    if math.isinf(value):
        return ["inf", "+Infinity"] if value > 0 else ["-inf", "−inf", "-INFINITY"]
    forms = [repr(value), f"{value:.17g}", f"{value:.6e}", f"{value:#.6g}", f" {value!r} "]
    exact = Fraction(value)
    small = exact.limit_denominator(10**6)
    if abs(value) < 1e15 and abs(float(small) - value) <= 1e-12 * abs(value):
        forms.append(f"{small.numerator}/{small.denominator}")
    if not value:
        forms += ["-0", "0.000", "−0"]
    return [*forms, repr(value).replace("-", "−", 1) if value < 0 else f"+{value!r}"]
