"""Where a row has a quick way for most numbers, it gives there what its way for all numbers gives.

The way for all numbers is called as such, or the numbers are such that only it is taken.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Final

import mpmath
import numpy as np
import pytest

from tests.marks import together
from tests.rules.cases import Case, each_case_if
from tests.rules.quick import assert_near, drawn_v
from tui_backprop.rules import RULES, find
from tui_backprop.rules.ops.linear.linear_algebra import cofactors
from tui_backprop.rules.ops.linear.spectral import singular_values, svd
from tui_backprop.rules.reduction_slopes import MANY
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


_NUMBERS: Final = np.array([
    0.0, -0.0, 0.25, 0.3, 0.5, 0.75, 1.0, -1.0, 2.5, -3.7, 40.0, -750.0, 1e-160, 1e160, -1e300,
    5e-324, np.inf, -np.inf, np.nan,
])  # fmt: skip


@each_case_if(lambda case: case.rule.prepare is not None)
def test_prepared_arguments_mean_what_the_written_ones_mean(case: Case) -> None:
    """Forward and VJP, bit for bit; what is prepared is prepared already."""
    prepare, operands = case.rule.prepare, case.operands()
    assert prepare is not None
    quick = prepare(**case.params)
    y = case.forward(operands)
    np.testing.assert_array_equal(case.rule.forward(np, *operands, **quick), y)
    v = drawn_v(y, np.random.default_rng(3))
    for edge in case.edges:
        pulled = edge.derivative.vjp(v, y, operands, quick)
        np.testing.assert_array_equal(pulled, edge.vjp(v, operands, y))
    again = prepare(**quick)
    np.testing.assert_array_equal(case.rule.forward(np, *operands, **again), y)


_ENTRYWISE: Final = tuple(
    rule
    for rule in RULES.values()
    if rule.elementwise and rule.is_differentiable and len(rule.operands) < 3
)


@together("rule", _ENTRYWISE)
def test_an_entry_is_what_it_is_alone(rule: Rule) -> None:
    """Value and pulled back v: no other number in the array has a say in it."""
    count = len(rule.operands)
    drawn = np.array(list(product(_NUMBERS, repeat=count))).T
    params = {p.name: 1 if p.kind == "int" else p.default for p in rule.parameters}
    v = drawn_v(drawn[0], np.random.default_rng(5))
    with np.errstate(all="ignore"):
        together_ = _evaluated(rule, v, tuple(drawn), params)
        alone = [
            _evaluated(rule, v[k : k + 1], tuple(drawn[:, k : k + 1]), params)
            for k in range(v.size)
        ]
    for found, *each in zip(together_, *alone, strict=True):
        np.testing.assert_allclose(found, np.concatenate(each), rtol=1e-14, atol=0)


def _evaluated(
    rule: Rule, v: Array, operands: tuple[Array, ...], params: dict[str, object]
) -> list[Array]:
    """The value, and what each operand receives."""
    y = np.asarray(rule.forward(np, *operands, **params))
    pulled = (d.vjp(v, y, operands, params) for d in rule.derivatives if d is not None)
    return [y, *(unbroadcast(one, v.shape) for one in pulled)]


def test_log_odds_keep_all_digits_beside_a_half() -> None:
    """There 1 − x is rounded: the number below 1/2 has twice the log-odds that it would have."""
    apart = [sign * 2.0**-k for k in range(2, 55) for sign in (1, -1)]
    numbers = np.array([0.5 + a for a in apart if 0 < 0.5 + a < 1 and 0.5 + a != 0.5])
    found = find("logit").forward(np, numbers, eps=None)
    with mpmath.workdps(50):
        for x, value in zip(numbers.tolist(), found.tolist(), strict=True):
            exact = mpmath.log(mpmath.mpf(x) / (1 - mpmath.mpf(x)))
            assert abs(value - exact) <= 4 * np.finfo(float).eps * abs(exact)


def _conditioned(chance: np.random.Generator, exponent: float, side: int = 16) -> Array:
    u, _, v = np.linalg.svd(chance.normal(size=(side, side)))
    return np.asarray((u * np.logspace(0, -exponent, side)) @ v)


@pytest.mark.parametrize("exponent", [0, 3, 5, 5.5, 6, 7, 12, 20])
@pytest.mark.parametrize("size", [1.0, 1e-19, 1e19])
def test_slopes_of_a_determinant_are_the_cofactors(size: float, exponent: float) -> None:
    """From the inverse or without it: of good matrices and bad ones, alone and in a stack."""
    chance = np.random.default_rng(7)
    stack = np.stack([_conditioned(chance, 1), _conditioned(chance, exponent) * size])
    stack.setflags(write=False)
    rule = find("det")
    with np.errstate(all="ignore"):
        for a in (*stack, stack):
            y = np.asarray(rule.forward(np, a))
            found = rule.derivative(0).vjp(np.ones_like(y), y, (a,), {})
            for one, other in zip(
                found.reshape(-1, 16, 16), cofactors(a).reshape(-1, 16, 16), strict=True
            ):
                assert_near(one, other, digits=1e6)


def test_slopes_of_a_determinant_that_has_none_or_is_zero() -> None:
    """A singular matrix has cofactors; one with a NaN or an infinity has none."""
    rule, a = find("det"), np.ones((16, 16)) + np.diag(np.arange(16.0))
    singular = a - np.eye(16) * np.linalg.eigvalsh(a)[3]
    for x in (np.diag([0.0, *np.ones(15)]), np.ones((16, 16)), singular):
        y = np.asarray(rule.forward(np, x))
        found = rule.derivative(0).vjp(np.ones_like(y), y, (x,), {})
        assert_near(found, cofactors(x), digits=1e6)
    for bad in (np.nan, np.inf):
        x = a.copy()
        x[3, 5] = bad
        with np.errstate(all="ignore"):
            y = np.asarray(rule.forward(np, x))
            assert np.isnan(rule.derivative(0).vjp(np.ones_like(y), y, (x,), {})).all()


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (2, 4, 3)])
def test_singular_values_alone_are_those_with_their_vectors(shape: tuple[int, ...]) -> None:
    """Of a stack, and NaN of a matrix with an infinity."""
    a = np.random.default_rng(13).normal(size=shape)
    np.testing.assert_allclose(singular_values(a), svd(a)[1], rtol=1e-13)
    a[..., 0, 0] = np.inf
    assert np.isnan(singular_values(a)).all()


def test_the_product_of_many_entries_is_their_sum() -> None:
    """Of few and of many, of any shapes."""
    chance = np.random.default_rng(15)
    for shape in ((5,), (MANY - 1,), (MANY,), (40, 50)):
        a, b = chance.normal(size=(2, *shape))
        exact = math.fsum((a * b).ravel().tolist())
        found = find("vdot").forward(np, a, b.T)
        np.testing.assert_allclose(find("vdot").forward(np, a, b), exact, rtol=1e-13)
        exact = math.fsum((a.ravel() * b.T.ravel()).tolist())
        np.testing.assert_allclose(found, exact, rtol=1e-13)


@pytest.mark.parametrize("subscripts", [
    "ij,jk->ik", "ij,jk->ki", "ij,kj->ik", "ji,jk->ik", "ji,kj->ki", "jk,ij->ik", "ij,ij->ij",
    "ij,jk->ij", "ii,jk->ik", "ij,jk->i", "ij,kl->ik",
])  # fmt: skip
def test_products_of_large_matrices_are_sums_of_products(subscripts: str) -> None:
    """With the axes in any order; what is no product of two matrices too."""
    a, b = np.random.default_rng(16).normal(size=(2, 50, 50))
    found = find("einsum").forward(np, a, b, subscripts=subscripts)
    np.testing.assert_allclose(found, np.einsum(subscripts, a, b), atol=1e-11)


@pytest.mark.parametrize("side", [3, 300])
def test_a_triangle_is_read_whatever_stands_beside_it(side: int) -> None:
    """NaN too, and it receives nothing; of matrices whose triangle is kept and larger ones."""
    chance = np.random.default_rng(19)
    a = chance.normal(size=(side, side)) / side + np.eye(side)
    b, rule = chance.normal(size=(side, 2)), find("solve_triangular")
    for upper in (True, False):
        triangle = np.triu(a) if upper else np.tril(a)
        beside = np.where(triangle == 0, np.nan, a)
        params = {"upper": upper, "left": True, "unitriangular": False}
        x = np.asarray(rule.forward(np, beside, b, **params))
        np.testing.assert_allclose(triangle @ x, b, atol=1e-12)
        by_a, by_b = (rule.derivative(k).vjp(x, x, (beside, b), params) for k in range(2))
        np.testing.assert_allclose(triangle.T @ by_b, x, atol=1e-12)
        expected = -(by_b @ x.T)
        np.testing.assert_allclose(by_a, np.triu(expected) if upper else np.tril(expected))


@pytest.mark.parametrize(
    "shapes", [((5, 6), (7, 8)), ((20,), (30,)), ((4, 5), (30,)), ((3, 4, 2), (5, 6))]
)
def test_a_large_kron_sends_back_what_meets_each_entry(
    shapes: tuple[tuple[int, ...], ...],
) -> None:
    """v·(J·t) = (v·J)·t by both operands, of which one may have fewer axes."""
    chance = np.random.default_rng(22)
    operands = tuple(chance.normal(size=shape) for shape in shapes)
    rule = find("kron")
    y = rule.forward(np, *operands)
    assert y.size >= MANY
    v = drawn_v(y, chance)
    for k, shape in enumerate(shapes):
        t = chance.normal(size=shape)
        pulled = rule.derivative(k).vjp(v, y, operands, {})
        moved = rule.forward(np, *(t if n == k else x for n, x in enumerate(operands)))
        np.testing.assert_allclose(np.sum(pulled * t), np.sum(v * moved), rtol=1e-10)
