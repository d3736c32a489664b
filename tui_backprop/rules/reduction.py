"""Reductions: many entries of x meet in one of y.

It stands apart because its rows are written by axes: which are reduced, which are kept.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value, ``v`` its cotangent, ``axis`` and ``keepdims`` NumPy's. ``entry`` is ∂y[j]/∂x[i]
where the kept coordinates of i are those of j; elsewhere the partial is 0 by structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.rules.axes import reduced_count, reduced_shape, reduced_sparsity, spread
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

_PARAMETERS: Final = (Parameter("axis", "axis", None), Parameter("keepdims", "bool", default=False))

_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 3),)),
    Example(((2, 3),), {"axis": 0}),
    Example(((2, 3),), {"axis": -1, "keepdims": True}),
    Example(((2, 3),), {"keepdims": True}),
    Example(((2, 3, 2),), {"axis": (0, -1)}),
    Example(((2, 3, 2),), {"axis": ()}),
    Example(((2, 0),), {"axis": 0}),
)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "sum",
        "x",
        text="sum({x}, axis={axis}, keepdims={keepdims})",
        parameters=_PARAMETERS,
        forward=lambda m, x, axis=None, keepdims=False: m.sum(x, axis=axis, keepdims=keepdims),
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
        examples=(*_EXAMPLES, Example(((2, 0, 3),), {"axis": 1})),
    ),
    structural(
        "mean",
        "x",
        text="mean({x}, axis={axis}, keepdims={keepdims})",
        parameters=_PARAMETERS,
        # Not m.mean: of nothing it warns beside its NaN, through no channel that errstate closes.
        forward=lambda m, x, axis=None, keepdims=False: m.divide(
            m.sum(x, axis=axis, keepdims=keepdims), reduced_count(x.shape, axis)
        ),
        shape=reduced_shape,
        parts=(
            Part(
                linear=True,
                # Times 1/n, not divided by n: to the last digit what the partials add up to.
                vjp=lambda v, y, x, axis=None, keepdims=False: spread(
                    v * np.divide(1, reduced_count(x.shape, axis), dtype=v.dtype), x.shape, axis
                ),
                sparsity=lambda out, x, axis=None, keepdims=False: reduced_sparsity(x, axis),
                entry=lambda m, j, i, y, x, axis=None, keepdims=False: m.divide(
                    1, reduced_count(x.shape, axis)
                ),
            ),
        ),
        summary="the mean of all entries, or along the given axes; of nothing it is NaN",
        examples=_EXAMPLES,
    ),
)
