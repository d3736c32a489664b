"""Normalization along axes.

It stands apart because every entry of a block acts on all of it: J is made of dense blocks.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent, ``axis`` one axis, several, or None for all, and ``eps`` what
keeps the divisor from 0. ``entry`` is ∂y[j]/∂x[i] for two entries of one block. A layer norm with
weight and bias is ``layer_norm(x) * g + b``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.axes import normal_axes, reduced_count
from tui_backprop.rules.blocks import blocks, contrasts, of_block, same
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape

_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((2, 3),), {"axis": -1}),
    Example(((3, 2),), {"axis": 0}),
    Example(((2, 3, 1),), {"axis": (0, -2)}),
    Example(((2, 2),), {"axis": None}),
    Example(((2, 0),), {"axis": 1}),
    Example(((0, 2),), {"axis": -1}),
)
_ALONE: Final = (Example(((1,),)), Example(((2, 1),), {"axis": 1}))


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


def _mean(m: Any, x: Any, axis: Any) -> Any:
    return m.divide(m.sum(x, axis=axis, keepdims=True), reduced_count(x.shape, axis))


def _deviation(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(σ² + ε) of every block, of entries that were centred before."""
    return m.sqrt(_mean(m, x * x, axis) + eps)


def _standardized(m: Any, x: Any, axis: Any = -1, eps: float = 1e-5) -> Any:
    centred = x - _mean(m, x, axis)
    return centred / _deviation(m, centred, axis, eps)


def _standardized_pulled(v: Array, y: Array, x: Array, axis: Any = -1, eps: float = 1e-5) -> Array:
    pulled = v - _mean(np, v, axis) - y * _mean(np, v * y, axis)
    found: Array = pulled / _spread(np, x, axis, eps)
    return found


def _spread(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(σ² + ε) of every block, of entries as they are."""
    mean = _mean(m, x, axis)
    if m is np:
        return _deviation(m, x - mean, axis, eps)
    return m.sqrt(_mean(m, x * x, axis) - mean * mean + eps)  # the same, in n terms, not n²


def _standardized_entry(
    m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any = -1, eps: float = 1e-5
) -> Any:
    shared = m.divide(1 + y[j] * y[i], reduced_count(x.shape, axis))
    deviation = of_block(m, "deviation", lambda b: _spread(m, b, axis, eps), x, i, axis)
    return (same(m, j, i, axis, x.shape) - shared) / deviation


def _scaled_pulled(v: Array, y: Array, x: Array, axis: Any = -1, eps: float = 1e-5) -> Array:
    found: Array = (v - y * _mean(np, v * y, axis)) / _deviation(np, x, axis, eps)
    return found


def _scaled_entry(
    m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any = -1, eps: float = 1e-5
) -> Any:
    shared = m.divide(y[j] * y[i], reduced_count(x.shape, axis))
    deviation = of_block(m, "rms", lambda b: _deviation(m, b, axis, eps), x, i, axis)
    return (same(m, j, i, axis, x.shape) - shared) / deviation


def _softmax_pulled(v: Array, y: Array, _x: Array, axis: Any = -1) -> Array:
    found: Array = y * (v - np.sum(v * y, axis=axis, keepdims=True))
    return found


def _same_shape(x: Shape, axis: Any = -1, **_params: float) -> Shape:
    normal_axes(axis, x)
    return x


def _standardizing(name: str, axis: int, summary: str) -> Rule:
    """(x − μ) / √(σ² + ε) with the mean and biased variance of each block."""
    return structural(
        name,
        "x",
        text=f"{name}({{x}}, axis={{axis}}, eps={{eps}})",
        parameters=(Parameter("axis", "axis", axis), Parameter("eps", "number", 1e-5)),
        forward=_standardized,
        shape=_same_shape,
        parts=(
            Part(
                vjp=_standardized_pulled,
                jvp=_standardized_pulled,  # J is symmetric
                sparsity=lambda out, x, axis, eps=1e-5: contrasts(x, axis),
                entry=_standardized_entry,
            ),
        ),
        summary=summary,
        examples=(*_EXAMPLES, *_ALONE, Example(((2, 3),), {"axis": 1, "eps": 0.25})),
    )


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "softmax",
        "x",
        text="softmax({x}, axis={axis})",
        parameters=(Parameter("axis", "axis", -1),),
        forward=softmax,
        shape=_same_shape,
        parts=(
            Part(
                vjp=_softmax_pulled,
                jvp=_softmax_pulled,  # J is symmetric
                sparsity=lambda out, x, axis=-1: contrasts(x, axis),
                entry=lambda m, j, i, y, x, axis=-1: y[j] * (same(m, j, i, axis, x.shape) - y[i]),
            ),
        ),
        summary="exp(x) / Σ exp(x) along an axis; the maximum is taken off first: no overflow",
        examples=(*_EXAMPLES, *_ALONE),
    ),
    structural(
        "log_softmax",
        "x",
        text="log_softmax({x}, axis={axis})",
        parameters=(Parameter("axis", "axis", -1),),
        forward=log_softmax,
        shape=_same_shape,
        parts=(
            Part(
                vjp=lambda v, y, x, axis=-1: v - np.exp(y) * np.sum(v, axis=axis, keepdims=True),
                jvp=lambda t, y, x, axis=-1: t - np.sum(np.exp(y) * t, axis=axis, keepdims=True),
                sparsity=lambda out, x, axis=-1: contrasts(x, axis),
                entry=lambda m, j, i, y, x, axis=-1: same(m, j, i, axis, x.shape) - m.exp(y[i]),
            ),
        ),
        summary="x − log Σ exp(x) along an axis; the maximum is taken off first: no overflow",
        examples=(*_EXAMPLES, *_ALONE),
    ),
    _standardizing(
        "layer_norm",
        -1,
        "(x − mean) / √(variance + eps) along an axis; biased variance, no weight, no bias",
    ),
    _standardizing(
        "batch_norm",
        0,
        "(x − mean) / √(variance + eps) over the batch; its own statistics, none kept from before",
    ),
    structural(
        "rms_norm",
        "x",
        text="rms_norm({x}, axis={axis}, eps={eps})",
        parameters=(Parameter("axis", "axis", -1), Parameter("eps", "number", 1e-5)),
        forward=lambda m, x, axis=-1, eps=1e-5: x / _deviation(m, x, axis, eps),
        shape=_same_shape,
        parts=(
            Part(
                vjp=_scaled_pulled,
                jvp=_scaled_pulled,  # J is symmetric
                sparsity=lambda out, x, axis=-1, eps=1e-5: blocks(x, axis),
                entry=_scaled_entry,
            ),
        ),
        summary="x / √(mean of x² + eps) along an axis; PyTorch's default eps is the dtype's own",
        examples=(*_EXAMPLES, Example(((2, 1),), {"axis": 1, "eps": 0.25})),
    ),
)
