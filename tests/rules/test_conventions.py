"""PyTorch's conventions, as numbers: kinks, ties, powers of zero, and what an infinite v does."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from tui_backprop.rules import RULES, find
from tui_backprop.rules.shapes import unbroadcast


def _pull(name: str, operands: tuple[float, ...], v: float = 1.0) -> list[float]:
    """``vᵀJ`` with respect to each operand that has a derivative."""
    rule = find(name)
    arrays = tuple(np.asarray(x, dtype=np.float64) for x in operands)
    params = {p.name: p.default for p in rule.parameters}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *arrays, **params))
        seed = np.full(y.shape, v)
        return [
            float(unbroadcast(d.vjp(seed, y, arrays, params), ()))
            for d in rule.derivatives
            if d is not None
        ]


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("relu", (0.0,), [0.0]),
        ("relu", (-0.0,), [0.0]),
        ("relu", (5e-324,), [1.0]),
        ("relu", (nan,), [1.0]),
        ("abs", (0.0,), [0.0]),
        ("abs", (-3.0,), [-1.0]),
        ("maximum", (2.0, 2.0), [0.5, 0.5]),
        ("maximum", (inf, inf), [0.5, 0.5]),
        ("maximum", (nan, 1.0), [1.0, 1.0]),
        ("maximum", (1.0, 2.0), [0.0, 1.0]),
        ("minimum", (2.0, 2.0), [0.5, 0.5]),
        ("minimum", (1.0, 2.0), [1.0, 0.0]),
        ("where", (nan, 1.0, 2.0), [1.0, 0.0]),
        ("where", (0.0, 1.0, 2.0), [0.0, 1.0]),
        ("power", (0.0, 0.0), [0.0, 0.0]),
        ("power", (3.0, 0.0), [0.0, np.log(3.0)]),
        ("power", (0.0, 1.0), [1.0, 0.0]),
        ("power", (0.0, 2.0), [0.0, 0.0]),
        ("power", (0.0, -1.0), [-inf, -inf]),
        ("power", (-2.0, 3.0), [12.0, nan]),
        ("float_power", (0.0, 0.0), [0.0, 0.0]),
        ("float_power", (-2.0, 3.0), [12.0, nan]),
        ("float_power", (-2.0, 0.5), [nan, nan]),
        ("sqrt", (0.0,), [inf]),
        ("log", (0.0,), [inf]),
        ("divide", (1.0, 0.0), [inf, -inf]),
        ("arctan2", (0.0, 0.0), [0.0, 0.0]),
        ("arctan2", (0.0, -1.0), [-1.0, 0.0]),
        ("hypot", (0.0, 0.0), [nan, nan]),
        ("elu", (nan,), [1.0]),
        ("selu", (nan,), [1.0507009873554805]),
        ("hardtanh", (nan,), [1.0]),
        ("hardtanh", (1.0,), [0.0]),
        ("kl_div", (-1.0, 0.0), [-0.0, nan]),
        ("xlogy", (0.0, 0.0), [0.0, nan]),
        ("xlogy", (0.0, -1.0), [0.0, -0.0]),
        ("xlogy", (0.0, nan), [nan, nan]),
        ("lgamma", (0.0,), [-inf]),
        ("lgamma", (-0.0,), [inf]),
        ("lgamma", (-2.0,), [nan]),
        ("digamma", (0.0,), [inf]),
        ("rsqrt", (0.0,), [-inf]),
        ("erfinv", (1.0,), [inf]),
        ("erfinv", (2.0,), [nan]),
        ("logit", (0.0,), [inf]),
        ("logit", (1.1,), [nan]),
        ("fmod", (-4.0, 2.0), [1.0, 2.0]),
        ("fmod", (0.25, 0.001), [1.0, -249.0]),
        ("frac", (2.0,), [1.0]),
        ("copysign", (0.0, -1.0), [0.0, 0.0]),
        ("copysign", (2.0, -0.0), [-1.0, 0.0]),
        ("nan_to_num", (nan,), [0.0]),
        ("nan_to_num", (inf,), [0.0]),
        ("fmax", (1.0, 1.0), [0.5, 0.5]),
        ("fmax", (nan, 1.0), [0.0, 1.0]),
        ("fmax", (nan, nan), [1.0, 1.0]),
        ("fmin", (1.0, nan), [1.0, 0.0]),
        ("fmin", (1.0, 2.0), [1.0, 0.0]),
    ],
)
def test_value_at_the_special_point(
    name: str, operands: tuple[float, ...], expected: list[float]
) -> None:
    """The gradient is the one PyTorch gives."""
    np.testing.assert_array_equal(_pull(name, operands), expected)


@pytest.mark.parametrize(
    ("name", "operands", "v", "expected"),
    [
        ("relu", (-1.0,), inf, [0.0]),
        ("relu", (-1.0,), nan, [0.0]),
        ("where", (1.0, 5.0, 6.0), inf, [inf, 0.0]),
        ("maximum", (1.0, 2.0), inf, [0.0, inf]),
        ("minimum", (1.0, 2.0), -inf, [-inf, 0.0]),
        ("abs", (0.0,), inf, [nan]),
        ("multiply", (0.0, 1.0), inf, [inf, nan]),
        ("tanh", (inf,), inf, [nan]),
    ],
)
def test_infinite_v_meets_a_zero(
    name: str, operands: tuple[float, ...], v: float, expected: list[float]
) -> None:
    """Ops that choose let nothing through where they did not; the others give IEEE's 0 · inf."""
    np.testing.assert_array_equal(_pull(name, operands, v), expected)


