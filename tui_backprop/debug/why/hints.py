"""What is known about the ops that make NaN and infinities, and what people do about it.

It stands apart from the search because this is knowledge of mathematics and of number formats, one
sentence each; an op that is not listed gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.said import joined, said
from tui_backprop.debug.why.names import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.operands import At

_EXPONENTIALS: Final = frozenset({"exp", "expm1", "exp2", "sinh", "cosh"})
_LOGARITHMS: Final = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}
_SLOPES: Final = {
    "sqrt": ("1/(2·sqrt(x))", ("0",)),
    "cbrt": ("1/(3·cbrt(x)**2)", ("0",)),
    "log": ("1/x", ("0",)),
    "log2": ("1/(x·log(2))", ("0",)),
    "log10": ("1/(x·log(10))", ("0",)),
    "log1p": ("1/(1 + x)", ("-1",)),
    "reciprocal": ("-1/x**2", ("0",)),
    "arcsin": ("1/sqrt(1 - x**2)", ("-1", "1")),
    "arccos": ("-1/sqrt(1 - x**2)", ("-1", "1")),
    "arccosh": ("1/sqrt(x**2 - 1)", ("1",)),
    "arctanh": ("1/(1 - x**2)", ("-1", "1")),
}
"""Op → its slope, and where that is infinite."""


def value_hint(at: At) -> str:
    """Why an elementwise op gives NaN or an infinity for these operands; empty where unknown."""
    op, x, y = at.node.op, at.value(0), at.result_value
    if op in _LOGARITHMS or op == "sqrt":
        return _below(op, x)
    if op in _EXPONENTIALS and np.isinf(y) and np.isfinite(x):
        largest = _largest(at)
        return said("{op} overflows: its result is larger than {largest}", op=op, largest=largest)
    if op == "divide":
        return _quotient(x, at.value(1))
    if op == "reciprocal" and x == 0:
        return said("1/0 is infinite")
    if op == "multiply" and np.isnan(y):
        return said("0 · inf is NaN")
    if op in {"add", "subtract"} and np.isnan(y):
        return said("inf - inf is NaN")
    if op == "power" and x < 0 and np.isnan(y):
        return said("a negative number has no fractional power")
    return _too_large(at)


def _below(op: str, x: float) -> str:
    """At the end of what the op is defined for, and beyond it."""
    lowest = _LOGARITHMS.get(op, 0.0)
    if x < lowest:
        return said("{op} is NaN below {low}", op=op, low=number(lowest))
    if x == lowest and op in _LOGARITHMS:
        return said("{call} is -inf", call=f"{op}({number(lowest)})")
    return ""


def _too_large(at: At) -> str:
    """An infinity out of finite numbers."""
    is_fresh = all(np.isfinite(at.value(a)) for a in range(len(at.node.parents)))
    op = at.node.op
    if op not in {"add", "subtract", "multiply", "square", "power"}:
        return ""
    if not np.isinf(at.result_value) or not is_fresh:
        return ""
    if op == "power" and at.value(0) == 0:
        return said("0 to a negative power, {exponent}, is infinite", exponent=number(at.value(1)))
    return said("it is larger than {largest}", largest=_largest(at))


def value_cure(at: At) -> str:
    """What people do about it; empty where there is nothing that holds in general."""
    if at.node.op in _EXPONENTIALS:
        return said("softmax and logsumexp subtract the largest entry first: nothing overflows")
    if at.node.op in _LOGARITHMS:
        return said("keep the operand above it: log(x + 1e-12), or log_softmax for log(softmax(x))")
    return ""


def slope_hint(at: At) -> str:
    """Why a partial is infinite; empty where it is not known."""
    op = at.node.op
    if op in _SLOPES:
        slope, at_which = _SLOPES[op]
        return said("the slope of {op}, {slope}, is infinite at {at}", op=op, slope=slope,
                    at=joined(", ", at_which))  # fmt: skip
    if op == "divide" and at.value(1) == 0:
        slope = "1/y" if at.edge.argument == 0 else "-x/y**2"
        return said("the slope of divide, {slope} with y = 0, is not finite", slope=slope)
    if op == "power" and at.edge.argument == 0 and at.value(0) == 0:
        return said("the slope of power, y·x**(y - 1), is infinite at x = 0 and y = {y}",
                    y=number(at.value(1)))  # fmt: skip
    return ""


def product_hint(factors: Sequence[float], product: float) -> str:
    """Why a product of two numbers is NaN or infinite."""
    if np.isnan(product):
        return said("0 · inf is NaN") if any(np.isinf(x) for x in factors) else ""
    return "" if any(np.isinf(x) for x in factors) else said("the product overflows")


def _quotient(x: float, y: float) -> str:
    if y == 0:
        return said("0/0 is NaN") if x == 0 else said("a number divided by 0 is infinite")
    if np.isinf(x) and np.isinf(y):
        return said("inf/inf is NaN")
    return ""


def _largest(at: At) -> str:
    dtype = at.graph.dtype
    return said("the largest {dtype}, {number}", dtype=dtype.name,
                number=number(np.finfo(dtype).max))  # fmt: skip
