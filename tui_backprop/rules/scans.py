"""Running reductions: cumsum and cumprod, whose J is triangular along one axis.

It stands apart because the value has an entry for each entry read, and each reads all before it.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent, ``axis`` NumPy's: without one, x is flattened first. On a line

    cumsum:  y[j] = Σ_{k≤j} x[k]           cumprod:  y[j] = Π_{k≤j} x[k]

and ``entry`` is ∂y[j]/∂x[i] for i ≤ j on one line; elsewhere the partial is 0 by structure.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS, products_before
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.running import Running
from tui_backprop.rules.shapes import names_axis_of_number, normal_axis

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Shape

_EXAMPLES: Final = (
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


def _shape(x: Shape, axis: Any = None) -> Shape:
    if axis is None or names_axis_of_number(axis, x):
        return (prod(x),)
    normal_axis(axis, x)
    return x


def _sparsity(out: Shape, _x: Shape, axis: Any = None) -> Running:
    return Running(out, 0 if axis is None else normal_axis(axis, out))


def _lines(x: Array, axis: Any) -> Array:
    """The running axis last."""
    return x.reshape(-1) if axis is None or not x.ndim else np.moveaxis(x, axis, -1)


def _back(lines: Array, shape: Shape, axis: Any) -> Array:
    """Lines in their place, in this shape."""
    return lines.reshape(shape) if axis is None or not shape else np.moveaxis(lines, -1, axis)


def _cumsum_vjp(v: Array, _y: Array, x: Array, axis: Any = None) -> Array:
    """Each entry receives all that comes behind it."""
    lines = _lines(v, axis)
    return _back(np.flip(np.cumsum(np.flip(lines, -1), axis=-1), -1), x.shape, axis)


def _recurrence(a: Array, b: Array) -> Array:
    """r[i] = b[i] + a[i]·r[i+1], in log₂ n steps: each doubles how many terms r[i] has."""
    r, factor, reach = b.copy(), a.copy(), 1
    while reach < r.shape[-1]:
        r[..., :-reach] += factor[..., :-reach] * r[..., reach:]
        factor[..., :-reach] *= factor[..., reach:]
        reach *= 2
    return r


def _cumprod_vjp(v: Array, _y: Array, x: Array, axis: Any = None) -> Array:
    """x̄[i] = Π_{k<i} x[k] · r[i] with r[i] = v[i] + x[i+1]·r[i+1]: nothing is divided by x."""
    lines = _lines(x, axis)
    later = np.concatenate([lines[..., 1:], np.ones_like(lines[..., :1])], axis=-1)
    return _back(products_before(lines) * _recurrence(later, _lines(v, axis)), x.shape, axis)


def _cumprod_jvp(t: Array, y: Array, x: Array, axis: Any = None) -> Array:
    """ẏ[j] = Π_{k<j} x[k] · t[j] + x[j]·ẏ[j−1]: the same recurrence from the other end."""
    lines = _lines(x, axis)
    moved = products_before(lines) * _lines(t, axis)
    found = np.flip(_recurrence(np.flip(lines, -1), np.flip(moved, -1)), -1)
    return _back(found, np.shape(y), axis)


def _on_line(j: Index, i: Index, x: Shape, axis: Any) -> tuple[Index, Any, Any]:
    """The line that both places are on, as coordinates, and where on it j and i are."""
    if axis is None or not x:
        return (), j[0], np.ravel_multi_index(i, x) if i else 0
    along = normal_axis(axis, x)
    return (*i[:along], *i[along + 1 :]), j[along], i[along]


def _cumprod_entry(m: Any, j: Index, i: Index, _y: Any, x: Any, axis: Any = None) -> Any:
    """Π_{k≤j, k≠i} x[k]."""
    line, last, own = _on_line(j, i, x.shape, axis)
    if m is not np:
        return _symbolic_product(m, x, axis, i, [k for k in range(int(last) + 1) if k != own])
    lines = _lines(x, axis)
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


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "cumsum",
        "x",
        text="cumsum({x}, axis={axis})",
        parameters=(Parameter("axis", "axis", None),),
        forward=lambda m, x, axis=None: m.cumsum(x, axis=axis),
        shape=_shape,
        parts=(
            Part(
                linear=True,
                vjp=_cumsum_vjp,
                sparsity=_sparsity,
                entry=lambda m, j, i, y, x, axis=None: 1,
            ),
        ),
        summary="running sums along an axis; without one, of all entries in C order",
        examples=_EXAMPLES,
    ),
    structural(
        "cumprod",
        "x",
        text="cumprod({x}, axis={axis})",
        parameters=(Parameter("axis", "axis", None),),
        forward=lambda m, x, axis=None: m.cumprod(x, axis=axis),
        shape=_shape,
        parts=(
            Part(
                vjp=_cumprod_vjp,
                jvp=_cumprod_jvp,
                sparsity=_sparsity,
                entry=_cumprod_entry,
                whole="Π before · r, where r = v + x behind · r behind",
            ),
        ),
        summary="running products along an axis, or of all entries; exact also at zeros",
        examples=_EXAMPLES,
    ),
)
