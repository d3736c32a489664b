"""Reductions: many entries of x meet in one of y; sums, products, extremes, and running ones.

A row is written by axes: which are reduced, which are kept. ``axis`` and ``keepdims`` are NumPy's.
``entry`` is ∂y[j]/∂x[i] where the kept coordinates of i are those of j; elsewhere the partial is 0
by structure.
"""

from __future__ import annotations

from functools import cache
from math import exp, log, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.elementwise.functions import one_where
from tui_backprop.rules.reduction_slopes import (
    AXIS,
    EXAMPLES,
    KEEPDIMS,
    MANY,
    MOST_SYMBOLS,
    NOTHING,
    Shared,
    Slopes,
    as_lines,
    from_lines,
    gap,
    nonempty_shape,
    products_before,
    products_of_others,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Traits
from tui_backprop.rules.shapes import (
    names_axis_of_number,
    normal_axes,
    normal_axis,
    reduced_shape,
    reduced_sparsity,
    spread,
)
from tui_backprop.rules.sparsity import Running

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


SCAN_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 3),)),
    Example(((2, 3),), {"axis": 0}),
    Example(((2, 3),), {"axis": -1}),
    Example(((2, 3, 2),), {"axis": 1}),
    Example(((1,),), {"axis": 0}),
    Example(((2, 0),), {"axis": 1}),
    Example(((0,),)),
    Example(((),), {"axis": -1}),
)


def running_shape(x: Shape, axis: Any = None) -> Shape:
    """The shape of what runs along an axis; without one all entries stand in a row."""
    if axis is None or names_axis_of_number(axis, x):
        return (prod(x),)
    normal_axis(axis, x)
    return x


def running_sparsity(out: Shape, _x: Shape, axis: Any = None) -> Running:
    """Each entry is read at its own place and at all behind it."""
    return Running(out, 0 if axis is None else normal_axis(axis, out))


def lines_along(x: Array, axis: Any) -> Array:
    """The operand with the running axis last."""
    return x.reshape(-1) if axis is None or not x.ndim else np.moveaxis(x, axis, -1)


def back_along(lines: Array, shape: Shape, axis: Any) -> Array:
    """Lines put back to their axis, in this shape."""
    return lines.reshape(shape) if axis is None or not shape else np.moveaxis(lines, -1, axis)


def _cumsum_vjp(v: Array, _y: Array, x: Array, axis: Any = None) -> Array:
    """Each entry receives all that comes behind it."""
    lines = lines_along(v, axis)
    return back_along(np.flip(np.cumsum(np.flip(lines, -1), axis=-1), -1), x.shape, axis)


def recurrence(a: Array, b: Array) -> Array:
    """r[i] = b[i] + a[i]·r[i+1], in log₂ n steps: each doubles how many terms r[i] has."""
    r, factor, reach = b.copy(), a.copy(), 1
    while reach < r.shape[-1]:
        r[..., :-reach] += factor[..., :-reach] * r[..., reach:]
        factor[..., :-reach] *= factor[..., reach:]
        reach *= 2
    return r


def _cumprod_vjp(v: Array, y: Array, x: Array, axis: Any = None) -> Array:
    """x̄[i] = Π_{k<i} x[k] · r[i] with r[i] = v[i] + x[i+1]·r[i+1]: nothing is divided by x.

    Of many entries Σ_{j≥i} v[j]·y[j] / x[i], where no number on the way is near 0 or infinite.
    """
    if x.size >= MANY and x.ndim:
        products = v * y
        if are_normal(y) and are_normal(products[v != 0], x.size):
            return np.divide(_cumsum_vjp(products, y, x, axis), x)
    lines = lines_along(x, axis)
    later = np.concatenate([lines[..., 1:], np.ones_like(lines[..., :1])], axis=-1)
    return back_along(
        products_before(lines) * recurrence(later, lines_along(v, axis)), x.shape, axis
    )


def _cumprod_jvp(t: Array, y: Array, x: Array, axis: Any = None) -> Array:
    """ẏ[j] = Π_{k<j} x[k] · t[j] + x[j]·ẏ[j−1]: the same recurrence from the other end."""
    lines = lines_along(x, axis)
    moved = products_before(lines) * lines_along(t, axis)
    found = np.flip(recurrence(np.flip(lines, -1), np.flip(moved, -1)), -1)
    return back_along(found, np.shape(y), axis)


def are_normal(numbers: Array, count: int = 1) -> bool:
    """Whether all are finite and none is so small that digits are lost, nor so many summed."""
    ends, size = np.finfo(numbers.dtype), np.abs(numbers)
    lowest, highest = size.min(initial=1), size.max(initial=1)
    return bool(lowest >= ends.tiny and highest * count <= ends.max)


