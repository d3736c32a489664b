"""Losses over classes: one number for each row of scores.

It stands apart because a sample here is a row of C entries, and the target may name one of them.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the scores
(logits) of shape (N, C) or (C,), ``t`` the target. Programs have only real numbers, so a class is
named by the nearest whole number; where that is no class, the loss and its slopes are NaN. The loss

    ℓ = −Σ_c w_c · log softmax(x)_c        ∂ℓ/∂x = softmax(x)·Σ w − w

has weights w: 1 at the class t and 0 elsewhere, or t itself, moved towards 1/C by smoothing.
``reduction`` is PyTorch's, its mean one over samples.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.groups import MOST_SYMBOLS
from tui_backprop.rules.naming import names, names_any
from tui_backprop.rules.normalization import log_softmax, softmax
from tui_backprop.rules.reduced import REDUCTION, gathered, reduced, reduced_part
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter
from tui_backprop.rules.sparsity import Gathered

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape

_CLASSES: Final = Domain(values=(0.0, 1.0, 2.0))


def _samples(name: str, x: Shape) -> Shape:
    """The axes before the classes."""
    if len(x) not in {1, 2}:
        raise ShapeError(f"{name} needs scores of shape (N, C) or (C,), found {x}")
    return x[:-1]


def _has_indices(x: Any, t: Any) -> bool:
    return len(t.shape) < len(x.shape)


def _is_class(m: Any, t: Any, classes: int) -> Any:
    """Whether t names each class, with the classes along a new last axis."""
    return names(m, np.asarray(t)[..., None], np.arange(classes))


def _picked(m: Any, x: Any, t: Any) -> Any:
    """The entry of each sample that t names.

    Not a product with 0 and 1: other entries may be infinite.
    """
    classes = x.shape[-1]
    found = m.sum(m.where(_is_class(m, t, classes), x, 0), axis=-1)
    return m.where(names_any(m, t, classes), found, m.nan)


def _one_hot(m: Any, t: Any, classes: int) -> Any:
    is_any = np.asarray(names_any(m, t, classes))[..., None]
    return m.where(is_any, m.where(_is_class(m, t, classes), 1, 0), m.nan)


def _one_hot_at(m: Any, t: Any, c: Any, classes: int) -> Any:
    """The same at class c alone, t being the index of its sample."""
    return m.where(names_any(m, t, classes), m.where(names(m, t, c), 1, 0), m.nan)


def _losses(m: Any, x: Any, t: Any, label_smoothing: float) -> Any:
    """One ℓ for each sample."""
    logs = log_softmax(m, x)
    found = _picked(m, logs, t) if _has_indices(x, t) else m.sum(t * logs, axis=-1)
    if label_smoothing:
        even = m.divide(m.sum(logs, axis=-1), x.shape[-1])
        found = (1 - label_smoothing) * found + label_smoothing * even
    return -found


def _slopes(m: Any, x: Any, t: Any, label_smoothing: float = 0.0) -> Any:
    """∂ℓ/∂x in x's shape."""
    classes, is_index = x.shape[-1], _has_indices(x, t)
    w = _one_hot(m, t, classes) if is_index else t
    total: Any = 1 if is_index else m.sum(t, axis=-1, keepdims=True)
    return _slope(m, softmax(m, x), total, w, classes, label_smoothing)


def _slope(m: Any, p: Any, total: Any, w: Any, classes: int, label_smoothing: float) -> Any:
    """p·Σ w − w, with the weights still to be smoothed."""
    if label_smoothing:
        w = (1 - label_smoothing) * w + m.divide(label_smoothing, classes)
        total = (1 - label_smoothing) * total + label_smoothing
    return p * total - w


def _slope_at(m: Any, i: Index, x: Any, t: Any, label_smoothing: float = 0.0) -> Any:
    """∂ℓ/∂x[i]; with symbols, from those of one sample."""
    if m is np:
        return _slopes(np, x, t, label_smoothing)[i]
    is_index, classes = _has_indices(x, t), x.shape[-1]
    if classes <= MOST_SYMBOLS:
        target = np.asarray(t[i[:-1]], dtype=object) if is_index else _row(t, i)
        return _slopes(m, _row(x, i), target, label_smoothing)[i[-1]]
    w = _one_hot_at(m, t[i[:-1]], i[-1], classes) if is_index else t[i]
    total = 1 if is_index else m.named("sum_of_t")
    return _slope(m, m.named("softmax"), total, w, classes, label_smoothing)


def _target_slopes(m: Any, x: Any, _t: Any, label_smoothing: float = 0.0) -> Any:
    """∂ℓ/∂t of probabilities, in t's shape."""
    return (label_smoothing - 1) * log_softmax(m, x)


