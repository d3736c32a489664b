"""How one number becomes of the losses of many samples: their mean, their sum, or each alone.

The derivative of a reduced loss is that of ℓ, one sample's, times what the reduction makes of v.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, said
from tui_backprop.rules.ops.elementwise.functions import are_moderate
from tui_backprop.rules.reduction_slopes import MANY
from tui_backprop.rules.rows import Part
from tui_backprop.rules.rule import Parameter
from tui_backprop.rules.sparsity import Listed, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array, Index, Shape


REDUCTION: Final = Parameter("reduction", "reduction", "mean", is_named=True)
"""``mean``, ``sum`` or ``none``, as in PyTorch."""


BATCHED: Final = Parameter("reduction", "batched_reduction", "mean", is_named=True)
"""Those, and ``batchmean``: the sum divided by the length of the first axis."""


def reduced(samples: Shape, reduction: Any, parameter: Parameter = REDUCTION) -> Shape:
    """The shape of a loss with one ℓ for each sample; an unknown reduction is refused."""
    known = (
        ["mean", "sum", "batchmean", "none"] if parameter is BATCHED else ["mean", "sum", "none"]
    )
    if reduction not in known:
        first = joined(", ", map(repr, known[:-1]))
        raise ArgumentError(
            said(
                "reduction must be {first} or 'none', found {reduction}",
                first=first,
                reduction=repr(reduction),
            )
        )
    return samples if reduction == "none" else ()


def gathered(m: Any, losses: Any, samples: Shape, reduction: str, weight: Any = None) -> Any:
    """All ℓ, their sum, or their mean, which divides by ``weight``; of nothing it is NaN."""
    if reduction == "none":
        return losses
    add: Any = np.add.reduce if m is np else m.sum  # without the wrapper around it
    return _shared(m, add(losses, axis=None), samples, reduction, weight)


def _shared(m: Any, values: Any, samples: Shape, reduction: str, weight: Any = None) -> Any:
    if reduction == "batchmean":
        return m.divide(values, samples[0] if samples else 1)
    if reduction == "mean":
        return m.divide(values, prod(samples) if weight is None else weight)
    return values


def _nobody(*_asked: Any, **_params: Any) -> None:
    """Of a mean over the number of samples, of which none is ignored."""


def reduced_part(
    argument: int,
    slopes: Callable[..., Any],
    slope_at: Callable[..., Any],
    within: Callable[[int], tuple[int, ...]] = lambda _axes: (),
    weight: Callable[..., Any] = _nobody,
    ignored: Callable[..., Any] = _nobody,
    left: Callable[..., Any] = lambda *_operands, **_params: 0,
) -> Part:
    """The derivative of a reduced loss by one operand.

    Args:
        argument: which operand.
        slopes: ``(m, *operands, **params)`` → ∂ℓ/∂operand in the operand's shape.
        slope_at: ``(m, i, *operands, **params)`` → the same at places i alone.
        within: number of axes of the operand → those that lie within one sample;
            left out, a sample is one entry.
        weight: ``(m, *operands, **params)`` → what a mean divides by; None for the number of
            samples.
        ignored: ``(m, samples, *operands, **params)`` → whether samples, given by their index or
            all of them by ``...``, pass 0 whatever a mean divides by; None where none is.
        left: ``(m, i, *operands, **params)`` → what those pass at places i, or everywhere where i
            is ``...``: 0, unless it is made of what has no value.
    """

    def unless(m: Any, none: Any, i: Any, found: Any, operands: Any, params: Any) -> Any:
        is_none = _is_none(m, none)
        return found if is_none else m.where(none, left(m, i, *operands, **params), found)

    def row(y: Array, operands: tuple[Any, ...], reduction: str, params: Any) -> Array:
        found = np.asarray(slopes(np, *operands, **params), dtype=np.asarray(y).dtype)
        own = operands[argument].shape
        by = weight(np, *operands, **params)
        all_ = _shared(np, _in_shape(found, own), _lead(own, within), reduction, by)
        none = ignored(np, ..., *operands, **params)
        if none is not None:
            none = np.expand_dims(none, within(len(own)))
        return np.asarray(unless(np, none, ..., all_, operands, params))

    def vjp(v: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        if reduction == "none":
            v = np.expand_dims(v, within(operands[argument].ndim))
        return np.multiply(v, row(y, operands, reduction, params))

    def jvp(t: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        return _per_sample(t * row(y, operands, reduction, params), within, reduction)

    def sparsity(_out: Shape, *shapes: Shape, reduction: str = "mean", **_params: Any) -> Tied:
        own = shapes[argument]
        if reduction != "none":
            return Tied((), own, ())
        kept = [a for a in range(len(own)) if a not in within(len(own))]
        return Tied(_lead(own, within), own, tuple(enumerate(kept)))

    def entry(
        m: Any, _j: Index, i: Index, _y: Any, *operands: Any, reduction: str = "mean", **params: Any
    ) -> Any:
        found = slope_at(m, i, *operands, **params)
        by = weight(m, *operands, **params) if reduction == "mean" else None
        shape = _lead(operands[argument].shape, within)
        none = ignored(m, _lead(i, within), *operands, **params)
        found = _shared(m, found, shape, reduction, by)
        return unless(m, none, i, found, operands, params)

    is_plain = weight is _nobody and ignored is _nobody
    pull = _dividing_once(argument, slopes, within, vjp) if is_plain else vjp
    return Part(vjp=pull, jvp=jvp, sparsity=sparsity, entry=entry)


def _dividing_once(
    argument: int,
    slopes: Callable[..., Any],
    within: Callable[[int], tuple[int, ...]],
    usual: Callable[..., Array],
) -> Callable[..., Array]:
    """A VJP that divides v by the number of samples and not each slope, where they are many."""

    def vjp(v: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        own = operands[argument]
        if reduction == "mean" and own.size >= MANY:
            each = v / v.dtype.type(prod(_lead(own.shape, within)))
            if are_moderate(each):  # no digit is lost
                found = np.asarray(slopes(np, *operands, **params), dtype=y.dtype)
                return np.asarray(each * _in_shape(found, own.shape))
        return usual(v, y, *operands, reduction=reduction, **params)

    return vjp


def _in_shape(found: Array, own: Shape) -> Array:
    """What `broadcast_to` gives, at no price where it has the shape."""
    return found if found.shape == own else np.broadcast_to(found, own)


def _is_none(m: Any, ignored: Any) -> bool:
    """Whether it is known that no sample is ignored."""
    return ignored is None or (m is np and not np.any(ignored))


def _lead(of: tuple[Any, ...], within: Callable[[int], tuple[int, ...]]) -> tuple[Any, ...]:
    """The part of a shape, or of an index, that names the sample."""
    gone = within(len(of))
    return tuple(x for a, x in enumerate(of) if a not in gone) if gone else of


def _per_sample(products: Array, within: Callable[[int], tuple[int, ...]], reduction: str) -> Array:
    """The sum within each sample; of all of them where they are reduced."""
    axes = within(products.ndim) if reduction == "none" else None
    return np.asarray(np.sum(products, axis=axes))


def reading_some(
    part: Part, reads: Callable[..., Array], within: Callable[[int], tuple[int, ...]]
) -> Part:
    """The derivative of a reduced loss where operand values decide which entries are read.

    Args:
        part: as `reduced_part` gives it.
        reads: ``(*operands, **params)`` → which entries of the operand count, in its shape. All
            others get 0, whatever v is.
        within: see `reduced_part`.
    """

    def vjp(v: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        found = part.vjp(v, y, *operands, reduction=reduction, **params)
        return np.where(reads(*operands, **params), found, 0)

    def jvp(t: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        slopes = vjp(np.ones_like(y), y, *operands, reduction=reduction, **params)
        product = np.where(reads(*operands, **params), t * slopes, 0)
        return _per_sample(product, within, reduction)

    def picked(out: Shape, *operands: Any, reduction: str = "mean", **params: Any) -> Listed:
        read = reads(*operands, **params)
        columns = np.flatnonzero(read)
        rows = np.zeros_like(columns)
        if reduction == "none":
            samples = np.expand_dims(np.arange(prod(out)).reshape(out), within(read.ndim))
            rows = np.broadcast_to(samples, read.shape).ravel()[columns]
        return Listed((prod(out), read.size), rows, columns)

    return Part(vjp=vjp, jvp=jvp, sparsity=part.sparsity, entry=part.entry, picked=picked)
