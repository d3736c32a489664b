"""Embedding: rows of a table, picked by numbers that are data.

It stands apart from indexing because there the picks stand in the program, so J's pattern is known
exactly; here they are values, and what is read is known when they are.

In the row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` holds class
numbers, ``weight`` is the table of shape (V, D), ``y[…, d] = weight[x[…], d]``. Programs have only
real numbers: the nearest whole one picks; where there is no such row the entries are NaN.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.naming import names, names_any
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


def _shape(x: Shape, weight: Shape) -> Shape:
    if len(weight) != 2:
        raise ShapeError(f"embedding needs a table of shape (V, D), found {weight} for x {x}")
    return (*x, weight[1])


def _picks(x: Array, rows: int) -> tuple[IntArray, Array]:
    """The row behind each number, any where there is none, and whether there is one."""
    exists = names_any(np, x, rows)
    return np.floor(np.where(exists, x, 0) + 0.5).astype(np.intp), exists


def _looked_up(m: Any, x: Any, weight: Any) -> Any:
    if m is not np:
        return _formula(m, x, weight)
    x, weight = np.asarray(x), np.asarray(weight)
    rows, exists = _picks(x, weight.shape[0])
    if not weight.shape[0]:
        return np.full(_shape(x.shape, weight.shape), np.nan, dtype=weight.dtype)
    return np.where(exists[..., None], weight[rows], np.asarray(np.nan, dtype=weight.dtype))


def _formula(m: Any, x: Any, weight: Any) -> Any:
    found = np.empty(_shape(x.shape, weight.shape), dtype=object)
    for place in np.ndindex(found.shape):
        at = x[place[:-1]]
        choices = (
            m.where(names(m, at, row), weight[row, place[-1]], 0) for row in range(weight.shape[0])
        )
        found[place] = sum(choices)
    return found


def _scattered(v: Array, _y: Array, x: Array, weight: Array) -> Array:
    """A row picked twice receives both contributions."""
    rows, exists = _picks(x, weight.shape[0])
    total = np.zeros_like(weight)
    if total.size:
        np.add.at(total, rows[exists], v[exists])
    return total


def _picked(_out: Shape, x: Array, weight: Array, **_static: Any) -> Gathered:
    """Each entry reads the one of its row that has its place; where there is no row, none."""
    rows, exists = _picks(x, weight.shape[0])
    places = rows[..., None] * weight.shape[1] + np.arange(weight.shape[1])
    return Gathered(np.where(exists[..., None], places, -1).ravel(), weight.size)


def _entry(m: Any, j: Index, i: Index, _y: Any, x: Any, _weight: Any) -> Any:
    return m.where(names(m, x[j[:-1]], i[0]), 1, 0)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "embedding",
        "x weight",
        text="embedding({x}, {weight})",
        forward=_looked_up,
        shape=_shape,
        parts=(
            None,
            Part(
                linear=True,
                vjp=_scattered,
                sparsity=lambda out, x, weight: Tied(out, weight, ((len(out) - 1, 1),)),
                entry=_entry,
                nonzeros=lambda out, x, weight: prod(out) * weight[0],
                masked=True,
                picked=_picked,
            ),
        ),
        summary="the row of weight that each number names; one named twice adds up",
        domains=(Domain(values=(0.0, 1.0, 2.0)), Domain()),
        examples=(
            Example(((2,), (3, 2))),
            Example(((), (3, 1))),
            Example(((2, 2), (3, 2))),
            Example(((0,), (3, 2))),
        ),
    ),
)
