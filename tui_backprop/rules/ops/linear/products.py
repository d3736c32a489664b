"""NumPy's products of arrays of any rank.

A row says which axes meet; ``contraction`` does the rest.

In a row, ``a`` and ``b`` are the operands' shapes. In einsum an axis of 1 entry is stretched to
those that bear the same letter, in the other rows axes that meet must be equal, as NumPy has it.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.linear.einsum import Labels, contraction
from tui_backprop.rules.ops.linear.subscripts import parse_subscripts
from tui_backprop.rules.reduction_slopes import MANY
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS, Example, Family, Parameter, member_names
from tui_backprop.rules.shapes import normal_axis, representable, whole_number
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _flat(m: Any, x: Any) -> Any:
    return m.reshape(x, (prod(x.shape),))


def _at(x: Any, flat: Any) -> Any:
    """The entry at a flat position, by its coordinates: symbols know no others."""
    return x[tuple(np.unravel_index(flat, x.shape)) if x.shape else ()]


def _position(i: Index, shape: Shape) -> Any:
    return np.ravel_multi_index(i, shape) if shape else 0


def _outer_part(k: int) -> Part:
    def pull(v: Array, _y: Array, *arrays: Array) -> Array:
        turned, other = (v, v.T)[k], arrays[1 - k]
        return np.asarray(turned @ other.ravel()).reshape(arrays[k].shape)

    return Part(
        linear=True,
        vjp=pull,
        sparsity=lambda out, *shapes: Tied(out, (prod(shapes[k]),), ((k, 0),)),
        entry=lambda m, j, i, y, *arrays: _at(arrays[1 - k], j[1 - k]),
    )


def _vdot_shape(a: Shape, b: Shape) -> Shape:
    if prod(a) != prod(b):
        raise ShapeError(
            said(
                "vdot needs as many entries on both sides: {a} has {left}, {b} has {right}",
                a=a,
                left=prod(a),
                b=b,
                right=prod(b),
            )
        )
    return ()


def _vdot(m: Any, a: Any, b: Any) -> Any:
    """The sum called as ``add.reduce`` to skip the wrapper around it; of many entries BLAS's."""
    if m is np and a.size >= MANY:
        return a.reshape(-1).dot(b.reshape(-1))
    add: Any = np.add.reduce if m is np else m.sum
    return add(_flat(m, a) * _flat(m, b))


def _vdot_part(k: int) -> Part:
    return Part(
        linear=True,
        vjp=lambda v, y, *arrays: v * arrays[1 - k].reshape(arrays[k].shape),
        sparsity=lambda out, *shapes: Tied((), (prod(shapes[k]),), ()),
        entry=lambda m, j, i, y, *arrays: _at(arrays[1 - k], _position(i, arrays[k].shape)),
    )


def _padded(*shapes: Shape) -> tuple[Shape, Shape]:
    """Both shapes with as many axes, 1 in front."""
    rank = max(map(len, shapes))
    a, b = ((1,) * (rank - len(shape)) + shape for shape in shapes)
    return a, b


def _kron_shape(a: Shape, b: Shape) -> Shape:
    return representable(tuple(n * k for n, k in zip(*_padded(a, b), strict=True)))


def _interleaved(a: Shape, b: Shape) -> Shape:
    """The value seen with twice the axes: of a and of b in turn."""
    return tuple(n for pair in zip(*_padded(a, b), strict=True) for n in pair)


def _kron(m: Any, a: Any, b: Any) -> Any:
    own, other = _padded(a.shape, b.shape)
    rank = len(own)
    spaced = m.reshape(a, tuple(n for k in own for n in (k, 1)))
    tiled = m.reshape(b, tuple(n for k in other for n in (1, k)))
    return m.reshape(spaced * tiled, _kron_shape(a.shape, b.shape)) if rank else a * b


