"""Interval arithmetic: bounds of an expression from bounds of what it reads.

An op without a rule bounds nothing, unless what it reads stays the same: the search then looks at
each step.
"""

from __future__ import annotations

from math import inf, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.debug.conditions.extents import (
    Extent,
    answer,
    between,
    hull_of,
    infinite,
    reduced,
    truths,
)
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray

    Bound: TypeAlias = Callable[..., Extent]


_ULPS: Final = 32
"""How far the bounds of a function are moved apart that rounds as it likes."""


def _finite(x: Extent) -> IntArray:
    """Whether each entry may be neither infinity."""
    return np.asarray((x.low < np.inf) & (x.high > -np.inf))


def _add(x: Extent, y: Extent) -> Extent:
    opposite = ((x.high == np.inf) & (y.low == -np.inf)) | ((x.low == -np.inf) & (y.high == np.inf))
    return between(x.low + y.low, x.high + y.high, x, y, nan=opposite)


def _negative(x: Extent) -> Extent:
    return between(-x.high, -x.low, x)


def _ends(by: Callable[[Array, Array], Array], x: Extent, y: Extent) -> Array:
    """An operation on each pair of bounds, along a first axis."""
    pairs = ((x.low, y.low), (x.low, y.high), (x.high, y.low), (x.high, y.high))
    return np.stack(np.broadcast_arrays(*(by(a, b) for a, b in pairs)))


def _multiply(x: Extent, y: Extent) -> Extent:
    ends = _ends(np.multiply, x, y)
    zero_x, zero_y = ((e.low <= 0) & (e.high >= 0) for e in (x, y))
    nan = (zero_x & infinite(y)) | (zero_y & infinite(x)) | np.isnan(ends).any(axis=0)
    low, high = np.nanmin(ends, axis=0, initial=np.inf), np.nanmax(ends, axis=0, initial=-np.inf)
    # 0 · inf is NaN at an end, yet anything in between is possible near it.
    return between(np.where(nan, -np.inf, low), np.where(nan, np.inf, high), x, y, nan=nan)


def _divide(x: Extent, y: Extent) -> Extent:
    ends = _ends(np.divide, x, y)
    over_zero = (y.low <= 0) & (y.high >= 0)
    nan = over_zero | np.isnan(ends).any(axis=0) | (infinite(x) & infinite(y))
    low, high = ends.min(axis=0), ends.max(axis=0)
    return between(np.where(nan, -np.inf, low), np.where(nan, np.inf, high), x, y, nan=nan)


def _abs(x: Extent) -> Extent:
    low = np.where((x.low <= 0) & (x.high >= 0), 0.0, np.minimum(np.abs(x.low), np.abs(x.high)))
    return between(low, np.maximum(np.abs(x.low), np.abs(x.high)), x)


def _square(x: Extent) -> Extent:
    size = _abs(x)
    return between(size.low * size.low, size.high * size.high, x)


def _rising(rule: Rule, x: Extent) -> Extent:
    """The extent of a function that never falls; bounds are widened, as it may round either way."""
    lowest, highest = rule.traits.defined
    low, high = (rule.forward(np, np.clip(end, lowest, highest)) for end in (x.low, x.high))
    return between(*_apart(low, high), x, nan=(x.low < lowest) | (x.high > highest))


def _apart(low: Array, high: Array) -> tuple[Array, Array]:
    slack = _ULPS * np.finfo(low.dtype).eps
    return low - slack * abs(low), high + slack * abs(high)


def _pairwise(name: str) -> Bound:
    choose: Callable[[Array, Array], Array] = getattr(np, name)
    return lambda x, y: between(choose(x.low, y.low), choose(x.high, y.high), x, y)


def _sum(x: Extent, **axes: Any) -> Extent:
    nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes)
    low, high = np.asarray(np.sum(x.low, **axes)), np.asarray(np.sum(x.high, **axes))
    return reduced(low, high, nan | np.isinf(low) | np.isinf(high), x, axes)


def _mean(x: Extent, **axes: Any) -> Extent:
    nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes)
    count = x.low.size / max(np.sum(x.low, **axes).size, 1)
    low, high = (np.asarray(np.sum(e, **axes) / count) for e in (x.low, x.high))
    return reduced(*_apart(low, high), nan, x, axes)


