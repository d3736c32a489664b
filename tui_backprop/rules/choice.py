"""Ops that choose: by sign, by size, by a condition; and the comparisons that make conditions.

It stands apart because these have kinks. The conventions there are PyTorch's, and so is what
happens to an infinite v: where nothing was chosen nothing comes back (``masked``), while abs
multiplies by the sign.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), the operands carry
their own names, and ``z`` is the value of the op, already computed. Each partial is ∂z/∂operand.
``kink`` is a signed quantity that is zero where the convention is used. Equality and order are
``m.equal`` and ``m.less``, since ``==`` on formulas compares how they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule


def _apart(m: Any, x: Any, y: Any) -> Any:
    """The difference x − y, and 0 where they are equal: inf − inf would be NaN."""
    return m.where(m.equal(x, y), 0, x - y)


def _share(m: Any, x: Any, y: Any) -> Any:
    """What x receives of a choice of the larger: all, nothing, or at a tie half."""
    return m.where(m.less(x, y), 0, m.where(m.equal(x, y), 0.5, 1))


def _is_on(m: Any, x: Any) -> Any:
    """1 where x is positive or NaN, as PyTorch has it, else 0."""
    if isinstance(x, np.floating):
        return 0 if x <= 0 else 1
    return m.where(m.less_equal(x, 0), 0, 1)


def _comparison(name: str, symbol: str, summary: str) -> Rule:
    """1 where it holds, 0 where not; constant between the jumps, so no derivative is stated."""
    return elementwise(
        name,
        "x y",
        text=f"{{x}} {symbol} {{y}}",
        forward=lambda m, x, y: m.where(getattr(m, name)(x, y), m.ones_like(x), 0),
        partials=(None, None),
        summary=summary,
        domains=(Domain(values=(-1.0, 0.0, 1.0)), Domain(values=(-1.0, 0.0, 1.0))),
    )


RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "relu",
        "x",
        text="relu({x})",
        forward=lambda m, x: m.maximum(x, 0),
        partials=(lambda m, z, x: _is_on(m, x),),
        masked=True,
        summary="x where it is positive, else 0",
        kink=lambda m, x: x,
        convention="relu'(0) = 0",
    ),
    function(
        "abs",
        lambda m, z, x: m.sign(x),
        "x without its sign",
        kink=lambda m, x: x,
        convention="abs'(0) = 0",
    ),
    elementwise(
        "maximum",
        "x y",
        text="maximum({x}, {y})",
        forward=lambda m, x, y: m.maximum(x, y),
        partials=(
            lambda m, z, x, y: _share(m, x, y),
            lambda m, z, x, y: _share(m, y, x),
        ),
        masked=True,
        summary="the larger of x and y, entry by entry",
        kink=_apart,
        convention="a tie splits evenly: 1/2 to each operand",
    ),
    elementwise(
        "minimum",
        "x y",
        text="minimum({x}, {y})",
        forward=lambda m, x, y: m.minimum(x, y),
        partials=(
            lambda m, z, x, y: _share(m, y, x),
            lambda m, z, x, y: _share(m, x, y),
        ),
        masked=True,
        summary="the smaller of x and y, entry by entry",
        kink=_apart,
        convention="a tie splits evenly: 1/2 to each operand",
    ),
    elementwise(
        "where",
        "condition x y",
        text="where({condition}, {x}, {y})",
        forward=lambda m, condition, x, y: m.where(condition, x, y),
        partials=(
            None,
            lambda m, z, condition, x, y: m.where(condition, 1, 0),
            lambda m, z, condition, x, y: m.where(condition, 0, 1),
        ),
        masked=True,
        summary="x where the condition holds (is not 0), else y",
        domains=(Domain(values=(0.0, 1.0)), Domain(), Domain()),
    ),
    _comparison("less", "<", "1 where x < y, else 0"),
    _comparison("less_equal", "<=", "1 where x ≤ y, else 0"),
    _comparison("greater", ">", "1 where x > y, else 0"),
    _comparison("greater_equal", ">=", "1 where x ≥ y, else 0"),
    _comparison("equal", "==", "1 where x = y, else 0"),
    _comparison("not_equal", "!=", "1 where x ≠ y, else 0"),
)
