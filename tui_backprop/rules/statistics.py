"""Means and spreads: a reduction divided by how many entries there are, or by what they weigh.

It stands apart from the other reductions because of that divisor, and because the slopes are
distances from the mean.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent, ``n`` how many entries meet; ``axis``, ``keepdims``, ``ddof``
and ``weights`` are NumPy's. ``entry`` and slopes are ∂y[j]/∂x[i] where the kept coordinates of i
are those of j; elsewhere the partial is 0 by structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduction_slopes import AXIS, EXAMPLES, KEEPDIMS, Shared, Slopes, no_entries
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Reason
from tui_backprop.rules.shapes import (
    normal_axes,
    reduced_count,
    reduced_shape,
    reduced_sparsity,
    refuse_axis_of_number,
    spread,
)
from tui_backprop.rules.special import mended

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Shape

_HUGE: Final = 1e300

_SPREAD_PARAMETERS: Final = (AXIS, Parameter("ddof", "number", 0, is_named=True), KEEPDIMS)

_SPREAD_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 3),), {"axis": 0}),
    Example(((2, 3),), {"axis": -1, "ddof": 1, "keepdims": True}),
    Example(((2, 3, 2),), {"axis": (0, -1), "ddof": 1}),
    Example(((3,),), {"ddof": 0.5}),
    Example(((2, 1, 2),), {"axis": 1}),
    Example(((2, 0),), {"axis": 0}),
)


def _shape(x: Shape, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Shape:
    del ddof  # whatever it is
    refuse_axis_of_number(axis, x)
    return reduced_shape(x, axis, keepdims)


def _mean(m: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # Not m.mean: of nothing it warns beside its NaN, through no channel that errstate closes.
    return m.divide(m.sum(x, axis=axis, keepdims=keepdims), reduced_count(x.shape, axis))


_MEAN: Final = Shared("mean", lambda m, x, y, axes: _mean(m, x, axes, keepdims=True))


def _freedom(n: int, ddof: float) -> float:
    """What the squares are divided by; 0 where too few entries are left, as NumPy has it."""
    return max(n - ddof, 0)


_NOTHING: Final = Reason(
    "the mean of nothing is 0/0", lambda y, x, axis=None, **_: reduced_count(x.shape, axis) == 0
)
_NO_FREEDOM: Final = Reason(
    "{op} divides by n - ddof, and of {count} with ddof={ddof} that is {left}",
    lambda y, x, axis=None, ddof=0, **_: _freedom(reduced_count(x.shape, axis), ddof) == 0,
    lambda y, x, axis=None, ddof=0, **_: {
        "count": reduced_count(x.shape, axis),
        "left": reduced_count(x.shape, axis) - ddof,
    },
)


def _variance(m: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """In two passes: the squares are those of the distances."""
    squares = (x - _mean(m, x, axis, keepdims=True)) ** 2
    total = m.sum(squares, axis=axis, keepdims=keepdims)
    return m.divide(total, _freedom(reduced_count(x.shape, axis), ddof))


def _deviation(m: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The root of the variance; scaled by a power of two meanwhile, so that no square is lost."""
    if m is not np:
        return m.sqrt(_variance(m, x, axis, ddof, keepdims))
    axes = normal_axes(axis, x.shape)
    apart = x - _mean(m, x, axis, keepdims=True)
    _, exponent = np.frexp(np.max(np.abs(apart), axis=axes, keepdims=True, initial=0))
    total = np.sum(np.ldexp(apart, -exponent) ** 2, axis=axes, keepdims=True)
    divisor = _freedom(reduced_count(x.shape, axis), ddof)
    found = np.ldexp(np.sqrt(np.divide(total, divisor)), exponent)
    return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))


def _deviation_slope(m: Any, x: Any, y: Any, mean: Any, n: int, ddof: float = 0) -> Any:
    usual = m.where(m.equal(y, 0), 0, m.divide(x - mean, _freedom(n, ddof) * y))
    if m is not np:
        return usual
    # n·y may overflow where (x − mean)/y does not.
    is_rare = (y > _HUGE) & np.isfinite(y)
    return mended(usual, is_rare, lambda: np.divide(x - mean, y) / _freedom(n, ddof))


def _spread_sparsity(
    out: Shape, x: Shape, axis: Any = None, ddof: float = 0, keepdims: bool = False
) -> Sparsity:
    """One entry alone has no distance from its mean."""
    del keepdims  # the same places either way
    if reduced_count(x, axis) == 1 and ddof < 1:
        return no_entries(out, x)
    return reduced_sparsity(x, axis)


MEAN: Final = structural(
    "mean",
    "x",
    text="mean({x}, axis={axis}, keepdims={keepdims})",
    parameters=(AXIS, KEEPDIMS),
    forward=_mean,
    shape=_shape,
    parts=(
        Part(
            linear=True,
            # Times 1/n, not divided by n: to the last digit what the partials add up to.
            vjp=lambda v, y, x, axis=None, keepdims=False: spread(
                v * np.divide(1, reduced_count(x.shape, axis), dtype=v.dtype), x.shape, axis
            ),
            sparsity=lambda out, x, axis=None, keepdims=False: reduced_sparsity(x, axis),
            entry=lambda m, j, i, y, x, axis=None, keepdims=False: m.divide(
                1, reduced_count(x.shape, axis)
            ),
        ),
    ),
    summary="the mean of all entries, or along the given axes; of nothing it is NaN",
    reasons=(_NOTHING,),
    examples=EXAMPLES,
)
"""Also what an average without weights is."""

RULES: Final[tuple[Rule, ...]] = (
    MEAN,
    structural(
        "var",
        "x",
        text="var({x}, axis={axis}, ddof={ddof}, keepdims={keepdims})",
        parameters=_SPREAD_PARAMETERS,
        forward=_variance,
        shape=_shape,
        parts=(
            Slopes(
                lambda m, x, y, mean, n, ddof=0: m.divide(2 * (x - mean), _freedom(n, ddof)),
                _MEAN,
            ).part(_spread_sparsity, "v · 2·(x − mean)/(n − ddof)"),
        ),
        summary="the variance, in two passes: squared distances from the mean, over n − ddof",
        reasons=(_NO_FREEDOM, _NOTHING),
        examples=_SPREAD_EXAMPLES,
    ),
    structural(
        "std",
        "x",
        text="std({x}, axis={axis}, ddof={ddof}, keepdims={keepdims})",
        parameters=_SPREAD_PARAMETERS,
        forward=_deviation,
        shape=_shape,
        parts=(
            Slopes(_deviation_slope, _MEAN).part(
                _spread_sparsity, "v · (x − mean)/((n − ddof)·std)"
            ),
        ),
        summary="the standard deviation: the root of the variance, over n − ddof",
        reasons=(_NO_FREEDOM, _NOTHING),
        kink=_deviation,
        convention="the gradient of std is 0 where std is 0",
        examples=_SPREAD_EXAMPLES,
    ),
)
