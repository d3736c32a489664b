"""Attention: each query reads the values, weighted by how well their keys fit it.

As one op its weights need no names, and one entry of J is short: ∂y[l, e]/∂S[l, s] = P[l, s]·(v[s,
e] − y[l, e]).

    S[l, s] = scale · Σ_d q[l, d]·k[s, d] + mask[l, s]      P = softmax of S along s      y = P v

In a row, ``q`` of (…, L, D), ``k`` of (…, S, D) and ``v`` of (…, S, E) are the operands, ``g`` is
the cotangent of the value. The axes … broadcast. A mask is added, so −inf hides a key;
``is_causal`` hides those behind the query.
"""

from __future__ import annotations

from functools import cache
from math import inf, prod, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import joined, said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS, no_entries
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import Example, Extras, Parameter, Reason, Traits
from tui_backprop.rules.shapes import broadcast_shape, broadcast_ties, take, unbroadcast
from tui_backprop.rules.windows import Axiswise, Meeting, Steps, same

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


_QUERIES: Final = 0
_KEYS: Final = 1
_VALUES: Final = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The shapes of one attention.

    Attributes:
        batch: the axes … after broadcasting.
        q: (…, L, D).
        k: (…, S, D).
        v: (…, S, E).
        mask: broadcasts to (…, L, S).
        is_causal: whether a query sees no key behind it: s ≤ l.
    """

    batch: Shape
    q: Shape
    k: Shape
    v: Shape
    mask: Shape
    is_causal: bool

    @property
    def scores(self) -> Shape:
        """(…, L, S)."""
        return *self.batch, self.q[-2], self.k[-2]

    @property
    def out(self) -> Shape:
        """(…, L, E)."""
        return *self.batch, self.q[-2], self.v[-1]

    def pattern(self, argument: int) -> Sparsity:
        """The pattern of J by one operand, given by its number.

        A query that sees one key gives it the weight 1, so that no score matters there.
        """
        shape = (self.q, self.k, self.v, self.mask)[argument]
        keys = self.k[-2]
        if argument != _VALUES and keys < 2:
            return no_entries(self.out, shape)
        if argument > _VALUES:
            return self._of_mask(keys)
        row = len(self.batch)
        ties = broadcast_ties(self.batch, shape[:-2])
        meetings = [same(a, b, shape[b]) for a, b in ties]
        own = len(shape) - 2
        if argument == _QUERIES:
            meetings.append(_seeing(row, own, self.q[-2], int(self.is_causal)))
        elif self.is_causal:
            meetings.append(_past(row, own, self.q[-2], keys, int(argument == _KEYS)))
        if argument == _VALUES:
            meetings.append(same(row + 1, own + 1, self.v[-1]))
        return Axiswise(self.out, shape, tuple(meetings))

    def _of_mask(self, keys: int) -> Sparsity:
        """A number added to all scores of a query changes none of its weights."""
        if not self.mask or self.mask[-1] != keys:
            return no_entries(self.out, self.mask)
        last = len(self.scores) - 1
        ties = ((a, b) for a, b in broadcast_ties(self.scores, self.mask) if a != last)
        return Axiswise(self.out, self.mask, tuple(same(a, b, self.mask[b]) for a, b in ties))


def layout_of(
    q: Shape, k: Shape, v: Shape, attn_mask: Shape | None = None, **params: Any
) -> Layout:
    """Read the shapes.

    Raises:
        ShapeError: the operands do not fit each other; the message shows all of them.
        ArgumentError: there is a mask, and ``is_causal`` is one too.
    """
    shown = joined(", ", [f"q {q}", f"k {k}", f"v {v}"])
    if attn_mask is not None:
        shown = joined(", ", [shown, f"attn_mask {attn_mask}"])
    if min(len(q), len(k), len(v)) < 2 or q[-1] != k[-1] or k[-2] != v[-2]:
        raise ShapeError(
            said(
                "attention needs q of (…, L, D), k of (…, S, D) and v of (…, S, E), found {shown}",
                shown=shown,
            )
        )
    try:
        batch = broadcast_shape(q[:-2], k[:-2], v[:-2])
        found = Layout(batch, q, k, v, attn_mask or (), params["is_causal"])
        is_fitting = attn_mask is None or broadcast_shape(found.scores, attn_mask) == found.scores
    except ShapeError:
        raise ShapeError(
            said("attention: the axes before the last two do not broadcast: {shown}", shown=shown)
        ) from None
    if not is_fitting:
        raise ShapeError(
            said(
                "attention: the mask does not broadcast to {scores}: {shown}",
                scores=found.scores,
                shown=shown,
            )
        )
    if attn_mask is not None and params["is_causal"]:
        raise ArgumentError(said("is_causal=True is a mask of its own: leave out attn_mask"))
    return found


def _seeing(row: int, own: int, queries: int, first: int) -> Meeting:
    """Each query with its own row, from the first on that sees several keys."""
    places = np.arange(queries, dtype=np.intp)
    steps = Steps(places, (places >= first).astype(np.intp))
    return Meeting(row, own, steps, steps)


def _past(row: int, own: int, queries: int, keys: int, first: int) -> Meeting:
    """Each query with the keys up to it, from the first query that counts on."""
    query = np.arange(queries, dtype=np.intp)
    start = np.maximum(np.arange(keys, dtype=np.intp), first)
    readers = Steps(start, np.maximum(0, queries - start))
    seen = np.where(query >= first, np.minimum(query + 1, keys), 0)
    return Meeting(row, own, readers, Steps(np.zeros_like(query), seen))


def _scale(q: Any, scale: float | None) -> float:
    """1/√D, unless said; of no entries any."""
    return scale if scale is not None else 1 / sqrt(q.shape[-1] or 1)


def _weights(m: Any, q: Any, k: Any, attn_mask: Any, is_causal: bool, scale: Any) -> Any:
    """All weights P."""
    scores = m.matmul(q, np.swapaxes(k, -1, -2)) * _scale(q, scale)
    if attn_mask is not None:
        scores = scores + attn_mask
    if is_causal:
        rows, keys = scores.shape[-2:]
        scores = m.where(np.arange(keys) <= np.arange(rows)[:, None], scores, -inf)
    return _softmax(m, scores)


def _softmax(m: Any, scores: Any) -> Any:
    """Along the last axis; of a row that is −inf throughout 0, as PyTorch has it."""
    if m is not np:
        e = m.exp(scores)
        return e / m.sum(e, axis=-1, keepdims=True)
    top = np.max(scores, axis=-1, keepdims=True, initial=-inf)
    is_hidden = np.equal(top, -inf)
    e = np.exp(scores - np.where(is_hidden, 0, top))
    return e / np.where(is_hidden, 1, np.sum(e, axis=-1, keepdims=True))


def _attended(
    m: Any, q: Any, k: Any, v: Any, attn_mask: Any = None, *, is_causal: bool, scale: Any
) -> Any:
    return m.matmul(_weights(m, q, k, attn_mask, is_causal, scale), v)


def _through_softmax(p: Array, t: Array) -> Array:
    """The softmax's J, which is symmetric, times t."""
    return np.asarray(p * (t - np.sum(p * t, axis=-1, keepdims=True)))


