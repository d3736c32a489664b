"""The shapes of an attention, and which entries of its operands an entry of the value reads."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import joined, said
from tui_backprop.rules.axiswise import Axiswise, Meeting, Steps, same
from tui_backprop.rules.reduction_slopes import no_entries
from tui_backprop.rules.shapes import broadcast_shape, broadcast_ties, unbroadcast
from tui_backprop.rules.sparsity import Listed

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape


_QUERIES: Final = 0
_KEYS: Final = 1
_VALUES: Final = 2
_MOST_LISTED: Final = 1 << 22
"""Entries of a pattern that conditions decide."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The shapes of one attention.

    Attributes:
        batch: the axes … after broadcasting.
        q: (…, L, D).
        k: (…, S, D).
        v: (…, S, E).
        mask: broadcasts to (…, L, S).
        is_causal: whether a query sees no key behind it: s ≤ l.
    """

    batch: Shape
    q: Shape
    k: Shape
    v: Shape
    mask: Shape
    is_causal: bool

    @property
    def scores(self) -> Shape:
        """(…, L, S)."""
        return *self.batch, self.q[-2], self.k[-2]

    @property
    def out(self) -> Shape:
        """(…, L, E)."""
        return *self.batch, self.q[-2], self.v[-1]

    def pattern(self, argument: int) -> Sparsity:
        """The pattern of J by one operand, given by its number.

        A query that sees one key gives it the weight 1, so that no score matters there.
        """
        shape = (self.q, self.k, self.v, self.mask)[argument]
        keys = self.k[-2]
        if argument != _VALUES and keys < 2:
            return no_entries(self.out, shape)
        if argument > _VALUES:
            return self._of_mask(keys)
        row = len(self.batch)
        ties = broadcast_ties(self.batch, shape[:-2])
        meetings = [same(a, b, shape[b]) for a, b in ties]
        own = len(shape) - 2
        if argument == _QUERIES:
            meetings.append(_seeing(row, own, self.q[-2], int(self.is_causal)))
        elif self.is_causal:
            meetings.append(_past(row, own, self.q[-2], keys, int(argument == _KEYS)))
        if argument == _VALUES:
            meetings.append(same(row + 1, own + 1, self.v[-1]))
        return Axiswise(self.out, shape, tuple(meetings))

    def seen(self, takes_part: Array) -> Array:
        """Which query sees which key, (…, L, S), where a condition says which keys take part."""
        found = np.broadcast_to(takes_part, self.scores)
        if not self.is_causal:
            return found
        rows, keys = self.scores[-2:]
        return found & (np.arange(keys) <= np.arange(rows)[:, None])

    def _mattering(self, argument: int, seen: Array) -> Array:
        """The pairs of query and key of which an operand matters: of one key no score does."""
        if argument == _VALUES:
            return seen
        return np.asarray(seen & (seen.sum(axis=-1, keepdims=True) > 1))

    def read(self, argument: int, seen: Array) -> Array:
        """Which rows of q, k or v are read at all; broadcasts to the operand."""
        axis = -1 if argument == _QUERIES else -2
        found = np.asarray(self._mattering(argument, seen).any(axis=axis))[..., None]
        shape = (self.q, self.k, self.v)[argument]
        return np.asarray(unbroadcast(found.astype(np.intp), (*shape[:-1], 1)) > 0)

    def picked(self, argument: int, seen: Array) -> Listed | None:
        """The entries of J where keys are seen; None where they are too many to be listed."""
        shape, rows = (self.q, self.k, self.v)[argument], prod(self.out)
        *batch, query, key = np.nonzero(self._mattering(argument, seen))
        width = self.out[-1] * (1 if argument == _VALUES else shape[-1])
        if query.size * width > _MOST_LISTED:
            return None
        of = np.arange(prod(shape)).reshape(shape)
        of = np.broadcast_to(of, (*self.batch, *shape[-2:]))
        columns = of[(*batch, query if argument == _QUERIES else key)]
        out = np.arange(rows).reshape(self.out)[(*batch, query)]
        if argument != _VALUES:
            out, columns = np.broadcast_arrays(out[:, :, None], columns[:, None, :])
        return Listed((rows, prod(shape)), out.ravel(), columns.ravel())

    def _of_mask(self, keys: int) -> Sparsity:
        """A number added to all scores of a query changes none of its weights."""
        if not self.mask or self.mask[-1] != keys:
            return no_entries(self.out, self.mask)
        last = len(self.scores) - 1
        ties = ((a, b) for a, b in broadcast_ties(self.scores, self.mask) if a != last)
        return Axiswise(self.out, self.mask, tuple(same(a, b, self.mask[b]) for a, b in ties))


def layout_of(
    q: Shape, k: Shape, v: Shape, attn_mask: Shape | None = None, **params: Any
) -> Layout:
    """Read the shapes.

    Raises:
        ShapeError: the operands do not fit each other; the message shows all of them.
        ArgumentError: there is a mask, and ``is_causal`` is one too.
    """
    shown = joined(", ", [f"q {q}", f"k {k}", f"v {v}"])
    if attn_mask is not None:
        shown = joined(", ", [shown, f"attn_mask {attn_mask}"])
    if min(len(q), len(k), len(v)) < 2 or q[-1] != k[-1] or k[-2] != v[-2]:
        raise ShapeError(
            said(
                "attention needs q of (…, L, D), k of (…, S, D) and v of (…, S, E), found {shown}",
                shown=shown,
            )
        )
    try:
        batch = broadcast_shape(q[:-2], k[:-2], v[:-2])
        found = Layout(batch, q, k, v, attn_mask or (), params["is_causal"])
        is_fitting = attn_mask is None or broadcast_shape(found.scores, attn_mask) == found.scores
    except ShapeError:
        raise ShapeError(
            said("attention: the axes before the last two do not broadcast: {shown}", shown=shown)
        ) from None
    if not is_fitting:
        raise ShapeError(
            said(
                "attention: the mask does not broadcast to {scores}: {shown}",
                scores=found.scores,
                shown=shown,
            )
        )
    if attn_mask is not None and params["is_causal"]:
        raise ArgumentError(said("is_causal=True is a mask of its own: leave out attn_mask"))
    return found


def _seeing(row: int, own: int, queries: int, first: int) -> Meeting:
    """Each query with its own row, from the first on that sees several keys."""
    places = np.arange(queries, dtype=np.intp)
    steps = Steps(places, (places >= first).astype(np.intp))
    return Meeting(row, own, steps, steps)


def _past(row: int, own: int, queries: int, keys: int, first: int) -> Meeting:
    """Each query with the keys up to it, from the first query that counts on."""
    query = np.arange(queries, dtype=np.intp)
    start = np.maximum(np.arange(keys, dtype=np.intp), first)
    readers = Steps(start, np.maximum(0, queries - start))
    seen = np.where(query >= first, np.minimum(query + 1, keys), 0)
    return Meeting(row, own, readers, Steps(np.zeros_like(query), seen))
