"""Why no contribution comes to a node at all: who reads it, and where that leads.

It stands apart because this is a matter of the graph alone: no number could change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.why.names import applied
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.language.message import AnswerLine, said, said_many

if TYPE_CHECKING:
    from tui_backprop.debug.why.entry_status import Standing
    from tui_backprop.graph.model import Node
    from tui_backprop.timeline.timeline import Timeline


def unreached(timeline: Timeline, found: Standing) -> tuple[AnswerLine, ...]:
    """Say why nothing flows back into a node, with the steps that built its readers."""
    graph = timeline.trace.graph
    name = label(graph, found.node)
    node = graph.nodes[found.node]
    if node.role is Role.CONSTANT:
        return (
            AnswerLine(
                said("{node} is a constant: no gradient is kept for it", node=name), found.node
            ),
        )
    arguments = timeline.trace.plan.arguments
    if node.role is Role.OP and not arguments[node.id]:
        return (
            AnswerLine(
                said("no input stands behind {node}: the walk has no use for it", node=name),
                node.id,
            ),
        )
    readers = [other for other in graph.nodes[node.id + 1 :] if node.id in other.parents]
    if not readers:
        return (AnswerLine(said("nothing in the program reads {node}", node=name), node.id),)
    walked = [other for other in readers if is_differentiable(other, node.id)]
    if not walked:
        return tuple(
            AnswerLine(said("{node} is read by {reader}, which has no derivative for it",
                            node=name, reader=applied(graph, r.id)), r.id)
            for r in readers[:3]
        )  # fmt: skip
    outputs = {w.run.of for w in timeline.walks if w is not None}
    ends = ", ".join(label(graph, of) for of in sorted(outputs)) or said("any output")
    text = said_many(len(readers), "{node} is read by {count} node, which does not lead to {ends}",
                     "{node} is read by {count} nodes, and none of them leads to {ends}",
                     node=name, ends=ends)  # fmt: skip
    return (AnswerLine(text, walked[0].id),)


def is_differentiable(reader: Node, parent: int) -> bool:
    """Whether an op has a derivative by one of its operands."""
    rule = reader.rule
    return rule is not None and any(
        p == parent and d is not None for p, d in zip(reader.parents, rule.derivatives, strict=True)
    )
