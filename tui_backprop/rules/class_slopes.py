"""How the losses over classes change with their operands.

It stands apart from the rows so that they read as their shapes and parameters. ``m`` is the
interpretation, ``x`` the scores, ``p_log`` log-probabilities, ``t`` the target, ``weight`` that of
each class; what W and Σ W are, and what is ignored, ``targets`` says.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduced import reading_some, reduced_part
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS
from tui_backprop.rules.rows import Part
from tui_backprop.rules.softmax import log_softmax, softmax
from tui_backprop.rules.sparsity import Gathered
from tui_backprop.rules.targets import (
    IGNORED,
    along_classes,
    asked,
    asked_in_all,
    class_axis,
    classes_of,
    has_indices,
    is_ignored,
    of_class,
    one_hot,
    one_hot_at,
    sample_around,
    samples_of,
    smoothed,
    total_weight,
    written_out,
)

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


def _slopes(
    m: Any, x: Any, t: Any, weight: Any = None, *, label_smoothing: float = 0.0, **_static: Any
) -> Any:
    """∂ℓ/∂x in x's shape, as if no sample were ignored."""
    found = softmax(m, x, class_axis(len(x.shape)))
    found = found * asked_in_all(m, x, t, weight, label_smoothing)
    return found - asked(m, x, t, weight, label_smoothing)


def _slope_at(
    m: Any, i: Index, x: Any, t: Any, weight: Any = None,
    *, label_smoothing: float = 0.0, **_static: Any,
) -> Any:  # fmt: skip
    """∂ℓ/∂x[i]; with symbols, from those of one sample."""
    if m is np:
        return _slopes(np, x, t, weight, label_smoothing=label_smoothing)[i]
    is_index, classes = has_indices(x, t), classes_of(x.shape)
    c = i[class_axis(len(i))]
    if classes <= MOST_SYMBOLS:
        target = np.asarray(t[samples_of(i)], dtype=object) if is_index else sample_around(t, i)
        of = None if weight is None else written_out(weight)
        sample = sample_around(x, i)
        return _slopes(m, sample, target, of, label_smoothing=label_smoothing)[c]
    of = None if weight is None else weight[(c,)]
    if is_index:
        own = one_hot_at(m, t[samples_of(i)], c, classes, of)
    else:
        own = t[i] if of is None else t[i] * of
    own = smoothed(m, own, classes, label_smoothing, of)
    total = 1 if is_index and weight is None else m.named("sum_of_weights")
    return m.named("softmax") * total - own


def _target_slopes(
    m: Any, x: Any, _t: Any, weight: Any = None, *, label_smoothing: float = 0.0, **_static: Any
) -> Any:
    """∂ℓ/∂t of probabilities, in t's shape."""
    axes = len(x.shape)
    found = (label_smoothing - 1) * log_softmax(m, x, class_axis(axes))
    return found if weight is None else found * along_classes(weight, axes)


def _target_slope_at(
    m: Any, i: Index, x: Any, t: Any, weight: Any = None,
    *, label_smoothing: float = 0.0, **static: Any,
) -> Any:  # fmt: skip
    c = (i[class_axis(len(i))],)
    if m is not np and classes_of(x.shape) > MOST_SYMBOLS:
        found = (label_smoothing - 1) * m.named("log_softmax")
        return found if weight is None else found * weight[c]
    row, at = (x, i) if m is np else (sample_around(x, i), c)
    of = weight if m is np or weight is None else written_out(weight)
    return _target_slopes(m, row, t, of, label_smoothing=label_smoothing, **static)[at]


def _ignored(
    m: Any, samples: Any, x: Any, t: Any, *_weight: Any, ignore_index: int = IGNORED, **_static: Any
) -> Any:
    """Whether samples are; a target of probabilities names none."""
    return is_ignored(m, t[samples], ignore_index) if has_indices(x, t) else None


def _left(m: Any, i: Any, x: Any, *_others: Any, **_static: Any) -> Any:
    """What an ignored sample passes: 0 times its softmax, NaN where its scores have none.

    A row of nothing but −inf counts for nothing in the value, and yet PyTorch's gradient of it is
    NaN: the loss has no say in what its softmax multiplies.
    """
    return softmax(np, x, class_axis(x.ndim))[i] * 0 if m is np else 0


SCORES: Final = reduced_part(
    0, _slopes, _slope_at, within=of_class, weight=total_weight, ignored=_ignored, left=_left
)
"""Of the cross entropy by its scores."""

_PROBABILITIES: Final = reduced_part(1, _target_slopes, _target_slope_at, within=of_class)


def _target_vjp(v: Array, y: Array, x: Array, t: Array, *weight: Array, **params: Any) -> Array:
    if has_indices(x, t):
        return np.zeros_like(t)
    return _PROBABILITIES.vjp(v, y, x, t, *weight, **params)


def _target_jvp(
    tangent: Array, y: Array, x: Array, t: Array, *weight: Array, **params: Any
) -> Array:
    if has_indices(x, t) or _PROBABILITIES.jvp is None:
        return np.zeros_like(y)
    return _PROBABILITIES.jvp(tangent, y, x, t, *weight, **params)


def _target_sparsity(out: Shape, x: Shape, t: Shape, *weight: Shape, **params: Any) -> Sparsity:
    if len(t) < len(x):
        return Gathered(np.full(prod(out), -1, dtype=np.intp), prod(t))
    return _PROBABILITIES.sparsity(out, x, t, *weight, **params)


def _target_entry(
    m: Any, j: Index, i: Index, y: Any, x: Any, t: Any, *weight: Any, **params: Any
) -> Any:
    return 0 if has_indices(x, t) else _PROBABILITIES.entry(m, j, i, y, x, t, *weight, **params)


def _nll_slopes(m: Any, p_log: Any, t: Any, weight: Any = None, **_static: Any) -> Any:
    return -asked(m, p_log, t, weight)


def _nll_slope_at(m: Any, i: Index, p_log: Any, t: Any, weight: Any = None, **_static: Any) -> Any:
    c = i[class_axis(len(i))]
    of = None if weight is None else weight[(c,)]
    return -one_hot_at(m, t[samples_of(i)], c, classes_of(p_log.shape), of)


def _named_classes(
    p_log: Array, t: Array, *_weight: Array, ignore_index: int = IGNORED, **_static: Any
) -> Array:
    """Which log-probabilities count: of each sample that of its class.

    All of a sample whose target names no class: its loss is NaN.
    """
    is_read = one_hot(np, t, p_log.shape) != 0  # NaN where there is no such class
    is_out = is_ignored(np, t, ignore_index)
    return np.asarray(is_read & ~np.expand_dims(is_out, class_axis(p_log.ndim)))


TARGETS: Final = Part(
    vjp=_target_vjp, jvp=_target_jvp, sparsity=_target_sparsity, entry=_target_entry
)
"""Of the cross entropy by its targets: probabilities; class indices have no slope."""

LOG_PROBABILITIES: Final = reading_some(
    reduced_part(
        0, _nll_slopes, _nll_slope_at, within=of_class, weight=total_weight, ignored=_ignored
    ),
    _named_classes,
    within=of_class,
)
"""Of the negative log-likelihood by its log-probabilities."""
