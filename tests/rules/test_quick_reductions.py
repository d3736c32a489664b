"""Reductions of many entries, which may go a quicker way, are those of few at a time.

Also where entries or v are at the limits at which the quick way is left, and beyond them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from tests.rules.quick import assert_near, drawn_v, hard_v
from tui_backprop.rules import find
from tui_backprop.rules.reduction_slopes import MANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array


def _in_parts(name: str, v: Array, x: Array, axis: int) -> tuple[Array, Array]:
    """Value and VJP of a reduction along an axis, for fewer lines at a time than the quick way."""
    rule, along = find(name), 1 - axis
    apart = [np.take(x, [k], axis=along) for k in range(x.shape[along])]
    params = {p.name: p.default for p in rule.parameters} | {"axis": axis}
    values, pulled = [], []
    for k, line in enumerate(apart):
        assert line.size < MANY
        y = np.asarray(rule.forward(np, line, **params))
        own = np.take(v, [k], axis=along if v.ndim > 1 else 0)
        values.append(y)
        pulled.append(rule.derivative(0).vjp(own, y, (line,), params))
    return np.concatenate(values, min(along, values[0].ndim - 1)), np.concatenate(pulled, along)


_LINES: Final[dict[str, Callable[[np.random.Generator], Array]]] = {
    "plain": lambda chance: chance.uniform(-2, 2, (9, 60)),
    "with zeros": lambda chance: chance.integers(-2, 3, (9, 60)).astype(float),
    "large": lambda chance: chance.uniform(1, 2, (9, 60)) * 1e5,
    "small": lambda chance: chance.uniform(1, 2, (9, 60)) * 1e-6,
    "at the limits": lambda chance: chance.uniform(0.9, 1.1, (9, 60)) * 10 ** (200 / 60),
    "beyond": lambda chance: chance.uniform(0.9, 1.1, (9, 60)) * 10 ** (-100 / 60),
    "at the end": lambda chance: chance.uniform(0.9, 1.1, (9, 60)) * 10 ** (-315 / 60),
    "of all sizes": lambda chance: 10 ** chance.uniform(-20, 20, (9, 60)),
    "near": lambda chance: chance.uniform(40, 47.9, (9, 60)),
    "not so near": lambda chance: chance.uniform(40, 48.1, (9, 60)),
    "with infinities": lambda chance: np.where(chance.random((9, 60)) < 0.1, np.inf, 2.0),
    "with NaN": lambda chance: np.where(chance.random((9, 60)) < 0.02, np.nan, 1.5),
}
"""Nine lines of sixty: together they are many, and each alone is few."""


@pytest.mark.parametrize("drawn", _LINES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["prod", "cumprod", "logcumsumexp", "norm", "std"])
def test_lines_together_are_what_they_are_alone(name: str, dtype: str, drawn: str) -> None:
    """Many entries may go a quicker way than few."""
    chance = np.random.default_rng(11)
    with np.errstate(all="ignore"):
        x = _LINES[drawn](chance).astype(dtype)
        for axis, lines in ((1, x), (0, np.ascontiguousarray(x.T))):
            rule = find(name)
            params = {p.name: p.default for p in rule.parameters} | {"axis": axis}
            y = np.asarray(rule.forward(np, lines, **params))
            last = np.zeros(y.shape)
            last[(-1,) if axis == 0 else (..., -1)] = 1e30
            for v in (drawn_v(y, chance), hard_v(y, chance), last):
                found = rule.derivative(0).vjp(v.astype(dtype), y, (lines,), params)
                values, pulled = _in_parts(name, v.astype(dtype), lines, axis)
                assert_near(y, values)
                assert_near(found, pulled)


_SIZES: Final = {
    "float64": [1.0, 1e-30, 1e30, 1e-120, 1e120, 1e-150, 1e150, 1e-200, 1e200],
    "float32": [1.0, 1e-10, 1e10, 1e-15, 1e15, 1e-20, 1e20, 1e-30, 1e30],
}
"""Around the limits of the format, and beyond them."""


@pytest.mark.parametrize(
    ("dtype", "size"), [(dtype, size) for dtype, sizes in _SIZES.items() for size in sizes]
)
def test_the_length_of_all_is_that_of_the_lengths_of_rows(dtype: str, size: float) -> None:
    """Of many entries, and what each receives, also for a v near the ends."""
    with np.errstate(all="ignore"):
        x = (np.random.default_rng(2).normal(size=(20, 30)) * size).astype(dtype)
        rule, params = find("norm"), {"ord": None, "axis": None, "keepdims": False}
        y = np.asarray(rule.forward(np, x, **params))
        rows = rule.forward(np, x, ord=None, axis=1, keepdims=False)
        assert_near(y, np.asarray(rule.forward(np, rows, **params)))
        for v in (1.0, -2.5, 0.0, 1e30, 1e-30, 1e-300, 1e300, np.inf, np.nan):
            found = rule.derivative(0).vjp(np.asarray(v, dtype), y, (x,), params)
            assert_near(found, np.asarray(v, dtype) * np.divide(x, y))


@pytest.mark.parametrize("size", [1.0, 0.0, 1e-300, 1e300, 1e-315, np.inf, np.nan])
@pytest.mark.parametrize("name", ["mse", "mae", "huber", "hinge", "kl_div"])
def test_the_mean_of_many_losses_is_their_sum_by_their_number(name: str, size: float) -> None:
    """Of many, v is divided by their number once, unless it is near the ends of its format."""
    chance = np.random.default_rng(14)
    x, t = chance.uniform(0.1, 2, (2, 20, 30))
    x[3, 4], x[5, 6] = np.inf, np.nan
    rule = find(name)
    own = {p.name: p.default for p in rule.parameters}
    with np.errstate(all="ignore"):
        for k in range(2):
            y = np.asarray(rule.forward(np, x, t, **own))
            v = np.asarray(size)
            found = rule.derivative(k).vjp(v, y, (x, t), own)
            each = rule.derivative(k).vjp(np.ones(()), y, (x, t), own | {"reduction": "sum"})
            np.testing.assert_allclose(found, v * (each / x.size), rtol=1e-14)


def test_the_mean_of_many_samples_is_divided_by_their_number() -> None:
    """And not by that of their probabilities, which are targets."""
    chance = np.random.default_rng(17)
    x, t = chance.normal(size=(100, 4)), chance.dirichlet(np.ones(4), 100)
    rule = find("cross_entropy")
    own = {p.name: p.default for p in rule.parameters}
    for k in range(2):
        mean, whole = (
            rule.derivative(k).vjp(np.ones(()), np.ones(()), (x, t), own | {"reduction": reduction})
            for reduction in ("mean", "sum")
        )
        np.testing.assert_allclose(mean, whole / 100, rtol=1e-14)


@pytest.mark.few(6)
@pytest.mark.parametrize("size", [1.0, 1e-9, 3e-10, 1e-100, 1e100, 1e150, 1e200, np.inf, np.nan])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("both", [False, True])
def test_cosines_together_are_what_they_are_alone(axis: int, size: float, *, both: bool) -> None:
    """Of blocks of ordinary length, of one below eps, and of one whose square is lost."""
    chance = np.random.default_rng(18)
    x, y = chance.normal(size=(2, 20, 20))
    for a in (x, y) if both else (x,):
        (a if axis else a.T)[3] *= size
    rule, params = find("cosine_similarity"), {"axis": axis, "eps": 1e-8}
    with np.errstate(all="ignore"):
        z = np.asarray(rule.forward(np, x, y, **params))
        for v in (drawn_v(z, chance), hard_v(z, chance), np.full(z.shape, 1e-300)):
            found = [rule.derivative(k).vjp(v, z, (x, y), params) for k in range(2)]
            for k in range(20):
                one, other = (np.take(a, [k], axis=1 - axis) for a in (x, y))
                alone = np.asarray(rule.forward(np, one, other, **params))
                assert_near(z[k : k + 1], alone)
                for argument, pulled in enumerate(found):
                    own = rule.derivative(argument).vjp(v[[k]], alone, (one, other), params)
                    assert_near(np.take(pulled, [k], axis=1 - axis), own)
