"""The cross entropy of scores and a target that names a class, or has a probability of each.

In a row, ``x`` are the scores (logits), ``t`` is the target, and ``weight`` that of each class; see
``classification``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.losses.classification import (
    IGNORE,
    INDEXED,
    REASONS,
    checked,
    domains,
    gathered_losses,
    hint,
    ignored,
    with_weights,
)
from tui_backprop.rules.ops.losses.reduction import (
    REDUCTION,
    reduced,
    reduced_part,
)
from tui_backprop.rules.ops.losses.targets import (
    IGNORED,
    along_classes,
    class_axis,
    class_weights,
    classes_of,
    has_indices,
    of_class,
    one_hot_at,
    sample_around,
    samples_of,
    smoothed,
    summed_class_weights,
    total_weight,
    zero_of_scores,
)
from tui_backprop.rules.ops.network.softmax import LARGEST, log_softmax, softmax
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS, no_entries
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter, Reason, Traits
from tui_backprop.rules.shapes import written_out

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


def _slopes(
    m: Any, x: Any, t: Any, weight: Any = None, *, label_smoothing: float = 0.0, **_static: Any
) -> Any:
    """∂ℓ/∂x in x's shape, as if no sample were ignored."""
    found = softmax(m, x, class_axis(len(x.shape)))
    total = summed_class_weights(m, x, t, weight, label_smoothing)
    found = found if isinstance(total, int) else found * total
    return found - class_weights(m, x, t, weight, label_smoothing)


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


def _left(m: Any, i: Any, x: Any, *_others: Any, **_static: Any) -> Any:
    """The slope of an ignored sample: 0 times its softmax, NaN where its scores have none.

    A row of nothing but −inf counts for nothing in the value, and yet PyTorch's gradient of it is
    NaN: the loss has no say in what its softmax multiplies.
    """
    return softmax(np, x, class_axis(x.ndim))[i] * 0 if m is np else 0


SCORES: Final = reduced_part(
    0, _slopes, _slope_at, within=of_class, weight=total_weight, ignored=ignored, left=_left
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
        return no_entries(out, t)
    return _PROBABILITIES.sparsity(out, x, t, *weight, **params)


def _target_entry(
    m: Any, j: Index, i: Index, y: Any, x: Any, t: Any, *weight: Any, **params: Any
) -> Any:
    return 0 if has_indices(x, t) else _PROBABILITIES.entry(m, j, i, y, x, t, *weight, **params)


TARGETS: Final = Part(
    vjp=_target_vjp, jvp=_target_jvp, sparsity=_target_sparsity, entry=_target_entry
)
"""Of the cross entropy by its targets: probabilities; class indices have no slope."""


def _cross_entropy_shape(
    x: Shape, t: Shape, weight: Shape | None = None,
    *, label_smoothing: float = 0.0, reduction: str = "mean", ignore_index: int = IGNORED,
) -> Shape:  # fmt: skip
    samples = checked("cross_entropy", x, t, weight, ignore_index)
    if t not in {samples, x}:
        raise ShapeError(
            said(
                "cross_entropy: targets {t} do not fit scores {x}: expected class indices "
                "{samples}, or probabilities {x}{where}",
                t=t,
                x=x,
                samples=samples,
                where=hint(x, t),
            )
        )
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(
            said(
                "label_smoothing must be from 0 to 1, found {label_smoothing}",
                label_smoothing=repr(label_smoothing),
            )
        )
    if t == x and ignore_index != IGNORED:
        raise ArgumentError(
            said(
                "ignore_index={ignore_index} is for class indices {samples}; targets {t} are "
                "probabilities",
                ignore_index=ignore_index,
                samples=samples,
                t=t,
            )
        )
    return reduced(samples, reduction)


_PROBABLE: Final = (
    Example(((2, 3), (2, 3))),
    Example(((3,), (3,)), {"reduction": "none"}),
    Example(((2, 3), (2, 3)), {"label_smoothing": 0.25, "reduction": "sum"}),
    Example(((2, 3), (2,)), {"label_smoothing": 0.25, "reduction": "none"}),
    Example(((2, 3, 2), (2, 3, 2))),
    Example(((2, 3, 2), (2, 3, 2)), {"label_smoothing": 0.25, "reduction": "none"}),
    Example(((2, 3, 2), (2, 2)), {"label_smoothing": 0.25}),
)


_OF_SCORES: Final = Reason(
    "the scores of a sample are −inf throughout and have no softmax: 0/0, even where the sample is "
    "ignored, as in PyTorch",
    lambda y, x, t, *_, **params: _of_samples(y, np.isneginf(x).all(axis=class_axis(x.ndim))),
)
_TOO_LARGE: Final = Reason(
    LARGEST,
    lambda y, x, t, *_, **params: _of_samples(y, np.isposinf(x).any(axis=class_axis(x.ndim))),
)


def _of_samples(y: Any, found: Any) -> Any:
    return found if np.shape(y) == np.shape(found) else np.any(found)


@cache
def _cross_entropy(extras: tuple[str, ...]) -> Rule:
    return structural(
        "cross_entropy",
        " ".join(("x", "t", *extras)),
        text=call_text(
            "cross_entropy", "xt", ("label_smoothing", "reduction", "ignore_index", *extras)
        ),
        parameters=(Parameter("label_smoothing", "number", 0.0, is_named=True), REDUCTION, IGNORE),
        forward=lambda m, x, *others, **params: gathered_losses(
            m, x, log_softmax(m, x, class_axis(len(x.shape))), *others, **params
        ),
        shape=_cross_entropy_shape,
        parts=(SCORES, TARGETS, *(None for _ in extras)),
        summary="−log softmax(x) at the class t, or weighted by probabilities t; no overflow",
        domains=domains(Domain(), extras),
        examples=with_weights((*INDEXED, *_PROBABLE), extras),
        extras=Extras(("weight",), _cross_entropy, stand_first=True),
        reasons=(*REASONS, _OF_SCORES, _TOO_LARGE),
        traits=Traits(zero=zero_of_scores),
    )


RULES: Final[tuple[Rule, ...]] = (_cross_entropy(()),)