def on_line(j: Index, i: Index, x: Shape, axis: Any) -> tuple[Index, Any, Any]:
    """The line that both places are on, as coordinates, and where on it j and i are."""
    if axis is None or not x:
        return (), j[0], np.ravel_multi_index(i, x) if i else 0
    along = normal_axis(axis, x)
    return (*i[:along], *i[along + 1 :]), j[along], i[along]


def _cumprod_entry(m: Any, j: Index, i: Index, _y: Any, x: Any, axis: Any = None) -> Any:
    """Π_{k≤j, k≠i} x[k]."""
    line, last, own = on_line(j, i, x.shape, axis)
    if m is not np:
        return _symbolic_product(m, x, axis, i, [k for k in range(int(last) + 1) if k != own])
    lines = lines_along(x, axis)
    *on, last, own = np.broadcast_arrays(*line, last, own)
    number = np.ravel_multi_index(tuple(on), lines.shape[:-1]) if on else np.zeros_like(own)
    read, which = np.unique(number, return_inverse=True)
    chosen = lines.reshape(prod(lines.shape[:-1]), lines.shape[-1])[read]
    which, last, first = which.ravel(), last.ravel(), own.ravel()
    before = _ranges(chosen, which, np.zeros_like(first), first)
    return (before * _ranges(chosen, which, first + 1, last + 1)).reshape(own.shape)


def _ranges(lines: Array, which: IntArray, start: IntArray, stop: IntArray) -> Array:
    """Π_{start≤k<stop} of some lines, many at once: windows of 1, 2, 4, … entries put together."""
    found = np.ones(which.shape, dtype=lines.dtype)
    left, window, size = stop - start, lines, 1
    while size <= left.max(initial=0):
        taken = left & size != 0
        found[taken] *= window[which[taken], start[taken]]
        start = start + np.where(taken, size, 0)
        window = window[:, :-size] * window[:, size:]
        size *= 2
    return found


def _symbolic_product(m: Any, x: Any, axis: Any, i: Index, others: list[int]) -> Any:
    """The product of these places on i's line, written out where they are few."""
    if len(others) > MOST_SYMBOLS:
        return m.named("product_of_the_others")
    if axis is None or not x.shape:
        return prod(x[tuple(map(int, np.unravel_index(k, x.shape))) if i else ()] for k in others)
    along = normal_axis(axis, x.shape)
    return prod(x[(*i[:along], k, *i[along + 1 :])] for k in others)


_SCANS: Final[tuple[Rule, ...]] = (
    structural(
        "cumsum",
        "x",
        parameters=(AXIS,),
        forward=lambda m, x, axis=None: m.cumsum(x, axis=axis),
        shape=running_shape,
        parts=(
            Part(
                linear=True,
                vjp=_cumsum_vjp,
                sparsity=running_sparsity,
                entry=lambda m, j, i, y, x, axis=None: 1,
            ),
        ),
        summary="running sums along an axis; without one, of all entries in C order",
        examples=SCAN_EXAMPLES,
    ),
    structural(
        "cumprod",
        "x",
        parameters=(AXIS,),
        forward=lambda m, x, axis=None: m.cumprod(x, axis=axis),
        shape=running_shape,
        parts=(
            Part(
                vjp=_cumprod_vjp,
                jvp=_cumprod_jvp,
                sparsity=running_sparsity,
                entry=_cumprod_entry,
                whole="Π before · r, where r = v + x behind · r behind",
            ),
        ),
        summary="running products along an axis, or of all entries; exact also at zeros",
        examples=SCAN_EXAMPLES,
        traits=Traits(zero=slope_reasons.product),
    ),
)


_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 2),)),
    Example(((2, 3),), {"axis": 0}),
    Example(((2, 3),), {"axis": -1, "keepdims": True}),
    Example(((2, 3, 2),), {"axis": (0, -1)}),
    Example(((2, 3),), {"axis": ()}),
    Example(((2, 0),), {"axis": 0}),
    Example(((),), {"axis": -1, "keepdims": True}),
)

TIES: Final = Shared(
    "ties",
    lambda m, x, y, axes: m.sum(one_where(m, m.equal(x, y)), axis=axes, keepdims=True),
)
"""How many entries have the chosen value."""


def share(m: Any, x: Any, y: Any, ties: Any) -> Any:
    """The share of a largest entry; where the value is NaN no entry equals it, so 0/0 is NaN."""
    return m.divide(one_where(m, m.equal(x, y)), ties)


def _extreme(name: str, which: str, sign: int) -> Rule:
    """The largest, or with sign −1 the smallest; frameworks may have it under two names."""
    row = structural(
        name,
        "x",
        parameters=(AXIS, KEEPDIMS),
        forward=lambda m, x, axis=None, keepdims=False: getattr(m, name)(
            x, axis=axis, keepdims=keepdims
        ),
        shape=lambda x, axis=None, keepdims=False: nonempty_shape(name, x, axis, keepdims),
        parts=(Slopes(lambda m, x, y, ties, n: share(m, x, y, ties), TIES).part(),),
        summary=f"the {which} entry of all, or along the given axes",
        kink=lambda m, x, axis=None, keepdims=False: gap(sign * x, axis, keepdims),
        convention="entries that tie share evenly: 1/k to each of k",
        examples=_EXAMPLES,
        traits=Traits(reduces=True, chooses=True, zero=slope_reasons.other_entry),
    )
    other = f"a{name}"
    return replace(row, variants={other: replace(row, called=other)})


