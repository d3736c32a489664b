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
from tui_backprop.rules import RULES, find
from tui_backprop.rules.ops.linear.linear_algebra import cofactors
from tui_backprop.rules.ops.linear.spectral import singular_values, svd
from tui_backprop.rules.ops.network.uneven_windows import Shared
from tui_backprop.rules.reduction_slopes import MANY
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.windows import Slide

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_NUMBERS: Final = np.array([
    0.0, -0.0, 0.25, 0.3, 0.5, 0.75, 1.0, -1.0, 2.5, -3.7, 40.0, -750.0, 1e-160, 1e160, -1e300,
    5e-324, np.inf, -np.inf, np.nan,
])  # fmt: skip


def _drawn_v(y: Array, chance: np.random.Generator) -> Array:
    return np.asarray(chance.normal(size=np.shape(y)))


@each_case_if(lambda case: case.rule.prepare is not None)
def test_prepared_arguments_mean_what_the_written_ones_mean(case: Case) -> None:
    """Forward and VJP, bit for bit; what is prepared is prepared already."""
    prepare, operands = case.rule.prepare, case.operands()
    assert prepare is not None
    quick = prepare(**case.params)
    y = case.forward(operands)
    np.testing.assert_array_equal(case.rule.forward(np, *operands, **quick), y)
    v = _drawn_v(y, np.random.default_rng(3))
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
    v = _drawn_v(drawn[0], np.random.default_rng(5))
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


