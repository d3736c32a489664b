"""Means and spreads: a reduction divided by how many entries there are, or by what they weigh.

``n`` is how many entries meet; ``axis``, ``keepdims``, ``ddof`` and ``weights`` are NumPy's.
``entry`` and slopes are ∂y[j]/∂x[i] where the kept coordinates of i are those of j; elsewhere the
partial is 0 by structure.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import joined, said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.elementwise.functions import are_moderate, mended
from tui_backprop.rules.reduction_slopes import (
    AXIS,
    EXAMPLES,
    KEEPDIMS,
    Shared,
    Slopes,
    mean_of,
    no_entries,
    shared_at,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter, Reason, Traits
from tui_backprop.rules.shapes import (
    normal_axes,
    reduced_count,
    reduced_shape,
    reduced_sparsity,
    refuse_axis_of_number,
    spread,
)
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


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


_MEAN: Final = Shared("mean", lambda m, x, y, axes: mean_of(m, x, axes))


def _freedom(n: int, ddof: float) -> float:
    """The divisor of the squares; 0 where too few entries are left, as NumPy has it."""
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
    """The variance, in two passes: the squares are those of the distances from the mean."""
    squares = (x - mean_of(m, x, axis)) ** 2
    total = m.sum(squares, axis=axis, keepdims=keepdims)
    return m.divide(total, _freedom(reduced_count(x.shape, axis), ddof))


def _deviation(m: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The root of the variance; scaled by a power of two meanwhile, so that no square is lost."""
    if m is not np:
        return m.sqrt(_variance(m, x, axis, ddof, keepdims))
    axes = normal_axes(axis, x.shape)
    apart = x - mean_of(m, x, axis)
    divisor = _freedom(reduced_count(x.shape, axis), ddof)
    with np.errstate(all="ignore"):  # of squares that are lost it is not used
        squares = np.add.reduce(apart * apart, axis=axes, keepdims=True)
        usual = np.sqrt(np.divide(squares, divisor))
    if are_moderate(usual):
        return np.asarray(usual).reshape(reduced_shape(x.shape, axis, keepdims))
    _, exponent = np.frexp(np.max(np.abs(apart), axis=axes, keepdims=True, initial=0))
    total = np.sum(np.ldexp(apart, -exponent) ** 2, axis=axes, keepdims=True)
    found = np.ldexp(np.sqrt(np.divide(total, divisor)), exponent)
    return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))


def _deviation_slope(m: Any, x: Any, y: Any, mean: Any, n: int, ddof: float = 0) -> Any:
    usual = m.divide(x - mean, _freedom(n, ddof) * y)
    if m is np and are_moderate(y):
        return usual
    usual = m.where(m.equal(y, 0), 0, usual)
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
    parameters=(AXIS, KEEPDIMS),
    forward=lambda m, x, axis=None, keepdims=False: mean_of(m, x, axis, keepdims=keepdims),
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
    traits=Traits(adds=True, reduces=True),
)

"""Also what an average without weights is."""


_SUMMARY: Final = (
    "the mean, or with weights the weighted mean: weights of x's shape, or one for each place "
    "along the axis"
)


_TEXTS: Final = (
    "average({x}, axis={axis}, keepdims={keepdims})",
    "average({x}, weights={weights}, axis={axis}, keepdims={keepdims})",
)

_WEIGHT: Final = Shared(
    "sum_of_the_weights", lambda m, x, y, axes: m.sum(x, axis=axes, keepdims=True)
)


