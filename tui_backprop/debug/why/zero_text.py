"""Why an entry is zero, in words.

It stands apart from finding it so that what is said can change without what is computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.answer import Answer, AnswerLine
from tui_backprop.debug.said import clauses, joined, said, said_many
from tui_backprop.debug.why.contributions_text import (
    contributions,
    entries_text,
    not_computed,
    product_text,
    still_to_come,
)
from tui_backprop.debug.why.names import applied, indented, number, partial, step_text
from tui_backprop.debug.why.zero import Verdict
from tui_backprop.graph.naming import adjoint_entry, entry, label

if TYPE_CHECKING:
    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.killing import Killed
    from tui_backprop.debug.why.zero import Nothing, WhyZero
    from tui_backprop.graph.model import Graph

_MOST_NAMED: Final = 3


def why_zero_answer(timeline: Timeline, found: WhyZero) -> Answer:
    """The answer to `why zero`: the verdict, then each path that was killed and where."""
    graph = timeline.trace.graph
    if found.verdict is Verdict.UNKNOWN:
        return Answer(not_computed(timeline, found.standing))
    lines = [_head(timeline, found)]
    lines += [line for one in found.nothings for line in _nothing(graph, one)]
    if found.pages > 1:
        lines.append(
            AnswerLine(
                said("page {page} of {pages}", page=found.page + 1, pages=f"{found.pages:,}")
            )
        )
    lines += [
        AnswerLine(step_text(one.step, product_text(graph, one)), one.step)
        for one in found.extremes
    ]
    lines += [line for one in found.faint for line in _nothing(graph, one)]
    return Answer((*lines, *still_to_come(graph, found.standing)))


def _head(timeline: Timeline, found: WhyZero) -> AnswerLine:
    at = found.standing
    name = adjoint_entry(timeline.trace.graph, at.node, at.flat)
    text = said("{equation} after step {k}: {says}", equation=f"{name} = {number(at.value or 0.0)}",
                k=at.cursor, says=_says(timeline, found))  # fmt: skip
    return AnswerLine(text, at.zeroed_at)


def _says(timeline: Timeline, found: WhyZero) -> str:
    live = found.count - found.zeros
    if found.verdict is Verdict.NOTHING:
        return _no_reader(timeline, found)
    if found.verdict is Verdict.KILLED:
        return said_many(found.count, "{count} contribution, and it is 0",
                         "each of {count} contributions is 0")  # fmt: skip
    if found.verdict is Verdict.CANCELLED:
        zeros = [said("{count} more are 0", count=f"{found.zeros:,}")] if found.zeros else []
        if live == 1:
            text = said("its only contribution that is not 0 was lost in rounding")
        else:
            text = said("not killed but cancelled, {contributions} add up to 0",
                        contributions=contributions(live))  # fmt: skip
        return clauses([text, *zeros])
    return said("not 0; of {contributions} {zeros} are 0",
                contributions=contributions(found.count), zeros=f"{found.zeros:,}")  # fmt: skip


def _no_reader(timeline: Timeline, found: WhyZero) -> str:
    """Why there is not one contribution: zero_grad, or ops that read other entries."""
    at, graph = found.standing, timeline.trace.graph
    if at.zeroed_at is not None and not found.skipped:
        return said("zero_grad set it to 0, and nothing has come since")
    route = timeline.walk(at.passes[-1]).route
    numbers = route.edges_into(at.node)
    nodes, _ = route.children(numbers[:_MOST_NAMED])
    readers = ", ".join(applied(graph, n) for n in dict.fromkeys(nodes.tolist()))
    left = len(numbers) - _MOST_NAMED
    if left > 0:
        readers = said_many(left, "{readers} and {count} other", "{readers} and {count} others",
                            readers=readers)  # fmt: skip
    return said("nothing reads {entry}; {node} is read by {readers}", readers=readers,
                entry=entry(graph, at.node, at.flat), node=label(graph, at.node))  # fmt: skip


def _nothing(graph: Graph, one: Nothing) -> list[AnswerLine]:
    made = one.contribution
    head = AnswerLine(step_text(made.step, product_text(graph, made)), made.step)
    if one.killed is None:
        return [head]
    return [head, AnswerLine(indented(_killed(graph, one.killed)), one.killed.cause.step)]


def _killed(graph: Graph, killed: Killed) -> str:
    way = entries_text(graph, killed.path.entries)
    if killed.killer is None:
        return joined(": ", [way, killed.cause.text])
    hop = killed.path.hops[killed.killer]
    factor = f"{partial(graph, hop.edge, hop.j, hop.i)} = {number(hop.partial)}"
    return joined(": ", [way, clauses([factor, killed.cause.text])])
