"""What shape rules say: of operands that do not fit, the message shows every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import CASES, each_case_if
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tui_backprop.rules.types import Shape

ODD = 97
"""No other length is as long."""


FIT_ANYTHING = {"kron", "outer", "take"}
"""Rows that no two shapes can be refused by."""

WITH_SEVERAL = tuple(case for case in CASES if len(case.rule.operands) > 1)


def _misfits(case: Case) -> list[tuple[int, tuple[Shape, ...]]]:
    """The example's shapes, one operand with an odd axis: in place of another or behind them."""
    found: list[tuple[int, tuple[Shape, ...]]] = []
    for k, shape in enumerate(case.example.shapes):
        inside = [(*shape[:a], ODD, *shape[a + 1 :]) for a, _ in enumerate(shape)]
        found += [
            (k, (*case.example.shapes[:k], odd, *case.example.shapes[k + 1 :]))
            for odd in (*inside, (*shape, ODD))
        ]
    return found


def _refused(case: Case, shapes: tuple[Shape, ...]) -> str:
    """The message; empty where the shapes fit."""
    try:
        case.rule.shape(*shapes, **case.params)
    except (ShapeError, ArgumentError) as error:
        return str(error)
    return ""


@each_case_if(lambda c: len(c.rule.operands) > 1 and c.rule.name not in FIT_ANYTHING)
def test_message_shows_what_does_not_fit(case: Case) -> None:
    """The odd operand's shape, and that of one that it does not fit."""
    for odd, shapes in _misfits(case):
        message = _refused(case, shapes)
        if message:
            others = [str(shape) for k, shape in enumerate(shapes) if k != odd]
            assert str(shapes[odd]) in message, (shapes, message)
            assert any(shown in message for shown in others), (shapes, message)


def test_every_row_of_several_operands_refuses_something() -> None:
    """So that the messages of all of them were looked at."""
    refusing = {c.rule.name for c in WITH_SEVERAL if any(_refused(c, s) for _, s in _misfits(c))}
    assert refusing | FIT_ANYTHING == {case.rule.name for case in WITH_SEVERAL}
    assert not refusing & FIT_ANYTHING


STABLE = {
    "softmax": "maximum is taken off first",
    "log_softmax": "maximum is taken off first",
    "logsumexp": "stable at any size",
    "logaddexp": "without overflow",
    "log_sigmoid": "overflow",
    "softplus": "overflow",
    "log1p": "exact where x is near 0",
    "expm1": "exact where x is near 0",
    "hypot": "overflow",
    "norm": "no square overflows",
    "cross_entropy": "no overflow",
    "binary_cross_entropy_with_logits": "no overflow",
    "scaled_dot_product_attention": "maximum is taken off first",
}
"""Rows whose forward is not the formula as it stands, and what their summaries say of it."""


@pytest.mark.parametrize("name", STABLE)
def test_summary_says_what_is_stable(name: str) -> None:
    """A reader who knows the formula learns that another one is computed."""
    assert STABLE[name] in find(name).summary
