"""index_add: lines of a source, added at the places that numbers name.

Its numbers are read as those of `take` and its kin are, which turn what is added here around.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.layout.taking import AXIS, NAMED, PLACES, is_named, named
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example
from tui_backprop.rules.shapes import normal_axis
from tui_backprop.rules.sparsity import Listed, Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _added_shape(x: Shape, index: Shape, source: Shape, axis: Any) -> Shape:
    along = normal_axis(axis, x)
    wanted = (*x[:along], *index, *x[along + 1 :])
    if len(index) != 1 or source != wanted:
        raise ShapeError(
            said(
                "index_add along axis {axis} of x {x} needs a vector of places and a source as "
                "long there, equal to x elsewhere: found index {index}, source {source}",
                axis=axis,
                x=x,
                index=index,
                source=source,
            )
        )
    return x


def _added(m: Any, x: Any, index: Any, source: Any, axis: Any) -> Any:
    """What has no place is dropped."""
    along = normal_axis(axis, x.shape)
    if m is np:
        places, exists = named(np.asarray(index), x.shape[along])
        found = np.moveaxis(np.array(x), along, 0)
        np.add.at(found, places[exists], np.moveaxis(source, along, 0)[exists])
        return np.moveaxis(found, 0, along)
    found = np.array(x, dtype=object)
    for place in np.ndindex(found.shape):
        for k in range(index.shape[0]):
            share = is_named(m, index[(k,)], place[along], x.shape[along])
            found[place] = found[place] + share * source[(*place[:along], k, *place[along + 1 :])]
    return found


def _added_back(v: Array, _y: Array, x: Array, index: Array, source: Array, axis: Any) -> Array:
    """Each entry of the source receives what its place receives."""
    along = normal_axis(axis, x.shape)
    places, exists = named(np.asarray(index), x.shape[along])
    if not v.size:
        return np.zeros_like(source, dtype=v.dtype)
    found = np.take(v, np.where(exists, places, 0), axis=along)
    shape = [-1 if a == along else 1 for a in range(x.ndim)]
    return np.where(exists.reshape(shape), found, np.asarray(0, dtype=v.dtype))


def _added_pattern(_out: Shape, x: Array, index: Array, source: Array, axis: Any) -> Listed:
    shape, along = np.shape(x), normal_axis(axis, np.shape(x))
    places, exists = named(np.asarray(index), shape[along])
    flat = np.arange(prod(shape), dtype=np.intp).reshape(shape)
    own = np.arange(np.size(source), dtype=np.intp).reshape(np.shape(source))
    rows = np.take(flat, places[exists], axis=along) if flat.size else flat
    columns = np.compress(exists, own, axis=along) if flat.size else flat
    return Listed((prod(shape), np.size(source)), rows.ravel(), columns.ravel())


def _added_entry(
    m: Any, j: Index, i: Index, _y: Any, x: Any, index: Any, _source: Any, axis: Any
) -> Any:
    along = normal_axis(axis, x.shape)
    return is_named(m, index[(i[along],)], j[along], x.shape[along])


def _every_axis(out: Shape, *_shapes: Shape, **_params: Any) -> Tied:
    return Tied(out, out, tuple((a, a) for a in range(len(out))))


def _other_axes(out: Shape, _x: Shape, _index: Shape, source: Shape, axis: Any) -> Tied:
    along = normal_axis(axis, out)
    return Tied(out, source, tuple((a, a) for a in range(len(out)) if a != along))


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "index_add",
        "x index source",
        parameters=(AXIS,),
        text="index_add({x}, {axis}, {index}, {source})",
        call_order=("x", "axis", "index", "source"),
        spellings={"dim": "axis"},
        forward=_added,
        shape=_added_shape,
        parts=(
            Part(linear=False, vjp=lambda v, y, x, index, source, axis: v,
                 jvp=lambda t, y, x, index, source, axis: t,
                 sparsity=_every_axis, entry=lambda *_, **_params: 1),
            None,
            Part(
                vjp=_added_back,
                jvp=lambda t, y, x, index, source, axis: _added(
                    np, np.zeros(x.shape, dtype=t.dtype), index, t, axis
                ),
                sparsity=_other_axes,
                entry=_added_entry,
                masked=True,
                picked=_added_pattern,
            ),
        ),
        summary="x with each line of the source added at the place that its number names; what "
        "has no place is dropped",
        domains=(Domain(), PLACES, Domain()),
        traits=NAMED,
        examples=(Example(((3,), (2,), (2,)), {"axis": 0}),
                  Example(((2, 3), (2,), (2, 2)), {"axis": 1}),
                  Example(((3, 2), (3,), (3, 2)), {"axis": -2})),
    ),
)  # fmt: skip
