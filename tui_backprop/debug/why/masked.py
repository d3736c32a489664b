"""Why a slope through a softmax is 0 where scores are −inf: a mask made a weight exactly 0.

The reason is not the entry at hand but its row: which keys a query is left with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug.why.kinds import Kind
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.language.message import said
from tui_backprop.rules.ops.attention import layout_of
from tui_backprop.rules.shapes import normal_axes

if TYPE_CHECKING:
    from tui_backprop.debug.why.kinds import Found
    from tui_backprop.debug.why.operands import At
    from tui_backprop.rules.types import Index, IntArray

_MASK = 3
_OF_KEYS = frozenset((1, 2))


def attention(at: At) -> Found | None:
    """How an added mask left a query few keys, or none."""
    if len(at.node.parents) <= _MASK:
        return None
    mask = at.node.parents[_MASK]
    own = coordinates(at.i, at.graph.nodes[at.edge.parent].shape)
    places = _row_of_mask(at)
    hidden = picked(at.trace.value(mask), places) == -np.inf
    query = int(coordinates(at.j, at.node.shape)[-2])
    if hidden.all():
        return Kind.VALUE, said(
            "the mask hides every key from query {query}: all its weights are exactly 0",
            query=query,
        )  # fmt: skip
    key = _key(at, own)
    if key is not None and hidden[key]:
        return Kind.VALUE, said(
            "{mask} hides key {key} from query {query}: its weight is exactly 0",
            mask=at.written(mask, int(places[key])), key=key, query=query,
        )  # fmt: skip
    if np.count_nonzero(~hidden) > 1:
        return None
    return Kind.VALUE, said(
        "the mask leaves query {query} one key, {key}: its weight is exactly 1 whatever the "
        "scores are", query=query, key=int(np.argmin(hidden)),
    )  # fmt: skip


def _key(at: At, own: Index) -> int | None:
    """The key that the entry belongs to, of keys, values and the mask."""
    if at.edge.argument in _OF_KEYS:
        return int(own[-2])
    if at.edge.argument != _MASK or at.graph.nodes[at.edge.parent].shape[-1] == 1:
        return None
    return int(own[-1])


def _row_of_mask(at: At) -> IntArray:
    """Where the mask has what is added to the scores of the query, flat, a place for each key."""
    shapes = [at.graph.nodes[p].shape for p in at.node.parents]
    scores = layout_of(*shapes, **at.node.params).scores
    places = np.arange(int(np.prod(shapes[_MASK])), dtype=np.intp).reshape(shapes[_MASK])
    row = coordinates(at.j, at.node.shape)[:-1]
    return np.asarray(np.broadcast_to(places, scores)[row])


def softmax(at: At) -> Found | None:
    """A score that is −inf, or the only one of its row that is not."""
    x = at.trace.value(at.edge.parent)
    for flat in (at.i, at.j):
        if picked(x, flat) == -np.inf:
            return Kind.VALUE, said(
                "{score}, so its weight is exactly 0", score=at.written(at.edge.parent, int(flat))
            )  # fmt: skip
    axes = normal_axes(at.node.params["axis"], x.shape)
    row = tuple(
        slice(None) if a in axes else c for a, c in enumerate(coordinates(at.i, x.shape))
    )  # fmt: skip
    others = np.count_nonzero(x[row] != -np.inf) - 1
    if others or x[row].size < 2:
        return None
    return Kind.VALUE, said(
        "all other scores beside {score} are -inf: its weight is exactly 1 whatever it is",
        score=at.own,
    )  # fmt: skip
