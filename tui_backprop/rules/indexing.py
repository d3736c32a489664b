"""Ops that rearrange: every entry of the value is one entry of the operand.

It stands apart because no row here computes anything: what it states is where each entry goes.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent. Where y[j] is x[i] the partial is 1, elsewhere it is 0 by
structure. The static arguments are NumPy's ``axes`` and ``shape``, and ``key`` of ``x[key]``.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.gathering import ORDER, permuted, same_order
from tui_backprop.rules.index_patterns import (
    gathered_source,
    indexed_shape,
    parsed_key,
    reads_twice,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.shapes import normal_axis, representable, whole_number
from tui_backprop.rules.sparsity import Gathered

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


def _order(x: Shape, axes: Any = None) -> tuple[int, ...]:
    """The operand's axis behind each axis of the value."""
    if axes is None:
        return tuple(reversed(range(len(x))))
    found = tuple(normal_axis(a, x) for a in (axes if isinstance(axes, tuple | list) else (axes,)))
    if sorted(found) != list(range(len(x))):
        raise ArgumentError(
            f"axes {axes} must name each axis of shape {x} once: an order of {tuple(range(len(x)))}"
        )
    return found


def _reshaped(x: Shape, shape: Any) -> Shape:
    """The new shape, −1 worked out."""
    asked = tuple(
        whole_number(n, "a length in a shape")
        for n in (shape if isinstance(shape, tuple | list) else (shape,))
    )
    unknown = [a for a, n in enumerate(asked) if n == -1]
    size, known = prod(x), prod(n for n in asked if n != -1)
    if any(n < -1 for n in asked) or len(unknown) > 1:
        raise ArgumentError(f"shape {asked}: lengths are 0 or more, and at most one is −1")
    fits = known != 0 and size % known == 0 if unknown else size == known
    if not fits:
        raise ArgumentError(
            f"cannot reshape {x}, {size} entries, to {asked}"
            + ("" if unknown else f", {known} entries")
        )
    return representable(tuple(size // known if n == -1 else n for n in asked))


def _scattered(v: Array, _y: Array, x: Array, key: Any) -> Array:
    """The cotangent added up where it was read from; entries nobody read receive 0."""
    items: Any = parsed_key(key, x.shape)
    total = np.zeros(x.shape, dtype=v.dtype)
    if reads_twice(items):
        np.add.at(total, items, v)
    else:
        total[items] = v
    return total


RULES: Final[tuple[Rule, ...]] = (
    permuted(
        "transpose",
        _order,
        "the axes in another order; reversed, unless said",
        (
            Example(((),)),
            Example(((3,),)),
            Example(((2, 3),)),
            Example(((2, 1, 3),), {"axes": (1, 2, 0)}),
            Example(((2, 3, 2),), {"axes": (-1, 0, 1)}),
            Example(((0, 3),)),
        ),
        (Parameter("axes", "axes", None),),
    ),
    same_order(
        "reshape",
        _reshaped,
        "the same entries in the same order, in another shape",
        (
            Example(((2, 3),), {"shape": (3, 2)}),
            Example(((2, 3),), {"shape": -1}),
            Example(((4,),), {"shape": (2, -1, 1)}),
            Example(((),), {"shape": (1, 1)}),
            Example(((1,),), {"shape": ()}),
            Example(((0, 3),), {"shape": (2, 0)}),
            Example(((2, 3),), {"shape": (3, -1), "order": "F"}),
        ),
        (Parameter("shape", "shape"), ORDER),
        text="reshape({x}, {shape}, order={order})",
    ),
    structural(
        "index",
        "x",
        text="{x}[{key}]",
        parameters=(Parameter("key", "index"),),
        forward=lambda m, x, key: x[parsed_key(key, x.shape)],
        shape=indexed_shape,
        parts=(
            Part(
                linear=True,
                vjp=_scattered,
                sparsity=lambda out, x, key: Gathered(gathered_source(x, key), prod(x)),
                entry=lambda m, j, i, y, x, key: 1,
                nonzeros=lambda out, x, key: prod(out),
            ),
        ),
        summary="entries picked as NumPy does; one picked twice receives both contributions",
        examples=(
            Example(((3,),), {"key": 1}),
            Example(((3,),), {"key": -1}),
            Example(((3,),), {"key": slice(None, None, -2)}),
            Example(((3,),), {"key": [2, 0, 2]}),
            Example(((3,),), {"key": []}),
            Example(((),), {"key": ()}),
            Example(((),), {"key": (None, ...)}),
            Example(((2, 3),), {"key": (slice(1, None), slice(None, None, 2))}),
            Example(((2, 3),), {"key": (slice(None), None)}),
            Example(((2, 3),), {"key": (..., -1)}),
            Example(((2, 3),), {"key": ([0, 1, 1], [2, 2, 2])}),
            Example(((2, 3),), {"key": [[1], [0]]}),
            Example(((3,),), {"key": [True, False, True]}),
            Example(((2, 3),), {"key": [[False, True, True], [True, False, False]]}),
            Example(((2, 3, 2),), {"key": (1, [True, False, True])}),
            Example(((2, 3),), {"key": (slice(None), [False, False, False])}),
            Example(((2, 3, 2),), {"key": (0, slice(None), [1, 0, 1])}),
            Example(((2, 3, 2),), {"key": (slice(None), [0, 2], 1)}),
            Example(((2, 0),), {"key": slice(None, None, -1)}),
        ),
    ),
)
