"""What a target asks of the classes: weights W for each sample, named by a number or written out.

    ℓ = −Σ_c W_c · log softmax(x)_c        ∂ℓ/∂x = softmax(x)·Σ W − W

It stands apart from the rows because both losses over classes read their targets alike. With w the
weight of each class and ε the smoothing, W_c = w_c·((1 − ε)·[c = t] + ε/C); of probabilities t the
same with t_c for [c = t]. A sample whose class is ``ignore_index`` asks nothing.

``m`` is the interpretation, ``x`` has the classes on its last axis. Programs have only real
numbers, so the nearest whole one names a class; where that is none, W is NaN.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.groups import MOST_SYMBOLS
from tui_backprop.rules.naming import names, names_any

if TYPE_CHECKING:
    from tui_backprop.rules.types import Index


IGNORED: Final = -100
"""The class that PyTorch ignores unless told another."""


def has_indices(x: Any, t: Any) -> bool:
    """Whether targets name classes; else they are probabilities."""
    return len(t.shape) < len(x.shape)


def is_ignored(m: Any, t: Any, ignore_index: int) -> Any:
    """Whether a sample counts for nothing."""
    return names(m, t, ignore_index)


def picked(m: Any, x: Any, t: Any) -> Any:
    """The entry of each sample that t names.

    Not a product with 0 and 1: other entries may be infinite.
    """
    classes = x.shape[-1]
    found = m.sum(m.where(_is_class(m, t, classes), x, 0), axis=-1)
    return m.where(names_any(m, t, classes), found, m.nan)


def _is_class(m: Any, t: Any, classes: int) -> Any:
    """Whether t names each class, with the classes along a new last axis."""
    return names(m, np.asarray(t)[..., None], np.arange(classes))


def one_hot(m: Any, t: Any, classes: int, weight: Any = None) -> Any:
    """The weight of the class that t names, 1 unless said, 0 elsewhere; along a new last axis.

    Not a product with 0 and 1: other weights may be infinite.
    """
    is_any = np.asarray(names_any(m, t, classes))[..., None]
    found = m.where(_is_class(m, t, classes), 1 if weight is None else weight, 0)
    return m.where(is_any, found, m.nan)


def one_hot_at(m: Any, t: Any, c: Any, classes: int, weight: Any = None) -> Any:
    """The same at class c alone, t being the index of its sample, ``weight`` that of c."""
    found = m.where(names(m, t, c), 1 if weight is None else weight, 0)
    return m.where(names_any(m, t, classes), found, m.nan)


def smoothed(m: Any, found: Any, classes: int, label_smoothing: float, weight: Any = None) -> Any:
    """What is asked, moved towards 1/C of each weight."""
    if not label_smoothing:
        return found
    even = m.divide(label_smoothing, classes)
    return (1 - label_smoothing) * found + (even if weight is None else even * weight)


def losses(
    m: Any, logs: Any, t: Any, weight: Any, label_smoothing: float, ignore_index: int
) -> Any:
    """One ℓ for each sample, from log-probabilities."""
    logs = logs if weight is None else logs * weight
    is_index = has_indices(logs, t)
    found = picked(m, logs, t) if is_index else m.sum(t * logs, axis=-1)
    if label_smoothing:
        even = m.divide(m.sum(logs, axis=-1), logs.shape[-1])
        found = (1 - label_smoothing) * found + label_smoothing * even
    return m.where(is_ignored(m, t, ignore_index), 0, -found) if is_index else -found


def asked(m: Any, x: Any, t: Any, weight: Any, label_smoothing: float = 0.0) -> Any:
    """W in x's shape, of all samples as if none were ignored."""
    classes = x.shape[-1]
    if has_indices(x, t):
        found = one_hot(m, t, classes, weight)
    else:
        found = t if weight is None else t * weight
    return smoothed(m, found, classes, label_smoothing, weight)


def asked_in_all(m: Any, x: Any, t: Any, weight: Any, label_smoothing: float = 0.0) -> Any:
    """Σ W of each sample, the axis kept; 1 where it is so whatever the numbers."""
    if weight is None and has_indices(x, t):
        return 1
    return m.sum(asked(m, x, t, weight, label_smoothing), axis=-1, keepdims=True)


def total_weight(
    m: Any, x: Any, t: Any, weight: Any = None, *, ignore_index: int = IGNORED, **_params: Any
) -> Any:
    """What PyTorch's mean divides by: the weight of all classes named, or of probabilities N."""
    samples = x.shape[:-1]
    if not has_indices(x, t):
        return prod(samples)
    if m is not np and max(prod(samples), x.shape[-1]) > MOST_SYMBOLS:
        return m.named("total_weight")
    written = t if m is np else written_out(t)
    if weight is None:
        each = m.where(is_ignored(m, written, ignore_index), 0, m.ones_like(written))
        return m.sum(each)
    table = weight if m is np else written_out(weight)
    of = np.broadcast_to(table, x.shape)
    return m.sum(m.where(is_ignored(m, written, ignore_index), 0, picked(m, of, written)))


def written_out(x: Any) -> Any:
    """All symbols of an operand that makes them one by one."""
    found = np.empty(x.shape, dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = x[place]
    return found


def sample_around(x: Any, i: Index) -> Any:
    """The symbols of the sample around one entry."""
    return np.array([x[(*i[:-1], c)] for c in range(x.shape[-1])], dtype=object)
