"""What makes a partial zero: recognised by the op's row and the numbers that it was given.

An op that is not listed here gets a sentence that is true of any: what its operands are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.debug.why import masked
from tui_backprop.debug.why.format import applied, number
from tui_backprop.debug.why.kinds import Kind
from tui_backprop.debug.why.operands import At, factor_of
from tui_backprop.debug.why.unread import ignored
from tui_backprop.graph.jacobian import convention_at, coordinates, picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.one_sided import sides
from tui_backprop.language.message import clauses, joined, said
from tui_backprop.rules.targets import classes_of, sample_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.why.kinds import Found
    from tui_backprop.debug.why.paths import Path
    from tui_backprop.graph.one_sided import Sides
    from tui_backprop.timeline.timeline import Timeline

SATURATED_BELOW: Final = 1e-4
"""A saturating op whose slope is smaller lets almost nothing through: tanh beyond 5.3."""

_MANY: Final = 5
"""Factors whose product may dwindle though none of them is small."""


Recognise: TypeAlias = "Callable[[At], Found | None]"


def zero_partial(timeline: Timeline, edge: Edge, j: int, i: int) -> Found:
    """Why ∂y_j/∂x_i, a partial inside the sparsity that is 0, is 0."""
    at = At(timeline.trace, edge, j, i)
    recognise = _RECOGNISED.get(at.node.op)
    # At a kink the slope may be 0 for another reason.
    if recognise is None and at.traits.saturates and at.node.rule and not at.node.rule.kink:
        recognise = _saturated
    found = None if recognise is None else recognise(at)
    return found or _factor(at) or _kink(at) or _other(at)


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


def _relu(at: At) -> Found | None:
    x = at.value(0)
    if x < 0:
        return Kind.OFF, said("relu is off: {operand} < 0", operand=at.operand(0))
    return (Kind.KINK, _by_convention(at, "relu'(0) = 0")) if x == 0 else None


def _by_convention(at: At, slope: str) -> str:
    text = said("{operand}: {slope} by convention", operand=at.operand(0), slope=slope)
    return joined("; ", [text, *_on_either_side(at)])


def _on_either_side(at: At) -> list[str]:
    """How steep it is next to a kink, where that could be measured."""
    found = sides(at.trace, at.edge, at.j, at.i)
    return [] if found is None else [sides_text(found)]


def sides_text(found: Sides) -> str:
    """``the slope is 0 from the left and 1 from the right``; none where it jumps."""
    if not np.isfinite(found).all():
        return said("next to it the slope grows without bound")
    return said("the slope is {left} from the left and {right} from the right",
                left=number(found.left), right=number(found.right))  # fmt: skip


def _kink(at: At) -> Found | None:
    """Where no slope is right, and 0 is what was agreed on."""
    convention = convention_at(at.trace, at.edge, at.j)
    found = sides(at.trace, at.edge, at.j, at.i) if convention else None
    if found is None or not found.differ:
        return None
    kink = said("at its kink, by convention: {convention}", convention=said(convention))
    return Kind.KINK, joined("; ", [_slope_text(at), kink, sides_text(found)])


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
    if low <= at.value(0) <= high:  # at a bound it is a convention
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
    if found := masked.softmax(at):
        return found
    for flat in (at.j, at.i):
        if picked(at.trace.value(at.node.id), flat) in (0, 1):
            result = at.written(at.node.id, flat)
            return Kind.SATURATED, said("softmax is saturated: {result}", result=result)
    return None


def _classes(at: At) -> Found | None:
    """The losses over classes: what is ignored, and labels that add up to nothing."""
    if at.edge.argument != 0:
        return None
    text = ignored(at.trace, at.edge, at.i)
    if text:
        return Kind.IGNORED, text
    node, shape = at.node, at.graph.nodes[at.edge.parent].shape
    if node.op != "cross_entropy":
        return None
    if classes_of(shape) == 1:
        return Kind.ALONE, said("of one class the softmax is 1 whatever the score is")
    if at.graph.nodes[node.parents[1]].shape != shape:
        return None
    labels = at.trace.value(node.parents[1])
    if sample_around(labels, coordinates(at.i, shape)).any() or node.params["label_smoothing"]:
        return None
    return Kind.VALUE, said("all labels of its sample are 0: its loss is 0 whatever the scores are")


def _from_mean(at: At) -> Found | None:
    """The slope of a variance is a multiple of the distance from the mean."""
    group = picked(at.trace.value(at.edge.parent), at.trace.patterns.of(at.edge).columns(at.j))
    if at.own_value != np.mean(group) or (at.result_value == 0 and at.node.op == "std"):
        return None
    return Kind.VALUE, said("{entry} is the mean of its group, and the slope is a multiple of "
                            "its distance from it", entry=at.own)  # fmt: skip


def _norm(at: At) -> Found | None:
    """The slope of a length is x / length."""
    is_length = at.node.params["ord"] in (None, "fro") or (
        at.node.params["ord"] == 2 and at.graph.nodes[at.edge.parent].size >= 1
        and len(at.graph.nodes[at.edge.parent].shape) == 1
    )  # fmt: skip
    return _own_zero(at) if is_length and at.result_value != 0 else None


def _same_as_target(at: At) -> Found | None:
    """The slope of a loss that compares is a multiple of the difference."""
    other = at.node.parents[1 - at.edge.argument]
    if picked(at.trace.value(other), at.i) != at.own_value:
        return None
    return Kind.VALUE, said("{one} and {other}: the slope is a multiple of their difference",
                            one=at.own, other=at.written(other, at.i))  # fmt: skip


def _product(at: At) -> Found | None:
    """Another factor of a product of many entries is 0."""
    pattern = at.trace.patterns.of(at.edge)
    columns = pattern.columns(at.j)
    columns = columns[columns != at.i]
    zeros = columns[picked(at.trace.value(at.edge.parent), columns) == 0]
    if not len(zeros):
        return None
    return Kind.VALUE, said("it is multiplied by {factor}",
                            factor=at.written(at.edge.parent, int(zeros[0])))  # fmt: skip


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


_RECOGNISED: Final[dict[str, Recognise]] = {
    **dict.fromkeys(("floor", "ceil", "round", "sign"), _flat),
    **dict.fromkeys(("maximum", "minimum"), _either),
    **dict.fromkeys(("max", "min", "max_pool1d", "max_pool2d"), _chosen),
    **dict.fromkeys(("exp", "exp2"), _exponential),
    **dict.fromkeys(("square", "hypot"), _own_zero),
    **dict.fromkeys(("cross_entropy", "nll"), _classes),
    **dict.fromkeys(("std", "var"), _from_mean),
    **dict.fromkeys(("mse", "huber"), _same_as_target),
    **dict.fromkeys(("prod", "cumprod"), _product),
    "norm": _norm,
    "relu": _relu,
    "clip": _clipped,
    "hardtanh": _hard,
    "where": _where,
    "abs": _abs,
    "softmax": _softmax,
    "scaled_dot_product_attention": masked.attention,
    "dropout": _dropout,
    "power": _power,
    "divide": _divide,
}
