"""Sums of products over labelled axes: what einsum, dot, inner, outer and tensordot all are.

A row only says which axis bears which label; J, its pattern and both products with it follow.

    y[out] = Σ a[labels of a] · b[labels of b] · …      over the labels that are not in out
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import all_of, said
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS
from tui_backprop.rules.shapes import remembered
from tui_backprop.rules.sparsity import Spread, Tied

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape

    Term: TypeAlias = tuple[Any, tuple[int, ...]]


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
    **stated: Any,
) -> Rule:
    """A row given by ``labels(*shapes, **params)``; what else it states is as in `structural`."""
    quick = remembered(labels)

    def forward(m: Any, *arrays: Any, **params: Any) -> Any:
        found, operands = squeezed(quick(*(x.shape for x in arrays), **params), arrays)
        return _summed(m, list(zip(operands, found.operands, strict=True)), found.out)

    return structural(
        name,
        operands,
        forward=forward,
        shape=lambda *shapes, **params: labels(*shapes, **params).shape(shapes),
        cost=lambda _out, *shapes, **params: _cost(labels(*shapes, **params), shapes),
        parts=tuple(_part(k, quick) for k in range(len(operands.split()))),
        traits=SUMS_PRODUCTS,
        **stated,
    )


def _summed(m: Any, terms: list[Term], out: tuple[int, ...]) -> Any:
    parts = tuple(part for term in terms for part in term)
    if m is not np:
        return m.einsum(*parts, out)
    lengths = {a: n for x, labels in terms for a, n in zip(labels, x.shape, strict=True)}
    # The plan costs more than a small sum; large ones it hands to matmul, ten times as quick.
    is_large = prod(lengths.values()) > _MOST_DIRECT
    if is_large and len(terms) == 2:
        found = _matrices(terms[0], terms[1], out)
        if found is not None:
            return found
    return np.einsum(*parts, out, optimize=_PAIRWISE if is_large else False)


def _matrices(one: Term, other: Term, out: tuple[int, ...]) -> Array | None:
    """The product of two matrices that meet along one axis; None where it is none of these."""
    (a, left), (b, right) = one, other
    if not len(left) == len(right) == len(out) == 2 or len({*left, *right, *out}) != 3:
        return None
    if out[0] not in left:
        a, left, b, right = b, right, a, left
    (met,) = {*left, *right} - {*out}
    if {*left} != {out[0], met} or {*right} != {met, out[1]}:
        return None
    a, b = (a if left[1] == met else a.T), (b if right[0] == met else b.T)
    return np.asarray(a @ b) if a.shape[1] == b.shape[0] else None


def _cost(labels: Labels, shapes: tuple[Shape, ...]) -> int:
    """The multiplications of `_summed`, pair by pair where it goes pair by pair."""
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
        own = _once(found.operands[k])
        # einsum takes a repeated number out of a sum, and loses the NaN of inf · 0 in it.
        others = _others(k, arrays, found)
        if not found.out and [of for _, of in others] == [own] == [found.operands[k]]:
            return np.multiply(v, others[0][0]).reshape(whole)  # a number, and one other of it
        if not np.isfinite(v).all():
            others = _product(others, {*found.out, *own})
        terms = [(np.ascontiguousarray(v).reshape(v.shape), found.out), *others]
        held = {label for _, of in terms for label in of}
        alone = [a for a in own if a not in held]
        if alone:
            # A label that only x bears was summed away: every entry along it receives the same.
            lengths = found.lengths(tuple(x.shape for x in arrays))
            terms += [(np.ones(lengths[a], dtype=v.dtype), (a,)) for a in alone]
        pulled = np.asarray(_summed(np, terms, own))
        return _on_diagonal(pulled, found.operands[k], arrays[k].shape).reshape(whole)

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


def _borne(others: list[Term], at: Container[int]) -> tuple[int, ...]:
    """The labels of either side of J that the other operands bear."""
    return _once(tuple(a for _, of in others for a in of if a in at))


def _others(k: int, arrays: Any, labels: Labels) -> list[Term]:
    every = list(zip(arrays, labels.operands, strict=True))
    return every[:k] + every[k + 1 :]


def _product(others: list[Term], at: set[int]) -> list[Term]:
    """The partials themselves, so that an infinite v is multiplied by each as the walk does it.

    It may be as large as J, where a plan would never make it; finite numbers do not need it.
    """
    if not others:
        return []
    kept = _borne(others, at)
    return [(np.asarray(_summed(np, others, kept)), kept)]


def _on_diagonal(pulled: Array, labels: tuple[int, ...], shape: Shape) -> Array:
    """Entries put back where a repeated label reads from; the rest receive 0."""
    if len(_once(labels)) == len(labels):
        return pulled
    total = np.zeros(shape, dtype=pulled.dtype)
    places = np.arange(total.size, dtype=np.intp).reshape(shape)
    total.ravel()[np.einsum(places, labels, _once(labels)).ravel()] = pulled.ravel()
    return total


def _entries(others: list[Term], at: dict[int, Any]) -> Any:
    """The product of the other operands, summed over what neither side of J bears."""
    if not others:
        return 1
    kept = _borne(others, at)
    return np.asarray(_summed(np, others, kept))[tuple(at[a] for a in kept)]


def _formula(m: Any, others: list[Term], at: dict[int, Any], lengths: dict[int, int]) -> Any:
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


@dataclass(frozen=True, slots=True, eq=False)
class _Squeezed:
    """An operand without some axes of 1 entry: an array, or symbols that are made when asked for.

    Attributes:
        whole: the operand.
        axes: those that are kept.
    """

    whole: Any
    axes: tuple[int, ...]

    @property
    def shape(self) -> Shape:
        """The lengths of the axes that are kept."""
        return tuple(self.whole.shape[a] for a in self.axes)

    def __getitem__(self, index: Index) -> Any:
        at = dict(zip(self.axes, index, strict=True))
        return self.whole[tuple(at.get(a, 0) for a in range(len(self.whole.shape)))]


@dataclass(frozen=True, slots=True)
class Labels:
    """Which axis bears which label; one label twice in an operand means its diagonal.

    Attributes:
        operands: for each operand a label for each axis.
        out: the labels of the value, each once.
        stretches: whether an axis of 1 entry meets any other, as in broadcasting.
    """

    operands: tuple[tuple[int, ...], ...]
    out: tuple[int, ...]
    stretches: bool = False

    def lengths(self, shapes: tuple[Shape, ...]) -> dict[int, int]:
        """The length of each label; axes of two lengths that share one are refused."""
        found: dict[int, int] = {}
        for labels, shape in zip(self.operands, shapes, strict=True):
            own: dict[int, int] = {}
            for label, n in zip(labels, shape, strict=True):
                known = {own.setdefault(label, n)}  # within one operand nothing is stretched
                other = found.setdefault(label, n)
                if self.stretches and 1 in (n, other):
                    found[label] = n if other == 1 else other
                else:
                    known.add(other)
                if known != {n}:
                    self._refuse(shapes, *(known - {n}), n)
        return found

    def _refuse(self, shapes: tuple[Shape, ...], *lengths: int) -> None:
        shown = all_of(map(str, shapes))
        raise ShapeError(
            said(
                "shapes {shown} do not fit: axes of {one} and {other} entries are "
                "multiplied with each other",
                shown=shown,
                one=lengths[0],
                other=lengths[-1],
            )
        )

    def kept(self, shapes: tuple[Shape, ...]) -> tuple[tuple[int, ...], ...]:
        """For each operand its axes that are not stretched."""
        lengths = self.lengths(shapes)
        return tuple(
            tuple(a for a, n in enumerate(shape) if n == lengths[labels[a]])
            for labels, shape in zip(self.operands, shapes, strict=True)
        )

    def squeezed(self, shapes: tuple[Shape, ...]) -> Labels:
        """The labels without those axes."""
        kept = zip(self.operands, self.kept(shapes), strict=True)
        return Labels(tuple(tuple(labels[a] for a in axes) for labels, axes in kept), self.out)

    def shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """The shape of the value."""
        lengths = self.lengths(shapes)
        return tuple(lengths[label] for label in self.out)


def squeezed(labels: Labels, arrays: Any) -> tuple[Labels, tuple[Any, ...]]:
    """Operands without the axes that are stretched, and their labels."""
    if not labels.stretches:
        return labels, arrays
    shapes = tuple(x.shape for x in arrays)
    squeezed = tuple(
        x.reshape(tuple(x.shape[a] for a in axes)) if isinstance(x, np.ndarray | np.generic)
        else _Squeezed(x, axes)
        for x, axes in zip(arrays, labels.kept(shapes), strict=True)
    )  # fmt: skip
    return labels.squeezed(shapes), squeezed