def _prod(x: Extent, **axes: Any) -> Extent:
    """Of factors that may be 0, or of either sign, at most the product of their sizes."""
    size = _abs(x)
    nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes)
    high = np.asarray(np.prod(size.high, **axes))
    is_positive = np.all(x.low >= 0, **axes)
    low = np.where(is_positive, np.prod(np.maximum(x.low, 0), **axes), -high)
    nan |= np.isinf(high)
    slack = (2 * x.low.size + _ULPS) * np.finfo(high.dtype).eps
    return reduced(low - slack * abs(low), high + slack * high, nan, x, axes)


def _spread(power: int) -> Bound:
    """The deviation, or its square: no entry is further from the mean than from another entry."""

    def bound(x: Extent, ddof: float = 0, **axes: Any) -> Extent:
        low = np.asarray(np.min(x.low, initial=inf, **axes))
        high = np.asarray(np.max(x.high, initial=-inf, **axes))
        count = x.low.size / max(low.size, 1)
        slack = (count + _ULPS) * np.finfo(low.dtype).eps
        apart = high - low + slack * np.maximum(abs(low), abs(high))
        reach = sqrt(count / (count - ddof)) if count > ddof else inf
        top = (apart * (reach * (1 + slack))) ** power * (1 + slack)
        nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes) | ~np.isfinite(top)
        return reduced(np.zeros_like(top), top, nan, x, axes)

    return bound


def _extreme(name: str) -> Bound:
    choose: Callable[..., Array] = getattr(np, name)

    def bound(x: Extent, **axes: Any) -> Extent:
        low, high = np.asarray(choose(x.low, **axes)), np.asarray(choose(x.high, **axes))
        return reduced(low, high, np.any(x.nan, **axes), x, axes)

    return bound


def _norm(x: Extent, **axes: Any) -> Extent:
    """The length of a vector or of a matrix; other orders are not bounded."""
    size, length = _abs(x), RULES["norm"].forward
    low, high = (np.asarray(length(np, end, **axes)) for end in (size.low, size.high))
    return reduced(*_apart(low, high), np.any(x.nan, **axes), x, axes)


