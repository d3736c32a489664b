"""Losses over classes: one number for each row of scores, whose target may name one of them.

In a row, ``x`` are the scores (logits) of shape (N, C), (C,) or (N, C, d1, …), ``p_log``
log-probabilities likewise, ``t`` the target, which ``targets`` reads, and ``weight`` that of each
class, (C,). ``reduction`` is PyTorch's, its mean one over samples, or over the weights of the
classes that they name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.layout.embedding import names_any
from tui_backprop.rules.ops.losses.losses import (
    REDUCTION,
    gathered,
    reading_some,
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
    is_ignored,
    losses,
    of_class,
    one_hot,
    one_hot_at,
    other_class,
    sample_around,
    samples_of,
    sent_to_classes,
    smoothed,
    summed_class_weights,
    total_weight,
    zero_of_chosen,
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


def _ignored(
    m: Any, samples: Any, x: Any, t: Any, *_weight: Any, ignore_index: int = IGNORED, **_static: Any
) -> Any:
    """Whether each sample is ignored; a target of probabilities ignores none."""
    return is_ignored(m, t[samples], ignore_index) if has_indices(x, t) else None


def _left(m: Any, i: Any, x: Any, *_others: Any, **_static: Any) -> Any:
    """The slope of an ignored sample: 0 times its softmax, NaN where its scores have none.

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
        return no_entries(out, t)
    return _PROBABILITIES.sparsity(out, x, t, *weight, **params)


def _target_entry(
    m: Any, j: Index, i: Index, y: Any, x: Any, t: Any, *weight: Any, **params: Any
) -> Any:
    return 0 if has_indices(x, t) else _PROBABILITIES.entry(m, j, i, y, x, t, *weight, **params)


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


def _nll_pulled(
    v: Array, y: Array, p_log: Array, t: Array, weight: Any = None,
    *, ignore_index: int = IGNORED, reduction: str = "mean",
) -> Array:  # fmt: skip
    """Each sample sends to its own class alone."""
    if not p_log.size:
        return np.zeros_like(p_log)
    by: Any = 1
    if reduction == "mean":
        by = total_weight(np, p_log, t, weight, ignore_index=ignore_index)
    v = np.asarray(v, dtype=np.asarray(y).dtype)
    return sent_to_classes(v, t, p_log.shape, weight, by, is_ignored(np, t, ignore_index))


_BY_LOGS: Final = reading_some(
    reduced_part(
        0,
        lambda m, p_log, t, weight=None, **_: -class_weights(m, p_log, t, weight),
        _nll_slope_at,
        within=of_class,
        weight=total_weight,
        ignored=_ignored,
    ),
    _named_classes,
    within=of_class,
)
LOG_PROBABILITIES: Final = replace(_BY_LOGS, vjp=_nll_pulled)
"""Of the negative log-likelihood by its log-probabilities."""


_CLASSES: Final = Domain(values=(0.0, 1.0, 2.0))
_MOST_CLASSES: Final = 2**53
"""Above it not every whole number is a float64."""

_WEIGHTS: Final = Domain(0.25, 3.0)


def _checked(name: str, x: Shape, t: Shape, weight: Shape | None, ignore_index: int) -> Shape:
    """The axes without the classes."""
    if not x:
        raise ShapeError(
            said(
                "{name} needs scores of shape (N, C), (C,) or (N, C, d1, …), found {x} with "
                "targets {t}",
                name=name,
                x=x,
                t=t,
            )
        )
    classes = classes_of(x)
    if weight is not None and weight != (classes,):
        raise ShapeError(
            said(
                "{name}: weight {weight} does not fit scores {x}: expected one for each class, "
                "{wanted}",
                name=name,
                weight=weight,
                x=x,
                wanted=(classes,),
            )
        )
    if abs(ignore_index) > _MOST_CLASSES:
        raise ArgumentError(
            said(
                "ignore_index={ignore_index}: no class has a number so large",
                ignore_index=ignore_index,
            )
        )
    return samples_of(x)


def _where(x: Shape, t: Shape) -> str:
    """A hint for scores whose classes may be last, as other libraries have them; or nothing."""
    if len(x) < 3 or t not in {x[:-1], x}:
        return ""
    return said("; the classes stand on axis 1, so write moveaxis(…, -1, 1) "
                "if axis {axis} has them",
                axis=len(x) - 1)  # fmt: skip


