"""The measurements of a node by their definitions, one node after the other: slow, and plain."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Literal

import numpy as np

from tui_backprop.debug.health.record import Flag, NodeHealth, Thresholds
from tui_backprop.debug.health.slopes import flattens, is_bent
from tui_backprop.debug.health.units import has_units, units_of
from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Backward, Role
from tui_backprop.graph.naming import label
from tui_backprop.graph.sizes import norm
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.arrays import Adjoints
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace


def plain(trace: Trace, limits: Thresholds) -> list[NodeHealth]:
    """Every node, whose Jacobian is never too large."""
    adjoints = _adjoints(trace)
    return [_node(trace, node, adjoints, limits) for node in trace.graph.nodes]


def _adjoints(trace: Trace) -> Adjoints | None:
    """What the last pass gives without the earlier ones."""
    runs = [run for run in trace.runs if run is not None]
    if not runs:
        return None
    if not runs[-1].initial:
        return runs[-1].cotangents
    last = [p for p in trace.passes if isinstance(p, Backward)][-1]
    alone = trace.again(trace.leaves, [last]).runs[0]
    return None if alone is None else alone.cotangents


def _depths(trace: Trace) -> dict[int, int]:
    """The longest way down to a node, of those that the last pass reaches."""
    runs = [run for run in trace.runs if run is not None]
    found = {runs[-1].of: 0} if runs else {}
    for edge in runs[-1].walk.edges(trace.graph.nodes) if runs else ():
        found[edge.parent] = max(found.get(edge.parent, 0), found[edge.node] + 1)
    return found


def _node(trace: Trace, node: Node, adjoints: Adjoints | None, limits: Thresholds) -> NodeHealth:
    runs = [run for run in trace.runs if run is not None]
    seed = norm(runs[-1].seed) if runs else 0.0
    is_reached = adjoints is not None and node.id in adjoints
    adjoint = adjoints.size(node.id) if adjoints is not None and is_reached else None
    value = trace.value_size(node.id)
    ratio = None if adjoint is None or not seed else adjoint.norm / seed
    depth = _depths(trace).get(node.id)
    jacobian, steepest, slopes = _jacobian(trace, node, limits)
    dead = saturated = units = None
    if slopes is not None and node.rule is not None:
        if node.size:
            dead = float(np.mean(slopes == 0))
            if flattens(node.rule, node.params, limits.flat):
                saturated = float(np.mean(slopes < limits.flat))
        units = units_of(trace.graph, node, slopes) if has_units(node) else None
    lost = node.role is Role.INPUT and node.size and not any(node.id in r.cotangents for r in runs)
    flags: list[Flag] = [
        *([] if value is None else _strange(value, "value")),
        *_of_jacobian(jacobian, steepest, limits),
        *([] if adjoint is None or not node.size else _of_adjoint(adjoint, ratio, limits)),
    ]
    if dead is not None and dead >= limits.share:
        flags.append("dead")
    if saturated is not None and saturated >= limits.share:
        flags.append("saturated")
    if lost and runs:
        flags.append("no gradient")
    return NodeHealth(
        node.id, label(trace.graph, node.id), node.op, node.shape, depth,
        None if value is None else value.norm, None if adjoint is None else adjoint.norm,
        None if ratio is None or not depth else ratio ** (1 / depth),
        jacobian, dead, saturated, tuple(flags), units,
    )  # fmt: skip


def _jacobian(
    trace: Trace, node: Node, limits: Thresholds
) -> tuple[float | None, float, Array | None]:
    """The norm of a node's Jacobian, the largest bent partial, and the slopes entry by entry."""
    arguments, rule = trace.plan.arguments[node.id], node.rule
    if rule is None or not arguments:
        return None, 0.0, None
    try:
        if not rule.elementwise:
            return *_structural(trace, node, rule, arguments), None
        steep = [_slopes(trace, node, rule, a) for a in arguments]
    except UnknownError:
        return None, 0.0, None
    length = norm(np.array([norm(s) for s in steep]))
    steepest = 0.0
    if limits.steep < length < inf:
        bent = [s for a, s in zip(arguments, steep, strict=True) if is_bent(rule, a)]
        steepest = max((float(s.max(initial=0.0)) for s in bent), default=0.0)
    return length, steepest, np.asarray(np.max(steep, axis=0))


def _slopes(trace: Trace, node: Node, rule: Rule, argument: int) -> Array:
    y = trace.value(node.id)
    operands = tuple(trace.value(p) for p in node.parents)
    with np.errstate(all="ignore"):
        found = rule.derivative(argument).vjp(np.ones_like(y), y, operands, node.params)
    return np.asarray(np.abs(np.broadcast_to(found, y.shape)))


def _structural(
    trace: Trace, node: Node, rule: Rule, arguments: Sequence[int]
) -> tuple[float, float]:
    lengths, largest = [], [0.0]
    for a in arguments:
        jacobian = LocalJacobian(trace, node.edges[a])
        columns = range(jacobian.shape[1])
        entries = jacobian.entries(*pattern_entries(jacobian.sparsity, columns))
        # An empty Jacobian is looked at in no piece, any other one of a test in one piece.
        lengths.append(norm(np.array([norm(entries)] if columns else [])))
        if is_bent(rule, a) and lengths[-1] > 0:
            largest.append(float(np.abs(entries).max(initial=0.0)))
    return norm(np.array(lengths)), max(largest)


def _strange(size: Size, what: Literal["value", "adjoint"]) -> list[Flag]:
    found: list[Flag] = []
    if size.nan:
        found.append("nan value" if what == "value" else "nan adjoint")
    if size.inf:
        found.append("inf value" if what == "value" else "inf adjoint")
    return found


def _of_jacobian(jacobian: float | None, steepest: float, limits: Thresholds) -> list[Flag]:
    if jacobian is None:
        return []
    if not isfinite(jacobian):
        return ["nan slope" if isnan(jacobian) else "inf slope"]
    return ["steep"] if steepest > limits.steep else []


def _of_adjoint(adjoint: Size, ratio: float | None, limits: Thresholds) -> list[Flag]:
    found = _strange(adjoint, "adjoint")
    if ratio is None or found:
        return found
    if ratio == 0:
        return ["zero adjoint"]
    if ratio < limits.vanishing:
        return ["vanishing"]
    return ["exploding"] if ratio > limits.exploding else []
