"""The largest and the smallest of many entries.

It stands apart from the other reductions because these choose: one entry receives everything,
unless there is a tie. The convention there is that of PyTorch's amax and amin. The elementwise
``maximum`` and ``minimum`` of two operands stand with the ops that choose entry by entry.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value; ``axis`` and ``keepdims`` are NumPy's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduction_slopes import (
    AXIS,
    KEEPDIMS,
    Shared,
    Slopes,
    as_lines,
    nonempty_shape,
)
from tui_backprop.rules.rows import structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import normal_axes, reduced_shape

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

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
    lambda m, x, y, axes: m.sum(m.where(m.equal(x, y), 1, 0), axis=axes, keepdims=True),
)
"""How many entries have the chosen value."""


def share(m: Any, x: Any, y: Any, ties: Any) -> Any:
    """What an entry receives; where the value is NaN no entry has it, and 0/0 is NaN as well."""
    return m.divide(m.where(m.equal(x, y), 1, 0), ties)


def gap(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """How far the largest entry is above the next; inf where there is no other."""
    out = reduced_shape(x.shape, axis, keepdims)
    lines = as_lines(x, normal_axes(axis, x.shape))
    n = lines.shape[-1]
    if n < 2:
        return np.full(out, np.inf)
    top = np.partition(lines, n - 2, axis=-1)
    first, second = top[..., -1], top[..., -2]
    # inf − inf would be NaN.
    return np.where(np.equal(first, second), 0, np.subtract(first, second)).reshape(out)


def _extreme(name: str, which: str, sign: int) -> Rule:
    """The largest, or with sign −1 the smallest."""
    return structural(
        name,
        "x",
        text=f"{name}({{x}}, axis={{axis}}, keepdims={{keepdims}})",
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
    )


RULES: Final[tuple[Rule, ...]] = (_extreme("max", "largest", 1), _extreme("min", "smallest", -1))