def _cross_entropy_shape(
    x: Shape, t: Shape, weight: Shape | None = None,
    *, label_smoothing: float = 0.0, reduction: str = "mean", ignore_index: int = IGNORED,
) -> Shape:  # fmt: skip
    samples = _checked("cross_entropy", x, t, weight, ignore_index)
    if t not in {samples, x}:
        raise ShapeError(
            said(
                "cross_entropy: targets {t} do not fit scores {x}: expected class indices "
                "{samples}, or probabilities {x}{where}",
                t=t,
                x=x,
                samples=samples,
                where=_where(x, t),
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


def _nll_shape(
    p_log: Shape,
    t: Shape,
    weight: Shape | None = None,
    *,
    reduction: str = "mean",
    ignore_index: int = IGNORED,
) -> Shape:
    samples = _checked("nll", p_log, t, weight, ignore_index)
    if t != samples:
        raise ShapeError(
            said(
                "nll: targets {t} do not fit log-probabilities {p_log}: expected class indices "
                "{samples}{where}",
                t=t,
                p_log=p_log,
                samples=samples,
                where=_where(p_log, t),
            )
        )
    return reduced(samples, reduction)


def _gathered(
    m: Any, x: Any, logs: Any, t: Any, weight: Any = None,
    *, label_smoothing: float = 0.0, reduction: str = "mean", ignore_index: int = IGNORED,
) -> Any:  # fmt: skip
    found = losses(m, logs, t, weight, label_smoothing, ignore_index)
    by = None
    if reduction == "mean":
        by = total_weight(m, x, t, weight, ignore_index=ignore_index)
    return gathered(m, found, samples_of(x.shape), reduction, by)


_INDEXED: Final = (
    Example(((2, 3), (2,))),
    Example(((3,), ())),
    Example(((2, 3), (2,)), {"reduction": "sum"}),
    Example(((2, 3), (2,)), {"reduction": "none"}),
    Example(((3,), ()), {"reduction": "none"}),
    Example(((0, 3), (0,))),
    Example(((3, 2), (3,)), {"ignore_index": 2}),
    Example(((2, 3, 2), (2, 2))),
    Example(((2, 2, 2), (2, 2)), {"reduction": "none", "ignore_index": 2}),
    Example(((1, 3, 2, 2), (1, 2, 2)), {"reduction": "sum"}),
    Example(((2, 3, 0), (2, 0))),
)
_PROBABLE: Final = (
    Example(((2, 3), (2, 3))),
    Example(((3,), (3,)), {"reduction": "none"}),
    Example(((2, 3), (2, 3)), {"label_smoothing": 0.25, "reduction": "sum"}),
    Example(((2, 3), (2,)), {"label_smoothing": 0.25, "reduction": "none"}),
    Example(((2, 3, 2), (2, 3, 2))),
    Example(((2, 3, 2), (2, 3, 2)), {"label_smoothing": 0.25, "reduction": "none"}),
    Example(((2, 3, 2), (2, 2)), {"label_smoothing": 0.25}),
)


def _examples(of: tuple[Example, ...], extras: tuple[str, ...]) -> tuple[Example, ...]:
    """With a weight for each class, if there is one."""
    if not extras:
        return of
    return tuple(Example((*e.shapes, (classes_of(e.shapes[0]),)), e.params) for e in of)


def _domains(first: Domain, extras: tuple[str, ...]) -> tuple[Domain, ...]:
    return (first, _CLASSES, *(_WEIGHTS for _ in extras))


@cache
def _cross_entropy(extras: tuple[str, ...]) -> Rule:
    return structural(
        "cross_entropy",
        " ".join(("x", "t", *extras)),
        text=call_text(
            "cross_entropy", "xt", ("label_smoothing", "reduction", "ignore_index", *extras)
        ),
        parameters=(Parameter("label_smoothing", "number", 0.0, is_named=True), REDUCTION, _IGNORE),
        forward=lambda m, x, *others, **params: _gathered(
            m, x, log_softmax(m, x, class_axis(len(x.shape))), *others, **params
        ),
        shape=_cross_entropy_shape,
        parts=(SCORES, TARGETS, *(None for _ in extras)),
        summary="−log softmax(x) at the class t, or weighted by probabilities t; no overflow",
        domains=_domains(Domain(), extras),
        examples=_examples((*_INDEXED, *_PROBABLE), extras),
        extras=Extras(("weight",), _cross_entropy, stand_first=True),
        reasons=(*_REASONS, _OF_SCORES, _TOO_LARGE),
        traits=Traits(zero=zero_of_scores),
    )


@cache
def _nll(extras: tuple[str, ...]) -> Rule:
    return structural(
        "nll",
        " ".join(("p_log", "t", *extras)),
        text=call_text("nll", ("p_log", "t"), ("reduction", "ignore_index", *extras)),
        parameters=(REDUCTION, _IGNORE),
        forward=lambda m, p_log, *others, **params: _gathered(m, p_log, p_log, *others, **params),
        shape=_nll_shape,
        parts=(LOG_PROBABILITIES, None, *(None for _ in extras)),
        summary="−p_log at the class t of each sample, from log-probabilities",
        domains=_domains(Domain(-3.0, -0.1), extras),
        examples=_examples(_INDEXED, extras),
        extras=Extras(("weight",), _nll, stand_first=True),
        reasons=_REASONS,
        traits=Traits(zero=zero_of_chosen, passed_over=other_class),
    )


def _none_counts(_y: Any, x: Any, t: Any, weight: Any = None, **params: Any) -> Any:
    """Whether a mean divides by 0."""
    if params.get("reduction", "mean") != "mean":
        return False
    index = params.get("ignore_index", IGNORED)
    return np.equal(total_weight(np, x, t, weight, ignore_index=index), 0)


def _names_none(y: Any, x: Any, t: Any, *_weight: Any, **params: Any) -> Any:
    """Whether a label names no class, and is not the one that is ignored."""
    if not has_indices(x, t):
        return False
    index = params.get("ignore_index", IGNORED)
    found = ~(names_any(np, t, classes_of(x.shape)) | is_ignored(np, t, index))
    return found if np.shape(y) == np.shape(t) else np.any(found)


def _are_all_ignored(
    _y: Any, x: Any, t: Any, *_weight: Any, ignore_index: int = IGNORED,
    reduction: str = "mean", **_params: Any,
) -> Any:  # fmt: skip
    """Whether a mean is of no sample because of their labels."""
    if reduction != "mean" or not np.size(t) or not has_indices(x, t):
        return False
    return np.all(is_ignored(np, t, ignore_index))


_REASONS: Final = (
    Reason(
        "all labels in {t} are {ignore_index}, which is ignored: the mean of nothing is 0/0",
        _are_all_ignored,
    ),
    Reason(
        "no sample counts, each of them is ignored or weighs nothing: the mean of nothing is 0/0",
        _none_counts,
    ),
    Reason("a label names no class", _names_none),
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


_IGNORE: Final = Parameter("ignore_index", "int", IGNORED, is_named=True)

RULES: Final[tuple[Rule, ...]] = (_cross_entropy(()), _nll(()))