def _if_felt(mask: Any, k: Array, t: Array) -> Array:
    """``t``, but exactly 0 where a mask adds the same to every score: that has no effect."""
    return t if np.shape(mask)[-1:] == k.shape[-2:-1] else np.zeros_like(t)


def _pulled(argument: int) -> Any:
    def pull(
        g: Array, _y: Array, q: Array, k: Array, v: Array, attn_mask: Any = None,
        *, is_causal: bool, scale: Any,
    ) -> Array:  # fmt: skip
        p = _weights(np, q, k, attn_mask, is_causal, scale)
        if argument == 2:
            return unbroadcast(np.swapaxes(p, -1, -2) @ g, v.shape)
        s = _through_softmax(p, g @ np.swapaxes(v, -1, -2))  # the cotangent of S
        if argument == 0:
            return unbroadcast(s @ k * _scale(q, scale), q.shape)
        if argument == 1:
            return unbroadcast(np.swapaxes(s, -1, -2) @ q * _scale(q, scale), k.shape)
        return _if_felt(attn_mask, k, unbroadcast(s, np.shape(attn_mask)))

    return pull


def _pushed(argument: int) -> Any:
    def push(
        t: Array, y: Array, q: Array, k: Array, v: Array, attn_mask: Array | None = None,
        *, is_causal: bool, scale: Any,
    ) -> Array:  # fmt: skip
        p = _weights(np, q, k, attn_mask, is_causal, scale)
        if argument == 3:
            s = _if_felt(t, k, np.broadcast_to(t, p.shape))
        else:
            left, right = (t, k) if argument == 0 else (q, t)
            s = left @ np.swapaxes(right, -1, -2) * _scale(q, scale)
        return np.broadcast_to(_through_softmax(p, s) @ v, y.shape)

    return push