def test_sigmoid_is_good_at_both_ends() -> None:
    """No NaN, no loss of digits where the result is tiny, exact limits."""
    rule = find("sigmoid")
    x = np.array([-inf, -1000.0, -700.0, -40.0, 0.0, 40.0, 1000.0, inf])
    with np.errstate(over="ignore"):
        y = rule.forward(np, x)
        slope = rule.derivative(0).vjp(np.ones_like(x), y, (x,), {})
    expected = [0, 0, np.exp(-700.0), np.exp(-40.0), 0.5, 1, 1, 1]
    np.testing.assert_allclose(y, expected, rtol=1e-14)
    assert np.all(np.isfinite(slope))
    assert slope[[0, 1, 6, 7]].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("less", [1.0, 0.0, 0.0, 0.0]),
        ("less_equal", [1.0, 1.0, 0.0, 0.0]),
        ("greater", [0.0, 0.0, 1.0, 0.0]),
        ("greater_equal", [0.0, 1.0, 1.0, 0.0]),
        ("equal", [0.0, 1.0, 0.0, 0.0]),
        ("not_equal", [1.0, 0.0, 1.0, 1.0]),
    ],
)
def test_comparisons_are_numbers_without_derivative(name: str, expected: list[float]) -> None:
    """1 where it holds, 0 where not, and the row states that nothing comes back."""
    rule = find(name)
    found = rule.forward(np, np.array([1.0, 2.0, 3.0, nan]), np.asarray(2.0))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float64
    assert rule.derivatives == (None, None)
    assert not rule.is_differentiable


def test_mean_of_nothing_is_nan_without_a_warning() -> None:
    """Under errstate a NaN is data."""
    with np.errstate(all="ignore"):
        found = find("mean").forward(np, np.zeros((2, 0)), axis=1)
    np.testing.assert_array_equal(found, [nan, nan])


_STABLE = "of entries that tie those receive that the stable order puts there"


