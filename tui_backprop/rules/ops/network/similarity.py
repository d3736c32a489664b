"""The cosine similarity: how alike two arrays are along an axis.

In the row, ``x`` and ``y`` are the operands, ``z`` is the value. With u = x / |x| and w = y / |y|

    z = Σ u·w        ∂z/∂x = (w − z·u) / |x|

where a norm below ``eps`` counts as the constant ``eps``, and then z·u is left out. The operands
broadcast first, and ``axis`` is one of their common shape.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.ops.elementwise.functions import are_moderate, mended
from tui_backprop.rules.ops.reducing.norms import length
from tui_backprop.rules.reduction_slopes import MANY, MOST_SYMBOLS, no_entries, of_block
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.shapes import (
    broadcast_shape,
    normal_axes,
    reduced_shape,
    refuse_axis_of_number,
    take,
    unbroadcast,
)
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


_HUGE: Final = 1e140
"""Beyond it squares overflow; those that vanish are below any eps."""
_SMALLER: Final = 2.0**-60
"""Brings the length of a block of numbers that are near the largest of float64 below it."""


def _met(m: Any, x: Any, y: Any, axis: Any) -> Any:
    """The sum of the products along an axis, which is kept; of many without the products."""
    if m is not np:
        return m.sum(x * y, axis=axis, keepdims=True)
    if isinstance(axis, int) and x.size >= MANY:
        vecdot: Any = np.vecdot  # its types know no axis
        return vecdot(x, y, axis=axis, keepdims=True)
    return np.add.reduce(x * y, axis=axis, keepdims=True)


def _norm(m: Any, x: Any, axis: Any) -> Any:
    usual = m.sqrt(_met(m, x, x, axis))
    if m is not np or not (usual > _HUGE).any():
        return usual
    is_rare = (usual > _HUGE) & np.isfinite(x).all(axis=axis, keepdims=True)
    return mended(usual, is_rare, lambda: length(x, axis, keepdims=True))


def _scale(m: Any, x: Any, axis: Any) -> Any:
    """A power of two by which a block becomes one with a length, where its own would overflow.

    The cosine is the same for it; the slope is that many times the one of the block itself.
    """
    if m is not np:
        return 1
    is_over = np.isinf(_norm(np, x, axis)) & np.isfinite(x).all(axis=axis, keepdims=True)
    return np.where(is_over, x.dtype.type(_SMALLER), x.dtype.type(1))


def _measured(x: Array, axis: Any) -> tuple[Array, Array, Any]:
    """A block by a power of two, its length then, and that power; nearly always it is 1."""
    norm = _norm(np, x, axis)
    if not np.isinf(norm).any():
        return x, norm, 1
    scale = _scale(np, x, axis)
    return x * scale, _norm(np, x * scale, axis), scale


def _scaled_norm(m: Any, x: Any, axis: Any) -> Any:
    return _norm(m, x * _scale(m, x, axis), axis)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretched:
    """Symbols in the shape that they broadcast to, each made when it is asked for."""

    whole: Any
    shape: Shape

    def __getitem__(self, index: Index) -> Any:
        return take(self.whole, index)


def _common(x: Any, y: Any) -> tuple[Any, Any]:
    """Both operands in the shape that they broadcast to."""
    if x.shape == y.shape:
        return x, y
    shape = broadcast_shape(x.shape, y.shape)
    if isinstance(x, np.ndarray | np.generic):
        return np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    return _Stretched(x, shape), _Stretched(y, shape)


def _repeated(own: Shape, common: Shape, axis: Any) -> tuple[int, ...]:
    """The axes along which one sum reads an entry again and again."""
    padded = (*(1,) * (len(common) - len(own)), *own)
    return tuple(a for a in normal_axes(axis, common) if padded[a] != common[a])


def _place(j: Index, i: Index, own: Shape, common: Shape, axis: Any) -> Index:
    """Where in the common shape an entry is read; along repeated axes the first time."""
    gone, extra = normal_axes(axis, common), len(common) - len(own)
    again, kept = _repeated(own, common, axis), iter(j)
    return tuple(
        next(kept) if a not in gone else 0 if a in again else i[a - extra]
        for a in range(len(common))
    )


def _moderate_norms(x: Any, y: Any, axis: Any, eps: float) -> tuple[Array, Array] | None:
    """The lengths of many entries, where all are above eps and no digit of a product is lost."""
    if x.size < MANY:
        return None
    own, other = _norm(np, x, axis), _norm(np, y, axis)
    if min(own.min(), other.min()) > eps and are_moderate(own) and are_moderate(other):
        return own, other
    return None


def _cosine(m: Any, x: Any, y: Any, axis: Any = -1, eps: float = 1e-8) -> Any:
    x, y = _common(x, y)
    if m is np:
        norms = _moderate_norms(x, y, axis, eps)
        if norms is not None:
            met = _met(np, x, y, axis) / (norms[0] * norms[1])
            return met.reshape(reduced_shape(x.shape, axis))
        (x, own, _), (y, other, _) = _measured(x, axis), _measured(y, axis)
    else:
        own, other = _norm(m, x, axis), _norm(m, y, axis)
    u, w = x / m.maximum(own, eps), y / m.maximum(other, eps)
    return m.sum(u * w, axis=axis)


def _slope(m: Any, z: Any, x: Any, y: Any, norms: tuple[Any, Any], eps: float) -> Any:
    """∂z/∂x; x and y entries, z and the norms those of their blocks."""
    u, w = x / m.maximum(norms[0], eps), y / m.maximum(norms[1], eps)
    turned, is_short = z * u, m.less(norms[0], eps)
    if m is not np or np.any(is_short):
        turned = m.where(is_short, 0, turned)
    return (w - turned) / m.maximum(norms[0], eps)


def _shape(x: Shape, y: Shape, axis: Any = -1, **_params: float) -> Shape:
    common = broadcast_shape(x, y)
    refuse_axis_of_number(axis, common)
    return reduced_shape(common, axis)


def _sparsity(out: Shape, own: Shape, common: Shape, axis: Any) -> Sparsity:
    """An entry is read in each block that it is stretched to, and along the axis in one."""
    gone, extra = normal_axes(axis, common), len(common) - len(own)
    if 0 in (common[a] for a in _repeated(own, common, axis)):
        return no_entries(out, own)
    kept = [a for a in range(len(common)) if a not in gone]
    ties = ((k, a - extra) for k, a in enumerate(kept) if a >= extra)
    return Tied(out, own, tuple((k, a) for k, a in ties if own[a] == out[k]))


def _part(argument: int) -> Part:
    """The derivative by one operand; the other way round it is the same."""

    def slopes(z: Array, x: Array, y: Array, axis: Any, eps: float) -> Array:
        """In the common shape, but summed where one entry of z reads an entry again and again."""
        again = _repeated((x, y)[argument].shape, broadcast_shape(x.shape, y.shape), axis)
        x, y = _common(x, y)
        own, other = (x, y) if argument == 0 else (y, x)
        (own, norm, scale), (other, of_other, _) = _measured(own, axis), _measured(other, axis)
        kept = z.reshape(of_other.shape)
        found = np.asarray(_slope(np, kept, own, other, (norm, of_other), eps))
        found = found if isinstance(scale, int) else found * scale
        return np.sum(found, axis=again, keepdims=True) if again else found

    def vjp(v: Array, z: Array, x: Array, y: Array, axis: Any = -1, eps: float = 1e-8) -> Array:
        common = broadcast_shape(x.shape, y.shape)
        kept = v.reshape(reduced_shape(common, axis, keepdims=True))
        own, other = (x, y) if argument == 0 else (y, x)
        if x.shape == y.shape and (norms := _moderate_norms(own, other, axis, eps)):
            # v·(w − z·u) / |x|, with one factor for each block before x and y.
            by_other = kept / (norms[0] * norms[1])
            by_own = kept * z.reshape(kept.shape) / (norms[0] * norms[0])
            if are_moderate(np.abs(by_other)) and are_moderate(np.abs(by_own)):
                found = np.asarray(other * by_other)
                found -= own * by_own
                return found
        pulled = np.multiply(kept, slopes(z, x, y, axis, eps))
        return unbroadcast(pulled, (x, y)[argument].shape)

    def jvp(t: Array, z: Array, x: Array, y: Array, axis: Any = -1, eps: float = 1e-8) -> Array:
        return np.asarray(np.sum(t * slopes(z, x, y, axis, eps), axis=axis))

    def entry(
        m: Any, j: Index, i: Index, z: Any, x: Any, y: Any, axis: Any = -1, eps: float = 1e-8
    ) -> Any:
        shape, common = (x, y)[argument].shape, broadcast_shape(x.shape, y.shape)
        again = _repeated(shape, common, axis)
        at = _place(j, i, shape, common, axis)
        if m is np and again:
            return slopes(z, x, y, axis, eps)[at]
        x, y = _common(x, y)
        own, other = (x, y) if argument == 0 else (y, x)
        norms = (
            of_block(m, "norm", lambda b: _scaled_norm(m, b, axis), own, at, axis),
            of_block(m, "other_norm", lambda b: _scaled_norm(m, b, axis), other, at, axis),
        )
        if m is not np:
            return _summed(
                m, again, at, lambda p: _slope(m, z[j], own[p], other[p], norms, eps), common
            )
        scale = of_block(m, "scale", lambda b: _scale(m, b, axis), own, at, axis)
        of_other = of_block(m, "scale", lambda b: _scale(m, b, axis), other, at, axis)
        return scale * _slope(m, z[j], own[at] * scale, other[at] * of_other, norms, eps)

    return Part(
        vjp=vjp,
        jvp=jvp,
        sparsity=lambda out, x, y, axis=-1, eps=1e-8: _sparsity(
            out, (x, y)[argument], broadcast_shape(x, y), axis
        ),
        entry=entry,
    )


def _from_eps(m: Any, x: Any, y: Any, axis: Any = -1, eps: float = 1e-8) -> Any:
    x, y = _common(x, y)
    return (m.sqrt(m.sum(x * x, axis=axis)) - eps) * (m.sqrt(m.sum(y * y, axis=axis)) - eps)


def _summed(
    m: Any, again: tuple[int, ...], at: Index, slope: Callable[[Index], Any], common: Shape
) -> Any:
    """The formulas of all places where one sum reads an entry, added up."""
    lengths = [range(common[a]) if a in again else (c,) for a, c in enumerate(at)]
    if prod(common[a] for a in again) > MOST_SYMBOLS:
        return m.named("slope")
    first, *others = (slope(place) for place in product(*lengths))
    return sum(others, start=first)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "cosine_similarity",
        "x y",
        parameters=(Parameter("axis", "axis", -1), Parameter("eps", "number", 1e-8)),
        forward=_cosine,
        shape=_shape,
        parts=(_part(0), _part(1)),
        summary="the cosine of the angle between x and y along an axis; norms are at least eps",
        kink=_from_eps,
        convention="a norm equal to eps counts as the norm",
        examples=(
            Example(((3,), (3,))),
            Example(((2, 3), (2, 3))),
            Example(((3, 2), (3, 2)), {"axis": 0}),
            Example(((2, 2, 3), (2, 2, 3)), {"axis": (0, -1)}),
            Example(((2, 2), (2, 2)), {"axis": None}),
            Example(((3,), (3,)), {"eps": 1.5}),
            Example(((2, 0), (2, 0))),
            Example(((0, 2), (0, 2))),
            Example(((2, 3), (3,))),
            Example(((3,), (2, 1, 3))),
            Example(((2, 1, 2), (1, 2, 2)), {"axis": (1, 2)}),
            Example(((2, 1), (2, 3)), {"axis": None}),
            Example(((1, 3), (0, 3))),
        ),
    ),
)
