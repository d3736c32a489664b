"""What makes a partial zero: what the op's row says of the numbers that it was given.

Where a row says nothing, a sentence that is true of any: what its operands are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.operands import At, factor_of, sides_text
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.one_sided import sides
from tui_backprop.language.message import clauses, joined, said
from tui_backprop.rules.derivative import Constant, Scalar
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tui_backprop.debug.why.paths import Path
    from tui_backprop.rules.slope_reasons import Found
    from tui_backprop.timeline.timeline import Timeline

SATURATED_BELOW: Final = 1e-4
"""A saturating op whose slope is smaller lets almost nothing through: tanh beyond 5.3."""

_MANY: Final = 5
"""Factors whose product may dwindle though none of them is small."""


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


def zero_partial(timeline: Timeline, edge: Edge, j: int, i: int) -> Found:
    """Why ∂y_j/∂x_i, a partial inside the sparsity that is 0, is 0."""
    at = At(timeline.trace, edge, j, i)
    own = at.traits.zero or _of_any
    return own(at) or _factor(at) or _kink(at) or _other(at)


def saturation(timeline: Timeline, edge: Edge, j: int, i: int, partial: float) -> str:
    """A sentence where a saturating op has almost no slope, or a factor is next to nothing."""
    at = At(timeline.trace, edge, j, i)
    if not 0 < abs(partial) <= SATURATED_BELOW:
        return ""
    if not at.traits.saturates:
        return _small_factor(at)
    return said(
        "{op} is nearly flat at {operand}: its slope there is {slope}, at most {most}",
        op=at.node.op, operand=at.operand(0), slope=f"{partial:.3g}", most=f"{SATURATED_BELOW:g}",
    )  # fmt: skip


def _small_factor(at: At) -> str:
    """The sentence about a small factor, such as a gate that is shut, and why it is small."""
    found = factor_of(at)
    if found is None:
        return ""
    text = said("it is multiplied by {factor}", factor=at.written(*found))
    maker = at.graph.nodes[found[0]]
    if maker.rule is None or not maker.rule.traits.saturates:
        return text
    above = At(at.trace, Edge(maker.parents[0], maker.id, 0), found[1], 0)
    made = said("{op} gave that at {operand}", op=maker.op, operand=above.operand(0))
    return clauses([text, made])


def dwindling(path: Path, value: float) -> str:
    """A sentence where many factors, none of them small, make next to nothing together.

    Args:
        path: the strongest one.
        value: what all paths together bring.
    """
    factors = np.abs([hop.partial for hop in path.hops])
    if len(factors) < _MANY or not path.seed or not np.isfinite(factors).all():
        return ""
    if abs(value) > SATURATED_BELOW * abs(path.seed):
        return ""
    share = float(np.prod(factors))
    if not 0 < share <= SATURATED_BELOW or factors.min() <= SATURATED_BELOW:
        return ""
    return said(
        "no single factor is small: {count} partials, {mean} each on average, are {share} together",
        count=len(factors), mean=f"{share ** (1 / len(factors)):.3g}", share=f"{share:.3g}",
    )  # fmt: skip


def _kink(at: At) -> Found | None:
    """Where no slope is right, and 0 is what was agreed on."""
    found = sides(at.trace, at.edge, at.j, at.i) if at.convention else None
    if found is None or not found.differ:
        return None
    kink = said("at its kink, by convention: {convention}",
                convention=said(at.convention))  # fmt: skip
    return Kind.KINK, joined("; ", [_slope_text(at), kink, sides_text(found)])


def _of_any(at: At) -> Found | None:
    """What the facts of a row tell, where it says no more."""
    derivative = at.rule.derivative(at.argument)
    if isinstance(derivative, Scalar) and derivative.partial == Constant(0):
        return _flat(at)
    if at.traits.overflows:
        return _underflow(at)
    # At a kink the slope may be 0 for another reason.
    return _saturated(at) if at.traits.saturates and not at.rule.kink else None


def _flat(at: At) -> Found:
    return Kind.FLAT, said(
        "{op} is constant between jumps: its derivative is stated to be 0", op=at.node.op
    )


def _saturated(at: At) -> Found:
    return Kind.SATURATED, said(
        "{op} is saturated: {result} at {operand}, and its slope there is 0 in {dtype}",
        op=at.node.op, result=at.result, operand=at.operand(0), dtype=at.graph.dtype.name,
    )  # fmt: skip


def _underflow(at: At) -> Found | None:
    if at.result_value != 0:
        return None
    return Kind.UNDERFLOW, said(
        "{op} underflows: {result} at {operand}",
        op=at.node.op, result=at.result, operand=at.operand(0),
    )  # fmt: skip


def _factor(at: At) -> Found | None:
    """Where the partial is one entry of another operand, that entry."""
    found = factor_of(at)
    if found is None or picked(at.trace.value(found[0]), found[1]) != 0:
        return None
    return Kind.VALUE, said("it is multiplied by {factor}", factor=at.written(*found))


def _slope_text(at: At) -> str:
    seen = ", ".join(dict.fromkeys([*at.read, at.result]))
    return said("the slope of {op} is 0 at {seen}", op=at.node.op, seen=seen)


def _other(at: At) -> Found:
    text = _slope_text(at)
    if not at.convention:
        return Kind.OTHER, text
    kink = said("at its kink, {convention}", convention=said(at.convention))
    return Kind.OTHER, joined("; ", [text, kink])
