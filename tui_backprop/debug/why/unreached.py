"""Why no contribution comes to a node at all: who reads it, and where that leads.

It stands apart because this is a matter of the graph alone: no number could change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.answer import AnswerLine
from tui_backprop.debug.shown import counted
from tui_backprop.debug.why.names import applied
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label

if TYPE_CHECKING:
    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.standing import Standing
    from tui_backprop.graph.model import Node


def unreached(timeline: Timeline, found: Standing) -> tuple[AnswerLine, ...]:
    """Say why nothing flows back into a node, with the steps that built its readers."""
    graph = timeline.trace.graph
    name = label(graph, found.node)
    node = graph.nodes[found.node]
    if node.role is Role.CONSTANT:
        return (AnswerLine(f"{name} is a constant: no gradient is kept for it", found.node),)
    arguments = timeline.trace.plan.arguments
    if node.role is Role.OP and not arguments[node.id]:
        return (AnswerLine(f"no input stands behind {name}: the walk has no use for it", node.id),)
    readers = [other for other in graph.nodes[node.id + 1 :] if node.id in other.parents]
    if not readers:
        return (AnswerLine(f"nothing in the program reads {name}", node.id),)
    walked = [other for other in readers if _is_differentiable(other, node.id)]
    if not walked:
        return tuple(
            AnswerLine(f"{name} is read by {applied(graph, r.id)}, which has no derivative for it",
                       r.id)
            for r in readers[:3]
        )  # fmt: skip
    outputs = {w.run.of for w in timeline.walks if w is not None}
    ends = ", ".join(label(graph, of) for of in sorted(outputs)) or "any output"
    text = f"{name} is read by {counted(len(readers), 'node')}, and none of them leads to {ends}"
    return (AnswerLine(text, walked[0].id),)


def _is_differentiable(reader: Node, parent: int) -> bool:
    rule = reader.rule
    return rule is not None and any(
        p == parent and d is not None for p, d in zip(reader.parents, rule.derivatives, strict=True)
    )
