"""Ops that join any number of arrays: NumPy's concatenate, stack and their kin.

A row has as many operands, ``arrays``, as a program gives it: a family, of which each number of
operands is a row of its own. Where y[j] is entry i of an operand the partial is 1.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import all_of, said
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import MOVES, Example, Family, Parameter, member_names
from tui_backprop.rules.shapes import normal_axis
from tui_backprop.rules.sparsity import Gathered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

    Goes: TypeAlias = "Callable[..., int]"


def _concatenated(*shapes: Shape, axis: int | None = 0) -> Shape:
    if axis is None:
        return (sum(map(prod, shapes)),)
    if not all(shapes):
        raise ShapeError(said("numbers cannot be concatenated: use stack"))
    first = shapes[0]
    chosen = normal_axis(axis, first)
    for other in shapes:
        if len(other) != len(first) or _without(other, chosen) != _without(first, chosen):
            raise ShapeError(
                said(
                    "concatenate along axis {chosen}: shapes {first} and {other} differ along "
                    "another axis",
                    chosen=chosen,
                    first=first,
                    other=other,
                )
            )
    total = sum(shape[chosen] for shape in shapes)
    return (*first[:chosen], total, *first[chosen + 1 :])


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def _stacked(*shapes: Shape, axis: int = 0) -> Shape:
    if not shapes:
        raise ShapeError(said("stack needs at least one array, and this list has no entries"))
    for shape in shapes:
        if shape != shapes[0]:
            raise ShapeError(
                said(
                    "stack needs equal shapes, found {one} and {other}",
                    one=shapes[0],
                    other=shape,
                )
            )
    chosen = normal_axis(axis, (1, *shapes[0]))
    return (*shapes[0][:chosen], len(shapes), *shapes[0][chosen:])


def _rows_of(*shapes: Shape) -> Shape:
    """vstack: vectors and numbers are rows."""
    rows = [shape if len(shape) > 1 else (1, *(shape or (1,))) for shape in shapes]
    return _joined("vstack", shapes, rows, axis=0)


def _columns_of(*shapes: Shape) -> Shape:
    """hstack: along axis 1, of vectors along their only one."""
    found = [shape or (1,) for shape in shapes]
    return _joined("hstack", shapes, found, axis=0 if len(found[0]) == 1 else 1)


def _joined(name: str, shapes: tuple[Shape, ...], made: list[Shape], axis: int) -> Shape:
    """The shape of what was made of operands, joined; a refusal shows them as they are."""
    try:
        return _concatenated(*made, axis=axis)
    except (ArgumentError, ShapeError) as error:
        shown = all_of(map(str, dict.fromkeys(shapes)))
        raise ShapeError(
            said("{name} of shapes {shown}: {error}", name=name, shown=shown, error=str(error))
        ) from None


def _rows(shape: Callable[..., Shape], x: Shape, params: dict[str, Any]) -> Shape:
    """The shape of what is made of the rows of one array."""
    if not x or not x[0]:
        what = said("shape {shape}", shape=x) if x else said("a number")
        raise ShapeError(said("one array is the list of its rows, and {what} has none", what=what))
    one, two = shape(x[1:], **params), shape(x[1:], x[1:], **params)
    # Of n alike each axis grows by as much as from one to two; a list of n would cost n.
    return tuple(n + (x[0] - 1) * (more - n) for n, more in zip(one, two, strict=True))


@lru_cache(maxsize=1024)
def _stretch(
    name: str, number: int, shapes: tuple[Shape, ...], axis: int | None = 0
) -> tuple[Any, ...]:
    """Where in the value the entries of one operand stand."""
    if name == "stack":
        chosen = normal_axis(axis, (1, *shapes[0]))
        return (*(slice(None),) * chosen, number)
    if name == "vstack":
        shapes = tuple(shape if len(shape) > 1 else (1, *(shape or (1,))) for shape in shapes)
    elif name == "hstack":
        shapes = tuple(shape or (1,) for shape in shapes)
        axis = 0 if len(shapes[0]) == 1 else 1
    if axis is None:
        shapes, axis = tuple((prod(shape),) for shape in shapes), 0
    chosen = normal_axis(axis, shapes[0])
    start = sum(shape[chosen] for shape in shapes[:number])
    return (*(slice(None),) * chosen, slice(start, start + shapes[number][chosen]))


def _part(name: str, number: int, join: Callable[..., Any]) -> Part:
    """The derivative with respect to one operand, read off where its entries go."""

    def source(out: Shape, shapes: tuple[Shape, ...], params: dict[str, Any]) -> Array:
        """The flat position of the operand behind each entry of the value; −1 of the others."""
        marked = [np.full(shape, -1, dtype=np.intp) for shape in shapes]
        marked[number] = np.arange(prod(shapes[number]), dtype=np.intp).reshape(shapes[number])
        return np.asarray(join(np, marked, **params)).reshape(out).ravel()

    def pull(v: Array, _y: Array, *arrays: Array, **params: Any) -> Array:
        at = _stretch(name, number, tuple([x.shape for x in arrays]), **params)
        found, shape = v[at], arrays[number].shape
        return found if found.shape == shape else np.reshape(found, shape)

    def pull_rows(v: Array, y: Array, *arrays: Array, axis: int | None = 0) -> Array:
        """Of arrays one after the other along the first axis, which takes no looking up."""
        if axis != 0:
            return pull(v, y, *arrays, axis=axis)
        start = 0
        for x in arrays[:number]:
            start += len(x)
        return v[start : start + len(arrays[number])]

    def tangent(t: Array, _y: Array, *arrays: Array, **params: Any) -> Array:
        zeros = [np.zeros_like(x) for x in arrays]
        zeros[number] = t
        return np.asarray(join(np, zeros, **params))

    return Part(
        vjp=pull_rows if name == "concatenate" else pull,
        jvp=tangent,
        sparsity=lambda out, *shapes, **params: Gathered(
            source(out, shapes, params), prod(shapes[number])
        ),
        entry=lambda m, j, i, y, *arrays, **params: 1,
        nonzeros=lambda out, *shapes, **params: prod(shapes[number]),
    )


def _of_rows(
    name: str, shape: Callable[..., Shape], goes: Goes, summary: str, axis: tuple[Parameter, ...]
) -> Rule:
    """The row for one array: its first axis goes elsewhere, and may merge with its neighbour."""

    def joined(_m: Any, x: Any, **params: Any) -> Any:
        moved = np.moveaxis(x, 0, goes(x.shape, **params))
        return moved.reshape(_rows(shape, x.shape, params))

    def pulled(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        at = goes(x.shape, **params)
        apart = (*x.shape[1 : at + 1], x.shape[0], *x.shape[at + 1 :])
        return np.moveaxis(v.reshape(apart), at, 0)

    def source(_out: Shape, x: Shape, **params: Any) -> Gathered:
        places = np.arange(prod(x), dtype=np.intp).reshape(x)
        return Gathered(joined(np, places, **params).ravel(), prod(x))

    return structural(
        name,
        "x",
        text=f"{name}({{x}}{', axis={axis}' if axis else ''})",
        parameters=axis,
        forward=joined,
        shape=lambda x, **params: _rows(shape, x, params),
        parts=(
            Part(
                vjp=pulled,
                linear=True,
                sparsity=source,
                entry=lambda m, j, i, y, x, **params: 1,
                nonzeros=lambda out, x, **params: prod(x),
            ),
        ),
        summary=summary,
        examples=(
            Example(((2, 3),)),
            Example(((3, 2, 2),)),
            Example(((2, 1, 3, 2),), {"axis": -1} if axis else {}),
            Example(((2, 0),)),
        ),
        traits=MOVES,
    )


def _family(
    name: str,
    shape: Callable[..., Shape],
    goes: Goes,
    summary: str,
    samples: tuple[tuple[Shape, ...], ...],
    axis: Parameter | None = None,
) -> Rule:
    """The row for two operands, which knows the others.

    ``goes`` says where the first axis of one array stands that is given for the list.
    """

    def join(m: Any, arrays: Any, **params: Any) -> Any:
        return getattr(m, name)(list(arrays), **params)

    @cache
    def of(count: int) -> Rule:
        names = member_names(count)
        listed = ", ".join(f"{{{n}}}" for n in names)
        suffix = ", axis={axis}" if axis else ""
        return structural(
            name,
            " ".join(names),
            text=f"{name}([{listed}]{suffix})",
            parameters=(axis,) if axis else (),
            forward=lambda m, *arrays, **params: getattr(m, name)([*arrays], **params),
            shape=shape,
            parts=tuple(_part(name, n, join) for n in range(count)),
            summary=summary,
            examples=tuple(Example(shapes) for shapes in samples if len(shapes) == count),
            traits=MOVES,
            family=family,
        )

    usage = f"{name}([a, b, …]{', axis=0' if axis else ''})"
    rows = _of_rows(name, shape, goes, summary, (axis,) if axis else ())
    family = Family(of, listed=True, usage=usage, of_rows=rows)
    return of(2)


_AXIS: Final = Parameter("axis", "axis", 0)

RULES: Final[tuple[Rule, ...]] = (
    _family("concatenate", _concatenated,
            lambda x, axis=0: 0 if axis is None else normal_axis(axis, x[1:]),
            "arrays one after the other along an axis",
            (((2,), (3,)), ((2, 1), (1, 1)), ((0, 2), (1, 2)), ((3,),), ((1,), (2,), (1,))), _AXIS),
    _family("stack", _stacked, lambda x, axis=0: normal_axis(axis, x),
            "arrays of one shape side by side along a new axis",
            (((), ()), ((3,), (3,)), ((2, 2), (2, 2))), _AXIS),
    _family("vstack", _rows_of, lambda x: 0, "arrays under each other; vectors are rows",
            (((3,), (3,)), ((2, 2), (2,)), ((), ()))),
    _family("hstack", _columns_of, lambda x: int(len(x) > 2),
            "arrays beside each other; vectors end to end",
            (((2,), (3,)), ((2, 1), (2, 2)), ((), ()))),
)  # fmt: skip
