"""What is known about the ops that make NaN and infinities, and what people do about it.

It stands apart from the search because this is knowledge of mathematics and of number formats, one
sentence each; an op that is not listed gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.why.names import number
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.operands import At

_EXPONENTIALS: Final = frozenset({"exp", "expm1", "exp2", "sinh", "cosh"})
_DOMAINS: Final = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt"), (0.0, np.inf)),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), (-1.0, 1.0)),
    "log1p": (-1.0, np.inf),
    "arccosh": (1.0, np.inf),
}
"""Op → the lowest and the highest number that it is defined for."""

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
    if op in _DOMAINS:
        found = _outside(op, x, y)
        if found:
            return found
    if op in _EXPONENTIALS and np.isinf(y) and np.isfinite(x):
        largest = _largest(at)
        return said("{op} overflows: its result is larger than {largest}", op=op, largest=largest)
    if op == "divide":
        return _quotient(x, at.value(1))
    if op == "reciprocal" and x == 0:
        return said("1/0 is infinite")
    return _not_a_number(at) if np.isnan(y) else _too_large(at)


def _not_a_number(at: At) -> str:
    """Why arithmetic gives NaN."""
    op = at.node.op
    if op == "multiply":
        return said("0 · inf is NaN")
    if op in {"add", "subtract"}:
        return said("inf - inf is NaN")
    if op == "remainder":
        return said("a division by 0, or of an infinity, leaves no remainder")
    if op in {"power", "float_power"} and at.value(0) < 0:
        return said("a negative number has no fractional power")
    if any(np.isinf(at.value(a)) for a in range(len(at.node.parents))):
        return said("{op} has no limit at an infinity", op=op)
    return ""


def _outside(op: str, x: float, y: float) -> str:
    """At the ends of what the op is defined for, and beyond them."""
    low, high = _DOMAINS[op]
    if x < low:
        return said("{op} is NaN below {low}", op=op, low=number(low))
    if x > high:
        return said("{op} is NaN above {high}", op=op, high=number(high))
    if x in {low, high} and np.isinf(y) and np.isfinite(x):
        return said("{call} is {value}", call=f"{op}({number(x)})", value=number(y))
    return ""


def _too_large(at: At) -> str:
    """An infinity out of finite numbers."""
    is_fresh = all(np.isfinite(at.value(a)) for a in range(len(at.node.parents)))
    op = "power" if at.node.op == "float_power" else at.node.op
    if op not in {"add", "subtract", "multiply", "square", "power"}:
        return ""
    if not np.isinf(at.result_value) or not is_fresh:
        return ""
    if op == "power" and at.value(0) == 0:
        return said("0 to a negative power, {exponent}, is infinite", exponent=number(at.value(1)))
    return said("it is larger than {largest}", largest=_largest(at))


def slope_hint(at: At) -> str:
    """Why a partial is infinite; of an op that is not listed, that it is."""
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
    return said("the slope of {op} is infinite there", op=op)


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