_EXTREMES: Final[tuple[Rule, ...]] = (
    _extreme("max", "largest", 1),
    _extreme("min", "smallest", -1),
)


_PARAMETERS: Final = (AXIS, KEEPDIMS)


def _product_of_the_others(_m: Any, x: Array, y: Any, axes: tuple[int, ...]) -> Array:
    """By division, where many numbers are so far from 0 that every product of some is."""
    if x.size >= MANY and _are_products_normal(x, y):
        return np.asarray(np.divide(y, x))
    return from_lines(products_of_others(as_lines(x, axes)), x.shape, axes)


def _are_products_normal(x: Array, y: Array) -> bool:
    """Whether no product of some of the entries can overflow, nor lose digits near 0.

    None is above a power of the largest entry, 10²⁰⁰ in float64, so none is below y by more.
    """
    largest = float(max(x.max(), -x.min(), 1.0))
    highest, lowest = _room(y.dtype)
    count = x.size // y.size if y.size else 0
    return count * log(largest) < highest and float(np.abs(y).min()) > lowest


@cache
def _room(dtype: np.dtype[Any]) -> tuple[float, float]:
    """The logarithm of what a product of some entries may be at most, and what y is at least."""
    whole = log(float(np.finfo(dtype).max))
    return whole * 0.65, exp(whole * -0.32)


def _logsumexp(m: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """With NumPy the largest entry is taken out first, unless it is infinite."""
    if m is not np:
        return m.log(m.sum(m.exp(x), axis=axis, keepdims=keepdims))
    axes = normal_axes(axis, x.shape)
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    found = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return found.reshape(reduced_shape(x.shape, axis, keepdims))


def _shares(m: Any, x: Any, _y: Any, axes: tuple[int, ...]) -> Any:
    """``exp(x) / Σ exp(x)``; a formula has y for the sum.

    Not exp(x − y): where x is large, y has lost the logarithm of how many entries are largest, and
    the slopes would not add up to 1.
    """
    if m is not np:
        return NOTHING.of(m, x, _y, axes)
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    powers = np.exp(x - np.where(np.isfinite(top), top, np.zeros_like(top)))
    return np.divide(powers, np.sum(powers, axis=axes, keepdims=True))


_SHARES: Final = Slopes(
    lambda m, x, y, shares, n: shares if m is np else m.exp(x - y), Shared("softmax", _shares)
)


def _sum(m: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's sum, called as ``add.reduce`` to skip the wrapper around it."""
    add: Any = np.add.reduce if m is np else m.sum
    return add(x, axis=axis, keepdims=keepdims)


_OF_A_NUMBER: Final = Example(((),), {"axis": 0})

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "sum",
        "x",
        parameters=_PARAMETERS,
        forward=_sum,
        shape=reduced_shape,
        parts=(
            Part(
                linear=True,
                vjp=lambda v, y, x, axis=None, keepdims=False: spread(v, x.shape, axis),
                sparsity=lambda out, x, axis=None, keepdims=False: reduced_sparsity(x, axis),
                entry=lambda m, j, i, y, x, axis=None, keepdims=False: 1,
            ),
        ),
        summary="the sum over all entries, or along the given axes",
        examples=(*EXAMPLES, _OF_A_NUMBER, Example(((2, 0, 3),), {"axis": 1})),
        traits=Traits(adds=True, reduces=True),
    ),
    structural(
        "prod",
        "x",
        parameters=_PARAMETERS,
        forward=lambda m, x, axis=None, keepdims=False: m.prod(x, axis=axis, keepdims=keepdims),
        shape=reduced_shape,
        parts=(
            Slopes(
                lambda m, x, y, others, n: others,
                Shared("product_of_the_others", _product_of_the_others),
            ).part(),
        ),
        summary="the product of all entries, or along the given axes; exact also at zeros",
        examples=(*EXAMPLES, _OF_A_NUMBER, Example(((2, 0, 3),), {"axis": 1})),
        traits=Traits(reduces=True, zero=slope_reasons.product),
    ),
    structural(
        "logsumexp",
        "x",
        parameters=_PARAMETERS,
        forward=_logsumexp,
        shape=reduced_shape,
        parts=(_SHARES.part(),),
        summary="log Σ exp(x), a smooth largest entry; stable at any size; of nothing it is −inf",
        examples=(*EXAMPLES, _OF_A_NUMBER),
        traits=Traits(reduces=True),
    ),
    *_EXTREMES,
    *_SCANS,
)
