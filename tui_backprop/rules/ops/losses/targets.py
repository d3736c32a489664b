"""What a target asks of the classes: weights W for each sample, named by a number or written out.

Both losses over classes read their targets here. With w the weight of each class and ε the
smoothing, W_c = w_c·((1 − ε)·[c = t] + ε/C); of probabilities t the same with t_c for [c = t]. A
sample whose class is ``ignore_index`` asks nothing.

    ℓ = −Σ_c W_c · log softmax(x)_c        ∂ℓ/∂x = softmax(x)·Σ W − W

``m`` is the interpretation, ``x`` has the classes on axis 1 as PyTorch has it, (N, C) or (N, C, d1,
…), or on its only axis. Programs have only real numbers, so the nearest whole one names a class;
where that is none, W is NaN.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules.ops.layout.embedding import names, names_any
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS, written_group
from tui_backprop.rules.shapes import written_out
from tui_backprop.rules.slope_reasons import Kind, place

if TYPE_CHECKING:
    from tui_backprop.rules.slope_reasons import Found, PartialAt, PassedOver
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


IGNORED: Final = -100
"""The class that PyTorch ignores unless told another."""


def class_axis(axes: int) -> int:
    """The axis of the classes, for scores with so many axes."""
    return min(axes, 2) - 1


def of_class(axes: int) -> tuple[int, ...]:
    """The axes of scores that lie within one sample."""
    return (class_axis(axes),)


def samples_of(x: tuple[Any, ...]) -> tuple[Any, ...]:
    """The shape of scores, or an index of them, without the classes."""
    axis = class_axis(len(x))
    return (*x[:axis], *x[axis + 1 :])


def classes_of(x: Shape) -> int:
    """How many classes scores of a shape have."""
    return x[class_axis(len(x))]


def along_classes(table: Any, axes: int) -> Any:
    """One number for each class, shaped to broadcast against scores."""
    return table.reshape((*table.shape, *(1,) * (axes - 1 - class_axis(axes))))


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
    axis = class_axis(len(x.shape))
    if m is np and _can_look_up(t, x.shape):
        named, is_any = _named(t, x.shape)
        found = np.take_along_axis(x, np.expand_dims(named, axis), axis).squeeze(axis)
        return found if is_any.all() else np.where(is_any, found, np.nan)
    found = m.sum(m.where(_is_class(m, t, x.shape), x, 0), axis=axis)
    return m.where(names_any(m, t, classes_of(x.shape)), found, m.nan)


def _is_class(m: Any, t: Any, shape: Shape) -> Any:
    """Whether t names each class, in the shape of the scores."""
    classes = along_classes(np.arange(classes_of(shape)), len(shape))
    return names(m, np.expand_dims(t, class_axis(len(shape))), classes)


def _can_look_up(t: Any, shape: Shape) -> bool:
    """Whether there are classes to be looked up, and anybody who names one."""
    return classes_of(shape) > 0 and np.size(t) > 0


def plain_classes(t: Any, shape: Shape, ignore_index: int | None = None) -> IntArray | None:
    """The class of each sample where whole numbers name all of them, and none is ignored.

    None where some number names no class, or would have to be rounded.
    """
    if not np.size(t) or np.asarray(t).dtype.kind != "f":
        return None
    with np.errstate(invalid="ignore"):
        found = t.astype(np.intp)
    if found.view(np.uintp).max() >= classes_of(shape) or not np.equal(found, t).all():
        return None
    if ignore_index is None or not 0 <= ignore_index < classes_of(shape):
        return np.asarray(found)
    return None if np.equal(found, ignore_index).any() else np.asarray(found)


def _named(t: Any, shape: Shape) -> tuple[IntArray, Array]:
    """The class that each sample names, 0 where there is no such one; and whether there is."""
    plain = plain_classes(t, shape)
    if plain is not None:
        return plain, np.ones(plain.shape, dtype=np.bool_)
    is_any = np.asarray(names_any(np, t, classes_of(shape)))
    number = np.real(np.where(is_any, t, 0)).astype(np.float64)
    found = np.floor(number + 0.5)
    found -= number < found - 0.5  # just below a half the sum is rounded up
    return found.astype(np.intp), is_any


def sent_to_classes(v: Array, t: Any, shape: Shape, weight: Any, by: Any, ignored: Any) -> Array:
    """−v·w/by to the class that each sample names, 0 to the others, all of it without them.

    NaN to all classes of a sample that names none, and 0 if it is ignored.
    """
    axis = class_axis(len(shape))
    named, is_any = _named(t, shape)
    of = np.ones((), dtype=v.dtype) if weight is None else weight[named]
    each = np.where(ignored, 0, np.multiply(v, np.divide(-of, by)))
    total = np.zeros(shape, dtype=v.dtype)
    np.put_along_axis(total, np.expand_dims(named, axis), np.expand_dims(each, axis), axis)
    if is_any.all():
        return total
    is_none = np.expand_dims(~(is_any | ignored), axis)
    return np.where(is_none, v.dtype.type(np.nan), total)


def one_hot(m: Any, t: Any, shape: Shape, weight: Any = None) -> Any:
    """The weight of the class that t names, 1 unless said, 0 elsewhere; in the scores' shape.

    Not a product with 0 and 1: other weights may be infinite.
    """
    if m is np and _can_look_up(t, shape):
        axis = class_axis(len(shape))
        named, is_named = _named(t, shape)
        found = np.zeros(shape, dtype=np.float64 if weight is None else weight.dtype)
        own = 1 if weight is None else weight.ravel()[np.expand_dims(named, axis)]
        np.put_along_axis(found, np.expand_dims(named, axis), own, axis)
        is_any = np.expand_dims(is_named, axis)
        return found if is_named.all() else np.where(is_any, found, np.nan)
    is_any = np.expand_dims(names_any(m, t, classes_of(shape)), class_axis(len(shape)))
    found = m.where(_is_class(m, t, shape), 1 if weight is None else weight, 0)
    return m.where(is_any, found, m.nan)


def one_hot_at(m: Any, t: Any, c: Any, classes: int, weight: Any = None) -> Any:
    """`one_hot` at class c alone; t is the target of its sample, ``weight`` that of c."""
    found = m.where(names(m, t, c), 1 if weight is None else weight, 0)
    return m.where(names_any(m, t, classes), found, m.nan)


def smoothed(m: Any, found: Any, classes: int, label_smoothing: float, weight: Any = None) -> Any:
    """The weights after label smoothing: moved towards 1/C of each."""
    if not label_smoothing:
        return found
    even = m.divide(label_smoothing, classes)
    return (1 - label_smoothing) * found + (even if weight is None else even * weight)


def losses(
    m: Any, logs: Any, t: Any, weight: Any, label_smoothing: float, ignore_index: int
) -> Any:
    """One ℓ for each sample, from log-probabilities."""
    axis = class_axis(len(logs.shape))
    logs = logs if weight is None else logs * along_classes(weight, len(logs.shape))
    if not has_indices(logs, t):
        of = smoothed(m, t, logs.shape[axis], label_smoothing)
        of = of.astype(t.dtype) if m is np else of  # a share of 1 is a float64
        return -m.sum(of * logs, axis=axis)
    found = picked(m, logs, t)
    if label_smoothing:
        even = m.divide(m.sum(logs, axis=axis), logs.shape[axis])
        found = (1 - label_smoothing) * found + label_smoothing * even
    return m.where(is_ignored(m, t, ignore_index), 0, -found)


def class_weights(m: Any, x: Any, t: Any, weight: Any, label_smoothing: float = 0.0) -> Any:
    """W in x's shape, for all samples as if none were ignored."""
    if weight is not None:
        weight = along_classes(weight, len(x.shape))
    if has_indices(x, t):
        found = one_hot(m, t, x.shape, weight)
    else:
        found = t if weight is None else t * weight
    return smoothed(m, found, classes_of(x.shape), label_smoothing, weight)


