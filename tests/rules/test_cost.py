"""How many multiplications an op is said to take, before any is done."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.rules.cases import each_case
from tui_backprop.rules import RULES
from tui_backprop.rules.derivative import Structural

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tui_backprop.rules.types import Shape


@each_case
def test_a_product_takes_one_multiplication_for_each_partial(case: Case) -> None:
    """Where y is linear in one of two factors, every partial by it is multiplied with an entry."""
    rule, shapes = case.rule, case.example.shapes
    cost = rule.multiplications(case.out, shapes, case.params)
    assert cost >= prod(case.out)
    is_product = len(shapes) > 1 and None not in rule.derivatives
    for derivative in rule.derivatives if is_product else ():
        if isinstance(derivative, Structural) and derivative.linear:
            assert cost >= derivative.nonzeros(case.out, shapes, case.params)


def _cost(name: str, shapes: tuple[Shape, ...], **params: Any) -> int:
    rule = RULES[name]
    if rule.family is not None:
        rule = rule.family.of(len(shapes))
    return rule.multiplications(rule.shape(*shapes, **params), shapes, params)


def test_pairs_are_counted_where_pairs_are_summed() -> None:
    """Three operands that would take 60⁶ multiplications at once take 60⁵ for each pair."""
    three = ((60, 60, 60),) * 3
    assert _cost("einsum", three, subscripts="abc,dbe,cef->adf") == 2 * 60**5
    assert _cost("einsum", ((900, 900),) * 2, subscripts="ab,cd->ac") == 900**4


def test_sums_in_pairs_are_the_sums() -> None:
    """The order of adding is another; nothing else is."""
    random = np.random.default_rng(1)
    a, b, c = (random.normal(size=(9, 9, 9)) for _ in range(3))
    forward = RULES["einsum"].family.of(3).forward  # type: ignore[union-attr]  # it is one
    found = forward(np, a, b, c, subscripts="abc,dbe,cef->adf")
    np.testing.assert_allclose(found, np.einsum("abc,dbe,cef->adf", a, b, c), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "shapes", "power"),
    [
        ("matmul", ((8, 8), (8, 8)), 3),
        ("dot", ((8, 8), (8, 8)), 3),
        ("inner", ((8, 8), (8, 8)), 3),
        ("inv", ((8, 8),), 3),
        ("solve", ((8, 8), (8, 8)), 3),
        ("det", ((8, 8),), 3),
        ("kron", ((8,), (8,)), 2),
        ("scaled_dot_product_attention", ((8, 8), (8, 8), (8, 8)), 3),
        ("softmax", ((8, 8),), 2),
    ],
)
def test_twice_the_sides_take_so_many_times_as_much(
    name: str, shapes: tuple[Shape, ...], power: int
) -> None:
    """Matrices take the third power of their sides, what reads entries once as many as it reads."""
    rule = RULES[name]
    params = {p.name: p.default for p in rule.parameters}
    twice = tuple(tuple(2 * n for n in shape) for shape in shapes)
    assert _cost(name, twice, **params) == 2**power * _cost(name, shapes, **params)
