"""Losses that may be averaged, added up or left as they are: one reduction, stated once.

It stands apart so that a loss is written as mathematics of one sample: its value ℓ and ∂ℓ/∂operand.
What a reduction makes of them, the VJP, J·t, the pattern of J, follows.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Reason
from tui_backprop.rules.sparsity import Listed, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Domain, Rule
    from tui_backprop.rules.types import Array, Index, Shape

REDUCTION: Final = Parameter("reduction", "reduction", "mean", is_named=True)
"""``mean``, ``sum`` or ``none``, as in PyTorch."""


BATCHED: Final = Parameter("reduction", "batched_reduction", "mean", is_named=True)
"""The same and ``batchmean``: the sum divided by the length of the first axis."""


def reduced(samples: Shape, reduction: Any, parameter: Parameter = REDUCTION) -> Shape:
    """The shape of a loss with one ℓ for each sample.

    Raises:
        ArgumentError: there is no such reduction.
    """
    known = (
        ["mean", "sum", "batchmean", "none"] if parameter is BATCHED else ["mean", "sum", "none"]
    )
    if reduction not in known:
        first = ", ".join(map(repr, known[:-1]))
        raise ArgumentError(f"reduction must be {first} or 'none', found {reduction!r}")
    return samples if reduction == "none" else ()


def gathered(m: Any, losses: Any, samples: Shape, reduction: str, weight: Any = None) -> Any:
    """All ℓ, their sum, or their mean, which divides by ``weight``; of nothing it is NaN."""
    if reduction == "none":
        return losses
    return _shared(m, m.sum(losses), samples, reduction, weight)


def _shared(m: Any, values: Any, samples: Shape, reduction: str, weight: Any = None) -> Any:
    if reduction == "batchmean":
        return m.divide(values, samples[0] if samples else 1)
    if reduction == "mean":
        return m.divide(values, prod(samples) if weight is None else weight)
    return values


def _nothing_within(_axes: int) -> tuple[int, ...]:
    """A sample that is one entry has no axes."""
    return ()


def reduced_part(
    argument: int,
    slopes: Callable[..., Any],
    slope_at: Callable[..., Any],
    within: Callable[[int], tuple[int, ...]] = _nothing_within,
    weight: Callable[..., Any] = lambda *_operands, **_params: None,
    ignored: Callable[..., Any] = lambda *_operands, **_params: None,
    left: Callable[..., Any] = lambda *_operands, **_params: 0,
) -> Part:
    """The derivative of a reduced loss by one operand.

    Args:
        argument: which operand.
        slopes: ``(m, *operands, **params)`` → ∂ℓ/∂operand in the operand's shape.
        slope_at: ``(m, i, *operands, **params)`` → the same at places i alone.
        within: number of axes of the operand → those that lie within one sample.
        weight: ``(m, *operands, **params)`` → what a mean divides by; None for the number of
            samples.
        ignored: ``(m, samples, *operands, **params)`` → whether samples, given by their index or
            all of them by ``...``, pass 0 whatever a mean divides by; None where none is.
        left: ``(m, i, *operands, **params)`` → what those pass at places i, or everywhere where i
            is ``...``: 0, unless it is made of what has no value.
    """

    def unless(m: Any, none: Any, i: Any, found: Any, operands: Any, params: Any) -> Any:
        return found if none is None else m.where(none, left(m, i, *operands, **params), found)

    def row(y: Array, operands: tuple[Any, ...], reduction: str, params: Any) -> Array:
        found = np.asarray(slopes(np, *operands, **params), dtype=np.asarray(y).dtype)
        own = operands[argument].shape
        by = weight(np, *operands, **params)
        all_ = _shared(np, np.broadcast_to(found, own), _lead(own, within), reduction, by)
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

    return Part(vjp=vjp, jvp=jvp, sparsity=sparsity, entry=entry)


def _lead(of: tuple[Any, ...], within: Callable[[int], tuple[int, ...]]) -> tuple[Any, ...]:
    """What of a shape, or of an index, tells the samples apart."""
    return tuple(x for a, x in enumerate(of) if a not in within(len(of)))


def _per_sample(products: Array, within: Callable[[int], tuple[int, ...]], reduction: str) -> Array:
    """The sum within each sample; of all of them where they are reduced."""
    axes = within(products.ndim) if reduction == "none" else None
    return np.asarray(np.sum(products, axis=axes))


def reading_some(
    part: Part, reads: Callable[..., Array], within: Callable[[int], tuple[int, ...]]
) -> Part:
    """The derivative of a reduced loss of which data decide what it reads.

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


