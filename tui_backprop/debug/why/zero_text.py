"""Why an entry is zero, in words.

It stands apart from finding it so that what is said can change without what is computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.answer import Answer, AnswerLine
from tui_backprop.debug.shown import counted
from tui_backprop.debug.why.contributions_text import (
    entries_text,
    not_computed,
    product_text,
    still_to_come,
)
from tui_backprop.debug.why.names import applied, number, partial
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
        lines.append(AnswerLine(f"page {found.page + 1} of {found.pages:,}"))
    lines += [
        AnswerLine(f"step {one.step}: {product_text(graph, one)}", one.step)
        for one in found.extremes
    ]
    lines += [line for one in found.faint for line in _nothing(graph, one)]
    return Answer((*lines, *still_to_come(graph, found.standing)))


def _head(timeline: Timeline, found: WhyZero) -> AnswerLine:
    at = found.standing
    name = adjoint_entry(timeline.trace.graph, at.node, at.flat)
    text = f"{name} = {number(at.value or 0.0)} after step {at.cursor}: "
    return AnswerLine(text + _says(timeline, found), at.zeroed_at)


def _says(timeline: Timeline, found: WhyZero) -> str:
    live = found.count - found.zeros
    if found.verdict is Verdict.NOTHING:
        return _no_reader(timeline, found)
    if found.verdict is Verdict.KILLED:
        return f"each of {counted(found.count, 'contribution')} is 0"
    if found.verdict is Verdict.CANCELLED:
        zeros = f", {found.zeros:,} more are 0" if found.zeros else ""
        if live == 1:
            return f"its only contribution that is not 0 was lost in rounding{zeros}"
        return f"not killed but cancelled, {counted(live, 'contribution')} add up to 0{zeros}"
    return f"not 0; of {counted(found.count, 'contribution')} {found.zeros:,} are 0"


def _no_reader(timeline: Timeline, found: WhyZero) -> str:
    """Why there is not one contribution: zero_grad, or ops that read other entries."""
    at, graph = found.standing, timeline.trace.graph
    if at.zeroed_at is not None and not found.skipped:
        return "zero_grad set it to 0, and nothing has come since"
    route = timeline.walk(at.passes[-1]).route
    numbers = route.edges_into(at.node)
    nodes, _ = route.children(numbers[:_MOST_NAMED])
    readers = ", ".join(applied(graph, n) for n in dict.fromkeys(nodes.tolist()))
    more = f" and {counted(len(numbers) - _MOST_NAMED, 'other')}"
    readers += more if len(numbers) > _MOST_NAMED else ""
    name = entry(graph, at.node, at.flat)
    return f"nothing reads {name}; {label(graph, at.node)} is read by {readers}"


def _nothing(graph: Graph, one: Nothing) -> list[AnswerLine]:
    made = one.contribution
    head = AnswerLine(f"step {made.step}: {product_text(graph, made)}", made.step)
    if one.killed is None:
        return [head]
    return [head, AnswerLine(f"    {_killed(graph, one.killed)}", one.killed.cause.step)]


def _killed(graph: Graph, killed: Killed) -> str:
    way = entries_text(graph, killed.path.entries)
    if killed.killer is None:
        return f"{way}: {killed.cause.text}"
    hop = killed.path.hops[killed.killer]
    factor = f"{partial(graph, hop.edge, hop.j, hop.i)} = {number(hop.partial)}"
    return f"{way}: {factor}, {killed.cause.text}"
