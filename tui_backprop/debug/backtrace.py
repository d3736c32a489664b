"""The way from the output of a pass down to where it is now.

It stands apart from the frames because it is a question about the graph: which edges the cotangent
came along.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tui_backprop.debug import format as shown
from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer, AnswerLine, said
from tui_backprop.timeline.landmarks import run_of_node

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.timeline.frame import Frame
    from tui_backprop.timeline.timeline import PassWalk


def path_down(frame: Frame) -> Answer:
    """The shortest path, a node a line, the output first; each line stands for its first step.

    Raises:
        CommandError: no backward pass is under way.
    """
    if frame.pass_number < 0 or frame.timeline.walks[frame.pass_number] is None:
        raise CommandError("no backward pass is under way at this step")
    timeline, walk = frame.timeline, frame.timeline.walk(frame.pass_number)
    edges = shortest_path(walk, frame.node.id)
    nodes = timeline.nodes
    seed = timeline.nodes[walk.run.of]
    head = said("#0  {name}  seed {v}", name=seed.label, v=shown.array(walk.run.seed))
    lines = [AnswerLine(head, walk.start - 1)]
    walked = [*edges, *([frame.edge] if frame.edge is not None else [])]
    for number, edge in enumerate(walked, 1):
        run = run_of_node(timeline, frame.pass_number, edge.node)
        node, parent = nodes[edge.node], nodes[edge.parent]
        text = said("#{number}  {parent}  from {node}, argument {argument}",
                    number=number, parent=parent.label, node=f"{node.label} = {node.text}",
                    argument=edge.argument)  # fmt: skip
        lines.append(AnswerLine(text, None if run is None else run.start))
    return Answer(tuple(lines))


def shortest_path(walk: PassWalk, node: int) -> list[Edge]:
    """Edges from the output of a pass down to a node; none where it is the output itself."""
    route = walk.route
    came: dict[int, Edge | None] = {node: None}
    waiting = deque([node])
    while waiting:
        at = waiting.popleft()
        if at == walk.run.of:
            return _followed(came, at)
        for number in route.edges_into(at).tolist():
            edge = route.edge(number)
            if edge.node not in came:
                came[edge.node] = edge
                waiting.append(edge.node)
    return []


def _followed(came: dict[int, Edge | None], at: int) -> list[Edge]:
    found: list[Edge] = []
    while (edge := came[at]) is not None:
        found.append(edge)
        at = edge.parent
    return found
