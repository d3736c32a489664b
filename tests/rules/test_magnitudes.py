"""Values and slopes over the whole range of float64, judged by mpmath with hundreds of digits.

Where a formula over- or underflows on its way, or two of its terms cancel, the row must not.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np
import pytest

from tests.marks import MANY, few, spread
from tests.rules.mpmath_rows import DIGITS, ONE, TWO
from tui_backprop.rules import find

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_EVERY: Final = np.unique(
    np.concatenate(
        [
            10.0 ** np.arange(-323.0, 308.5, 7.3),
            np.logspace(-9, 3, 61),
            1 - np.logspace(-16, -0.3, 17),
            1 + np.logspace(-15.6, 0.5, 17),
            [
                5e-324,
                2.3e-308,
                0.5,
                1.0,
                18.0,
                20.0,
                36.7,
                38.0,
                700.0,
                708.5,
                710.0,
                745.0,
                1.7e308,
            ],
        ]
    )
)

_LOOSE: Final = {
    # Made of the value, as PyTorch makes them: 0 where that is 1, however small the slope is.
    ("tanh", "slope"): (1e-12, 2.3e-16),
    ("sigmoid", "slope"): (1e-12, 2.3e-16),
    # The value vanishes between the poles, near 1.46 and left of 0.
    ("lgamma", "value"): (1e-12, 1e-14),
    ("lgamma", "slope"): (1e-12, 1e-14),
    ("digamma", "value"): (1e-12, 1e-14),
    # NumPy's own value keeps no digit where it vanishes: it rounds πx first.
    ("sinc", "value"): (1e-12, 1e-15),
    ("sinc", "slope"): (1e-12, 1e-11),
    # The slope vanishes near −1.28, −0.75 and −1.19, and there is what its terms leave.
    ("silu", "slope"): (1e-12, 1e-15),
    ("gelu", "slope"): (1e-12, 1e-15),
    ("gelu tanh", "slope"): (1e-12, 1e-15),
    ("mish", "slope"): (1e-12, 1e-15),
}
"""Relative and absolute bounds where 10⁻¹² is not met, each with its reason."""

_TINIEST: Final = mpmath.mpf(2) ** -1074
_LARGEST: Final = mpmath.mpf(float(np.finfo(np.float64).max))


def _is_met(found: float, expected: Any, relative: float, absolute: float) -> bool:
    """Within a bound, or where float64 ends: below it are few digits, above it is infinity."""
    if abs(expected) > _LARGEST * (1 - mpmath.mpf(2) ** -40):
        return bool(abs(found) > 1.7e308)
    allowed = relative * abs(expected) + absolute
    near_nothing = abs(expected) < mpmath.mpf(1e-290)
    return bool(
        np.isfinite(found)
        and abs(mpmath.mpf(found) - expected) <= allowed + 4096 * _TINIEST * near_nothing
    )


def _slope(name: str, argument: int, y: Array, operands: tuple[Array, ...], params: Any) -> float:
    with np.errstate(all="ignore"):
        return float(find(name).derivative(argument).vjp(np.ones(()), y, operands, params))


def _has_value(name: str, x: float) -> bool:
    """Whether x lies in the function's domain, and none of its poles."""
    if name in {"sqrt", "log", "log2", "log10", "cbrt", "rsqrt"}:
        return x > 0
    if name in {"arcsin", "arccos", "arctanh", "erfinv"}:
        return abs(x) < 1
    if name in {"lgamma", "digamma"}:
        return x > 0 or x != round(x)
    return {"arccosh": x > 1, "log1p": x > -1, "logit": 0 < x < 1}.get(name, True)


@pytest.mark.few(8)
@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number(name: str, count: int) -> None:
    """Of every magnitude and both signs, as far as the function or its slope has a value."""
    value, slope, least, most = ONE[name]
    rule = find(name.split(maxsplit=1)[0])
    params = {p.name: p.default for p in rule.parameters}
    if " " in name:
        params["approximate"] = name.split()[1]
    wrong = []
    with mpmath.workdps(DIGITS):
        for x in (
            s * size
            for size, s in product(spread(_EVERY.tolist(), 3 * count), (1, -1))
            if least <= size <= most
        ):
            if not _has_value(name, x):
                continue
            operand = np.asarray(x)
            with np.errstate(all="ignore"):
                y = np.asarray(rule.forward(np, operand, **params))
            exact = mpmath.mpf(x)
            asked = (
                ("value", float(y), value(exact)),
                ("slope", _slope(rule.name, 0, y, (operand,), params), slope(exact)),
            )
            for what, found, expected in asked:
                bounds = _LOOSE.get((name, what), (1e-12, 0.0))
                if not _is_met(found, mpmath.mpf(expected), *bounds):
                    wrong.append(f"{what} at {x!r}: {found!r}, mpmath {mpmath.nstr(expected, 17)}")
    assert not wrong, "\n".join(wrong[:8])


