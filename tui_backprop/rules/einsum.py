"""Sums of products over labelled axes: what einsum, dot, inner, outer and tensordot all are.

    y[out] = Σ a[labels of a] · b[labels of b] · …      over the labels that are not in out

It stands apart from the rows because each of them only says which axis bears which label; J, its
pattern and both products with it follow from the labels.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.labels import squeezed
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.labels import Labels
    from tui_backprop.rules.rule import Example, Family, Parameter, Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape

_MOST_TERMS: Final = 64
"""Summands that a formula writes out; beyond, it names the sum."""

_MOST_DIRECT: Final = 100_000
"""Products that are summed one by one, without a plan."""

_PAIRWISE: Final = ("greedy", 1 << 24)
"""Operands are summed pair by pair, if what stands in between has no more entries than this."""


def contraction(
    name: str,
    operands: str,
    labels: Callable[..., Labels],
    *,
    text: str,
    summary: str,
    examples: tuple[Example, ...],
    parameters: tuple[Parameter, ...] = (),
    family: Family | None = None,
) -> Rule:
    """A row given by ``labels(*shapes, **params)``; the rest is as in `structural`."""

    def forward(m: Any, *arrays: Any, **params: Any) -> Any:
        found, operands = squeezed(labels(*(x.shape for x in arrays), **params), arrays)
        return _summed(m, list(zip(operands, found.operands, strict=True)), found.out)

    return structural(
        name,
        operands,
        text=text,
        parameters=parameters,
        forward=forward,
        shape=lambda *shapes, **params: labels(*shapes, **params).shape(shapes),
        cost=lambda _out, *shapes, **params: _cost(labels(*shapes, **params), shapes),
        parts=tuple(_part(k, labels) for k in range(len(operands.split()))),
        summary=summary,
        examples=examples,
        family=family,
    )


def _summed(m: Any, terms: list[tuple[Any, tuple[int, ...]]], out: tuple[int, ...]) -> Any:
    parts = tuple(part for term in terms for part in term)
    if m is not np:
        return m.einsum(*parts, out)
    lengths = {a: n for x, labels in terms for a, n in zip(labels, x.shape, strict=True)}
    # The plan costs more than a small sum; large ones it hands to matmul, ten times as quick.
    is_large = prod(lengths.values()) > _MOST_DIRECT
    return np.einsum(*parts, out, optimize=_PAIRWISE if is_large else False)


def _cost(labels: Labels, shapes: tuple[Shape, ...]) -> int:
    """What `_summed` takes, pair by pair where it goes pair by pair."""
    kept = labels.kept(shapes)
    squeezed, lengths = labels.squeezed(shapes), labels.lengths(shapes)
    at_once = prod(lengths.values())
    if at_once <= _MOST_DIRECT or len(shapes) < 3:
        return at_once
    parts: list[Any] = []
    for shape, axes, own in zip(shapes, kept, squeezed.operands, strict=True):
        parts += [np.broadcast_to(np.zeros(()), tuple(shape[a] for a in axes)), own]
    _, *path = np.einsum_path(*parts, squeezed.out, optimize=_PAIRWISE)[0]
    terms, total = [set(own) for own in squeezed.operands], 0
    for chosen in path:
        met = set().union(*(terms[k] for k in chosen))
        terms = [term for k, term in enumerate(terms) if k not in chosen]
        total += prod(lengths[a] for a in met)
        terms.append(met & set(squeezed.out).union(*terms))
    return total


def _part(k: int, labels: Callable[..., Labels]) -> Part:
    """The derivative with respect to operand k."""

    def pull(v: Array, _y: Array, *arrays: Array, **params: Any) -> Array:
        whole = arrays[k].shape
        found, arrays = squeezed(labels(*(x.shape for x in arrays), **params), arrays)
        shapes = tuple(x.shape for x in arrays)
        own = _once(found.operands[k])
        # einsum takes a repeated number out of a sum, and loses the NaN of inf · 0 in it.
        others = _others(k, arrays, found)
        if not np.isfinite(v).all():
            others = _product(others, {*found.out, *own})
        terms = [(np.ascontiguousarray(v).reshape(v.shape), found.out), *others]
        held = {label for _, of in terms for label in of}
        lengths = found.lengths(shapes)
        # A label that only x bears was summed away: every entry along it receives the same.
        terms += [(np.ones(lengths[a], dtype=v.dtype), (a,)) for a in own if a not in held]
        pulled = np.asarray(_summed(np, terms, own))
        return _on_diagonal(pulled, found.operands[k], shapes[k]).reshape(whole)

    def entry(m: Any, j: Index, i: Index, _y: Any, *arrays: Any, **params: Any) -> Any:
        named = labels(*(x.shape for x in arrays), **params)
        i = tuple(i[a] for a in named.kept(tuple(x.shape for x in arrays))[k])
        found, arrays = squeezed(named, arrays)
        at = {**dict(zip(found.out, j, strict=True)),
              **dict(zip(found.operands[k], i, strict=True))}  # fmt: skip
        others = _others(k, arrays, found)
        if m is np:
            return _entries(others, at)
        return _formula(m, others, at, found.lengths(tuple(x.shape for x in arrays)))

    def sparsity(out: Shape, *shapes: Shape, **params: Any) -> Sparsity:
        del out
        named = labels(*shapes, **params)
        found, kept = named.squeezed(shapes), named.kept(shapes)
        shapes = tuple(tuple(s[a] for a in axes) for s, axes in zip(shapes, kept, strict=True))
        own, lengths = _once(found.operands[k]), found.lengths(shapes)
        shape = tuple(lengths[a] for a in own)
        ties = tuple((found.out.index(a), own.index(a)) for a in found.out if a in own)
        tied = Tied(found.shape(shapes), shape, ties)
        if len(own) == len(found.operands[k]):
            return tied
        places = np.arange(prod(shapes[k]), dtype=np.intp).reshape(shapes[k])
        return Spread(tied, np.einsum(places, found.operands[k], own).ravel(), prod(shapes[k]))

    return Part(linear=True, vjp=pull, sparsity=sparsity, entry=entry)


def _once(labels: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(labels))


def _others(k: int, arrays: Any, labels: Labels) -> list[tuple[Any, tuple[int, ...]]]:
    every = list(zip(arrays, labels.operands, strict=True))
    return every[:k] + every[k + 1 :]


def _product(
    others: list[tuple[Any, tuple[int, ...]]], at: set[int]
) -> list[tuple[Any, tuple[int, ...]]]:
    """The partials themselves, so that an infinite v is multiplied by each as the walk does it.

    It may be as large as J, where a plan would never make it; finite numbers do not need it.
    """
    if not others:
        return []
    kept = _once(tuple(a for _, of in others for a in of if a in at))
    return [(np.asarray(_summed(np, others, kept)), kept)]


def _on_diagonal(pulled: Array, labels: tuple[int, ...], shape: Shape) -> Array:
    """Entries put back where a repeated label reads from; the rest receive 0."""
    if len(_once(labels)) == len(labels):
        return pulled
    total = np.zeros(shape, dtype=pulled.dtype)
    places = np.arange(total.size, dtype=np.intp).reshape(shape)
    total.ravel()[np.einsum(places, labels, _once(labels)).ravel()] = pulled.ravel()
    return total


def _entries(others: list[tuple[Any, tuple[int, ...]]], at: dict[int, Any]) -> Any:
    """The product of the other operands, summed over what neither side of J bears."""
    if not others:
        return 1
    kept = _once(tuple(a for _, of in others for a in of if a in at))
    return np.asarray(_summed(np, others, kept))[tuple(at[a] for a in kept)]


def _formula(
    m: Any, others: list[tuple[Any, tuple[int, ...]]], at: dict[int, Any], lengths: dict[int, int]
) -> Any:
    free = _once(tuple(a for _, of in others for a in of if a not in at))
    if prod(lengths[a] for a in free) > _MOST_TERMS:
        return m.named("sum_of_products")
    total = 0
    for coordinates in product(*(range(lengths[a]) for a in free)):
        all_at = {**at, **dict(zip(free, coordinates, strict=True))}
        term = 1
        for x, of in others:
            term = term * x[tuple(all_at[a] for a in of)]
        total = total + term
    return total
