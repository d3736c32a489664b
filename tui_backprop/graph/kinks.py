"""Kinks, and the other points at which a gradient is a choice, where a walk meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.rules.shapes import take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


def kink_distance(evaluation: Evaluation, node: Node) -> Array | None:
    """A signed quantity that is zero where the slope is a choice, entry by entry; None if smooth.

    That is at the op's kink, and where the walk follows another framework at a special point.
    """
    rule = node.rule
    if rule is None:
        return None
    operands = [evaluation.value(p) for p in node.parents]
    found = None
    if rule.kink is not None:
        with np.errstate(all="ignore"):
            found = np.asarray(rule.kink(np, *operands, **node.params))
    for special, entries in special_points(evaluation, node) if rule.follows else ():
        if _is_followed(rule, special):
            found = np.where(entries, 0.0, np.inf if found is None else found)
    return found


def convention_at(evaluation: Evaluation, edge: Edge, j: int, i: int | None = None) -> str:
    """The stated convention, where the partial in row ``j`` is a choice; else empty.

    Of a column, only where the entry has a part in it: of a maximum, where it is one that ties.
    """
    node = evaluation.graph.nodes[edge.node]
    rule = node.rule
    if rule is None:
        return ""
    if followed_at(evaluation, edge, j, i):
        return _convention_followed(rule, special_points_at(evaluation, edge, j, i=i))
    if rule.kink is None or not _has_part(evaluation, edge, j, i):
        return ""
    at = coordinates(j, node.shape)
    operands = [evaluation.value(p) for p in node.parents]
    if rule.elementwise:
        operands = [np.asarray(take(x, at)) for x in operands]
        at = ()
    with np.errstate(all="ignore"):
        distance = np.asarray(rule.kink(np, *operands, **node.params))
    if not rule.elementwise:
        distance = np.broadcast_to(distance, node.shape)[at]
    return rule.convention if bool(np.any(distance == 0)) else ""


def _has_part(evaluation: Evaluation, edge: Edge, j: int, i: int | None) -> bool:
    """Whether an entry of an operand may be one of those that a value was chosen from."""
    rule = evaluation.graph.nodes[edge.node].rule
    if i is None or rule is None or not rule.traits.chooses:
        return True
    if not (evaluation.is_known(edge.node) and evaluation.is_known(edge.parent)):
        return True
    chosen = picked(evaluation.value(edge.node), j)
    return bool(np.isnan(chosen)) or bool(picked(evaluation.value(edge.parent), i) == chosen)


def _convention_followed(rule: Rule, specials: tuple[SpecialPoint, ...]) -> str:
    """What the framework that is followed does at the points that are met."""
    from tui_backprop.rules.conventions.following import convention_of

    return convention_of(rule.follows, [s for s in specials if _is_followed(rule, s)])


def followed_at(evaluation: Evaluation, edge: Edge, j: int, i: int | None = None) -> str:
    """The framework whose partial it is in row ``j``; empty where it is the op table's own."""
    rule = evaluation.graph.nodes[edge.node].rule
    if rule is None or not rule.follows:
        return ""
    specials = special_points_at(evaluation, edge, j, i=i)
    return rule.follows if any(_is_followed(rule, special) for special in specials) else ""


def _is_followed(rule: Rule, special: SpecialPoint) -> bool:
    """Whether the framework that a row follows goes another way than the table at a point."""
    way = special.way(rule.follows)
    return way is not None and way.change is not None


def _known(node: Node) -> tuple[SpecialPoint, ...]:
    """The special points of a node's op; of a part of a composed op nothing is known."""
    from tui_backprop.rules.conventions.points import points_of  # not before the first partial

    rule = node.rule
    return () if rule is None or rule.is_part else points_of(rule)


class Met(NamedTuple):
    """A special point, and the entries of a node's value that are at it."""

    special: SpecialPoint
    entries: Array


def special_points(evaluation: Evaluation, node: Node) -> Iterator[Met]:
    """The special points that a node's numbers are at."""
    known = _known(node)
    if not known or not all(map(evaluation.is_known, (node.id, *node.parents))):
        return
    values = [evaluation.value(n) for n in (node.id, *node.parents)]
    for special in _of_call(evaluation, node, known):
        found = _of_value(special.met(*values, **node.params), node)
        if found.any():
            yield Met(special, found)


def _of_call(
    evaluation: Evaluation, node: Node, known: Iterable[SpecialPoint]
) -> Iterator[SpecialPoint]:
    """The special points that are about calls whose constants are this node's."""
    for special in known:
        if special.constants is None or special.constants == _constants(evaluation, node):
            yield special


def _constants(evaluation: Evaluation, node: Node) -> frozenset[int]:
    """The operands with a derivative that nobody asks for."""
    return frozenset(range(len(node.parents))) - frozenset(evaluation.plan.arguments[node.id])


def special_points_at(
    evaluation: Evaluation, edge: Edge, j: int, v: float = 0.0, i: int | None = None
) -> tuple[SpecialPoint, ...]:
    """The special points that the partials of an edge in row ``j`` are taken at, for this v.

    Of a column, as in `convention_at`.
    """
    node = evaluation.graph.nodes[edge.node]
    known = [
        special
        for special in _of_call(evaluation, node, _known(node))
        if special.argument in {None, edge.argument} and not (v and special.needs_zero_v)
    ]
    if not known or not all(map(evaluation.is_known, (node.id, *node.parents))):
        return ()
    if not _has_part(evaluation, edge, j, i):
        return ()
    at = coordinates(j, node.shape)
    values = [evaluation.value(n) for n in (node.id, *node.parents)]
    if node.rule is not None and node.rule.elementwise:
        values = [np.asarray(take(x, at)) for x in values]
        return tuple(s for s in known if bool(np.all(s.met(*values, **node.params))))
    return tuple(s for s in known if bool(_of_value(s.met(*values, **node.params), node)[at]))


def _of_value(found: Array, node: Node) -> Array:
    """Which entries of a node's value are meant: of a reduced loss the one that all ℓ are in."""
    if found.ndim > len(node.shape):
        found = np.asarray(np.any(found))
    return np.broadcast_to(found, node.shape)