_PAIRS: Final = (
    1e-320, 1e-300, 1e-200, 1e-160, 1e-100, 1e-8, 0.5, 1.0, 3.0, 40.0, 700.0, 750.0,
    1e8, 1e100, 1e160, 1e200, 1e300, 1.5e308,
)  # fmt: skip


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_numbers(name: str, count: int) -> None:
    """Of every pair of magnitudes and signs."""
    rule, wrong = find(name), []
    with mpmath.workdps(60):
        sizes = spread(_PAIRS, count)
        for a, b, s, t in product(sizes, sizes, (1, -1), (1, -1)):
            operands = np.asarray(s * a), np.asarray(t * b)
            exact = tuple(mpmath.mpf(float(x)) for x in operands)
            with np.errstate(all="ignore"):
                z = np.asarray(rule.forward(np, *operands))
            slopes = [_slope(name, k, z, operands, {}) for k in (0, 1)]
            for k, found in enumerate((float(z), *slopes)):
                expected = TWO[name][k](*exact)
                if not _is_met(found, expected, 1e-12, 0.0):
                    wrong.append(f"{k} at {operands}: {found!r}, {mpmath.nstr(expected, 17)}")
    assert not wrong, "\n".join(wrong[:8])


_ALONG: Final = ([1.0, 2.0, -4.0], [1.0, 1.0, 3.0], [5.0, -0.5, 0.25], [1.0, 1e-7, 2.0])


@pytest.mark.parametrize(
    "size", few([1e-310, 1e-200, 1e-160, 1e-20, 1.0, 1e20, 1e160, 1e200, 1e300], 3)
)
@pytest.mark.parametrize("name", ["norm", "std", "rms_norm", "layer_norm", "cosine_similarity"])
def test_functions_of_many_numbers_do_not_care_how_large_they_are(name: str, size: float) -> None:
    """Scaled by a power of two near ``size`` they give the same, scaled or not."""
    if name == "cosine_similarity" and size < 1e-7:
        pytest.skip("below eps a norm counts as eps")
    rule = find(name)
    scale = 2.0 ** round(np.log2(size))
    for entries in _ALONG:
        x = np.array(entries)
        operands = (x, x[::-1].copy()) if name == "cosine_similarity" else (x,)
        large = tuple(z * scale for z in operands)
        params = {p.name: p.default for p in rule.parameters}
        if "eps" in params and name != "cosine_similarity":
            params["eps"] = 0.0
        if name == "cosine_similarity":
            params["eps"] = 1e-8
        with np.errstate(all="ignore"):
            y, z = (np.asarray(rule.forward(np, *o, **params)) for o in (operands, large))
            v = np.arange(1.0, 1 + y.size).reshape(y.shape)
            small, other = (
                rule.derivative(0).vjp(v, r, o, params) for r, o in ((y, operands), (z, large))
            )
        degree = 1 if name in {"norm", "std"} else 0
        rtol = 1e-12 if size > 1e-300 else 1e-5
        np.testing.assert_allclose(z / scale**degree, y, rtol=rtol)
        if 1e-300 < size < 1e300 or degree == 1:
            np.testing.assert_allclose(other * scale ** (1 - degree), small, rtol=rtol, atol=1e-12)


def test_the_slope_of_a_loss_far_from_its_target() -> None:
    """σ(x) − t where both are nearly 1: −exp(−x), not 0."""
    rule = find("binary_cross_entropy_with_logits")
    x, t = np.array([40.0, 300.0]), np.ones(2)
    y = rule.forward(np, x, t, reduction="none")
    found = rule.derivative(0).vjp(np.ones(2), y, (x, t), {"reduction": "none"})
    np.testing.assert_allclose(found, -np.exp(-x), rtol=1e-12)