def loss(
    name: str,
    operands: str,
    *,
    pointwise: Callable[..., Any],
    partials: tuple[Callable[..., Any], Callable[..., Any]],
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    kink: Callable[..., Any] | None = None,
    convention: str = "",
    domains: tuple[Domain, ...] = (),
    examples: tuple[Example, ...] = (),
    reduction: Parameter = REDUCTION,
) -> Rule:
    """The row of a loss that compares two arrays entry by entry; their shapes must be the same.

    Args:
        name: the op.
        operands: names of the prediction and the target, separated by a space.
        pointwise: ``(m, x, t, **params)`` → ℓ, without the reduction.
        partials: for each operand ``(m, x, t, **params)`` → ∂ℓ/∂operand.
        summary: see `Rule`.
        parameters: those before ``reduction``.
        kink: as ``pointwise``, a signed quantity that is zero at a kink of ℓ.
        convention: see `Rule`.
        domains: see `Rule`.
        examples: further ones, for the row's own parameters.
        reduction: which reductions there are.
    """
    by = reduction
    fields = ", ".join(f"{p.name}={{{p.name}}}" for p in (*parameters, by))
    x, t = operands.split()
    return structural(
        name,
        operands,
        text=f"{name}({{{x}}}, {{{t}}}, {fields})",
        parameters=(*parameters, by),
        forward=lambda m, x, t, reduction="mean", **params: gathered(
            m, pointwise(m, x, t, **params), x.shape, reduction
        ),
        shape=lambda x, t, reduction="mean", **_params: reduced(_common(name, x, t), reduction, by),
        parts=tuple(_pointwise_part(a, partial) for a, partial in enumerate(partials)),
        summary=summary,
        kink=kink and _reduced_kink(kink),
        convention=convention,
        domains=domains,
        examples=(*_EXAMPLES, *examples),
        reasons=(_NOTHING,),
    )


_NOTHING: Final = Reason(
    "the mean of no samples is 0/0",
    lambda y, x, t, reduction="mean", **_: reduction == "mean" and not x.size,
)


def _common(name: str, x: Shape, t: Shape) -> Shape:
    if x != t:
        raise ShapeError(
            f"{name} needs two operands of one shape, found {x} and {t}; nothing is broadcast"
        )
    return x


def _pointwise_part(argument: int, partial: Callable[..., Any]) -> Part:
    return reduced_part(
        argument, partial, lambda m, i, x, t, **params: partial(m, x[i], t[i], **params)
    )


def _reduced_kink(kink: Callable[..., Any]) -> Callable[..., Any]:
    """For one ℓ of many samples the nearest kink, with a sign that turns when one is crossed."""

    def nearest(m: Any, x: Any, t: Any, reduction: str = "mean", **params: Any) -> Any:
        distances = np.asarray(kink(m, x, t, **params))
        if reduction == "none":
            return distances
        return np.prod(np.sign(distances)) * np.min(np.abs(distances), initial=np.inf)

    return nearest


_EXAMPLES: Final = (
    Example(((3,), (3,))),
    Example(((), ())),
    Example(((2, 3), (2, 3)), {"reduction": "sum"}),
    Example(((2, 3), (2, 3)), {"reduction": "none"}),
    Example(((), ()), {"reduction": "none"}),
    Example(((0,), (0,))),
    Example(((2, 0), (2, 0)), {"reduction": "none"}),
)
