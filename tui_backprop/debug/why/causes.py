"""What makes a partial zero: recognised by the op's row and the numbers that it was given.

It stands apart from following paths because this is knowledge of ops, one sentence each. An op that
is not listed here gets a sentence that is true of any: what its operands are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.debug.said import joined, said
from tui_backprop.debug.why.kinds import Kind
from tui_backprop.debug.why.names import applied
from tui_backprop.debug.why.operands import At, factor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.kinds import Found
    from tui_backprop.graph.model import Edge

SATURATED_BELOW: Final = 1e-4
"""A saturating op whose slope is smaller lets almost nothing through: tanh beyond 5.3."""


Recognise: TypeAlias = "Callable[[At], Found | None]"


def zero_partial(timeline: Timeline, edge: Edge, j: int, i: int) -> Found:
    """Why ∂y_j/∂x_i, a partial inside the sparsity that is 0, is 0."""
    at = At(timeline.trace, edge, j, i)
    recognise = _RECOGNISED.get(at.node.op)
    found = None if recognise is None else recognise(at)
    return found or _factor(at) or _other(at)


def saturation(timeline: Timeline, edge: Edge, j: int, i: int, partial: float) -> str:
    """A sentence where a saturating op has almost no slope; else nothing."""
    at = At(timeline.trace, edge, j, i)
    if at.node.op not in _SATURATING or not 0 < abs(partial) <= SATURATED_BELOW:
        return ""
    return said(
        "{op} is nearly flat at {operand}: its slope there is {slope}, at most {most}",
        op=at.node.op, operand=at.operand(0), slope=f"{partial:.3g}", most=f"{SATURATED_BELOW:g}",
    )  # fmt: skip


def _relu(at: At) -> Found | None:
    x = at.value(0)
    if x < 0:
        return Kind.OFF, said("relu is off: {operand} < 0", operand=at.operand(0))
    return (Kind.KINK, _by_convention(at, "relu'(0) = 0")) if x == 0 else None


def _by_convention(at: At, slope: str) -> str:
    return said("{operand}: {slope} by convention", operand=at.operand(0), slope=slope)


def _clipped(at: At) -> Found | None:
    x = at.value(0)
    low, high = (_bound(at, k) for k in ("min", "max"))
    if at.edge.argument or at.node.rule is None:
        return None
    if (low is None or low <= x) and (high is None or x <= high):
        return Kind.KINK, _by_convention(at, said(at.node.rule.convention))
    if low is None:
        where = said("above {high}", high=f"{high:g}")
    elif high is None:
        where = said("below {low}", low=f"{low:g}")
    else:
        where = said("outside {low} to {high}", low=f"{low:g}", high=f"{high:g}")
    return Kind.CLIPPED, said("clipped: {operand} lies {where}", operand=at.operand(0), where=where)


def _bound(at: At, name: str) -> float | None:
    """A bound of clip, which is a number of the program or an operand."""
    if at.node.rule is None or name not in at.node.rule.operands:
        found: float | None = at.node.params.get(name)
        return found
    return at.value(at.node.rule.operands.index(name))


def _hard(at: At) -> Found | None:
    low, high = (at.node.params[k] for k in ("min_val", "max_val"))
    if low < at.value(0) < high:
        return None
    return Kind.CLIPPED, said(
        "hardtanh is flat: {operand} does not lie between {low} and {high}",
        operand=at.operand(0), low=f"{low:g}", high=f"{high:g}",
    )  # fmt: skip


def _where(at: At) -> Found | None:
    holds = at.value(0) != 0
    if holds == (at.edge.argument == 1):
        return None
    taken = at.operand(1 if holds else 2)
    condition = applied(at.graph, at.node.parents[0])
    if holds:
        return Kind.BRANCH, said(
            "where takes the other branch, {taken}: {condition} holds there",
            taken=taken, condition=condition,
        )  # fmt: skip
    return Kind.BRANCH, said(
        "where takes the other branch, {taken}: {condition} does not hold there",
        taken=taken, condition=condition,
    )  # fmt: skip


def _either(at: At) -> Found | None:
    own, other = at.value(at.edge.argument), at.value(1 - at.edge.argument)
    is_passed = own < other if at.node.op == "maximum" else own > other
    if not is_passed:
        return None
    taken, left = at.operand(1 - at.edge.argument), at.operand(at.edge.argument)
    return Kind.BRANCH, said(
        "{op} takes the other operand: {taken}, and not {left}",
        op=at.node.op,
        taken=taken,
        left=left,
    )


def _chosen(at: At) -> Found | None:
    if at.own_value == at.result_value:
        convention = "" if at.node.rule is None else at.node.rule.convention
        return Kind.KINK, said(
            "{entry} ties with another entry: {convention}",
            entry=at.own,
            convention=said(convention),
        )
    return Kind.BRANCH, said(
        "{op} takes another entry: {taken}, and not {left}",
        op=at.node.op, taken=at.result, left=at.own,
    )  # fmt: skip


def _flat(at: At) -> Found:
    return Kind.FLAT, said(
        "{op} is constant between jumps: its derivative is stated to be 0", op=at.node.op
    )


def _abs(at: At) -> Found | None:
    is_kink = at.value(0) == 0
    return (Kind.KINK, _by_convention(at, "abs'(0) = 0")) if is_kink else None


def _saturated(at: At) -> Found:
    return Kind.SATURATED, said(
        "{op} is saturated: {result} at {operand}, and its slope there is 0 in {dtype}",
        op=at.node.op, result=at.result, operand=at.operand(0), dtype=at.graph.dtype.name,
    )  # fmt: skip


def _exponential(at: At) -> Found | None:
    if at.result_value != 0:
        return None
    return Kind.UNDERFLOW, said(
        "{op} underflows: {result} at {operand}",
        op=at.node.op, result=at.result, operand=at.operand(0),
    )  # fmt: skip


def _softmax(at: At) -> Found | None:
    if at.result_value in (0, 1):
        return Kind.SATURATED, said("softmax is saturated: {result}", result=at.result)
    return None


def _dropout(at: At) -> Found | None:
    if at.edge.argument == 1 or at.value(1) != 0:
        return None
    return Kind.VALUE, said("dropout drops it: {operand}", operand=at.operand(1))


def _own_zero(at: At) -> Found | None:
    if at.own_value != 0:
        return None
    return Kind.VALUE, said("{entry}, and the slope is a multiple of it", entry=at.own)


def _power(at: At) -> Found | None:
    if at.edge.argument == 0 and at.value(1) == 0:
        return Kind.VALUE, said(
            "the exponent {operand}: the power does not depend on its base", operand=at.operand(1)
        )
    return _own_zero(at) if at.edge.argument == 0 and at.value(1) != 1 else None


def _divide(at: At) -> Found | None:
    if at.edge.argument == 1 and at.value(0) == 0:
        return Kind.VALUE, said("the numerator {operand}", operand=at.operand(0))
    if at.edge.argument == 0 and np.isinf(at.value(1)):
        return Kind.VALUE, said("the denominator {operand}: 1/inf is 0", operand=at.operand(1))
    return None


def _factor(at: At) -> Found | None:
    """Where the partial is one entry of another operand, that entry."""
    found = factor_of(at)
    return (
        None if found is None else (Kind.VALUE, said("it is multiplied by {factor}", factor=found))
    )


def _other(at: At) -> Found:
    seen = ", ".join(dict.fromkeys([*at.read, at.result]))
    text = said("the slope of {op} is 0 at {seen}", op=at.node.op, seen=seen)
    if not at.convention:
        return Kind.OTHER, text
    kink = said("at its kink, {convention}", convention=said(at.convention))
    return Kind.OTHER, joined("; ", [text, kink])


_SATURATING: Final = frozenset(
    {"sigmoid", "tanh", "erf", "softplus", "log_sigmoid", "arctan", "elu", "selu"}
)
_RECOGNISED: Final[dict[str, Recognise]] = {
    **dict.fromkeys(_SATURATING - {"elu", "selu"}, _saturated),
    **dict.fromkeys(("floor", "ceil", "round", "sign"), _flat),
    **dict.fromkeys(("maximum", "minimum"), _either),
    **dict.fromkeys(("max", "min", "max_pool1d", "max_pool2d"), _chosen),
    **dict.fromkeys(("exp", "exp2"), _exponential),
    **dict.fromkeys(("square", "hypot"), _own_zero),
    "relu": _relu,
    "clip": _clipped,
    "hardtanh": _hard,
    "where": _where,
    "abs": _abs,
    "softmax": _softmax,
    "dropout": _dropout,
    "power": _power,
    "divide": _divide,
}
