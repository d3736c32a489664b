"""The roots of what is wrong with a walk, a sentence for each.

It stands apart from finding them so that what is said can change without what is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.format import number
from tui_backprop.debug.why.names import applied
from tui_backprop.debug.why.unreached import is_differentiable
from tui_backprop.graph.naming import label
from tui_backprop.language.message import AnswerLine, joined, said, said_many

if TYPE_CHECKING:
    from tui_backprop.debug.health.health import Health, NodeHealth, Root
    from tui_backprop.graph.evaluation import Evaluation

_LITTLE: Final = 10.0
"""Where the norm changes by less on the edge at which a limit is passed, the whole way did it."""


def root_lines(evaluation: Evaluation, found: Health) -> list[AnswerLine]:
    """A line for each root, which leads to the step that builds its node."""
    return [AnswerLine(_text(evaluation, found, root), root.node) for root in found.roots]


def _text(evaluation: Evaluation, found: Health, root: Root) -> str:
    graph = evaluation.graph
    place = _place(evaluation, root.node)
    measured = {node.node: node for node in found.nodes}
    node = measured.get(root.node)
    low = label(graph, root.parent)
    if root.trouble == "value":
        return _of_value(evaluation, root, place)
    if root.trouble == "seed":
        return said("the root: v, as it is placed on {node}, is not finite", node=low)
    if root.trouble == "adjoint":
        is_steep = node is not None and not {"nan slope", "inf slope"}.isdisjoint(node.flags)
        why = (
            said("its slope is not finite") if is_steep else said("what it hands on is not finite")
        )
        return joined("; ", [
            said("the root: {place}, {why}, and comes back into {parent}", place=place, why=why,
                 parent=low),
            _count(root, said("an adjoint that is not finite")),
            said("'origin nan' and 'origin inf' tell of entries"),
        ])  # fmt: skip
    if root.trouble == "zero":
        return joined("; ", [said("the gradient dies at {place}: {why}", place=place,
                                  why=_dead(node)),
                             _count(root, said("an adjoint of zeros"))])  # fmt: skip
    if root.trouble == "unreached":
        return _unreached(evaluation, root.node)
    return _grown(root, place, low, measured.get(root.parent))


def _place(evaluation: Evaluation, node: int) -> str:
    """``n = sqrt(r)``; of a leaf its name."""
    name, text = label(evaluation.graph, node), applied(evaluation.graph, node)
    return name if name == text else f"{name} = {text}"


def _of_value(evaluation: Evaluation, root: Root, place: str) -> str:
    is_nan = bool(np.isnan(evaluation.value(root.node)).any())
    what = "nan" if is_nan else "inf"
    if is_nan:
        first = said("the root: {place} is the first value that holds NaN", place=place)
    else:
        first = said("the root: {place} is the first value that holds an infinity", place=place)
    return joined("; ", [first, said("'origin {what}' tells of entries", what=what)])


def _count(root: Root, what: str) -> str:
    return said_many(root.count, "{count} node has {what}", "{count} nodes have {what}", what=what)


def _dead(node: NodeHealth | None) -> str:
    if node is not None and node.dead:
        return said("{share} of its entries are dead", share=f"{node.dead:.0%}")
    return said("what it hands on is 0")


def _unreached(evaluation: Evaluation, node: int) -> str:
    """Which ops without a derivative read an input."""
    graph = evaluation.graph
    name = label(graph, node)
    readers = [other for other in graph.nodes[node + 1 :] if node in other.parents]
    if not readers:
        return said("{node} gets no gradient: nothing in the program reads it", node=name)
    flat = [other for other in readers if not is_differentiable(other, node)]
    if not flat:
        return said("{node} gets no gradient: nothing that reads it leads to an output in a "
                    "differentiable way", node=name)  # fmt: skip
    return said("{node} gets no gradient: {reader} has no derivative by it", node=name,
                reader=_place(evaluation, flat[0].id))  # fmt: skip


def _grown(root: Root, place: str, low: str, parent: NodeHealth | None) -> str:
    """A gradient that became too large or too small, at once or little by little."""
    is_large, factor = root.trouble == "exploding", root.factor or 0.0
    what = said("an adjoint that explodes") if is_large else said("an adjoint that vanishes")
    at_once = factor >= _LITTLE if is_large else factor <= 1 / _LITTLE
    times = number(factor, 4)
    if at_once:
        text = said("the gradient changes the most at {place}: into {parent} comes {times} times "
                    "as much as came to it", place=place, parent=low, times=times)  # fmt: skip
    else:
        rate = None if parent is None else parent.rate
        text = said("the gradient passes the limit at {place}, by and by: about {times} times as "
                    "much with every edge", place=place,
                    times=number(factor if rate is None else rate, 4))  # fmt: skip
    return joined("; ", [text, _count(root, what)])
