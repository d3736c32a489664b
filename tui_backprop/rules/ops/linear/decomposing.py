"""What rows of decompositions share: stacks that may have no answer, patterns, and partials.

In a row ``a`` is a matrix or a stack of them. A decomposition states how a tangent is pushed
forward; a partial is an entry of what the tangent with a single 1 gives.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.shapes import written_out
from tui_backprop.rules.sparsity import Listed, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape

MOST_LISTED: Final = 16
"""Side of a matrix of whose J every entry that is 0 by structure is left out; of larger ones J is
taken as full."""

MOST_FORMULA: Final = 3
"""Side of a matrix whose partials a formula writes out."""

_AT_ONCE: Final = 64
"""Columns of J that are computed together."""


def matrix(name: str, a: Shape) -> Shape:
    """The shape of matrices; any other is refused."""
    if len(a) < 2:
        raise ShapeError(
            said("{name} needs a matrix, or a stack of them, found shape {a}", name=name, a=a)
        )
    return a


def turned(a: Any) -> Any:
    """The transposes."""
    return np.swapaxes(a, -1, -2)


def symmetric(a: Any, m: Any = np) -> Any:
    """The symmetric part, halved first so that nothing overflows."""
    if m is np:
        return a / 2 + turned(a) / 2
    return m.divide(a + turned(a), 2)


def each_matrix(compute: Callable[[Array], tuple[Array, ...]], a: Array) -> tuple[Array, ...]:
    """``compute`` of a stack; NaN in all parts of a matrix that is not finite or has no answer."""
    is_finite = np.asarray(np.isfinite(a).all(axis=(-2, -1)))
    wide = is_finite[..., None, None]
    safe = np.where(wide, a, np.eye(*a.shape[-2:], dtype=a.dtype))
    try:
        found = compute(safe)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            like = compute(np.eye(*a.shape, dtype=a.dtype))
            return tuple(np.full_like(part, np.nan) for part in like)
        stack = [each_matrix(compute, one) for one in a.reshape(-1, *a.shape[-2:])]
        return tuple(
            np.asarray(part).reshape(*a.shape[:-2], *part[0].shape)
            for part in zip(*stack, strict=True)
        )
    return tuple(
        np.where(
            is_finite.reshape(*is_finite.shape, *(1,) * (part.ndim - is_finite.ndim)),
            part,
            np.asarray(np.nan, dtype=a.dtype),
        )
        for part in found
    )


def solved_upper(read: Array, b: Array) -> Array:
    """The x of ``read·x = b`` of upper triangles; a 0 on the diagonal is divided by.

    So do the functions for triangles of other libraries; the elimination of `solutions` finds no
    single x there. Elsewhere it is quicker, and swaps no rows.
    """
    if np.all(np.diagonal(read, axis1=-2, axis2=-1)):
        return np.asarray(np.linalg.solve(read, b))
    found = np.zeros(np.broadcast_shapes(b.shape, (*read.shape[:-1], 1)), dtype=b.dtype)
    for k in reversed(range(read.shape[-1])):
        known = read[..., k, None, k + 1 :] @ found[..., k + 1 :, :]
        found[..., k, :] = (b[..., k, :] - known[..., 0, :]) / read[..., k, k, None]
    return found


def solved_lower(read: Array, b: Array) -> Array:
    """The same of lower triangles, which by half a turn are upper ones."""
    return np.flip(solved_upper(np.flip(read, (-2, -1)), np.flip(b, -2)), -2)


def by_columns(push: Callable[..., Any]) -> Callable[..., Any]:
    """A row's ``entry`` from ``push``: ``(m, t, y, a, **params)`` → J·t, of stacks of matrices."""

    def entry(m: Any, j: Index, i: Index, y: Any, a: Any, **params: Any) -> Any:
        if m is not np:
            return _written(push, m, j, i, y, a, params)
        lead = a.ndim - 2
        coordinates = np.broadcast_arrays(*j, *i)
        own, places = coordinates[: len(j)], coordinates[len(j) :]
        columns, which = np.unique(
            np.ravel_multi_index(tuple(places), a.shape), return_inverse=True
        )
        which = which.reshape(np.shape(places[0]))
        found = np.empty(np.shape(places[0]), dtype=np.asarray(y).dtype)
        for start in range(0, columns.size, _AT_ONCE):
            *batch, row, column = np.unravel_index(columns[start : start + _AT_ONCE], a.shape)
            few = tuple(batch)
            matrices = a[few] if few else np.broadcast_to(a, (row.size, *a.shape))
            values = y[few] if few else np.broadcast_to(y, (row.size, *np.shape(y)))
            t = np.zeros_like(matrices)
            t[np.arange(row.size), row, column] = 1
            pushed = push(np, t, values, matrices, **params)
            here = (which >= start) & (which < start + _AT_ONCE)
            found[here] = pushed[(which[here] - start, *(c[here] for c in own[lead:]))]
        return found

    return entry


def _written(
    push: Callable[..., Any], m: Any, j: Index, i: Index, y: Any, a: Any, params: Any
) -> Any:
    """The formula of one partial; where the matrix is large, a name."""
    lead = len(a.shape) - 2
    own, place = j[lead:], i[lead:]
    if max(a.shape[-2:]) > MOST_FORMULA:
        return m.named("partial")
    t = np.zeros(a.shape[-2:], dtype=object)
    t[place] = 1
    pushed = push(m, t, written_out(y, j[:lead]), written_out(a, i[:lead]), **params)
    return np.asarray(pushed, dtype=object)[own]


def stacked(out: Shape, a: Shape, meets: Callable[..., Any]) -> Sparsity:
    """A pattern within each matrix of a stack.

    ``meets`` is ``(*coordinates of the value, row, column)`` → whether they meet, all of which
    broadcast; asked of small matrices only.
    """
    lead = len(a) - 2
    if max(a[-2:]) > MOST_LISTED:
        return Tied(out, a, tuple((k, k) for k in range(lead)))
    inner, own = out[lead:], a[lead:]
    place = np.indices((*inner, *own), sparse=True)
    mask = np.broadcast_to(meets(*place), (*inner, *own)).reshape(prod(inner), prod(own))
    rows, columns = np.nonzero(mask)
    count = np.arange(prod(out[:lead]), dtype=np.intp)[:, None]
    shape = (prod(out), prod(a))
    return Listed(
        shape, (count * prod(inner) + rows).ravel(), (count * prod(own) + columns).ravel()
    )
