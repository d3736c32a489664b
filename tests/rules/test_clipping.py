"""clip at its bounds: which of x and the bounds receives v, for bounds of either kind.

The numbers are those of PyTorch 2.14.1's clamp in float64.
"""

from __future__ import annotations

from math import inf, nan
from typing import Final

import numpy as np
import pytest

from tests.program.support import error_of
from tests.strategies import GraphMaker
from tests.verify.support import evaluate
from tui_backprop.rules import find
from tui_backprop.rules.text import application

NUMBERS: Final = [
    # x, min, max, what x receives
    (0.5, 0.0, 1.0, 1.0),
    (0.0, 0.0, 1.0, 0.0),
    (1.0, 0.0, 1.0, 0.0),
    (-1.0, 0.0, 1.0, 0.0),
    (2.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, None, 0.0),
    (1.0, 0.0, None, 1.0),
    (1.0, None, 1.0, 0.0),
    (0.0, None, 1.0, 1.0),
    (1.0, 1.0, 1.0, 0.0),
    (1.5, 2.0, 1.0, 0.0),
    (nan, 0.0, 1.0, 0.0),
    (inf, 0.0, inf, 0.0),
]

ARRAYS: Final = [
    # x, min, max, what x and each bound receive
    (0.5, 0.0, 1.0, [1.0, 0.0, 0.0]),
    (0.0, 0.0, 1.0, [0.5, 0.5, 0.0]),
    (1.0, 0.0, 1.0, [0.5, 0.0, 0.5]),
    (-1.0, 0.0, 1.0, [0.0, 1.0, 0.0]),
    (2.0, 0.0, 1.0, [0.0, 0.0, 1.0]),
    (0.0, 0.0, None, [0.5, 0.5]),
    (1.0, 0.0, None, [1.0, 0.0]),
    (-1.0, 0.0, None, [0.0, 1.0]),
    (1.0, None, 1.0, [0.5, 0.5]),
    (0.0, None, 1.0, [1.0, 0.0]),
    (2.0, None, 1.0, [0.0, 1.0]),
    (1.0, 1.0, 1.0, [1.0, 0.0, 0.0]),
    (0.0, 1.0, 1.0, [0.0, 1.0, 0.0]),
    (2.0, 1.0, 1.0, [0.0, 0.0, 1.0]),
    (1.5, 2.0, 1.0, [0.0, 0.0, 1.0]),
    (1.0, 2.0, 1.0, [0.0, 0.0, 1.0]),
    (2.0, 2.0, 1.0, [0.0, 0.0, 1.0]),
    (nan, 0.0, 1.0, [1.0, 0.0, 0.0]),
    (nan, 2.0, 1.0, [1.0, 0.0, 1.0]),
    (2.0, nan, 1.0, [0.0, 0.0, 0.0]),
    (-1.0, 0.0, nan, [0.0, 0.0, 0.0]),
    (0.5, nan, 0.5, [1.0, 0.0, 0.0]),
    (nan, 0.0, None, [1.0, 1.0]),
    (inf, 0.0, inf, [0.5, 0.0, 0.5]),
    (-inf, -inf, 0.0, [0.5, 0.5, 0.0]),
]


@pytest.mark.parametrize(("x", "low", "high", "expected"), NUMBERS)
def test_bounds_that_are_numbers(
    x: float, low: float | None, high: float | None, expected: float
) -> None:
    """On a bound nothing passes."""
    rule, params = find("clip"), {"min": low, "max": high}
    operand = np.asarray(x)
    y = np.asarray(rule.forward(np, operand, **params))
    assert rule.derivative(0).vjp(np.ones(()), y, (operand,), params) == expected


@pytest.mark.parametrize(("x", "low", "high", "expected"), ARRAYS)
def test_bounds_that_are_arrays(
    x: float, low: float | None, high: float | None, expected: list[float]
) -> None:
    """On a bound x and the bound share."""
    bounds = {n: b for n, b in (("min", low), ("max", high)) if b is not None}
    extras = find("clip").extras
    assert extras is not None
    rule = extras.of(tuple(bounds))
    operands = tuple(np.asarray(z) for z in (x, *bounds.values()))
    params = {p.name: p.default for p in rule.parameters}
    y = np.asarray(rule.forward(np, *operands, **params))
    found = [d.vjp(np.ones(()), y, operands, params) for d in rule.derivatives if d is not None]
    assert found == expected


