"""Rows whose numbers decide which entries they take: the sorted, the largest, the middle ones.

Each entry of the value is one entry of x, or a mean of a few with fixed weights. Which ones, the
numbers say along a *line*: the entries along one axis, or of all axes that are reduced. A row
states how a line picks; forward, derivative and formula are derived from that.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.reduction_slopes import as_lines, from_lines, written_group
from tui_backprop.rules.rows import Part
from tui_backprop.rules.shapes import names_axis_of_number, normal_axes, reduced_shape
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, IntArray, Shape

MOST_WRITTEN: Final = 4
"""Entries of a line of which a formula says under which conditions each of them is taken."""


class Picks(NamedTuple):
    """What each of m entries takes from its line: K places on it, and the weight of each.

    Both have the shape (…, m, K), or broadcast to it; the axes … are those of the lines.
    """

    places: IntArray
    weights: Array


class _Taken(NamedTuple):
    """What each of the n entries of a value takes: K flat positions of x, and their weights.

    A row for each entry, in the order of the value, whose shape may have as many axes as there are.
    """

    source: IntArray
    weights: Array
    shape: Shape


def _columns(each: list[Any]) -> Array:
    """K arrays of n entries as n rows of K."""
    return np.stack([np.ravel(one) for one in each], -1)


@dataclass(frozen=True, slots=True)
class Picking:
    """How the value is picked from lines.

    Attributes:
        pick: ``(lines, **params)`` → what is picked from lines along the last axis.
        value: ``(m, line, **params)`` → the formulas of the m entries of one line of symbols.
        partial: ``(m, line, to, own, y, **params)`` → the formula of ∂y/∂x for the places of the
            value and of the entry on their line.
        lies: where the m entries stand in the value: ``along`` the axis, in place of it; ``first``,
            before all that is kept; ``alone``, as one entry.
        pattern: which entries can meet, where not all of a line do.
        numbers: ``(lines, **params)`` → the m numbers of each line, quicker than by their places.
    """

    pick: Callable[..., Picks]
    value: Callable[..., list[Any]]
    partial: Callable[..., Any]
    lies: str = "along"
    pattern: Callable[..., Sparsity] | None = None
    numbers: Callable[..., Array] | None = None

    def forward(self, m: Any, x: Any, axis: Any = -1, keepdims: Any = None, **params: Any) -> Any:
        """The value; with numbers that are infinite too, and what has weight 0 is not looked at."""
        if m is not np:
            return self._written(m, x, axis, keepdims, params)
        x = np.asarray(x)
        if self.numbers is not None:
            lines = as_lines(x, normal_axes(axis, x.shape))
            return self.put(self.numbers(lines, **params), x.shape, axis, keepdims)
        taken = self._taken(x, axis, keepdims, params)
        return mean_of(x.ravel()[taken.source], taken.weights).reshape(taken.shape)

    def part(self) -> Part:
        """The derivative: v goes where the entry came from."""
        return Part(
            vjp=self.pulled,
            jvp=self.pushed,
            sparsity=self.sparsity,
            entry=self.entry,
            masked=True,
        )

    def _taken(self, x: Array, axis: Any, keepdims: Any, params: Any) -> _Taken:
        """What each entry of the value takes, by its flat position."""
        x = np.asarray(x)
        axes = normal_axes(axis, x.shape)
        lines = as_lines(x, axes)
        lead = lines.shape[:-1]
        lines = lines.reshape(prod(lead), lines.shape[-1])
        picks = self.pick(lines, **params)
        shape = np.broadcast_shapes(np.shape(picks.places), np.shape(picks.weights))
        found = _flat(np.broadcast_to(picks.places, shape), x.shape, axes)
        weights = np.broadcast_to(picks.weights, shape)

        def put(each: Array) -> Any:
            return self.put(each.reshape((*lead, shape[-2])), x.shape, axis, keepdims)

        sources = [put(found[..., k]) for k in range(shape[-1])]
        shares = [put(weights[..., k]) for k in range(shape[-1])]
        return _Taken(_columns(sources), _columns(shares), sources[0].shape)

    def put(self, lines: Any, shape: Shape, axis: Any, keepdims: Any) -> Any:
        """What stands along a last axis, m entries for each line, in its place in the value."""
        if self.lies == "along":
            if axis is None or names_axis_of_number(axis, shape):
                return lines if axis is None else lines.reshape(shape)
            (along,) = normal_axes(axis, shape)
            whole = (*shape[:along], lines.shape[-1], *shape[along + 1 :])
            return from_lines(lines, whole, (along,))
        kept = reduced_shape(shape, axis, bool(keepdims))
        if self.lies == "first":
            return np.moveaxis(lines, -1, 0).reshape((lines.shape[-1], *kept))
        return lines.reshape(kept)

    def pulled(
        self, v: Array, _y: Array, x: Array, axis: Any = -1, keepdims: Any = None, **params: Any
    ) -> Array:
        """An entry that was taken twice receives both contributions."""
        del keepdims  # v is told apart by its entries
        x = np.asarray(x)
        axes = normal_axes(axis, x.shape)
        lines = as_lines(x, axes)
        lead, length = lines.shape[:-1], lines.shape[-1]
        picks = self.pick(lines, **params)
        share = self._lined(v, lead, x.shape, axes)[..., None]
        if picks.weights.shape[-1] > 1:
            share = np.where(picks.weights == 0, 0, share * picks.weights)
        starts = np.arange(prod(lead), dtype=np.intp) * length
        places = picks.places + starts.reshape(*lead, 1, 1)
        total = np.bincount(places.ravel(), (share + np.zeros_like(places)).ravel(), x.size)
        return from_lines(total.astype(v.dtype, copy=False), x.shape, axes)

    def _lined(self, v: Array, lead: Shape, shape: Shape, axes: tuple[int, ...]) -> Array:
        """What `put` has put, back along a last axis: m entries for each line."""
        if self.lies == "along":
            return as_lines(v, axes) if v.ndim == len(shape) else v.reshape(*lead, -1)
        if self.lies == "first":
            return np.moveaxis(v.reshape(-1, *lead), 0, -1)
        return v.reshape(*lead, 1)

    def pushed(
        self, t: Array, _y: Array, x: Array, axis: Any = -1, keepdims: Any = None, **params: Any
    ) -> Array:
        """What is taken of a tangent: the op is linear until it picks others."""
        source, weights, shape = self._taken(x, axis, keepdims, params)
        product = np.where(weights == 0, 0, t.ravel()[source] * weights.astype(t.dtype))
        return np.asarray(product.sum(axis=-1)).reshape(shape)

    def kink(self, _m: Any, x: Array, axis: Any = -1, keepdims: Any = None, **params: Any) -> Array:
        """How far the entries that are taken are from the next ones of their line."""
        x = np.asarray(x)
        axes = normal_axes(axis, x.shape)
        lines = as_lines(x, axes)
        order = np.argsort(lines, axis=-1, kind="stable")
        ordered = np.take_along_axis(lines, order, -1)
        apart = np.full((*lines.shape[:-1], lines.shape[-1] + 1), np.inf)
        if lines.shape[-1] > 1:
            same = np.equal(ordered[..., 1:], ordered[..., :-1])
            with np.errstate(invalid="ignore"):
                apart[..., 1:-1] = np.where(same, 0, ordered[..., 1:] - ordered[..., :-1])
        nearest = np.empty(lines.shape)
        np.put_along_axis(nearest, order, np.minimum(apart[..., 1:], apart[..., :-1]), -1)
        source, weights, shape = self._taken(x, axis, keepdims, params)
        found = from_lines(nearest, x.shape, axes).ravel()[source]
        nearest_of = np.where(weights == 0, np.inf, found).min(axis=-1, initial=np.inf)
        return np.asarray(nearest_of).reshape(shape)

    def sparsity(
        self, out: Shape, x: Shape, axis: Any = -1, keepdims: Any = None, **_params: Any
    ) -> Sparsity:
        """Any entry of a line may be taken."""
        if self.pattern is not None:
            return self.pattern(out, x, axis=axis)
        gone = normal_axes(axis, x)
        kept = tuple(a for a in range(len(x)) if a not in gone)
        if self.lies == "along":
            ties = () if axis is None else tuple((a, a) for a in kept)
            return Tied(out, x, ties)
        before = out[: len(out) - len(reduced_shape(x, axis, bool(keepdims)))]
        ties = tuple((len(before) + n, a) for n, a in enumerate(kept))
        return Tied((*before, *(x[a] for a in kept)), x, ties)

    def entry(
        self,
        m: Any,
        j: Index,
        i: Index,
        y: Any,
        x: Any,
        axis: Any = -1,
        keepdims: Any = None,
        **params: Any,
    ) -> Any:
        """The weight with which y[j] takes x[i]; of one place only its line is looked at."""
        axes = normal_axes(axis, x.shape)
        if m is not np:
            return self._formula(m, j, i, y, x, axis, params)
        near = [slice(None)] * x.ndim
        if all(np.size(c) == 1 for c in (*j, *i)) and x.size:
            for a in range(x.ndim):
                if a not in axes:
                    start = int(np.ravel(i[a])[0])
                    near[a], i = slice(start, start + 1), (*i[:a], i[a] * 0, *i[a + 1 :])
            j = self._at_start(j, x.shape, axis, keepdims)
        x = x[tuple(near)]
        source, weights, shape = self._taken(x, axis, keepdims, params)
        own = np.asarray(np.ravel_multi_index(i, x.shape) if i else 0)
        place = np.asarray(np.ravel_multi_index(j, shape) if j else 0)
        is_taken = np.equal(source[place], own[..., None])
        return np.where(is_taken, weights[place], 0).sum(axis=-1)

    def _at_start(self, j: Index, x: Shape, axis: Any, keepdims: Any) -> Index:
        """The place of the value among those of one line."""
        if self.lies == "along":
            gone = normal_axes(axis, x) if axis is not None else (0,)
            return tuple(c if a in gone else c * 0 for a, c in enumerate(j))
        before = len(j) - len(reduced_shape(x, axis, bool(keepdims)))
        return (*j[:before], *(c * 0 for c in j[before:]))

    def _to(self, j: Index, x: Shape, axis: Any) -> int:
        """Which of the m entries of its line a place of the value is."""
        if self.lies == "alone" or not j:
            return 0
        if self.lies == "first" or axis is None:
            return int(j[0])
        return int(j[normal_axes(axis, x)[0]])

    def _formula(self, m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any, params: Any) -> Any:
        axes = normal_axes(axis, x.shape)
        line = as_lines(written_group(x, i, axes), axes).ravel()
        if line.size > MOST_WRITTEN:
            return m.named("picked")
        own = 0
        for a in axes:
            own = own * x.shape[a] + int(i[a])
        return self.partial(m, list(line), self._to(j, x.shape, axis), own, y[j], **params)

    def _written(self, m: Any, x: Any, axis: Any, keepdims: Any, params: Any) -> Any:
        x = np.asarray(x, dtype=object)
        lines = as_lines(x, normal_axes(axis, x.shape))
        values = [self.value(m, list(lines[at]), **params) for at in np.ndindex(lines.shape[:-1])]
        count = len(values[0]) if values else 0
        found = np.empty((*lines.shape[:-1], count), dtype=object)
        for at, made in zip(np.ndindex(lines.shape[:-1]), values, strict=True):
            for k, one in enumerate(made):
                found[(*at, k)] = one
        return self.put(found, x.shape, axis, keepdims)


def mean_of(taken: Array, weights: Array) -> Array:
    """Σ of what was taken times its weight; equal entries give themselves, infinite ones too."""
    if taken.shape[-1] == 1:
        return np.asarray(taken[..., 0])
    product = np.where(weights == 0, 0, taken * weights.astype(taken.dtype))
    first = taken[..., 0]
    is_one = np.all(np.equal(taken, first[..., None]) | (weights == 0), axis=-1)
    return np.asarray(np.where(is_one & (weights[..., 0] != 0), first, product.sum(axis=-1)))


def _flat(places: IntArray, shape: Shape, axes: tuple[int, ...]) -> IntArray:
    """The flat positions in x of places on its lines, one line after the other."""
    flat = as_lines(np.arange(prod(shape), dtype=np.intp).reshape(shape), axes)
    flat = flat.reshape(places.shape[0], flat.shape[-1])
    return np.asarray(flat[np.arange(places.shape[0])[:, None, None], places])
