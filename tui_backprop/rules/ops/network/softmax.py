"""The softmax along axes, and its logarithm.

Every entry of a block acts on all of it: J is made of dense blocks, and ``entry`` is for two places
of one block. ``axis`` is one axis, several, or None for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules import slope_reasons
from tui_backprop.rules.reduction_slopes import contrasts, same
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Reason, Traits
from tui_backprop.rules.shapes import normal_axes

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

EXAMPLES: Final = (
    Example(((3,),)),
    Example(((2, 3),), {"axis": -1}),
    Example(((3, 2),), {"axis": 0}),
    Example(((2, 3, 1),), {"axis": (0, -2)}),
    Example(((2, 2),), {"axis": None}),
    Example(((2, 0),), {"axis": 1}),
    Example(((0, 2),), {"axis": -1}),
)
ALONE: Final = (Example(((1,),)), Example(((2, 1),), {"axis": 1}))
_OF_A_NUMBER: Final = Example(((),), {"axis": 0})


def softmax(m: Any, x: Any, axis: Any = -1) -> Any:
    """exp(x) / Σ exp(x)."""
    e = m.exp(_below_zero(m, x, axis))
    return e / m.sum(e, axis=axis, keepdims=True)


def log_softmax(m: Any, x: Any, axis: Any = -1) -> Any:
    """The logarithm of `softmax`, x − log Σ exp(x)."""
    low = _below_zero(m, x, axis)
    return low - m.log(m.sum(m.exp(low), axis=axis, keepdims=True))


def _below_zero(m: Any, x: Any, axis: Any) -> Any:
    """Less the largest entry, so that exp cannot overflow; in a formula that cancels out."""
    return x - np.max(x, axis=axis, keepdims=True, initial=-np.inf) if m is np else x


def _softmax_pulled(v: Array, y: Array, _x: Array, axis: Any = -1) -> Array:
    found: Array = y * (v - np.sum(v * y, axis=axis, keepdims=True))
    return found


def _are(x: Array, axis: Any, which: Any, of: Any = np.all) -> Any:
    """Whether all entries of a block are, or any, the axes kept."""
    return of(which(x), axis=normal_axes(axis, x.shape), keepdims=True)


def _is_nothing(_y: Array, x: Array, axis: Any = -1) -> Any:
    return np.logical_and(_are(x, axis, np.isneginf), x.size > 0)


_NOTHING: Final = "all that it normalizes is -inf: each exp is 0, and 0/0 is NaN"
LARGEST: Final = "it subtracts the largest entry first, and inf - inf is NaN"
_TOO_LARGE: Final = Reason(LARGEST, lambda y, x, axis=-1: _are(x, axis, np.isposinf, np.any))


def _same_shape(x: Shape, axis: Any = -1, **_params: float) -> Shape:
    normal_axes(axis, x)
    return x


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "softmax",
        "x",
        parameters=(Parameter("axis", "axis", -1),),
        forward=softmax,
        shape=_same_shape,
        parts=(
            Part(
                vjp=_softmax_pulled,
                jvp=_softmax_pulled,  # J is symmetric
                sparsity=lambda out, x, axis=-1: contrasts(x, axis),
                whole="y·(v − Σ v·y)",
                entry=lambda m, j, i, y, x, axis=-1: y[j] * (same(m, j, i, axis, x.shape) - y[i]),
            ),
        ),
        summary="exp(x) / Σ exp(x) along an axis; the maximum is taken off first: no overflow",
        examples=(*EXAMPLES, *ALONE, _OF_A_NUMBER),
        reasons=(
            Reason(
                f"{_NOTHING}; scaled_dot_product_attention gives 0 for such a row instead",
                _is_nothing,
            ),
            _TOO_LARGE,
        ),
        traits=Traits(
            alone="the softmax of one entry is 1 whatever it is", zero=slope_reasons.softmax
        ),
    ),
    structural(
        "log_softmax",
        "x",
        parameters=(Parameter("axis", "axis", -1),),
        forward=log_softmax,
        shape=_same_shape,
        parts=(
            Part(
                vjp=lambda v, y, x, axis=-1: v - np.exp(y) * np.sum(v, axis=axis, keepdims=True),
                jvp=lambda t, y, x, axis=-1: t - np.sum(np.exp(y) * t, axis=axis, keepdims=True),
                sparsity=lambda out, x, axis=-1: contrasts(x, axis),
                whole="v − exp(y)·Σ v",
                entry=lambda m, j, i, y, x, axis=-1: same(m, j, i, axis, x.shape) - m.exp(y[i]),
            ),
        ),
        summary="x − log Σ exp(x) along an axis; the maximum is taken off first: no overflow",
        examples=(*EXAMPLES, *ALONE, _OF_A_NUMBER),
        reasons=(Reason(_NOTHING, _is_nothing), _TOO_LARGE),
        traits=Traits(alone="the log_softmax of one entry is 0 whatever it is"),
    ),
)