def _target_slope_at(m: Any, i: Index, x: Any, t: Any, label_smoothing: float = 0.0) -> Any:
    if m is not np and x.shape[-1] > MOST_SYMBOLS:
        return (label_smoothing - 1) * m.named("log_softmax")
    row, at = (x, i) if m is np else (_row(x, i), i[-1:])
    return _target_slopes(m, row, t, label_smoothing)[at]


def _row(x: Any, i: Index) -> Array:
    """The symbols of the sample around one entry."""
    return np.array([x[(*i[:-1], c)] for c in range(x.shape[-1])], dtype=object)


_SCORES: Final = reduced_part(0, _slopes, _slope_at, per_sample=1)

_PROBABILITIES: Final = reduced_part(1, _target_slopes, _target_slope_at, per_sample=1)


def _target_vjp(v: Array, y: Array, x: Array, t: Array, **params: Any) -> Array:
    return np.zeros_like(t) if _has_indices(x, t) else _PROBABILITIES.vjp(v, y, x, t, **params)


def _target_jvp(tangent: Array, y: Array, x: Array, t: Array, **params: Any) -> Array:
    if _has_indices(x, t) or _PROBABILITIES.jvp is None:
        return np.zeros_like(y)
    return _PROBABILITIES.jvp(tangent, y, x, t, **params)


def _target_sparsity(out: Shape, x: Shape, t: Shape, **params: Any) -> Sparsity:
    if len(t) < len(x):
        return Gathered(np.full(prod(out), -1, dtype=np.intp), prod(t))
    return _PROBABILITIES.sparsity(out, x, t, **params)


def _target_entry(m: Any, j: Index, i: Index, y: Any, x: Any, t: Any, **params: Any) -> Any:
    return 0 if _has_indices(x, t) else _PROBABILITIES.entry(m, j, i, y, x, t, **params)


def _cross_entropy_shape(
    x: Shape, t: Shape, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Shape:
    samples = _samples("cross_entropy", x)
    if t not in {samples, x}:
        raise ShapeError(
            f"cross_entropy: targets {t} do not fit scores {x}: "
            f"expected class indices {samples}, or probabilities {x}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"label_smoothing must be from 0 to 1, found {label_smoothing!r}")
    return reduced(samples, reduction)


def _nll_shape(p_log: Shape, t: Shape, reduction: str = "mean") -> Shape:
    samples = _samples("nll", p_log)
    if t != samples:
        raise ShapeError(
            f"nll: targets {t} do not fit log-probabilities {p_log}: "
            f"expected class indices {samples}"
        )
    return reduced(samples, reduction)


_INDEXED: Final = (
    Example(((2, 3), (2,))),
    Example(((3,), ())),
    Example(((2, 3), (2,)), {"reduction": "sum"}),
    Example(((2, 3), (2,)), {"reduction": "none"}),
    Example(((3,), ()), {"reduction": "none"}),
    Example(((0, 3), (0,))),
)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "cross_entropy",
        "x t",
        text="cross_entropy({x}, {t}, label_smoothing={label_smoothing}, reduction={reduction})",
        parameters=(Parameter("label_smoothing", "number", 0.0), REDUCTION),
        forward=lambda m, x, t, label_smoothing=0.0, reduction="mean": gathered(
            m, _losses(m, x, t, label_smoothing), x.shape[:-1], reduction
        ),
        shape=_cross_entropy_shape,
        parts=(
            _SCORES,
            Part(vjp=_target_vjp, jvp=_target_jvp, sparsity=_target_sparsity, entry=_target_entry),
        ),
        summary="−log softmax(x) at the class t, or weighted by probabilities t; no overflow",
        domains=(Domain(), _CLASSES),
        examples=(
            *_INDEXED,
            Example(((2, 3), (2, 3))),
            Example(((3,), (3,)), {"reduction": "none"}),
            Example(((2, 3), (2, 3)), {"label_smoothing": 0.25, "reduction": "sum"}),
            Example(((2, 3), (2,)), {"label_smoothing": 0.25, "reduction": "none"}),
        ),
    ),
    structural(
        "nll",
        "p_log t",
        text="nll({p_log}, {t}, reduction={reduction})",
        parameters=(REDUCTION,),
        forward=lambda m, p_log, t, reduction="mean": gathered(
            m, -_picked(m, p_log, t), p_log.shape[:-1], reduction
        ),
        shape=_nll_shape,
        parts=(
            reduced_part(
                0,
                lambda m, p_log, t: -_one_hot(m, t, p_log.shape[-1]),
                lambda m, i, p_log, t: -_one_hot_at(m, t[i[:-1]], i[-1], p_log.shape[-1]),
                per_sample=1,
            ),
            None,
        ),
        summary="−p_log at the class t of each sample, from log-probabilities",
        domains=(Domain(-3.0, -0.1), _CLASSES),
        examples=_INDEXED,
    ),
)