def _grads(program: str) -> dict[str, list[float]]:
    x, low = [0, 1, 2, 0.5, -1], [0] * 5
    trace = evaluate(program, "y", x=x, low=low, high=1)
    return {name: trace.grad[name].tolist() for name in ("x", "low", "high")}


_NONE: Final = [0.0] * 5


@pytest.mark.parametrize(
    ("program", "x", "low", "high"),
    [
        ("y = clip(x, 0, 1)", [0, 0, 0, 1, 0], _NONE, 0),
        ("y = clip(x, a_min=0, a_max=1)", [0, 0, 0, 1, 0], _NONE, 0),
        ("y = clip(x, min=0, max=1)", [0, 0, 0, 1, 0], _NONE, 0),
        ("y = clip(x, 1 - 1, 2 / 2)", [0, 0, 0, 1, 0], _NONE, 0),
        ("y = clip(x, None, 1)", [1, 0, 0, 1, 1], _NONE, 0),
        ("y = clip(x, max=1)", [1, 0, 0, 1, 1], _NONE, 0),
        ("y = clip(x)", [1, 1, 1, 1, 1], _NONE, 0),
        ("y = clip(x, low, high)", [0.5, 0.5, 0, 1, 0], [0.5, 0, 0, 0, 1], 1.5),
        ("y = clip(x, low, 1)", [0.5, 0, 0, 1, 0], [0.5, 0, 0, 0, 1], 0),
        ("y = clip(x, low, None)", [0.5, 1, 1, 1, 0], [0.5, 0, 0, 0, 1], 0),
        ("y = clip(x, 0, high)", [0, 0.5, 0, 1, 0], _NONE, 1.5),
        ("y = clip(x, a_max=high)", [1, 0.5, 0, 1, 1], _NONE, 1.5),
    ],
)
def test_programs(program: str, x: list[float], low: list[float], high: float) -> None:
    """Bounds by position, by either of NumPy's names, or None; each a number or an array."""
    assert _grads(program) == {"x": x, "low": low, "high": high}


def test_a_name_of_a_number_is_that_number() -> None:
    """It makes no node, in a loop and in a definition neither."""
    assert _grads("k = 0.0\ny = clip(x, k, 1)")["x"] == [0, 0, 0, 1, 0]
    assert _grads("for t in range(1, 2):\n  h = clip(x, 0, t)\ny = h")["x"] == [0, 0, 0, 1, 0]
    program = "def f(a, b):\n  return clip(a, b, 1)\ny = f(x, 0) + f(x, low)"
    assert _grads(program)["x"] == [0.5, 0, 0, 2, 0]


def test_what_is_wrong_is_said() -> None:
    """One bound given by two names; a name that is nearly one."""
    problem = error_of("z = clip(x, min=0, a_min=1)").problems[0]
    assert problem.message == "'clip' is given 'min' twice"
    problem = error_of("z = clip(x, amin=1)").problems[0]
    assert problem.hint == "did you mean 'a_min'?"


def test_the_text_of_either_kind() -> None:
    """Numbers by position, as ever; arrays by name."""
    rule = find("clip")
    assert application(rule, ["x"], {"min": 0, "max": 1}) == "clip(x, 0, 1)"
    assert rule.extras is not None
    one = rule.extras.of(("min",))
    assert application(one, ["x", "v"], {"max": 3}) == "clip(x, min=v, max=3)"
    assert application(one, ["x", "v"], {"max": None}) == "clip(x, min=v)"


def test_the_convention_is_named_where_the_kink_is_met() -> None:
    """With the function and the version."""
    maker = GraphMaker()
    x = maker.input([0.0, 0.5], "x")
    maker.op("sum", maker.op("clip", x, min=0, max=1))
    conventions = [frame.convention for frame in maker.trace().timeline]
    assert [c for c in conventions if c] == [find("clip").convention]
    assert "clip in PyTorch 2.14; up to 2.13 the gradient passes" in find("clip").convention


def test_dropout_that_keeps_nothing() -> None:
    """With p = 1 value and gradient are 0, as in PyTorch; p lies between 0 and 1."""
    rule = find("dropout")
    x, mask = np.array([1.0, -2.0]), np.array([1.0, 0.0])
    y = rule.forward(np, x, mask, p=1)
    assert y.tolist() == [0, 0]
    for derivative in rule.derivatives:
        assert derivative is not None
        assert derivative.vjp(np.ones(2), y, (x, mask), {"p": 1}).tolist() == [0, 0]
    assert (
        error_of("z = dropout(x, y, p=1.5)")
        .problems[0]
        .message.endswith("p must be from 0 to 1, found 1.5")
    )