def _kron_part(k: int) -> Part:
    def pull(v: Array, _y: Array, *arrays: Array) -> Array:
        view = _interleaved(arrays[0].shape, arrays[1].shape)
        other = _padded(arrays[0].shape, arrays[1].shape)[1 - k]
        aligned = tuple(n for length in other for n in ((1, length), (length, 1))[k])
        gone = tuple(range(1 - k, len(view), 2))
        if v.size >= MANY:  # the axes of the other last, and then a product with a vector
            kept = tuple(range(k, len(view), 2))
            apart = v.reshape(view).transpose(*kept, *gone).reshape(arrays[k].size, -1)
            return (apart @ arrays[1 - k].reshape(-1)).reshape(arrays[k].shape)
        return np.asarray(
            np.sum(v.reshape(view) * arrays[1 - k].reshape(aligned), axis=gone)
        ).reshape(arrays[k].shape)

    def sparsity(_out: Shape, *shapes: Shape) -> Tied:
        own = _padded(*shapes)[k]
        ties = tuple((2 * axis + k, axis) for axis in range(len(own)))
        return Tied(_interleaved(*shapes), own, ties)

    def entry(_m: Any, j: Index, _i: Index, _y: Any, *arrays: Any) -> Any:
        right = _padded(arrays[0].shape, arrays[1].shape)[1]
        places = tuple(c // n if k else c % n for c, n in zip(j, right, strict=True))
        other = arrays[1 - k]
        return other[places[len(places) - len(other.shape) :]]

    return Part(linear=True, vjp=pull, sparsity=sparsity, entry=entry)


_FLATTENED: Final[tuple[Rule, ...]] = (
    structural(
        "outer",
        "a b",
        forward=lambda m, a, b: _flat(m, a)[:, None] * _flat(m, b),
        shape=lambda a, b: representable((prod(a), prod(b))),
        parts=(_outer_part(0), _outer_part(1)),
        summary="every entry of a with every entry of b, as a matrix",
        examples=(
            Example(((2,), (3,))),
            Example(((2, 2), (3,))),
            Example(((2,), (1, 3))),
            Example(((), (2,))),
            Example(((0,), (2,))),
        ),
        traits=SUMS_PRODUCTS,
    ),
    structural(
        "vdot",
        "a b",
        forward=_vdot,
        shape=_vdot_shape,
        parts=(_vdot_part(0), _vdot_part(1)),
        summary="the sum of the products of all entries, each side read in C order",
        examples=(
            Example(((3,), (3,))),
            Example(((2, 3), (3, 2))),
            Example(((4,), (2, 2))),
            Example(((), ())),
            Example(((0,), (0,))),
        ),
        traits=SUMS_PRODUCTS,
    ),
    structural(
        "kron",
        "a b",
        forward=_kron,
        shape=_kron_shape,
        parts=(_kron_part(0), _kron_part(1)),
        summary="every entry of a times all of b, as blocks",
        examples=(
            Example(((2,), (3,))),
            Example(((2, 2), (1, 3))),
            Example(((2,), (2, 2))),
            Example(((2, 1, 2), (2,))),
            Example(((), (2,))),
            Example(((), ())),
            Example(((0,), (2,))),
        ),
        traits=SUMS_PRODUCTS,
    ),
)


def _meeting(a: Shape, b: Shape, pairs: list[tuple[int, int]]) -> Labels:
    """Axes of a and b that meet in pairs; the value has the others, those of a first."""
    first = list(range(len(a)))
    second = list(range(len(a), len(a) + len(b)))
    for one, other in pairs:
        second[other] = first[one]
    met = {one for one, _ in pairs}
    out = [n for k, n in enumerate(first) if k not in met]
    return Labels((tuple(first), tuple(second)), (*out, *(n for n in second if n >= len(a))))


def _dot(a: Shape, b: Shape) -> Labels:
    if not a or not b:
        return _meeting(a, b, [])
    return _meeting(a, b, [(len(a) - 1, max(len(b) - 2, 0))])


def _tensordot(a: Shape, b: Shape, axes: Any = 2) -> Labels:
    if not isinstance(axes, tuple | list):
        n = whole_number(axes, "axes")
        if not 0 <= n <= min(len(a), len(b)):
            raise ArgumentError(
                said("axes={n}: shapes {a} and {b} have no {n} axes to sum over", n=n, a=a, b=b)
            )
        axes = (tuple(range(len(a) - n, len(a))), tuple(range(n)))
    if len(axes) != 2:
        raise ArgumentError(
            said("axes {axes}: expected a number, or axes of the left and of the right", axes=axes)
        )
    left, right = (part if isinstance(part, tuple | list) else (part,) for part in axes)
    if len(left) != len(right):
        raise ArgumentError(
            said("axes {axes}: as many of the left as of the right must meet", axes=axes)
        )
    pairs = [(normal_axis(x, a), normal_axis(y, b)) for x, y in zip(left, right, strict=True)]
    if len({x for x, _ in pairs}) != len(pairs) or len({y for _, y in pairs}) != len(pairs):
        raise ArgumentError(said("axes {axes}: each axis meets once", axes=axes))
    return _meeting(a, b, pairs)


_EINSUM_EXAMPLES: Final = {
    1: (
        Example(((2, 2),), {"subscripts": "ii->i"}),
        Example(((2, 3),), {"subscripts": "ij->j"}),
        Example(((2, 3, 2),), {"subscripts": "iji->j"}),
        Example(((2, 3),), {"subscripts": "ij->"}),
        Example(((),), {"subscripts": ""}),
    ),
    3: (
        Example(((2, 3), (3, 2), (2,)), {"subscripts": "ij,jk,k->i"}),
        Example(((), (2, 3), ()), {"subscripts": ",ij,->j"}),
    ),
    2: (
        Example(((2, 3), (3, 2)), {"subscripts": "ij,jk->ik"}),
        Example(((2,), (3,)), {"subscripts": "i,j->ij"}),
        Example(((2, 2, 3), (2, 3)), {"subscripts": "...ij,...j->...i"}),
        Example(((2, 2), (2, 3)), {"subscripts": "ii,ij"}),
        Example(((2, 3), (2, 3)), {"subscripts": "ij,ij->"}),
        Example(((2, 3), (2,)), {"subscripts": "ij,k->i"}),
        Example(((0, 2), (2,)), {"subscripts": "ij,j->i"}),
        Example(((2, 1), (3, 2)), {"subscripts": "ij,jk->ik"}),
        Example(((1, 3), (2, 1)), {"subscripts": "...,...->..."}),
        Example(((1, 1), (3,)), {"subscripts": "ii,i->i"}),
        Example(((2,), ()), {"subscripts": "i,->i"}),
        Example(((), ()), {"subscripts": ",->"}),
        Example(((), (3,)), {"subscripts": "...,..."}),
    ),
}


@cache
def _einsum(count: int) -> Rule:
    names = member_names(count)
    return contraction(
        "einsum",
        " ".join(names),
        lambda *shapes, subscripts: parse_subscripts(subscripts, shapes),
        text=f"einsum({{subscripts}}, {', '.join(f'{{{n}}}' for n in names)})",
        parameters=(Parameter("subscripts", "text"),),
        summary="sums of products, the axes named by letters; a letter left out is summed over",
        examples=_EINSUM_EXAMPLES.get(count, ()),
        family=_EINSUM,
    )


_EINSUM: Final = Family(
    _einsum, listed=False, usage='einsum("ij,jk->ik", a, b)', ignored=frozenset({"optimize"})
)

RULES: Final[tuple[Rule, ...]] = (
    contraction(
        "dot",
        "a b",
        _dot,
        summary="the last axis of a meets the last but one of b; of vectors, a number",
        examples=(
            Example(((3,), (3,))), Example(((2, 3), (3,))), Example(((2, 3), (3, 2))),
            Example(((), (2,))), Example(((2, 2), (2, 2, 2))), Example(((0,), (0,))),
        ),
    ),
    contraction(
        "inner",
        "a b",
        lambda a, b: _meeting(a, b, [(len(a) - 1, len(b) - 1)] if a and b else []),
        summary="the last axes meet; of vectors, a number",
        examples=(Example(((3,), (3,))), Example(((2, 3), (2, 3))), Example(((), (2,)))),
    ),
    contraction(
        "tensordot",
        "a b",
        _tensordot,
        parameters=(Parameter("axes", "tensordot_axes", 2),),
        summary="the last axes of a meet the first of b, or those that axes names",
        examples=(
            Example(((2, 3), (2, 3))), Example(((2, 3), (3, 2)), {"axes": 1}),
            Example(((2, 3), (2, 2)), {"axes": ((0,), (1,))}), Example(((2,), (2,)), {"axes": 0}),
        ),
    ),
    _einsum(2),
    *_FLATTENED,
)  # fmt: skip
