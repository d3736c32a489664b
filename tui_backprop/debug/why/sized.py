"""Where a NaN or an infinity began in a walk of which only the sizes of arrays are known."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.debug.format import step_text
from tui_backprop.graph.naming import label
from tui_backprop.graph.sizes import size_of, size_text
from tui_backprop.language.message import Answer, AnswerLine, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.why.nonfinite import What
    from tui_backprop.graph.sizes import Size
    from tui_backprop.timeline.timeline import Timeline

_ENTRY: Final = said("which entry it is was not kept: a walk with every number shows it")


class _Begin(NamedTuple):
    """An array with such an entry, made of arrays without one."""

    step: int
    array: str
    size: Size


def sizes_tell(timeline: Timeline, what: What) -> bool:
    """Whether a value that is not at hand is known to have such an entry."""
    trace = timeline.trace
    return any(_has(trace.value_size(n), what) for n in trace.unknown)


def sized_origin_answer(timeline: Timeline, what: What, ignored: frozenset[int]) -> Answer | None:
    """The first array with a NaN, or an infinity, whose makers have none; None where there is none.

    Args:
        timeline: the walk.
        what: is looked for.
        ignored: nodes at which it is intended.
    """
    found = next(_begins(timeline, what, ignored), None)
    if found is None:
        return None
    text = joined(": ", [found.array, size_text(found.size)])
    return Answer(
        (
            AnswerLine(step_text(found.step, text), found.step),
            AnswerLine(_ENTRY, found.step),
        )
    )


def _has(size: Size | None, what: What) -> bool:
    return size is not None and (size.nan if what == "nan" else size.inf) > 0


def _begins(timeline: Timeline, what: What, ignored: frozenset[int]) -> Iterator[_Begin]:
    trace, graph = timeline.trace, timeline.trace.graph
    has = partial(_has, what=what)
    size_at = cache(trace.value_size)  # every reader of a node asks
    for node in graph.nodes:
        size = size_at(node.id)
        is_made = not any(has(size_at(p)) for p in node.parents)
        if size is not None and has(size) and is_made and node.id not in ignored:
            text = said("it begins in the value of {node}", node=label(graph, node.id))
            yield _Begin(timeline.built(node.id), text, size)
    for walk in timeline.walks:
        if walk is None:
            continue
        run = walk.run
        came = size_of(run.seed)
        if has(came) and run.of not in ignored:
            text = said("v came so at {node}", node=label(graph, run.of))
            yield _Begin(walk.start - 1, text, came)
        for number in range(walk.route.edges):
            edge = walk.route.edge(number)
            if edge.node in ignored or has(run.cotangents.size(edge.node)):
                continue
            handed_on = trace.pulled_size(edge, run.cotangents)
            if has(handed_on):
                text = said(
                    "it begins in what {node} hands on to {parent}",
                    node=label(graph, edge.node),
                    parent=label(graph, edge.parent),
                )
                yield _Begin(walk.start + walk.route.start(number), text, handed_on)