def _average(m: Any, x: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    beside, axes = _beside(m, weights, x.shape, axis), normal_axes(axis, x.shape)
    total = m.sum(beside, axis=axes, keepdims=keepdims)
    return m.divide(m.sum(x * beside, axis=axes, keepdims=keepdims), total)


def _average_shape(x: Shape, weights: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    refuse_axis_of_number(axis, x)
    axes = normal_axes(axis, x)
    if weights != x and (axis is None or len(axes) != 1 or weights != (x[axes[0]],)):
        text = said("weights of shape {weights} do not fit x of shape {x}: expected {x}",
                    weights=weights, x=x)  # fmt: skip
        if axis is not None and len(axes) == 1:
            raise ShapeError(said("{message}, or {shape}", message=text, shape=(x[axes[0]],)))
        hint = said("one weight per place needs one axis, as in axis=0")
        raise ShapeError(joined("; ", [text, hint]))
    return reduced_shape(x, axis, keepdims)


def _beside(m: Any, weights: Any, x: Shape, axis: Any) -> Any:
    """The weights with as many axes as x, repeated where one weight serves several entries."""
    if weights.shape == x:
        return weights
    (along,) = normal_axes(axis, x)
    return m.reshape(weights, tuple(n if a == along else 1 for a, n in enumerate(x)))


def _entry_weights(
    m: Any, j: Index, i: Index, y: Any, x: Any, weights: Any, axis: Any = None, **_keepdims: Any
) -> Any:
    place = i
    if weights.shape != x.shape:
        (along,) = normal_axes(axis, x.shape)
        behind = len(x.shape) - along - 1
        place = (*j[:along], *i, *j[len(j) - behind :])
    return m.divide(x[place] - y[j], _total(m, j, i, y, x, weights, axis))


def _entry_x(
    m: Any, j: Index, i: Index, y: Any, x: Any, weights: Any, axis: Any = None, **_keepdims: Any
) -> Any:
    own = i if weights.shape == x.shape else (i[normal_axes(axis, x.shape)[0]],)
    return m.divide(weights[own], _total(m, j, own, y, x, weights, axis))


def _jvp_weights(
    t: Array, y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Array:
    moved = _beside(np, t, x.shape, axis) * _slopes(y, x, weights, axis)
    return np.asarray(np.sum(moved, axis=normal_axes(axis, x.shape), keepdims=keepdims))


def _slopes(y: Array, x: Array, weights: Array, axis: Any) -> Array:
    """∂y/∂w, in x's shape; exactly 0 for an entry alone, whose x·w/w may differ from x."""
    if reduced_count(x.shape, axis) == 1:
        return np.zeros_like(x)
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    kept = np.reshape(y, reduced_shape(x.shape, axis, keepdims=True))
    return np.asarray(np.divide(x - kept, np.sum(beside, axis=axes, keepdims=True)))


def _sparsity_weights(
    out: Shape, x: Shape, weights: Shape, axis: Any = None, keepdims: bool = False
) -> Sparsity:
    """The weight of one entry alone has no effect."""
    del keepdims  # the same places either way
    if reduced_count(x, axis) == 1:
        return no_entries(out, weights)
    return reduced_sparsity(x, axis) if weights == x else Tied(out, weights, ())


def _total(m: Any, j: Index, i: Index, y: Any, x: Any, weights: Any, axis: Any) -> Any:
    """W of the entries that meet the weight at i."""
    if weights.shape == x.shape:
        return shared_at(m, _WEIGHT, j, i, y, weights, axis)
    return np.sum(weights) if m is np else shared_at(m, _WEIGHT, j, i, y, weights, None)


def _vjp_weights(
    v: Array, y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Array:
    """A weight that is used in several lines receives from each."""
    del keepdims  # v is reshaped either way
    kept = reduced_shape(x.shape, axis, keepdims=True)
    pulled = v.reshape(kept) * _slopes(y, x, weights, axis)
    if weights.shape == x.shape:
        return pulled
    axes = normal_axes(axis, x.shape)
    others = tuple(a for a in range(x.ndim) if a not in axes)
    return np.asarray(np.sum(pulled, axis=others))


def _vjp_x(
    v: Array, _y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Array:
    del keepdims  # v is reshaped either way
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    shares = np.divide(beside, np.sum(beside, axis=axes, keepdims=True))
    return np.asarray(v.reshape(reduced_shape(x.shape, axis, keepdims=True)) * shares)


def _weighs_nothing(
    _y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Any:
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    return np.equal(np.sum(beside, axis=axes, keepdims=keepdims), 0)


_WEIGHTED: Final = structural(
    "average",
    "x weights",
    text=_TEXTS[1],
    parameters=(AXIS, KEEPDIMS),
    forward=_average,
    shape=_average_shape,
    parts=(
        Part(
            linear=True,
            vjp=_vjp_x,
            sparsity=lambda out, x, weights, axis=None, keepdims=False: reduced_sparsity(x, axis),
            entry=_entry_x,
        ),
        Part(
            vjp=_vjp_weights,
            jvp=_jvp_weights,
            sparsity=_sparsity_weights,
            whole="v · (x − y)/Σw",
            entry=_entry_weights,
        ),
    ),
    summary=_SUMMARY,
    reasons=(Reason("the weights {weights} add up to 0: 0/0 is NaN", _weighs_nothing),),
    domains=(Domain(), Domain(0.5, 2.0)),
    examples=(
        Example(((3,), (3,))),
        Example(((), ())),
        Example(((2, 3), (2, 3))),
        Example(((2, 3), (2, 3)), {"axis": 0}),
        Example(((2, 3), (3,)), {"axis": -1}),
        Example(((2, 3, 2), (3,)), {"axis": 1, "keepdims": True}),
        Example(((2, 3, 2), (2, 3, 2)), {"axis": (0, -1)}),
        Example(((2, 1), (1,)), {"axis": 1}),
        Example(((2, 0), (2, 0)), {"axis": 0}),
    ),
)


@cache
def _row(extras: tuple[str, ...]) -> Rule:
    return replace(_WEIGHTED if extras else MEAN, name="average", summary=_SUMMARY,
                   text=_TEXTS[bool(extras)], extras=_EXTRAS)  # fmt: skip


_EXTRAS: Final = Extras(("weights",), _row)

_AVERAGES: Final[tuple[Rule, ...]] = (_row(()),)

_VARIANCE: Final = Traits(
    reduces=True,
    alone="one entry is its own mean: its distance from it is 0 whatever it is",
    zero=slope_reasons.from_mean,
)

RULES: Final[tuple[Rule, ...]] = (
    MEAN,
    structural(
        "var",
        "x",
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
        traits=_VARIANCE,
    ),
    structural(
        "std",
        "x",
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
        traits=replace(_VARIANCE, zero=slope_reasons.deviation),
    ),
    *_AVERAGES,
)