_LINES: Final = {
    "plain": lambda chance: chance.uniform(-2, 2, (9, 60)),
    "with zeros": lambda chance: chance.integers(-2, 3, (9, 60)).astype(float),
    "large": lambda chance: chance.uniform(1, 2, (9, 60)) * 1e5,
    "small": lambda chance: chance.uniform(1, 2, (9, 60)) * 1e-6,
    "at the limits": lambda chance: chance.uniform(0.9, 1.1, (9, 60)) * 10 ** (200 / 60),
    "beyond": lambda chance: chance.uniform(0.9, 1.1, (9, 60)) * 10 ** (-100 / 60),
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
            for v in (_drawn_v(y, chance), _hard_v(y, chance)):
                found = rule.derivative(0).vjp(v.astype(dtype), y, (lines,), params)
                values, pulled = _in_parts(name, v.astype(dtype), lines, axis)
                _assert_near(y, values)
                _assert_near(found, pulled)


def _hard_v(y: Array, chance: np.random.Generator) -> Array:
    return np.asarray(chance.choice([0.0, 1.0, 1e30, np.inf, np.nan, -1e-30], size=y.shape))


def _assert_near(found: Array, expected: Array, digits: float = 1e3) -> None:
    """But for rounding: relative to the largest finite entry, for a sum may cancel."""
    assert found.dtype == expected.dtype
    scale = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
    rounding = digits * np.finfo(expected.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding * scale)


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
        _assert_near(y, np.asarray(rule.forward(np, rows, **params)))
        for v in (1.0, -2.5, 0.0, 1e30, 1e-30, 1e-300, 1e300, np.inf, np.nan):
            found = rule.derivative(0).vjp(np.asarray(v, dtype), y, (x,), params)
            _assert_near(found, np.asarray(v, dtype) * np.divide(x, y))


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
                _assert_near(one, other, digits=1e6)


def test_slopes_of_a_determinant_that_has_none_or_is_zero() -> None:
    """A singular matrix has cofactors; one with a NaN or an infinity has none."""
    rule, a = find("det"), np.ones((16, 16)) + np.diag(np.arange(16.0))
    singular = a - np.eye(16) * np.linalg.eigvalsh(a)[3]
    for x in (np.diag([0.0, *np.ones(15)]), np.ones((16, 16)), singular):
        y = np.asarray(rule.forward(np, x))
        found = rule.derivative(0).vjp(np.ones_like(y), y, (x,), {})
        _assert_near(found, cofactors(x), digits=1e6)
    for bad in (np.nan, np.inf):
        x = a.copy()
        x[3, 5] = bad
        with np.errstate(all="ignore"):
            y = np.asarray(rule.forward(np, x))
            assert np.isnan(rule.derivative(0).vjp(np.ones_like(y), y, (x,), {})).all()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("odd", [None, -100.0, 1.0, 7.0, 2.3, -0.4, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_samples_of_a_matrix_are_those_of_a_picture(
    odd: float | None, reduction: str, *, weighted: bool
) -> None:
    """Targets that are plain class numbers are looked up at once, but not along further axes."""
    chance = np.random.default_rng(4)
    logs, t = chance.normal(size=(6, 4)), chance.integers(0, 4, 6).astype(float)
    if odd is not None:
        t[3] = odd
    given = (chance.uniform(0.5, 2, 4),) if weighted else ()
    rule = find("nll")
    rule = rule.extras.of(("weight",)) if weighted and rule.extras else rule
    for ignored in (-100, 1):
        params = {"reduction": reduction, "ignore_index": ignored}
        y = np.asarray(rule.forward(np, logs, t, *given, **params))
        deep = logs[..., None], t[..., None], *given
        expected = np.asarray(rule.forward(np, *deep, **params))
        _assert_near(y, expected.reshape(y.shape), digits=4)
        v = _drawn_v(y, chance)
        found = rule.derivative(0).vjp(v, y, (logs, t, *given), params)
        pulled = rule.derivative(0).vjp(v.reshape(expected.shape), expected, deep, params)
        _assert_near(found, pulled[..., 0], digits=4)


@pytest.mark.parametrize("odd", [-1.0, -5.0, -6.0, 4.4, 5.0, 4.6, 1e300, np.nan, -np.inf])
@pytest.mark.parametrize(
    ("name", "params"),
    [("take", {"axis": None}), ("take", {"axis": 1}), ("take_along_axis", {"axis": 0}),
     ("gather", {"axis": 1}), ("index_select", {"axis": 0})],
)  # fmt: skip
def test_places_are_read_the_same_beside_an_odd_one(
    name: str, params: dict[str, object], odd: float
) -> None:
    """Whole numbers that all name a place are read at once; one that does not changes no other."""
    chance = np.random.default_rng(6)
    x = chance.normal(size=(5, 4))
    plain = chance.integers(0, 4, (4,) if name == "index_select" else (4, 4)).astype(float)
    mixed = plain.copy()
    mixed[-1] = odd
    rule = find(name)
    y, beside = (np.asarray(rule.forward(np, x, at, **params)) for at in (plain, mixed))
    last = rule.forward(np, x, np.full_like(plain, odd), **params)
    axis = 0 if name != "take" or params["axis"] is None else 1
    parts = np.delete(y, -1, axis), np.take(last, [-1], axis)
    np.testing.assert_array_equal(beside, np.concatenate(parts, axis))
    v = _drawn_v(y, chance)
    v[(..., -1, slice(None)) if axis and y.ndim > 2 else (-1,)] = 0
    pulled, other = (
        rule.derivative(0).vjp(v, value, (x, at), params)
        for value, at in ((y, plain), (beside, mixed))
    )
    np.testing.assert_array_equal(other, pulled)


@pytest.mark.parametrize(("windows", "kernel"), [(1, 1), (1, 4), (4, 1), (4, 3), (5, 2)])
def test_windows_side_by_side_are_as_windows_that_share_an_axis(windows: int, kernel: int) -> None:
    """Sums of windows, and what their places receive; a window more in the padding is another."""
    chance = np.random.default_rng(9)
    length = windows * kernel
    even, shared = Slide(length, kernel, kernel), Shared(length, windows)
    x, v = chance.normal(size=(3, length)), chance.normal(size=(3, windows))
    np.testing.assert_allclose(even.collect(x), shared.collect(x), rtol=1e-14)
    np.testing.assert_array_equal(even.spread(v), shared.spread(v))
    for slide in (Slide(length + 1, kernel, kernel), Slide(length, kernel, kernel, kernel // 2)):
        whole = np.eye(slide.length)
        made = slide.collect(whole)
        assert made.shape[-1] == slide.windows
        np.testing.assert_array_equal(slide.spread(np.eye(slide.windows)), made.T)
        assert set(made.ravel()) <= {0.0, 1.0}


def test_what_was_shuffled_goes_back_to_where_it_was() -> None:
    """Of every entry, as its pattern says."""
    rule, params = find("pixel_shuffle"), {"upscale_factor": 3}
    x = np.arange(2 * 18 * 2 * 3, dtype=float).reshape(2, 18, 2, 3)
    y = rule.forward(np, x, **params)
    np.testing.assert_array_equal(rule.derivative(0).vjp(y, y, (x,), params), x)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_place_among_all_is_that_in_their_row(name: str) -> None:
    """Ties, NaN and infinities too."""
    chance = np.random.default_rng(8)
    for odd in (0.0, np.inf, -np.inf, np.nan):
        x = np.where(chance.random((4, 5)) < 0.3, odd, chance.integers(0, 3, (4, 5)))
        whole, row = (
            find(name).forward(np, a, axis=axis, keepdims=False)
            for a, axis in ((x, None), (x.ravel(), 0))
        )
        assert np.asarray(whole).dtype == x.dtype
        assert whole == row


_PICKING: Final = {
    "sort": {}, "topk": {"k": 3}, "cummax": {}, "cummin": {},
    "median": {}, "quantile": {"q": (0.0, 0.3, 0.5, 1.0)},
}  # fmt: skip


@pytest.mark.parametrize("odd", [1.5, 0.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", _PICKING)
def test_what_is_picked_sends_back_what_was_pushed(name: str, axis: int, odd: float) -> None:
    """v·(J·t) = (v·J)·t along each axis: the first goes by flat positions, the second by lines.

    Beside an odd number that stands there several times, so that places have to be counted.
    """
    chance = np.random.default_rng(12)
    x = np.where(chance.random((4, 5, 6)) < 0.2, odd, chance.normal(size=(4, 5, 6)))
    rule = find(name)
    params = {p.name: p.default for p in rule.parameters} | _PICKING[name] | {"axis": axis}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, x, **params))
    v, t = _drawn_v(y, chance), chance.normal(size=x.shape)
    pushed = rule.derivative(0).jvp(t, y, (x,), params)
    pulled = rule.derivative(0).vjp(v, y, (x,), params)
    assert pulled.shape == x.shape
    np.testing.assert_allclose(np.sum(pulled * t), np.sum(v * pushed), rtol=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (2, 4, 3)])
def test_singular_values_alone_are_those_with_their_vectors(shape: tuple[int, ...]) -> None:
    """Of a stack, and NaN of a matrix with an infinity."""
    a = np.random.default_rng(13).normal(size=shape)
    np.testing.assert_allclose(singular_values(a), svd(a)[1], rtol=1e-13)
    a[..., 0, 0] = np.inf
    assert np.isnan(singular_values(a)).all()


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


@pytest.mark.parametrize("size", [1.0, 1e-9, 3e-10, 1e-100, 1e100, 1e150, 1e200, np.inf, np.nan])
@pytest.mark.parametrize("axis", [0, 1])
def test_cosines_together_are_what_they_are_alone(axis: int, size: float) -> None:
    """Of blocks of ordinary length, of one below eps, and of one whose square is lost."""
    chance = np.random.default_rng(18)
    x, y = chance.normal(size=(2, 20, 20))
    (x if axis else x.T)[3] *= size
    rule, params = find("cosine_similarity"), {"axis": axis, "eps": 1e-8}
    with np.errstate(all="ignore"):
        z = np.asarray(rule.forward(np, x, y, **params))
        for v in (_drawn_v(z, chance), _hard_v(z, chance), np.full(z.shape, 1e-300)):
            found = [rule.derivative(k).vjp(v, z, (x, y), params) for k in range(2)]
            for k in range(20):
                one, other = (np.take(a, [k], axis=1 - axis) for a in (x, y))
                alone = np.asarray(rule.forward(np, one, other, **params))
                _assert_near(z[k : k + 1], alone)
                for argument, pulled in enumerate(found):
                    own = rule.derivative(argument).vjp(v[[k]], alone, (one, other), params)
                    _assert_near(np.take(pulled, [k], axis=1 - axis), own)


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


@pytest.mark.parametrize("shape", [(9,), (3, 9), (9, 3), (3, 9, 2)])
@pytest.mark.parametrize(("size", "step"), [(3, 1), (2, 2), (2, 3), (4, 2), (9, 1), (8, 1), (1, 4)])
def test_windows_send_back_to_the_places_that_they_read(
    shape: tuple[int, ...], size: int, step: int
) -> None:
    """v·(J·t) = (v·J)·t of few long windows, which go place by place, and of many short ones."""
    chance = np.random.default_rng(20)
    rule, params = find("unfold"), {"axis": shape.index(9), "size": size, "step": step}
    x, t = chance.normal(size=(2, *shape))
    y = rule.forward(np, x, **params)
    v = _drawn_v(y, chance)
    pulled = rule.derivative(0).vjp(v, y, (x,), params)
    np.testing.assert_allclose(np.sum(pulled * t), np.sum(v * rule.forward(np, t, **params)))
    read = rule.derivative(0).vjp(np.ones_like(y), y, (x,), params)
    assert read.sum() == y.size


@pytest.mark.parametrize("odd", [None, 2.4, -1.0, 9.0, np.nan])
@pytest.mark.parametrize("score", [0.5, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_margins_of_samples_together_are_those_of_each(
    odd: float | None, score: float, p: int, *, weighted: bool
) -> None:
    """Of plain labels and finite scores at once, and of one sample alone never."""
    chance = np.random.default_rng(21)
    x, t = chance.normal(size=(6, 4)), chance.integers(0, 4, 6).astype(float)
    x[2, 1], t[4] = score, t[4] if odd is None else odd
    given = (chance.uniform(0.5, 2, 4),) if weighted else ()
    rule = find("multi_margin")
    rule = rule.extras.of(("weight",)) if weighted and rule.extras else rule
    params = {"p": p, "margin": 0.7, "reduction": "none"}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, x, t, *given, **params))
        v = _drawn_v(y, chance)
        found = rule.derivative(0).vjp(v, y, (x, t, *given), params)
        for k in range(6):
            alone = x[k], t[k], *given
            value = np.asarray(rule.forward(np, *alone, **params))
            _assert_near(y[k], value, digits=8)
            _assert_near(found[k], rule.derivative(0).vjp(v[k], value, alone, params), digits=8)