def _is_long(q: Any, k: Any) -> bool:
    """Whether a formula gives a weight a name instead of writing it out."""
    size: int = k.shape[-2] * max(q.shape[-1], 1)
    return size > MOST_SYMBOLS


def _line(m: Any, x: Any, shape: Shape, at: Index) -> Any:
    """The part of an operand, broadcast to a shape, at given leading coordinates."""
    if m is np:
        return np.broadcast_to(x, shape)[at]
    found = np.empty(shape[len(at) :], dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = take(x, (*at, *place))
    return found


def _column(m: Any, x: Any, layout: Layout, at: Index, c: Any) -> Any:
    """Column c of each matrix, as a last axis."""
    shape = (*layout.batch, *x.shape[-2:])
    if m is np:
        return np.swapaxes(np.broadcast_to(x, shape), -1, -2)[(*at, c)]
    return _line(m, x, shape, at)[:, c]


def _row(m: Any, j: Index, layout: Layout, q: Any, k: Any, mask: Any, scale: Any) -> Any:
    """The weights of the queries that places of the value belong to, in a last axis.

    Of one place only its query is looked at, of many all weights once.
    """
    if m is np and any(np.size(c) != 1 for c in j):
        return _weights(np, q, k, mask, layout.is_causal, scale)[j[:-1]]
    at = tuple(int(np.reshape(c, ())) for c in j[:-1])
    keys = _line(m, k, (*layout.batch, *k.shape[-2:]), at[:-1])
    query = _line(m, q, (*layout.batch, *q.shape[-2:]), at)
    scores = m.sum(keys * query, axis=-1) * _scale(q, scale)
    if mask is not None:
        scores = scores + _line(m, mask, layout.scores, at)
    if layout.is_causal:
        scores = m.where(np.arange(len(scores)) <= at[-1], scores, -inf)
    found = _softmax(m, scores)
    return found if m is not np else found.reshape((*np.shape(j[-1]), -1))


def _weight(m: Any, j: Index, s: Any, layout: Layout, q: Any, k: Any, mask: Any, scale: Any) -> Any:
    """The weights P[l, s] at given places."""
    if m is not np and _is_long(q, k):
        return m.named("attention_weight")
    row = _row(m, j, layout, q, k, mask, scale)
    if m is not np:
        return row[s]
    shape = np.broadcast_shapes(row.shape[:-1], np.shape(s))
    places = np.broadcast_to(s, shape)[..., None]
    return np.take_along_axis(np.broadcast_to(row, (*shape, row.shape[-1])), places, -1)[..., 0]


def _entry(argument: int) -> Any:
    def entry(
        m: Any, j: Index, i: Index, y: Any, q: Any, k: Any, v: Any, attn_mask: Any = None,
        *, is_causal: bool, scale: Any,
    ) -> Any:  # fmt: skip
        mask = None if attn_mask is None else attn_mask.shape
        layout = layout_of(q.shape, k.shape, v.shape, mask, is_causal=is_causal)
        batch, (row, e) = j[:-2], j[-2:]
        if argument == 0:
            if m is not np and _is_long(q, k):
                return m.named("sum_over_keys") * _scale(q, scale)
            weights = _row(m, j, layout, q, k, attn_mask, scale)
            values = _column(m, v, layout, batch, e)
            keys = _column(m, k, layout, batch, i[-1])
            apart = values - (y[j] if m is not np else np.asarray(y[j])[..., None])
            return m.sum(weights * apart * keys, axis=-1) * _scale(q, scale)
        s = i[-1] if argument == 3 else i[-2]
        weight = _weight(m, j, s, layout, q, k, attn_mask, scale)
        if argument == 2:
            return weight
        slope = weight * (take(v, (*batch, s, e)) - y[j])
        if argument == 3:
            return slope
        return slope * take(q, (*batch, row, i[-1])) * _scale(q, scale)

    return entry


_OF_SCORES: Final = "S̄ = P·(u − Σ u·P) and u = g·vᵀ"
_WHOLE: Final = (
    f"scale · S̄·k, where {_OF_SCORES}",
    f"scale · S̄ᵀ·q, where {_OF_SCORES}",
    "Pᵀ·g",
    f"S̄, where {_OF_SCORES}",
)
"""P the weights, g the cotangent of the value, S̄ that of the scores."""


def _part(argument: int) -> Part:
    return Part(
        linear=argument == 2,
        jvp=None if argument == 2 else _pushed(argument),
        vjp=_pulled(argument),
        sparsity=lambda out, *shapes, **params: layout_of(*shapes, **params).pattern(argument),
        entry=_entry(argument),
        whole=_WHOLE[argument],
    )


_MASKED: Final = (
    Example(((2, 2), (3, 2), (3, 2), (2, 3))),
    Example(((2, 2, 1), (2, 2, 1), (2, 2, 1), (2,)), {"scale": 0.5}),
    Example(((2, 1), (2, 1), (2, 1), (2, 1))),
    Example(((2, 1), (1, 1), (1, 2), (2, 1))),
    Example(((2, 1, 2), (2, 2), (2, 1), (2, 1, 2))),
)
_PLAIN: Final = (
    Example(((2, 2), (3, 2), (3, 2))),
    Example(((2, 2, 1), (2, 2, 1), (2, 2, 1)), {"scale": 0.5}),
    Example(((3, 2), (2, 2), (2, 1)), {"is_causal": True}),
    Example(((2, 2, 1), (3, 1), (3, 1)), {"is_causal": True}),
    Example(((2, 2), (2, 2, 2), (1, 2, 1))),
    Example(((2, 2), (1, 2), (1, 2))),
    Example(((2, 2), (1, 2), (1, 2)), {"is_causal": True}),
    Example(((2, 1), (0, 1), (0, 2))),
    Example(((0, 1), (2, 1), (2, 2))),
)


@cache
def _attention(extras: tuple[str, ...]) -> Rule:
    name, names = "scaled_dot_product_attention", ("q", "k", "v", *extras)
    return structural(
        name,
        " ".join(names),
        text=call_text(name, "qkv", (*extras, "is_causal", "scale")),
        parameters=(
            Parameter("is_causal", "bool", default=False, is_named=True),
            Parameter("scale", "optional_number", None, is_named=True),
        ),
        forward=_attended,
        shape=lambda *shapes, **params: layout_of(*shapes, **params).out,
        cost=lambda out, q, k, v, *_, **params: prod(out[:-1]) * k[-2] * (q[-1] + v[-1]),
        parts=tuple(map(_part, range(len(names)))),
        summary="softmax(q·kᵀ/√D + mask)·v; the maximum is taken off first: no overflow; −inf in "
        "the mask hides a key",
        examples=_MASKED if extras else _PLAIN,
        extras=_EXTRAS,
        reasons=(_HIDDEN,),
        traits=Traits(
            alone="where there is one key its weight is 1 whatever the scores are",
            reads_all=True,
            zero=slope_reasons.attention,
        ),
    )


def _is_hidden(
    _y: Array, q: Array, k: Array, v: Array, attn_mask: Any = None, *, is_causal: bool, scale: Any
) -> Any:
    """Whether a query finds no key: the scores are −inf throughout, or there are none."""
    del v  # hidden with its key
    found = _weights(np, q, k, attn_mask, is_causal, scale)
    return ~found.any(axis=-1, keepdims=True) & ~np.isnan(found).any(axis=-1, keepdims=True)


_HIDDEN: Final = Reason(
    "every key is hidden from this query: by convention 0 here, as in PyTorch, where a softmax "
    "would be 0/0",
    _is_hidden,
)
_EXTRAS: Final = Extras(("attn_mask",), _attention, stand_first=True)

RULES: Final[tuple[Rule, ...]] = (_attention(()),)