def _all(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    return _sure(np.all(may | x.unknown, **axes), np.any(may_not, **axes),
                 np.any(x.unknown, **axes), _some(x.known, axes))  # fmt: skip


def _and(x: Extent, y: Extent) -> Extent:
    (a, not_a), (b, not_b) = truths(x), truths(y)
    # False of one part alone decides: both bounds allow it, and that nothing is known.
    return _sure(a & b, not_a | not_b, x.unknown | y.unknown, x.known | y.known)


def _any(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    return _sure(np.any(may, **axes), np.all(may_not | x.unknown, **axes),
                 np.any(x.unknown, **axes), _some(x.known, axes))  # fmt: skip


def _count(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    low, high = np.sum(~may_not & may, **axes), np.sum(may, **axes)
    no = np.zeros(np.shape(low), bool)
    return reduced(np.asarray(low, float), np.asarray(high, float), no, x, axes)


def _equal(x: Extent, y: Extent) -> Extent:
    both = x.number & y.number
    may = both & (x.low <= y.high) & (y.low <= x.high)
    one = (x.low == x.high) & (y.low == y.high) & (x.low == y.low)
    return answer(may, x.nan | y.nan | (both & ~one), x, y)


def _less(x: Extent, y: Extent, *, or_equal: bool = False) -> Extent:
    both, nan = x.number & y.number, x.nan | y.nan
    if or_equal:
        return answer(both & (x.low <= y.high), nan | (both & (x.high > y.low)), x, y)
    return answer(both & (x.low < y.high), nan | (both & (x.high >= y.low)), x, y)


def _not(x: Extent) -> Extent:
    may, may_not = truths(x)
    return answer(may_not, may, x)


def _or(x: Extent, y: Extent) -> Extent:
    (a, not_a), (b, not_b) = truths(x), truths(y)
    return _sure(a | b | x.unknown | y.unknown, not_a & not_b,
                 x.unknown | y.unknown, x.known | y.known)  # fmt: skip


def _some(known: IntArray, axes: Any) -> IntArray:
    """Whether the result of a reduction may be known; that of no entries is."""
    return np.asarray(np.any(known, **axes) | (np.ones_like(known).sum(**axes) == 0))


def _sure(may: IntArray, may_not: IntArray, unknown: IntArray, known: IntArray) -> Extent:
    """A truth value that may be known though one of its operands is not."""
    found = answer(may, may_not)
    return Extent(found.low, found.high, found.nan, found.number, unknown, known)


_BOUNDS: Final[Mapping[str, Bound]] = MappingProxyType(
    {
        "add": _add,
        "subtract": lambda x, y: _add(x, _negative(y)),
        "negative": _negative,
        "multiply": _multiply,
        "divide": _divide,
        "abs": _abs,
        "square": _square,
        "maximum": _pairwise("maximum"),
        "minimum": _pairwise("minimum"),
        "sum": _sum,
        "mean": _mean,
        "prod": _prod,
        "std": _spread(1),
        "var": _spread(2),
        "max": _extreme("max"),
        "min": _extreme("min"),
        "norm": _norm,
        "less": _less,
        "less_equal": lambda x, y: _less(x, y, or_equal=True),
        "greater": lambda x, y: _less(y, x),
        "greater_equal": lambda x, y: _less(y, x, or_equal=True),
        "equal": _equal,
        "not_equal": lambda x, y: _not(_equal(x, y)),
        "logical_and": _and,
        "logical_or": _or,
        "logical_not": _not,
        "any": _any,
        "all": _all,
        "isnan": lambda x: answer(x.nan, x.number, x),
        "isinf": lambda x: answer(x.number & infinite(x), x.nan | (x.number & _finite(x)), x),
        "isfinite": lambda x: answer(x.number & _finite(x), x.nan | (x.number & infinite(x)), x),
        "count_nonzero": _count,
    }
)
"""How each op bounds its result; an op of one operand that rises needs no rule."""


def hull(graph: Graph, leaves: Sequence[Extent], result: int) -> Extent | None:
    """The extent of a formula; None where an op on the way bounds nothing.

    Args:
        graph: of a formula.
        leaves: of what it reads, in the order of its constants.
        result: the node asked for.
    """
    found = list(leaves)
    with np.errstate(all="ignore"):
        for node in graph.nodes[len(leaves) :]:
            if node.rule is None:
                extent: Extent | None = hull_of(
                    np.asarray(node.literal, dtype=graph.dtype).reshape(node.shape or (1,))
                )
            else:
                extent = _node(node, node.rule, [found[p] for p in node.parents])
            if extent is None:
                return None
            found.append(extent)
    return found[result]


def _node(node: Node, rule: Rule, operands: Sequence[Extent]) -> Extent | None:
    if rule.traits.rises:
        return _rising(rule, *operands)
    bound = _BOUNDS.get(rule.name)
    axes = {key: x for key, x in node.params.items() if key in {"axis", "keepdims", "ddof"}}
    others = (x for key, x in node.params.items() if key not in axes)
    if bound is not None and all(x is None for x in others):
        return _shaped(bound(*operands, **axes), node)
    if rule.traits.moves:
        return _moved(node, rule, operands)
    if all(x.is_constant for x in operands):
        value = np.asarray(rule.forward(np, *(x.low for x in operands), **node.params))
        return between(value, value, nan=np.isnan(value))
    return None


def _shaped(extent: Extent, node: Node) -> Extent:
    """Broadcast to the shape of the node: a flag may come from one operand alone."""
    if extent.unknown.shape == node.shape:
        return extent
    return extent.each(lambda part: np.broadcast_to(part, node.shape))


def _moved(node: Node, rule: Rule, operands: Sequence[Extent]) -> Extent:
    """The extent of an op that only moves entries."""
    forward = rule.forward

    def numbers(name: str) -> Array:
        given = [np.asarray(getattr(x, name), dtype=np.float64) for x in operands]
        return np.asarray(forward(np, *given, **node.params))

    def flags(name: str) -> IntArray:
        return np.asarray(numbers(name) > 0)

    return Extent(numbers("low"), numbers("high"), flags("nan"), flags("number"),
                  flags("unknown"), flags("known"))  # fmt: skip
