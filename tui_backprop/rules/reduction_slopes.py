"""Reductions that are not linear: a slope for each entry, and what all entries that meet share.

An entry of x is read by one entry of y only, so J is an array of x's shape: the *slope* of each
entry, written with the entry, the value, and a *shared* quantity of the group, such as its mean.
VJP, JVP and partials follow.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.rows import Part
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.shapes import (
    normal_axes,
    reduced_count,
    reduced_shape,
    reduced_sparsity,
    take,
)
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


AXIS: Final = Parameter("axis", "axis", None)
KEEPDIMS: Final = Parameter("keepdims", "bool", default=False, is_named=True)
"""By name only: behind ``axis`` NumPy has ``dtype`` and ``out``."""

EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 3),)),
    Example(((2, 3),), {"axis": 0}),
    Example(((2, 3),), {"axis": -1, "keepdims": True}),
    Example(((2, 3),), {"keepdims": True}),
    Example(((2, 3, 2),), {"axis": (0, -1)}),
    Example(((2, 3, 2),), {"axis": ()}),
    Example(((2, 0),), {"axis": 0}),
)
"""Of a reduction that also something empty has."""

MOST_SYMBOLS: Final = 16
"""Above this many entries a formula names the shared quantity instead of writing it out."""


MANY: Final = 256
"""From so many entries on a quick way counts for more than its last digit, which nobody reads."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A quantity of the entries that meet.

    Attributes:
        name: how a formula calls it where there are too many entries to write it out.
        of: ``(m, x, y, axes)`` → an array that broadcasts to x; y keeps its reduced axes.
    """

    name: str
    of: Callable[..., Any]


NOTHING: Final = Shared("", lambda m, x, y, axes: np.zeros((1,) * x.ndim, dtype=np.int8))
"""The slope needs the entry and the value only."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """The derivative of a reduction by the slope of each entry.

    Attributes:
        slope: ``(m, x, y, shared, n, **others)`` → ∂y/∂x entry by entry; n entries meet, and
            ``others`` are the static arguments beside ``axis`` and ``keepdims``.
        shared: what the slope needs to know of the group.
    """

    slope: Callable[..., Any]
    shared: Shared = NOTHING

    def part(self, sparsity: Callable[..., Sparsity] | None = None, whole: str = "") -> Part:
        """The `Part` of a row; by default every entry that meets can matter."""
        return Part(
            vjp=self.vjp,
            sparsity=sparsity or (lambda out, x, axis=None, **_: reduced_sparsity(x, axis)),
            entry=self.entry,
            jvp=self.jvp,
            whole=whole,
            regroups=self.shared is not NOTHING,
        )

    def vjp(
        self, v: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False, **others: Any
    ) -> Array:
        """``v`` of the group times the slope."""
        del keepdims  # v is reshaped either way
        axes = normal_axes(axis, x.shape)
        kept = _kept(x.shape, axes)
        return np.asarray(v.reshape(kept) * self._slopes(x, y.reshape(kept), axes, others))

    def jvp(
        self, t: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False, **others: Any
    ) -> Array:
        """The sum of slope times ``t`` over the group."""
        product = t * self.of(x, y, axis, **others)
        axes = normal_axes(axis, x.shape)
        return np.asarray(np.sum(product, axis=axes, keepdims=keepdims))

    def of(self, x: Array, y: Array, axis: Any, **others: Any) -> Array:
        """All slopes, in x's shape and y's precision."""
        axes = normal_axes(axis, x.shape)
        return self._slopes(x, np.reshape(y, _kept(x.shape, axes)), axes, others)

    def _slopes(self, x: Array, y: Array, axes: tuple[int, ...], others: Any) -> Array:
        """Likewise, where y keeps its reduced axes."""
        shared = self.shared.of(np, x, y, axes)
        count = prod([x.shape[a] for a in axes])
        found = self.slope(np, x, y, shared, count, **others)
        return found if found.dtype == y.dtype else np.asarray(found, dtype=y.dtype)

    def entry(
        self,
        m: Any,
        j: Index,
        i: Index,
        y: Any,
        x: Any,
        axis: Any = None,
        keepdims: bool = False,
        **others: Any,
    ) -> Any:
        """The slope of x[i]."""
        del keepdims  # j is a place of y either way
        shared = shared_at(m, self.shared, j, i, y, x, axis)
        return self.slope(m, x[i], y[j], shared, reduced_count(x.shape, axis), **others)


def _kept(shape: Shape, axes: tuple[int, ...]) -> Shape:
    """The shape with the reduced axes kept."""
    return tuple([1 if a in axes else n for a, n in enumerate(shape)])


def shared_at(m: Any, shared: Shared, j: Index, i: Index, y: Any, x: Any, axis: Any) -> Any:
    """The shared quantity of the group of x[i].

    Of one place only its group is looked at, of many the whole operand once.
    """
    axes = normal_axes(axis, x.shape)
    if m is not np and reduced_count(x.shape, axis) > MOST_SYMBOLS and shared is not NOTHING:
        return m.named(shared.name)
    if m is np and any(np.size(c) != 1 for c in i):
        y = np.asarray(y).reshape(reduced_shape(x.shape, axis, keepdims=True))
        return take(np.asarray(shared.of(np, x, y, axes)), i)
    own = tuple(int(np.reshape(c, ())) for c in i)
    group = _group(m, x, own, axes)
    within = tuple(c if a in axes else 0 for a, c in enumerate(own))
    return take(np.asarray(shared.of(m, group, y[j], axes)), within)


def _group(m: Any, x: Any, i: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """The entries that meet x[i], all axes kept."""
    if m is np:
        slices = (slice(None) if a in axes else slice(c, c + 1) for a, c in enumerate(i))
        return np.asarray(x[tuple(slices)])
    return written_group(x, i, axes)


def written_group(x: Any, i: Index, axes: tuple[int, ...]) -> Array:
    """The symbols that meet x[i], all axes kept."""
    made = np.empty(tuple(n if a in axes else 1 for a, n in enumerate(x.shape)), dtype=object)
    for place in np.ndindex(made.shape):
        made[place] = x[tuple(c if a in axes else i[a] for a, c in enumerate(place))]
    return made


def no_entries(out: Shape, x: Shape) -> Gathered:
    """The pattern of a J that is 0 whatever the operand holds."""
    return Gathered(np.full(prod(out), -1, dtype=np.intp), prod(x))


def nonempty_shape(name: str, x: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    """The reduced shape; one with an entry that would be made of no entries is refused."""
    out = reduced_shape(x, axis, keepdims)
    if prod(out) and not reduced_count(x, axis):
        raise ShapeError(
            said(
                "{name} of nothing has no value: shape {x} has no entries along axis {axis}",
                name=name,
                x=x,
                axis=axis,
            )
        )
    return out


def products_before(lines: Array) -> Array:
    """The product of all entries before each one, along the last axis."""
    shifted = np.concatenate([np.ones_like(lines[..., :1]), lines[..., :-1]], axis=-1)
    return np.cumprod(shifted, axis=-1)


def products_of_others(lines: Array) -> Array:
    """The product of all other entries, along the last axis: no division, so exact at zeros."""
    return products_before(lines) * np.flip(products_before(np.flip(lines, -1)), -1)


def mean_of(m: Any, x: Any, axis: Any, *, keepdims: bool = True) -> Any:
    """The mean of every group.

    Not m.mean: of nothing it warns beside its NaN, through no channel that errstate closes.
    """
    add: Any = np.add.reduce if m is np else m.sum  # without the wrapper around it
    return m.divide(add(x, axis=axis, keepdims=keepdims), reduced_count(x.shape, axis))


def are_last(count: int, axes: tuple[int, ...]) -> bool:
    """Whether these are the last of so many axes: then their groups are lines as they stand."""
    return axes == tuple(range(count - len(axes), count))


def as_lines(x: Array, axes: tuple[int, ...]) -> Array:
    """Every group as a line along one last axis, after the kept axes."""
    if are_last(x.ndim, axes):
        lead = x.shape[: x.ndim - len(axes)]
        return x.reshape(*lead, prod(x.shape[len(lead) :]))
    kept = tuple(n for a, n in enumerate(x.shape) if a not in axes)
    moved = np.moveaxis(x, axes, tuple(range(-len(axes), 0)))
    return moved.reshape((*kept, prod(x.shape[a] for a in axes)))


def from_lines(lines: Array, shape: Shape, axes: tuple[int, ...]) -> Array:
    """What `as_lines` made a line, back in its place."""
    if are_last(len(shape), axes):
        return lines.reshape(shape)
    kept = tuple(n for a, n in enumerate(shape) if a not in axes)
    moved = lines.reshape((*kept, *(shape[a] for a in axes)))
    return np.moveaxis(moved, tuple(range(-len(axes), 0)), axes)


def gap(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """How far the largest entry is above the next; inf where there is no other."""
    out = reduced_shape(x.shape, axis, keepdims)
    lines = as_lines(x, normal_axes(axis, x.shape))
    n = lines.shape[-1]
    if n < 2:
        return np.full(out, np.inf)
    top = np.partition(lines, n - 2, axis=-1)
    first, second = top[..., -1], top[..., -2]
    # inf − inf would be NaN.
    return np.where(np.equal(first, second), 0, np.subtract(first, second)).reshape(out)


def blocks(shape: Shape, axis: Any) -> Tied:
    """Each entry of a block reads each entry of the same block."""
    gone = normal_axes(axis, shape)
    return Tied(shape, shape, tuple((a, a) for a in range(len(shape)) if a not in gone))


def contrasts(shape: Shape, axis: Any) -> Sparsity:
    """The pattern of ops that compare entries: an entry alone in its block has no effect."""
    if reduced_count(shape, axis) != 1:
        return blocks(shape, axis)
    return no_entries(shape, shape)


def same(m: Any, j: Index, i: Index, axis: Any, shape: Shape) -> Any:
    """1 where two entries of one block are the same entry, else 0."""
    found: Any = 1
    for a in normal_axes(axis, shape):
        found = found * m.where(m.equal(j[a], i[a]), 1, 0)
    return found


def of_block(m: Any, name: str, compute: Callable[[Any], Any], x: Any, at: Index, axis: Any) -> Any:
    """A quantity that a whole block shares, read at one of its entries, or with NumPy at many.

    ``compute`` makes it of a block, with the axes kept; a formula has the name for it where the
    block is too long to be written out.
    """
    if m is not np and reduced_count(x.shape, axis) > MOST_SYMBOLS:
        return m.named(name)
    axes = normal_axes(axis, x.shape)
    if m is not np:
        return take(compute(written_group(x, at, axes)), at)
    if 0 in axes or not x.size or not np.size(at[0]):
        return take(compute(x), at)
    # The blocks that lie between: where rows are long, a look at one of them costs one.
    first = int(np.min(at[0]))
    among = x[first : int(np.max(at[0])) + 1]
    return take(compute(among), (at[0] - first, *at[1:]))
