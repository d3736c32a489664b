"""What NumPy writes for ``vᵀJ``: a line for each op and operand, where there is a simple one.

``{g}`` is the cotangent of the value, ``{y}`` the value, ``{0}`` the first operand. Of operands
that were broadcast the script adds up what a line gives.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.exports.scripts.call import Call, UnsaidError, key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Pull: TypeAlias = "str | Callable[[Call, int], str]"


def pulled(call: Call, argument: int) -> str:
    """The line of one operand, with ``{g}`` for the cotangent of the value.

    Raises:
        UnsaidError: there is none.
    """
    found = PULLS.get(call.node.op)
    if found is None:
        raise UnsaidError
    pull = found if callable(found) else found[argument]
    if not isinstance(pull, str):
        return pull(call, argument)
    return pull.format(*call.operands, g="{g}", y=call.result)


def _chosen(sign: str) -> tuple[str, str]:
    """The larger or the smaller one; a tie goes to each by half."""
    return (
        f"{{g}} * (({{0}} {sign} {{1}}) + 0.5 * ({{0}} == {{1}}))",
        f"{{g}} * (({{1}} {sign} {{0}}) + 0.5 * ({{0}} == {{1}}))",
    )


def _spread(call: Call) -> str:
    return f"np.broadcast_to({{g}}.reshape({call.kept}), {call.shapes[0]})"


def _sum(call: Call, _argument: int) -> str:
    return _spread(call)


def _clipped(call: Call, _argument: int) -> str:
    """What lies between the bounds; at them the slope is 0."""
    low, high = call["min"], call["max"]
    tests = [f"({call[0]} > {low})"] * (low is not None) + [f"({call[0]} < {high})"] * (
        high is not None
    )
    return f"np.where({' & '.join(tests)}, {{g}}, 0)" if tests else "{g}"


def _mean(call: Call, _argument: int) -> str:
    count = 1
    for axis in call.all_axes:
        count *= call.shapes[0][axis]
    return f"{_spread(call)} / {count}"


def _extreme(call: Call, _argument: int) -> str:
    kept, axes = call.kept, call.all_axes
    tied = f"({call[0]} == {call.result}.reshape({kept}))"
    return f"{{g}}.reshape({kept}) * {tied} / {tied}.sum(axis={axes}, keepdims=True)"


def _matmul(call: Call, argument: int) -> str:
    a, b = call[0], call[1]
    lines = {
        (2, 2): (f"{{g}} @ {b}.T", f"{a}.T @ {{g}}"),
        (2, 1): (f"np.outer({{g}}, {b})", f"{a}.T @ {{g}}"),
        (1, 2): (f"{b} @ {{g}}", f"np.outer({a}, {{g}})"),
        (1, 1): (f"{{g}} * {b}", f"{{g}} * {a}"),
    }
    ranks = len(call.shapes[0]), len(call.shapes[1])
    if ranks not in lines:
        raise UnsaidError
    return lines[ranks][argument]


def _reshaped(call: Call, _argument: int) -> str:
    if call.get("order", "C") != "C":
        raise UnsaidError
    return f"{{g}}.reshape({call.shapes[0]})"


def _transposed(call: Call, _argument: int) -> str:
    rank = len(call.shapes[0])
    axes = call["axes"]
    if axes is None:
        return "{g}.T"
    order = [a % rank for a in axes]
    return f"{{g}}.transpose({tuple(order.index(a) for a in range(rank))})"


def _indexed(call: Call, _argument: int) -> str:
    key = key_text(call["key"], "{0}")
    return f"scattered({{g}}, {call[0]}, np.s_[{key}])"


def _swapped(call: Call, _argument: int) -> str:
    return f"{{g}}.swapaxes({call['axis1']}, {call['axis2']})"


def _flipped(call: Call, _argument: int) -> str:
    return f"np.flip({{g}}, {call.all_axes})"


def _softmax(call: Call, _argument: int) -> str:
    y = call.result
    return f"{y} * ({{g}} - ({{g}} * {y}).sum(axis={call.axis}, keepdims=True))"


def _log_softmax(call: Call, _argument: int) -> str:
    return f"{{g}} - np.exp({call.result}) * {{g}}.sum(axis={call.axis}, keepdims=True)"


PULLS: Final[Mapping[str, tuple[Pull, ...] | Callable[[Call, int], str]]] = MappingProxyType(
    {
        "add": ("{g}", "{g}"),
        "subtract": ("{g}", "-{g}"),
        "multiply": ("{g} * {1}", "{g} * {0}"),
        "divide": ("{g} / {1}", "-{g} * {y} / {1}"),
        "negative": ("-{g}",),
        "power": ("{g} * {1} * {0} ** ({1} - 1)", "{g} * {y} * np.log({0})"),
        "reciprocal": ("-{g} * {y} ** 2",),
        "square": ("{g} * 2 * {0}",),
        "exp": ("{g} * {y}",),
        "expm1": ("{g} * ({y} + 1)",),
        "exp2": ("{g} * {y} * np.log(2)",),
        "log": ("{g} / {0}",),
        "log1p": ("{g} / (1 + {0})",),
        "log2": ("{g} / ({0} * np.log(2))",),
        "log10": ("{g} / ({0} * np.log(10))",),
        "sqrt": ("{g} / (2 * {y})",),
        "rsqrt": ("-{g} * {y} ** 3 / 2",),
        "sin": ("{g} * np.cos({0})",),
        "cos": ("-{g} * np.sin({0})",),
        "tan": ("{g} * (1 + {y} ** 2)",),
        "tanh": ("{g} * (1 - {y} ** 2)",),
        "sinh": ("{g} * np.cosh({0})",),
        "cosh": ("{g} * np.sinh({0})",),
        "arctan": ("{g} / (1 + {0} ** 2)",),
        "sigmoid": ("{g} * {y} * (1 - {y})",),
        "relu": ("np.where({0} > 0, {g}, 0)",),
        "abs": ("{g} * np.sign({0})",),
        "where": ("", "np.where({0} != 0, {g}, 0)", "np.where({0} != 0, 0, {g})"),
        "clip": _clipped,
        "maximum": _chosen(">"),
        "minimum": _chosen("<"),
        "sum": _sum,
        "mean": _mean,
        "max": _extreme,
        "min": _extreme,
        "softmax": _softmax,
        "log_softmax": _log_softmax,
        "matmul": _matmul,
        "vdot": ("{g} * {1}", "{g} * {0}"),
        "outer": ("{g} @ {1}", "{0} @ {g}"),
        **dict.fromkeys(("reshape", "ravel", "flatten", "squeeze", "expand_dims"), _reshaped),
        "transpose": _transposed,
        "swapaxes": _swapped,
        "flip": _flipped,
        "index": _indexed,
    }
)
"""By the op's name: a line for each operand, or a function of the call and the operand."""

BROADCASTING: Final = frozenset(
    ("add", "subtract", "multiply", "divide", "power", "where", "maximum", "minimum")
)
"""Ops whose operands stretch, so that what their lines give is added up."""
