"""NumPy's products of arrays of any rank.

They stand apart from ``linear``, which has the one product that programs write with a sign: here
each row says which axes meet, and ``contraction`` does the rest.

In a row, ``a`` and ``b`` are the operands' shapes. In einsum an axis of 1 entry is stretched to
those that bear the same letter, in the other rows axes that meet must be equal, as NumPy has it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.einsum import contraction
from tui_backprop.rules.labels import Labels
from tui_backprop.rules.rule import Example, Family, Parameter, member_names
from tui_backprop.rules.shapes import normal_axis, whole_number
from tui_backprop.rules.subscripts import parse_subscripts

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape


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


def _inner(a: Shape, b: Shape) -> Labels:
    return _meeting(a, b, [(len(a) - 1, len(b) - 1)] if a and b else [])


def _tensordot(a: Shape, b: Shape, axes: Any = 2) -> Labels:
    if not isinstance(axes, tuple | list):
        n = whole_number(axes, "axes")
        if not 0 <= n <= min(len(a), len(b)):
            raise ArgumentError(f"axes={n}: shapes {a} and {b} have no {n} axes to sum over")
        axes = (tuple(range(len(a) - n, len(a))), tuple(range(n)))
    if len(axes) != 2:
        raise ArgumentError(f"axes {axes}: expected a number, or axes of the left and of the right")
    left, right = (part if isinstance(part, tuple | list) else (part,) for part in axes)
    if len(left) != len(right):
        raise ArgumentError(f"axes {axes}: as many of the left as of the right must meet")
    pairs = [(normal_axis(x, a), normal_axis(y, b)) for x, y in zip(left, right, strict=True)]
    if len({x for x, _ in pairs}) != len(pairs) or len({y for _, y in pairs}) != len(pairs):
        raise ArgumentError(f"axes {axes}: each axis meets once")
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
        text="dot({a}, {b})",
        summary="the last axis of a meets the last but one of b; of vectors, a number",
        examples=(
            Example(((3,), (3,))), Example(((2, 3), (3,))), Example(((2, 3), (3, 2))),
            Example(((), (2,))), Example(((2, 2), (2, 2, 2))), Example(((0,), (0,))),
        ),
    ),
    contraction(
        "inner",
        "a b",
        _inner,
        text="inner({a}, {b})",
        summary="the last axes meet; of vectors, a number",
        examples=(Example(((3,), (3,))), Example(((2, 3), (2, 3))), Example(((), (2,)))),
    ),
    contraction(
        "tensordot",
        "a b",
        _tensordot,
        text="tensordot({a}, {b}, axes={axes})",
        parameters=(Parameter("axes", "tensordot_axes", 2),),
        summary="the last axes of a meet the first of b, or those that axes names",
        examples=(
            Example(((2, 3), (2, 3))), Example(((2, 3), (3, 2)), {"axes": 1}),
            Example(((2, 3), (2, 2)), {"axes": ((0,), (1,))}), Example(((2,), (2,)), {"axes": 0}),
        ),
    ),
    _einsum(2),
)  # fmt: skip
