"""Wrong derivatives that are more than another slope: what is summed, weighted, or transposed.

Each stays whole: what it pulls back is the sum of the contributions that it states, so that a walk
over it is consistent and only wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.rules.derivative import Scalar, Structural, reading, slope_times
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.derivative import Operands, Part, Pull
    from tui_backprop.rules.types import Array, Index, Params, Shape


@dataclass(frozen=True, slots=True)
class OneSlice(Scalar):
    """Of an operand that is repeated only what the last repetition contributes."""

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """As the row's, but for the entries of the other repetitions."""
        slope, own = reading(self.partial, params, at), at[1 + self.argument]

        def pull(v: Any, values: Sequence[Any]) -> Array:
            kept = _last(np.indices(np.shape(v)), np.shape(v), np.shape(values[own]))
            return np.where(kept, slope_times(v, slope(values), masked=self.masked), 0)

        return pull

    def entries(
        self, m: Any, j: Index, i: Index, y: Any, operands: Operands, params: Params
    ) -> Any:
        """The row's partials in the last repetition, else 0."""
        usual = Scalar.entries(self, m, j, i, y, operands, params)
        kept = _last(j, np.shape(y) if m is np else y.shape, operands[self.argument].shape)
        return np.where(kept, usual, 0) if m is np else usual if bool(kept) else usual * 0


def _last(j: Any, out: Shape, own: Shape) -> Any:
    """Whether places of the output lie in the last repetition of an operand, axis by axis."""
    lead = len(out) - len(own)
    kept: Any = True
    for axis, length in enumerate(out):
        is_repeated = axis < lead or (own[axis - lead] == 1 and length != 1)
        if is_repeated:
            kept = np.logical_and(kept, np.equal(j[axis], length - 1))
    return kept


@dataclass(frozen=True, slots=True)
class Neighbour(Scalar):
    """The slope of each entry is that of the next one along the last axis."""

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """As the row's, with the slopes moved by one."""
        slope = reading(self.partial, params, at)

        def pull(v: Any, values: Sequence[Any]) -> Array:
            every = np.broadcast_to(np.asarray(slope(values), dtype=v.dtype), np.shape(v))
            return slope_times(v, np.roll(every, -1, axis=-1), masked=self.masked)

        return pull

    def entries(
        self, m: Any, j: Index, i: Index, y: Any, operands: Operands, params: Params
    ) -> Any:
        """The row's partials one place further."""
        length = y.shape[-1]
        return Scalar.entries(self, m, (*j[:-1], (j[-1] + 1) % length), i, y, operands, params)

    def _partials(self, y: Array, operands: Operands, params: Params) -> Array:
        found = self.partial(np, y, *operands, **params)
        every = np.broadcast_to(np.asarray(found, dtype=y.dtype), y.shape)
        return np.roll(every, -1, axis=-1)


@dataclass(frozen=True, slots=True)
class Unweighted(Scalar):
    """The partials are added up as they are, without v."""

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """The slopes alone."""
        slope = reading(self.partial, params, at)
        return lambda v, values: self.contribution(v, slope(values)).astype(v.dtype, copy=False)

    def contribution(self, v: Any, partial: Any) -> Array:
        """The partial, whatever v is."""
        return slope_times(np.ones_like(v), partial, masked=self.masked)


@dataclass(frozen=True, slots=True)
class UnweightedPart(Structural):
    """The partials of a structural row are added up as they are, without v."""

    def contribution(self, v: Any, partial: Any) -> Array:
        """The partial, whatever v is."""
        return Structural.contribution(self, np.ones_like(v), partial)


def unweighted(own: Scalar | Structural) -> Scalar | Structural:
    """The derivative with ones for v."""
    if isinstance(own, Scalar):
        return Unweighted(own.argument, own.partial, own.masked)
    pull = own.part.vjp

    def vjp(v: Array, *read: Any, **params: Any) -> Array:
        return pull(np.ones_like(v), *read, **params)

    return UnweightedPart(own.argument, own.forward, replace(own.part, vjp=vjp))


def negated(own: Scalar | Structural) -> Scalar | Structural:
    """The derivative with its sign turned."""
    if isinstance(own, Scalar):
        slope = own.partial  # a row may give booleans, which have no minus: they are taken from 0
        return replace(own, partial=lambda *read, **params: 0 - slope(*read, **params))
    part = own.part

    def vjp(*read: Any, **params: Any) -> Array:
        return -part.vjp(*read, **params)

    def jvp(*read: Any, **params: Any) -> Array:
        return -own.jvp(read[0], read[1], read[2:], params)

    def entry(*read: Any, **params: Any) -> Any:
        return -part.entry(*read, **params)

    return replace(own, part=replace(part, vjp=vjp, jvp=jvp, entry=entry, linear=False))


def transposed(own: Structural) -> Structural:
    """``J·v`` where ``vᵀJ`` belongs; the operand has the shape of the result."""
    part = own.part

    def vjp(v: Array, y: Array, *operands: Any, **params: Any) -> Array:
        return own.jvp(v, y, operands, params)

    def entry(m: Any, j: Index, i: Index, *read: Any, **params: Any) -> Any:
        return part.entry(m, i, j, *read, **params)

    def sparsity(*asked: Any, **params: Any) -> Tied:
        found = part.sparsity(*asked, **params)
        if not isinstance(found, Tied):
            raise AssertionError("only a pattern of tied axes is transposed here")
        ties = tuple(sorted((i, j) for j, i in found.ties))
        return Tied(found.in_shape, found.out_shape, ties)

    return replace(own, part=_whole(replace(part, vjp=vjp, entry=entry, sparsity=sparsity), own))


def _whole(part: Part, own: Structural) -> Part:
    """A transposed part with the J·t that belongs to it: the true ``tᵀJ``."""

    def jvp(t: Array, *read: Any, **params: Any) -> Array:
        return own.part.vjp(t, *read, **params)

    return replace(part, jvp=jvp, linear=False)