def summed_class_weights(m: Any, x: Any, t: Any, weight: Any, label_smoothing: float = 0.0) -> Any:
    """Σ W of each sample, the axis kept; 1 where it is so whatever the numbers."""
    if weight is None and has_indices(x, t):
        return 1
    found = class_weights(m, x, t, weight, label_smoothing)
    return m.sum(found, axis=class_axis(len(x.shape)), keepdims=True)


def total_weight(
    m: Any, x: Any, t: Any, weight: Any = None, *, ignore_index: int = IGNORED, **_params: Any
) -> Any:
    """What PyTorch's mean divides by: the weight of all classes named, or of probabilities N."""
    samples = samples_of(x.shape)
    if not has_indices(x, t):
        return prod(samples)
    if m is not np and max(prod(samples), classes_of(x.shape)) > MOST_SYMBOLS:
        return m.named("total_weight")
    written = t if m is np else written_out(t)
    if weight is None:
        each = m.where(is_ignored(m, written, ignore_index), 0, m.ones_like(written))
        return m.sum(each)
    table = weight if m is np else written_out(weight)
    of = np.broadcast_to(along_classes(table, len(x.shape)), x.shape)
    return m.sum(m.where(is_ignored(m, written, ignore_index), 0, picked(m, of, written)))


def sample_around(x: Any, i: Index) -> Any:
    """The symbols of the sample around one entry."""
    return written_group(x, i, of_class(len(i))).ravel()


def zero_of_chosen(at: PartialAt) -> Found | None:
    """Why a slope of nll by a log-probability is 0: its sample is ignored."""
    text = _ignored(at) if at.argument == 0 else ""
    return (Kind.IGNORED, text) if text else None


def zero_of_scores(at: PartialAt) -> Found | None:
    """Why a slope of cross entropy by a score is 0: nothing is asked, or there is one class."""
    if at.argument != 0:
        return None
    if ignored := zero_of_chosen(at):
        return ignored
    x, labels = at.operands[0], at.operands[1]
    if classes_of(x.shape) == 1:
        return Kind.ALONE, said("of one class the softmax is 1 whatever the score is")
    if labels.shape != x.shape or at.params["label_smoothing"]:
        return None
    if sample_around(labels, place(at.i, x)).any():
        return None
    return Kind.VALUE, said("all labels of its sample are 0: its loss is 0 whatever the scores are")


def other_class(at: PartialAt) -> PassedOver:
    """Why no loss reads a log-probability: its sample has another class, or is ignored."""
    label, value = _label_of(at)
    text = _ignored(at) or said("the class of its sample is another: {label} = {value}",
                                label=label, value=at.number(value))  # fmt: skip
    return text, False


def _ignored(at: PartialAt) -> str:
    """A sentence if the sample of a score has the ignored class; else nothing."""
    if not has_indices(at.operands[0], at.operands[1]):
        return ""
    label, value = _label_of(at)
    if not is_ignored(np, value, at.params["ignore_index"]):
        return ""
    return said("its sample is ignored: {label} = {value}, the ignore_index",
                label=label, value=at.number(value))  # fmt: skip


def _label_of(at: PartialAt) -> tuple[str, float]:
    """The target of the sample to which an entry of scores belongs, which names a class."""
    x, labels = at.operands[0], at.operands[1]
    own = samples_of(place(at.i, x))
    sample = int(np.ravel_multi_index(own, labels.shape)) if own else 0
    return at.name(1, sample), float(labels.flat[sample])
