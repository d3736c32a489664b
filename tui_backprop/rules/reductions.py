"""Reductions: many entries of x meet in one of y.

It stands apart because its rows are written by axes: which are reduced, which are kept. Those that
choose an entry, measure a length or divide by a count have files of their own.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent, ``axis`` and ``keepdims`` NumPy's. ``entry`` is ∂y[j]/∂x[i]
where the kept coordinates of i are those of j; elsewhere the partial is 0 by structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduction_slopes import (
    AXIS,
    EXAMPLES,
    KEEPDIMS,
    NOTHING,
    Shared,
    Slopes,
    as_lines,
    from_lines,
    products_before,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import normal_axes, reduced_shape, reduced_sparsity, spread

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_PARAMETERS: Final = (AXIS, KEEPDIMS)


def _product_of_the_others(_m: Any, x: Array, _y: Any, axes: tuple[int, ...]) -> Array:
    """What stands before times what stands behind: no division, so zeros are like any number."""
    lines = as_lines(x, axes)
    behind = np.flip(products_before(np.flip(lines, -1)), -1)
    return from_lines(products_before(lines) * behind, x.shape, axes)


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
    """The same as NumPy's sum, without the way there."""
    add: Any = np.add.reduce if m is np else m.sum
    return add(x, axis=axis, keepdims=keepdims)


_OF_A_NUMBER: Final = Example(((),), {"axis": 0})

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "sum",
        "x",
        text="sum({x}, axis={axis}, keepdims={keepdims})",
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
    ),
    structural(
        "prod",
        "x",
        text="prod({x}, axis={axis}, keepdims={keepdims})",
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
    ),
    structural(
        "logsumexp",
        "x",
        text="logsumexp({x}, axis={axis}, keepdims={keepdims})",
        parameters=_PARAMETERS,
        forward=_logsumexp,
        shape=reduced_shape,
        parts=(_SHARES.part(),),
        summary="log Σ exp(x), a smooth largest entry; stable at any size; of nothing it is −inf",
        examples=(*EXAMPLES, _OF_A_NUMBER),
    ),
)
