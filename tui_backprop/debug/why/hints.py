"""What is known about the ops that make NaN and infinities, and what people do about it.

It stands apart from the search because this is knowledge of mathematics and of number formats, one
sentence each; an op that is not listed gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.why.names import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.operands import At

_EXPONENTIALS: Final = frozenset({"exp", "expm1", "exp2", "sinh", "cosh"})
_LOGARITHMS: Final = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}
_SLOPES: Final = {
    "sqrt": "1/(2·sqrt(x)), is infinite at 0",
    "cbrt": "1/(3·cbrt(x)**2), is infinite at 0",
    "log": "1/x, is infinite at 0",
    "log2": "1/(x·log(2)), is infinite at 0",
    "log10": "1/(x·log(10)), is infinite at 0",
    "log1p": "1/(1 + x), is infinite at -1",
    "reciprocal": "-1/x**2, is infinite at 0",
    "arcsin": "1/sqrt(1 - x**2), is infinite at -1 and 1",
    "arccos": "-1/sqrt(1 - x**2), is infinite at -1 and 1",
    "arccosh": "1/sqrt(x**2 - 1), is infinite at 1",
    "arctanh": "1/(1 - x**2), is infinite at -1 and 1",
}


def value_hint(at: At) -> str:
    """Why an elementwise op gives NaN or an infinity for these operands; empty where unknown."""
    op, y = at.node.op, at.result_value
    x = at.value(0)
    if op in _LOGARITHMS and x <= _LOGARITHMS[op]:
        low = number(_LOGARITHMS[op])
        return f"{op}({low}) is -inf" if x == _LOGARITHMS[op] else f"{op} is NaN below {low}"
    if op in _EXPONENTIALS and np.isinf(y) and np.isfinite(x):
        return f"{op} overflows: its result is larger than {_largest(at)}"
    if op == "sqrt" and x < 0:
        return "sqrt is NaN below 0"
    if op == "divide":
        return _quotient(x, at.value(1))
    if op == "reciprocal" and x == 0:
        return "1/0 is infinite"
    if op == "multiply" and np.isnan(y):
        return "0 · inf is NaN"
    if op in {"add", "subtract"} and np.isnan(y):
        return "inf - inf is NaN"
    is_fresh = all(np.isfinite(at.value(a)) for a in range(len(at.node.parents)))
    if op in {"add", "subtract", "multiply", "square", "power"} and np.isinf(y) and is_fresh:
        return _power(at) if op == "power" and x == 0 else f"it is larger than {_largest(at)}"
    if op == "power" and x < 0 and np.isnan(y):
        return "a negative number has no fractional power"
    return ""


def value_cure(at: At) -> str:
    """What people do about it; empty where there is nothing that holds in general."""
    if at.node.op in _EXPONENTIALS:
        return "softmax and logsumexp subtract the largest entry first: nothing overflows"
    if at.node.op in _LOGARITHMS:
        return "keep the operand above it: log(x + 1e-12), or log_softmax for log(softmax(x))"
    return ""


def slope_hint(at: At) -> str:
    """Why a partial is infinite; empty where it is not known."""
    op = at.node.op
    if op in _SLOPES:
        return f"the slope of {op}, {_SLOPES[op]}"
    if op == "divide" and at.value(1) == 0:
        slope = "1/y" if at.edge.argument == 0 else "-x/y**2"
        return f"the slope of divide, {slope} with y = 0, is not finite"
    if op == "power" and at.edge.argument == 0 and at.value(0) == 0:
        return (
            f"the slope of power, y·x**(y - 1), is infinite at x = 0 and y = {number(at.value(1))}"
        )
    return ""


def product_hint(factors: Sequence[float], product: float) -> str:
    """Why a product of two numbers is NaN or infinite."""
    if np.isnan(product):
        return "0 · inf is NaN" if any(np.isinf(x) for x in factors) else ""
    return "" if any(np.isinf(x) for x in factors) else "the product overflows"


def _quotient(x: float, y: float) -> str:
    if y == 0:
        return "0/0 is NaN" if x == 0 else "a number divided by 0 is infinite"
    if np.isinf(x) and np.isinf(y):
        return "inf/inf is NaN"
    return ""


def _power(at: At) -> str:
    return f"0 to a negative power, {number(at.value(1))}, is infinite"


def _largest(at: At) -> str:
    dtype = at.graph.dtype
    return f"the largest {dtype.name}, {number(np.finfo(dtype).max)}"
