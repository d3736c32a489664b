"""Attention: each query reads the values, weighted by how well their keys fit it.

As one op its weights need no names, and one entry of J is short: ∂y[l, e]/∂S[l, s] = P[l, s]·(v[s,
e] − y[l, e]).

    S[l, s] = scale · Σ_d q[l, d]·k[s, d] + mask[l, s]      P = softmax of S along s      y = P v

In a row, ``q`` of (…, L, D), ``k`` of (…, S, D) and ``v`` of (…, S, E) are the operands, ``g`` is
the cotangent of the value. The axes … broadcast. A mask is added, so −inf hides a key; one that is
a condition lets a key take part where it holds. ``is_causal`` hides those behind the query.
"""

from __future__ import annotations

from functools import cache
from math import inf, prod, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.network.attending import layout_of
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter, Reason, Traits
from tui_backprop.rules.shapes import take, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.ops.network.attending import Layout
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Listed
    from tui_backprop.rules.types import Array, Index, Shape


def _scale(q: Any, scale: float | None) -> float:
    """1/√D, unless said; of no entries any."""
    return scale if scale is not None else 1 / sqrt(q.shape[-1] or 1)


def _weights(m: Any, q: Any, k: Any, attn_mask: Any, is_causal: bool, scale: Any) -> Any:
    """All weights P."""
    scores = m.matmul(q, np.swapaxes(k, -1, -2))
    scores *= _scale(q, scale)
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
        total = m.sum(e, axis=-1, keepdims=True)
        # Of one key SymPy knows that its exponential is never 0, and forgets exp(−inf).
        is_hidden = m.equal(scores, -inf) if scores.shape[-1] == 1 else m.equal(total, 0)
        return m.where(is_hidden, 0, e / m.where(is_hidden, 1, total))
    top = np.maximum.reduce(scores, axis=-1, keepdims=True, initial=-inf)
    is_hidden = np.equal(top, -inf)
    e = np.asarray(scores - np.where(is_hidden, 0, top))
    np.exp(e, out=e)
    e /= np.where(is_hidden, 1, np.add.reduce(e, axis=-1, keepdims=True))
    return e


def _attended(
    m: Any, q: Any, k: Any, v: Any, attn_mask: Any = None, *, is_causal: bool, scale: Any
) -> Any:
    return m.matmul(_weights(m, q, k, attn_mask, is_causal, scale), v)


def _through_softmax(p: Array, t: Array) -> Array:
    """The softmax's J, which is symmetric, times t."""
    found = np.asarray(t - np.add.reduce(p * t, axis=-1, keepdims=True))
    found *= p
    return found


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
        regroups=True,
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


@dataclass(frozen=True, slots=True, eq=False)
class _Hiding:
    """A mask of conditions as the numbers that are added, each made when it is asked for."""

    m: Any
    holds: Any

    @property
    def shape(self) -> Shape:
        """That of the mask."""
        found: Shape = self.holds.shape
        return found

    def __getitem__(self, index: Index) -> Any:
        return self.m.where(self.holds[index], 0, -inf)


def _added(m: Any, mask: Any) -> Any:
    """0 where a condition holds, so that the key takes part, and −inf where not."""
    if m is np:
        one = np.asarray(mask).dtype.type
        return np.where(np.not_equal(mask, 0), one(0), one(-inf))
    return m.where(mask, 0, -inf) if isinstance(mask, np.ndarray) else _Hiding(m, mask)


def _by_condition(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    """A function of the row whose mask is added, for a mask of conditions at that place."""

    def called(*given: Any, **params: Any) -> Any:
        m = given[0] if given[0] is np or hasattr(given[0], "where") else np
        return function(*given[:place], _added(m, given[place]), *given[place + 1 :], **params)

    return called


def _conditioned(argument: int) -> Part:
    """The derivative by q, k or v where the mask is one of conditions, which say what is read."""
    part = _part(argument)

    def layout(operands: tuple[Any, ...], is_causal: bool) -> Layout:
        return layout_of(*(np.shape(x) for x in operands), is_causal=is_causal)

    def pull(g: Array, y: Array, *operands: Any, is_causal: bool, scale: Any) -> Array:
        *others, mask = operands
        found = part.vjp(g, y, *others, _added(np, mask), is_causal=is_causal, scale=scale)
        seen = layout(operands, is_causal).seen(np.not_equal(mask, 0))
        return np.where(layout(operands, is_causal).read(argument, seen), found, 0)

    def picked(_out: Shape, *operands: Any, is_causal: bool, scale: Any) -> Listed | None:
        del scale  # it changes no zero
        found = layout(operands, is_causal)
        return found.picked(argument, found.seen(np.not_equal(operands[-1], 0)))

    return replace(
        part,
        vjp=pull,
        jvp=part.jvp and _by_condition(part.jvp, 5),
        entry=_by_condition(part.entry, 7),
        picked=picked,
        linear=part.linear,
    )


_HOLDING: Final = Domain(values=(0.0, 1.0, 1.0, 1.0))
"""Mostly, so that keys are left."""


@cache
def _where_conditions_hold(extras: tuple[str, ...]) -> Rule:
    """The row whose mask is made of conditions, which receive no gradient."""
    row = _attention(extras)
    return structural(
        row.name,
        " ".join(row.operands),
        text=row.text,
        parameters=row.parameters,
        forward=_by_condition(_attended, 4),
        shape=row.shape,
        cost=row.cost,
        parts=(*map(_conditioned, range(3)), None),
        summary=row.summary,
        domains=(Domain(), Domain(), Domain(), _HOLDING),
        examples=row.examples,
        extras=row.extras,
        reasons=(replace(_HIDDEN, at=_by_condition(_is_hidden, 4)),),
        traits=replace(row.traits, zero=slope_reasons.attention_of_conditions),
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
        "the mask hides a key, and so does a condition that does not hold",
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
_EXTRAS: Final = Extras(
    ("attn_mask",), _attention, stand_first=True, of_conditions=_where_conditions_hold
)

RULES: Final[tuple[Rule, ...]] = (_attention(()),)
