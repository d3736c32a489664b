"""What makes a partial zero: recognised by the op's row and the numbers that it was given.

It stands apart from following paths because this is knowledge of ops, one sentence each. An op that
is not listed here gets a sentence that is true of any: what its operands are.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.names import applied
from tui_backprop.debug.why.operands import At, factor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.graph.model import Edge

SATURATED_BELOW: Final = 1e-4
"""A saturating op whose slope is smaller lets almost nothing through: tanh beyond 5.3."""


class Kind(Enum):
    """What kind of thing stopped a gradient."""

    SEED = "the seed is 0"
    UNREAD = "nothing reads the entry"
    OFF = "the unit is off"
    CLIPPED = "outside the bounds"
    BRANCH = "another operand was taken"
    FLAT = "the derivative is stated to be 0"
    KINK = "a convention at a kink"
    SATURATED = "saturated"
    FADED = "nearly saturated"
    VALUE = "a factor is 0"
    UNDERFLOW = "too small for the number format"
    CANCELLED = "contributions cancel"
    ROUNDED = "lost in rounding"
    OTHER = "the slope is 0 here"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a path ends.

    Attributes:
        kind: what kind of thing it is.
        text: one sentence about it, with the numbers.
        step: where to see it; None where no step shows it.
    """

    kind: Kind
    text: str
    step: int | None


Found: TypeAlias = tuple[Kind, str]
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
    return (
        f"{at.node.op} is nearly flat at {at.operand(0)}: "
        f"its slope there is {partial:.3g}, at most {SATURATED_BELOW:g}"
    )


def _relu(at: At) -> Found | None:
    x = at.value(0)
    if x < 0:
        return Kind.OFF, f"relu is off: {at.operand(0)} < 0"
    return (Kind.KINK, f"{at.operand(0)}: relu'(0) = 0 by convention") if x == 0 else None


def _clipped(at: At) -> Found | None:
    x = at.value(0)
    low, high = (at.node.params.get(k) for k in ("min", "max"))
    if (low is None or low <= x) and (high is None or x <= high):
        return None
    if low is None:
        where = f"above {high:g}"
    elif high is None:
        where = f"below {low:g}"
    else:
        where = f"outside {low:g} to {high:g}"
    return Kind.CLIPPED, f"clipped: {at.operand(0)} lies {where}"


def _hard(at: At) -> Found | None:
    low, high = (at.node.params[k] for k in ("min_val", "max_val"))
    if low < at.value(0) < high:
        return None
    bounds = f"between {low:g} and {high:g}"
    return Kind.CLIPPED, f"hardtanh is flat: {at.operand(0)} does not lie {bounds}"


def _where(at: At) -> Found | None:
    holds = at.value(0) != 0
    if holds == (at.edge.argument == 1):
        return None
    taken = at.operand(1 if holds else 2)
    condition = applied(at.graph, at.node.parents[0])
    says = "holds" if holds else "does not hold"
    return Kind.BRANCH, f"where takes the other branch, {taken}: {condition} {says} there"


def _either(at: At) -> Found | None:
    own, other = at.value(at.edge.argument), at.value(1 - at.edge.argument)
    is_passed = own < other if at.node.op == "maximum" else own > other
    if not is_passed:
        return None
    taken, left = at.operand(1 - at.edge.argument), at.operand(at.edge.argument)
    return Kind.BRANCH, f"{at.node.op} takes the other operand: {taken}, and not {left}"


def _chosen(at: At) -> Found | None:
    if at.own_value == at.result_value:
        convention = "" if at.node.rule is None else at.node.rule.convention
        return Kind.KINK, f"{at.own} ties with another entry: {convention}"
    return Kind.BRANCH, f"{at.node.op} takes another entry: {at.result}, and not {at.own}"


def _flat(at: At) -> Found:
    return Kind.FLAT, f"{at.node.op} is constant between jumps: its derivative is stated to be 0"


def _abs(at: At) -> Found | None:
    is_kink = at.value(0) == 0
    return (Kind.KINK, f"{at.operand(0)}: abs'(0) = 0 by convention") if is_kink else None


def _saturated(at: At) -> Found:
    dtype = at.graph.dtype.name
    slope = f"its slope there is 0 in {dtype}"
    return Kind.SATURATED, f"{at.node.op} is saturated: {at.result} at {at.operand(0)}, and {slope}"


def _exponential(at: At) -> Found | None:
    if at.result_value != 0:
        return None
    return Kind.UNDERFLOW, f"{at.node.op} underflows: {at.result} at {at.operand(0)}"


def _softmax(at: At) -> Found | None:
    if at.result_value in (0, 1):
        return Kind.SATURATED, f"softmax is saturated: {at.result}"
    return None


def _dropout(at: At) -> Found | None:
    if at.edge.argument == 1 or at.value(1) != 0:
        return None
    return Kind.VALUE, f"dropout drops it: {at.operand(1)}"


def _own_zero(at: At) -> Found | None:
    if at.own_value != 0:
        return None
    return Kind.VALUE, f"{at.own}, and the slope is a multiple of it"


def _power(at: At) -> Found | None:
    if at.edge.argument == 0 and at.value(1) == 0:
        return Kind.VALUE, f"the exponent {at.operand(1)}: the power does not depend on its base"
    return _own_zero(at) if at.edge.argument == 0 and at.value(1) != 1 else None


def _divide(at: At) -> Found | None:
    if at.edge.argument == 1 and at.value(0) == 0:
        return Kind.VALUE, f"the numerator {at.operand(0)}"
    if at.edge.argument == 0 and np.isinf(at.value(1)):
        return Kind.VALUE, f"the denominator {at.operand(1)}: 1/inf is 0"
    return None


def _factor(at: At) -> Found | None:
    """Where the partial is one entry of another operand, that entry."""
    found = factor_of(at)
    return None if found is None else (Kind.VALUE, f"it is multiplied by {found}")


def _other(at: At) -> Found:
    seen = ", ".join(dict.fromkeys([*at.read, at.result]))
    kink = f"; at its kink, {at.convention}" if at.convention else ""
    return Kind.OTHER, f"the slope of {at.node.op} is 0 at {seen}{kink}"


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
