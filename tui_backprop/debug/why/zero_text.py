"""The answer to `why zero` in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.format import applied, indented, number, partial, step_text
from tui_backprop.debug.why.contributions_text import (
    contributions,
    entries_text,
    not_computed,
    product_text,
    still_to_come,
)
from tui_backprop.debug.why.zero import Verdict
from tui_backprop.debug.why.zero_causes import (
    read_without_derivative,
    readers_without_derivative,
    unread,
)
from tui_backprop.graph.naming import adjoint_entry, entry, label
from tui_backprop.language.message import Answer, AnswerLine, clauses, joined, said, said_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.why.first_zero import StoppedPath
    from tui_backprop.debug.why.zero import Explained, WhyZero
    from tui_backprop.graph.model import Graph
    from tui_backprop.timeline.timeline import Timeline

_MOST_NAMED: Final = 3


def why_zero_answer(timeline: Timeline, found: WhyZero) -> Answer:
    """The answer to `why zero`: the verdict, then each path that was stopped and where."""
    graph = timeline.trace.graph
    if found.verdict is Verdict.UNKNOWN:
        return Answer(not_computed(timeline, found.status))
    lines = [_head(timeline, found)]
    lines += [line for one in found.explained for line in _nothing(graph, one)]
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
    lines += [line for one in found.undefined for line in _undefined(graph, one)]
    return Answer((*lines, *still_to_come(graph, found.status)))


def _head(timeline: Timeline, found: WhyZero) -> AnswerLine:
    at = found.status
    name = adjoint_entry(timeline.trace.graph, at.node, at.flat)
    text = said("{equation} after step {k}: {says}", equation=f"{name} = {number(at.value or 0.0)}",
                k=at.cursor, says=_says(timeline, found))  # fmt: skip
    return AnswerLine(text, at.zeroed_at)


def _says(timeline: Timeline, found: WhyZero) -> str:
    live = found.count - found.zeros
    if found.verdict is Verdict.NOTHING:
        return _no_reader(timeline, found)
    if found.verdict is Verdict.ALL_ZERO:
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
    if found.status.value is not None and np.isnan(found.status.value):
        return said("not 0 but NaN; 'origin nan' leads to where it came from")
    if not found.zeros and found.count == 1:
        return said("not 0, and neither is its only contribution")
    if not found.zeros:
        return said("not 0, and none of its {count} contributions is", count=f"{found.count:,}")
    return said_many(found.zeros, "not 0; {count} of {contributions} is 0",
                     "not 0; {count} of {contributions} are 0",
                     contributions=contributions(found.count))  # fmt: skip


def _no_reader(timeline: Timeline, found: WhyZero) -> str:
    """Why there is not one contribution: zero_grad, or ops that read other entries."""
    at, graph = found.status, timeline.trace.graph
    if at.zeroed_at is not None and not found.skipped:
        return said("zero_grad set it to 0, and nothing has come since")
    route = timeline.walk(at.passes[-1]).route
    numbers = route.edges_into(at.node)
    nodes, _ = route.children(numbers[:_MOST_NAMED])
    readers = joined(", ", [applied(graph, n) for n in dict.fromkeys(nodes.tolist())])
    left = len(numbers) - _MOST_NAMED
    if left > 0:
        readers = said_many(left, "{readers} and {count} other", "{readers} and {count} others",
                            readers=readers)  # fmt: skip
    names = {"node": label(graph, at.node), "readers": readers,
             "entry": entry(graph, at.node, at.flat)}  # fmt: skip
    reason = unread(timeline, at.passes[-1], at.node, at.flat)
    silent = readers_without_derivative(graph, at.node)
    if reason is not None and reason.is_read and not reason.cancels:
        text = said("{node} is read by {readers}, and nothing is passed back to {entry}", **names)
    elif reason is not None and reason.is_read:
        text = said("{node} is read by {readers}, and nothing depends on {entry}", **names)
    elif silent:
        text = said(
            "nothing that has a derivative reads {entry}; {node} is read by {readers}", **names
        )
    else:
        text = said("nothing reads {entry}; {node} is read by {readers}", **names)
    others = read_without_derivative(graph, at.node, [n for n in silent if n not in nodes])
    whole = text if reason is None else joined(": ", [text, reason.text])
    return joined("; ", [whole, *others])


def _nothing(graph: Graph, one: Explained) -> list[AnswerLine]:
    made = one.contribution
    head = AnswerLine(step_text(made.step, product_text(graph, made)), made.step)
    return [head, *_causes(graph, one)]


def _causes(graph: Graph, one: Explained) -> Iterator[AnswerLine]:
    """The lines of every cause: the first of a path with the path, the others after it."""
    if one.causes is None:
        return
    for path in one.causes.paths:
        for nth, stopped in enumerate(path):
            way = entries_text(graph, stopped.path.entries) if not nth else said(
                "and behind it on the same path"
            )  # fmt: skip
            text = joined(": ", [way, _cause(graph, stopped)])
            yield AnswerLine(indented(text), stopped.cause.step)
    if one.causes.left:
        text = said_many(one.causes.left, "and {count} cause more", "and {count} causes more")
        yield AnswerLine(indented(text))
    if not one.causes.is_all:
        yield AnswerLine(
            indented(said("there are too many paths: not all were followed to their end"))
        )


def _cause(graph: Graph, stopped: StoppedPath) -> str:
    if stopped.zero_hop is None:
        return stopped.cause.text
    hop = stopped.path.hops[stopped.zero_hop]
    factor = f"{partial(graph, hop.edge, hop.j, hop.i)} = {number(hop.partial)}"
    return clauses([factor, stopped.cause.text])


def _undefined(graph: Graph, one: Explained) -> Iterator[AnswerLine]:
    """The lines about a contribution of 0 · inf, and where its 0 came from."""
    made = one.contribution
    if made.edge is None:
        return
    v = adjoint_entry(graph, made.edge.node, made.j)
    formula = step_text(made.step, product_text(graph, made))
    yield AnswerLine(joined("; ", [formula, said("{gradient} is 0:", gradient=v)]), made.step)
    yield from _causes(graph, one)
