"""Embedding: rows of a table, picked by numbers that are data.

With indexing the picks are in the program, so J's pattern is known from it; here it is known only
when the values are.

In the row, ``x`` holds class numbers, ``weight`` is the table of shape (V, D), ``y[…, d] =
weight[x[…], d]``. Programs have only real numbers: the nearest whole one picks; where there is no
such row the entries are NaN.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason, Traits
from tui_backprop.rules.sparsity import Gathered, Spread, Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


def names(m: Any, t: Any, c: Any) -> Any:
    """Whether c is the whole number nearest to t, so that t picks row c."""
    return m.logical_and(m.less_equal(c - 0.5, t), m.less(t, c + 0.5))


def names_any(m: Any, t: Any, count: int) -> Any:
    """Whether t names one of 0 to count − 1."""
    return m.logical_and(m.less_equal(-0.5, t), m.less(t, count - 0.5))


def _shape(x: Shape, weight: Shape, padding_idx: int | None = None) -> Shape:
    if len(weight) != 2:
        raise ShapeError(
            said(
                "embedding needs a table of shape (V, D), found {weight} for x {x}",
                weight=weight,
                x=x,
            )
        )
    _padding(weight, padding_idx)
    return (*x, weight[1])


def _padding(weight: Shape, padding_idx: int | None) -> int | None:
    """The row that receives nothing, counted from 0; one that the table has not is refused."""
    rows = weight[0]
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise ArgumentError(
            said(
                "padding_idx {padding_idx} names no row of the table {weight}: expected −{rows} "
                "to {last}",
                padding_idx=padding_idx,
                weight=weight,
                rows=rows,
                last=rows - 1,
            )
        )
    return padding_idx % rows


def _picks(x: Array, rows: int) -> tuple[IntArray, Array]:
    """The row behind each number, any where there is none, and whether there is one."""
    exists = names_any(np, x, rows)
    return np.floor(np.where(exists, x, 0) + 0.5).astype(np.intp), exists


def _looked_up(m: Any, x: Any, weight: Any, padding_idx: int | None = None) -> Any:
    del padding_idx  # what stands in its row is read like any other
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


def _scattered(
    v: Array, _y: Array, x: Array, weight: Array, padding_idx: int | None = None
) -> Array:
    """A row picked twice receives both contributions, that of the padding none."""
    rows, exists = _picks(x, weight.shape[0])
    total = np.zeros_like(weight)
    padding = _padding(weight.shape, padding_idx)
    if padding is not None:
        exists = np.logical_and(exists, rows != padding)
    if total.size:
        np.add.at(total, rows[exists], v[exists])
    return total


def _picked(
    _out: Shape, x: Array, weight: Array, padding_idx: int | None = None, **_static: Any
) -> Gathered:
    """Each entry reads the one of its row that has its place; of no row and the padding, none."""
    rows, exists = _picks(x, weight.shape[0])
    padding = _padding(weight.shape, padding_idx)
    if padding is not None:
        exists = exists & (rows != padding)
    places = rows[..., None] * weight.shape[1] + np.arange(weight.shape[1])
    return Gathered(np.where(exists[..., None], places, -1).ravel(), weight.size)


def _pattern(out: Shape, _x: Shape, weight: Shape, padding_idx: int | None = None) -> Sparsity:
    """Any row may be read, but that of the padding never counts."""
    ties = ((len(out) - 1, 1),)
    padding = _padding(weight, padding_idx)
    if padding is None:
        return Tied(out, weight, ties)
    rows, width = weight
    places = np.delete(np.arange(rows * width, dtype=np.intp).reshape(weight), padding, axis=0)
    return Spread(Tied(out, (rows - 1, width), ties), places.ravel(), rows * width)


def _pushed(t: Array, _y: Array, x: Array, weight: Array, padding_idx: int | None = None) -> Array:
    """J·t: the tangents of the rows that are picked, 0 for the padding."""
    padding = _padding(weight.shape, padding_idx)
    if padding is not None:
        t = t.copy()
        t[padding] = 0
    return np.asarray(_looked_up(np, x, t))


def _entry(
    m: Any, j: Index, i: Index, _y: Any, x: Any, weight: Any, padding_idx: int | None = None
) -> Any:
    found = m.where(names(m, x[j[:-1]], i[0]), 1, 0)
    padding = _padding(weight.shape, padding_idx)
    return found if padding is None else m.where(m.equal(i[0], padding), 0, found)


def _from_padding(_m: Any, x: Array, weight: Array, padding_idx: int | None = None) -> Array:
    """How many rows from that of the padding, whose slope is a choice, each entry was picked."""
    rows, exists = _picks(x, weight.shape[0])
    padding = _padding(weight.shape, padding_idx)
    away = np.ones(np.shape(x)) if padding is None else np.where(exists, rows - padding, 1)
    return np.asarray(away)[..., None]


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "embedding",
        "x weight",
        parameters=(Parameter("padding_idx", "optional_int", None),),
        forward=_looked_up,
        shape=_shape,
        parts=(
            None,
            Part(
                vjp=_scattered,
                jvp=_pushed,
                sparsity=_pattern,
                entry=_entry,
                nonzeros=lambda out, x, weight, padding_idx=None: (
                    prod(out) * (weight[0] - (padding_idx is not None))
                ),
                masked=True,
                picked=_picked,
            ),
        ),
        summary="the row of weight that each number names; one named twice adds up, row "
        "padding_idx receives nothing",
        kink=_from_padding,
        convention="row padding_idx receives nothing, as in PyTorch",
        domains=(Domain(values=(0.0, 1.0, 2.0)), Domain()),
        reasons=(
            Reason(
                "the table has no such row",
                lambda y, x, weight, **_: ~names_any(np, x, weight.shape[0])[..., None],
            ),
        ),
        traits=Traits(passed_over=slope_reasons.other_row),
        examples=(
            Example(((2,), (3, 2))),
            Example(((), (3, 1))),
            Example(((2, 2), (3, 2))),
            Example(((0,), (3, 2))),
            Example(((2,), (3, 2)), {"padding_idx": -2}),
        ),
    ),
)
