"""The weighted mean: of two operands, linear in one of them.

It stands apart from the other means because its weights have a derivative and a shape of their own.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` and ``weights``
the operands, ``y`` the value, ``v`` its cotangent, ``axis`` and ``keepdims`` NumPy's. With W the
sum of the weights that meet,

    y = Σ w·x / W          ∂y/∂x[i] = w[i] / W          ∂y/∂w[i] = (x[i] − y) / W

where w is of x's shape, or one weight per place along ``axis``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ShapeError
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS, Shared, no_entries, shared_at
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Extras, Reason
from tui_backprop.rules.shapes import (
    normal_axes,
    reduced_count,
    reduced_shape,
    reduced_sparsity,
    refuse_axis_of_number,
)
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.statistics import MEAN

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape

_WEIGHT: Final = Shared(
    "sum_of_the_weights", lambda m, x, y, axes: m.sum(x, axis=axes, keepdims=True)
)


def _shape(x: Shape, weights: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    refuse_axis_of_number(axis, x)
    axes = normal_axes(axis, x)
    if weights != x and (axis is None or len(axes) != 1 or weights != (x[axes[0]],)):
        wanted = f", or {(x[axes[0]],)}" if axis is not None and len(axes) == 1 else ""
        raise ShapeError(
            f"weights of shape {weights} do not fit x of shape {x}: expected {x}{wanted}"
            + ("" if wanted else "; one weight per place needs one axis, as in axis=0")
        )
    return reduced_shape(x, axis, keepdims)


def _beside(m: Any, weights: Any, x: Shape, axis: Any) -> Any:
    """The weights with x's axes, repeated where they are the same."""
    if weights.shape == x:
        return weights
    (along,) = normal_axes(axis, x)
    return m.reshape(weights, tuple(n if a == along else 1 for a, n in enumerate(x)))


def _average(m: Any, x: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    beside, axes = _beside(m, weights, x.shape, axis), normal_axes(axis, x.shape)
    total = m.sum(beside, axis=axes, keepdims=keepdims)
    return m.divide(m.sum(x * beside, axis=axes, keepdims=keepdims), total)


def _vjp_x(
    v: Array, _y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Array:
    del keepdims  # v is reshaped either way
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    shares = np.divide(beside, np.sum(beside, axis=axes, keepdims=True))
    return np.asarray(v.reshape(reduced_shape(x.shape, axis, keepdims=True)) * shares)


def _slopes(y: Array, x: Array, weights: Array, axis: Any) -> Array:
    """∂y/∂w, in x's shape; exactly 0 for an entry alone, whose x·w/w may differ from x."""
    if reduced_count(x.shape, axis) == 1:
        return np.zeros_like(x)
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    kept = np.reshape(y, reduced_shape(x.shape, axis, keepdims=True))
    return np.asarray(np.divide(x - kept, np.sum(beside, axis=axes, keepdims=True)))


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


def _jvp_weights(
    t: Array, y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Array:
    moved = _beside(np, t, x.shape, axis) * _slopes(y, x, weights, axis)
    return np.asarray(np.sum(moved, axis=normal_axes(axis, x.shape), keepdims=keepdims))


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


def _entry_x(
    m: Any, j: Index, i: Index, y: Any, x: Any, weights: Any, axis: Any = None, **_keepdims: Any
) -> Any:
    own = i if weights.shape == x.shape else (i[normal_axes(axis, x.shape)[0]],)
    return m.divide(weights[own], _total(m, j, own, y, x, weights, axis))


def _entry_weights(
    m: Any, j: Index, i: Index, y: Any, x: Any, weights: Any, axis: Any = None, **_keepdims: Any
) -> Any:
    place = i
    if weights.shape != x.shape:
        (along,) = normal_axes(axis, x.shape)
        behind = len(x.shape) - along - 1
        place = (*j[:along], *i, *j[len(j) - behind :])
    return m.divide(x[place] - y[j], _total(m, j, i, y, x, weights, axis))


_SUMMARY: Final = (
    "the mean, or with weights the weighted mean: weights of x's shape, or one for each place "
    "along the axis"
)


def _weighs_nothing(
    _y: Array, x: Array, weights: Array, axis: Any = None, keepdims: bool = False
) -> Any:
    beside, axes = _beside(np, weights, x.shape, axis), normal_axes(axis, x.shape)
    return np.equal(np.sum(beside, axis=axes, keepdims=keepdims), 0)


@cache
def _row(extras: tuple[str, ...]) -> Rule:
    return replace(_WEIGHTED if extras else MEAN, name="average", summary=_SUMMARY,
                   text=_TEXTS[bool(extras)], extras=_EXTRAS)  # fmt: skip


_TEXTS: Final = (
    "average({x}, axis={axis}, keepdims={keepdims})",
    "average({x}, weights={weights}, axis={axis}, keepdims={keepdims})",
)
_EXTRAS: Final = Extras(("weights",), _row)

_WEIGHTED: Final = structural(
    "average",
    "x weights",
    text=_TEXTS[1],
    parameters=(AXIS, KEEPDIMS),
    forward=_average,
    shape=_shape,
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

RULES: Final[tuple[Rule, ...]] = (_row(()),)