def test_every_kink_has_its_convention_in_words() -> None:
    """The sentences that people read when one is used."""
    assert {n: r.convention for n, r in RULES.items() if r.convention} == {
        "power": "d(0**y)/dy = 0 at y = 0",
        "float_power": "d(0**y)/dy = 0 at y = 0",
        "remainder": "at a multiple of y, where it jumps, the slopes of the side above",
        "arctan2": "at (0, 0), where there is no angle, the gradient is 0",
        "hypot": "at (0, 0), where it has a corner, the gradient is NaN",
        "fmod": "at a multiple of y, where it jumps, the slopes of the side away from 0",
        "logit": "at the bounds that eps makes the gradient passes, beyond them it is 0 (logit in "
        "PyTorch)",
        "xlogy": "at x = 0 and y ≤ 0 the slope for x is 0 (xlogy in PyTorch)",
        "relu": "relu'(0) = 0",
        "abs": "abs'(0) = 0",
        "maximum": "a tie splits evenly: 1/2 to each operand",
        "minimum": "a tie splits evenly: 1/2 to each operand",
        "clip": "0 at a bound, 1/2 at one that is an array (clip in PyTorch 2.14; up to 2.13 "
        "the gradient passes at a bound)",
        "frac": "frac' = 1, where it jumps too",
        "copysign": "at x = 0 the slope is 0, and so is that for y everywhere, where it jumps too",
        **{
            name: f"a tie splits evenly ({name} in PyTorch 2.14; up to 2.13 all to the first), and "
            "a NaN that is stepped over receives nothing (up to 2.13; from 2.14 on it receives as "
            "much as the number)"
            for name in ("fmax", "fmin")
        },
        "floor": "floor' = 0, where it jumps too",
        "ceil": "ceil' = 0, where it jumps too",
        "trunc": "trunc' = 0, where it jumps too",
        "round": "round' = 0, where it jumps too",
        "sign": "sign' = 0, where it jumps too",
        "floor_divide": "floor_divide' = 0, where it jumps too",
        "std": "the gradient of std is 0 where std is 0",
        "max": "entries that tie share evenly: 1/k to each of k",
        "min": "entries that tie share evenly: 1/k to each of k",
        "norm": "the gradient is 0 at 0, but with singular values of a matrix, whose vectors "
        "are those that are found; entries, rows, columns or singular values that tie for the "
        "largest or smallest share evenly",
        "softplus": "exact at any x, where softplus in PyTorch is x itself from beta · x = 20 on; "
        "with a threshold given as there: x, with slope 1, above it",
        "leaky_relu": "leaky_relu'(0) = negative_slope",
        "elu": "elu'(0) = alpha",
        "selu": "selu'(0) = 1.0507… · 1.6732…, the slope from the left",
        "hardtanh": "hardtanh' = 0 at its bounds",
        "cosine_similarity": "a norm equal to eps counts as the norm",
        "mae": "sign(0) = 0 where x = t",
        "binary_cross_entropy": "at p = 0 and p = 1 the slope is (p − t) / 1e-12",
        "hinge": "0 where t·x equals the margin (hinge_embedding_loss in PyTorch 2.14; up to 2.13 "
        "the slope of the side below)",
        "multi_margin": "0 where a score is exactly a margin behind (multi_margin_loss in PyTorch)",
        "kl_div": "at t = 0 the slope for t is NaN",
        "max_pool1d": "of entries that tie the first in the window receives all",
        "max_pool2d": "of entries that tie the first in the window receives all",
        "adaptive_max_pool1d": "of entries that tie the first in the window receives all",
        "adaptive_max_pool2d": "of entries that tie the first in the window receives all",
        "sort": "entries that tie keep their order, as in PyTorch's sort(stable=True) and JAX: "
        "each receives what its own place receives",
        "topk": "of entries that tie the first comes first, as in JAX; PyTorch's topk leaves it "
        "open",
        "median": "of entries that tie those receive that the stable order puts in the middle, as "
        "in PyTorch's quantile(x, 0.5)",
        "kthvalue": f"{_STABLE}; PyTorch leaves it open",
        "nanmedian": f"{_STABLE}, as in PyTorch's nanquantile(x, 0.5)",
        "nanquantile": f"{_STABLE}, as in PyTorch",
        "percentile": f"{_STABLE}, as in PyTorch's quantile",
        "quantile": "of entries that tie those receive that the stable order puts there, as in "
        "PyTorch",
        "cummax": "of entries that tie the last so far receives, as in PyTorch; in JAX they "
        "share it",
        "cummin": "of entries that tie the last so far receives, as in PyTorch; in JAX they "
        "share it",
        "qr_q": "the signs are LAPACK's, as in NumPy and PyTorch; of columns that depend on "
        "each other the gradient is NaN or infinite",
        "qr_r": "the signs are LAPACK's, as in NumPy and PyTorch; of columns that depend on "
        "each other the gradient is NaN or infinite",
        "eigvalsh": "of eigenvalues that tie the vectors are those that LAPACK finds, as "
        "in PyTorch: their sum has a gradient, each of them alone has none",
        "eigvecsh": "where eigenvalues tie the vectors have no gradient: infinite or NaN, "
        "as in PyTorch",
        "svdvals": "of singular values that tie the vectors are those that LAPACK finds, "
        "as in PyTorch: their sum has a gradient, each of them alone has none; at 0 too",
        "svd_u": "where singular values tie the vectors have no gradient: infinite or "
        "NaN, as in PyTorch",
        "svd_vh": "where singular values tie the vectors have no gradient: infinite or "
        "NaN, as in PyTorch",
        "pinv": "where the number of singular values that count jumps, the gradient "
        "holds while it stays, as in PyTorch",
        "embedding": "row padding_idx receives nothing, as in PyTorch",
    }
