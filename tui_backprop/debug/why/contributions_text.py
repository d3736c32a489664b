"""The answer to `why` in words: the contributions to an entry and their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from tui_backprop.debug.format import (
    applied,
    indented,
    multiplied,
    number,
    partial,
    step_text,
)
from tui_backprop.debug.place_names import seed_word
from tui_backprop.debug.why.contributions import Agreement
from tui_backprop.debug.why.frameworks import slope_choice
from tui_backprop.debug.why.zero_causes import cancels, meets, read_without_derivative
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import (
    adjoint_entry,
    argument_words,
    entry,
    is_read_again,
    label,
)
from tui_backprop.graph.rounding import equality
from tui_backprop.language.message import Answer, AnswerLine, clauses, joined, said, said_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.debug.why.contributions import Contribution, EntryStatus, Why
    from tui_backprop.debug.why.paths import Path
    from tui_backprop.debug.why.trails import Entry
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.timeline.timeline import Timeline


Item = TypeVar("Item")

_MOST_SHOWN: Final = 8
"""Entries of a path that are written; of a longer one the ends."""


def why_answer(timeline: Timeline, found: Why) -> Answer:
    """The answer to `why`: the entry, each contribution with its path, the sum."""
    graph = timeline.trace.graph
    if found.status.value is None:
        return Answer(not_computed(timeline, found.status))
    lines = [_head(graph, found)]
    if found.status.zeroed_at is not None:
        lines.append(AnswerLine(said("zero_grad set it to 0"), found.status.zeroed_at))
    if not found.count and found.status.zeroed_at is None:
        none = said("no contribution: nothing that the walk visits depends on this entry")
        lines.append(AnswerLine(none))
    for one in found.contributions:
        lines.extend(_contribution(timeline.trace, one))
    if found.pages > 1:
        lines.append(_page(found))
    lines.append(_sum(graph, found))
    if not np.isfinite(found.status.value):
        what = "nan" if np.isnan(found.status.value) else "inf"
        lines.append(AnswerLine(said("'origin {what}' names where it began", what=what)))
    return Answer((*lines, *still_to_come(graph, found.status)))


def not_computed(timeline: Timeline, found: EntryStatus) -> tuple[AnswerLine, ...]:
    """The answer about an entry that has no value yet."""
    name = adjoint_entry(timeline.trace.graph, found.node, found.flat)
    head = said("{gradient} is not computed yet at step {k}", gradient=name, k=found.cursor)
    if found.computed_at is not None:
        will = said("step {k} gives it its first value", k=found.computed_at)
        return (AnswerLine(joined("; ", [head, will]), found.computed_at),)
    never = clauses([head, said("and no later step computes it")])
    return (AnswerLine(never), *unreached(timeline, found))


def still_to_come(graph: Graph, found: EntryStatus) -> tuple[AnswerLine, ...]:
    """A warning that the sum is not finished."""
    if found.next_step is None:
        return ()
    name = adjoint_entry(graph, found.node, found.flat)
    text = said("not finished: step {k} adds to {gradient} next", k=found.next_step, gradient=name)
    return (AnswerLine(text, found.next_step),)


def path_text(graph: Graph, path: Path) -> str:
    """``Y[0] -> h[2] -> X[1]: 1 · 0.5 · 2 = 1``."""
    way = entries_text(graph, path.entries)
    if path.seed is None:
        top = entry(graph, *path.entries[0])
        return said(
            "{way}: no path from the output, since nothing that it depends on reads {entry}",
            way=way, entry=top,
        )  # fmt: skip
    is_short = len(path.hops) < _MOST_SHOWN
    half = _MOST_SHOWN // 2
    ends = path.hops if is_short else (*path.hops[: half - 1], *path.hops[-half:])
    shown = [path.seed, *(hop.partial for hop in ends)]
    factors = list(map(number, shown))
    result = number(path.product)
    equal = equality(result, factors) if is_short else "="
    if not is_short:
        factors.insert(half, _left_out(len(path.hops) + 1))
    product = joined(f" {equal} ", [joined(" · ", factors), result])
    return joined(": ", [way, product])


def entries_text(graph: Graph, entries: Sequence[Entry]) -> str:
    """``Y[0] -> h[2] -> X[1]``; the middle of a long path left out."""
    return joined(" -> ", _shortened(entries, lambda at: entry(graph, *at)))


def _shortened(items: Sequence[Item], text: Callable[[Item], str]) -> list[str]:
    """The texts of all items; of many the first and the last few."""
    if len(items) <= _MOST_SHOWN:
        return [text(item) for item in items]
    half = _MOST_SHOWN // 2
    ends = [text(item) for item in (*items[:half], *items[-half:])]
    return [*ends[:half], _left_out(len(items)), *ends[half:]]


def _left_out(count: int) -> str:
    """How many of so many are not shown."""
    return said("({count} more)", count=count - _MOST_SHOWN)


def _head(graph: Graph, found: Why) -> AnswerLine:
    at = found.status
    text = f"{adjoint_entry(graph, at.node, at.flat)} = {number(at.value or 0.0)}"
    parts = [said("{equation} after step {k}: {contributions}", equation=text, k=at.cursor,
                  contributions=contributions(found.count))]  # fmt: skip
    if found.skipped:
        parts.append(said_many(found.skipped, "{count} structural zero not walked",
                               "{count} structural zeros not walked"))  # fmt: skip
    return AnswerLine(clauses(parts))


def contributions(count: int) -> str:
    """``1 contribution``, ``10,000 contributions``."""
    return said_many(count, "{count} contribution", "{count} contributions")


def product_text(graph: Graph, one: Contribution) -> str:
    """``Y.grad[0] · ∂Y[0]/∂X[1] = 3 · 2 = 6``; a structural zero says what is not read."""
    if one.edge is None:
        return said("{seed} is placed, {value}", seed=seed_word(graph), value=number(one.value))
    v = adjoint_entry(graph, one.edge.node, one.j)
    product = multiplied(one.v, one.partial, one.value)
    text = f"{v} · {partial(graph, one.edge, one.j, one.i)} = {product}"
    if is_read_again(graph, one.edge):
        text = said("{equation}, as {argument}",
                    equation=text, argument=argument_words(one.edge.argument))  # fmt: skip
    if one.is_structural:
        return text
    y, x = entry(graph, one.edge.node, one.j), entry(graph, one.edge.parent, one.i)
    reason = cancels(graph, one.edge) if meets(graph, one.edge, one.j, one.i) else ""
    if reason:
        return said("{equation}, a structural zero: {y} does not depend on {x}, since {reason}",
                    equation=text, y=y, x=x, reason=reason)  # fmt: skip
    return said("{equation}, a structural zero: {y} does not read {x}", equation=text, y=y, x=x)


def _contribution(trace: Evaluation, one: Contribution) -> Iterator[AnswerLine]:
    """The product; what frameworks give there, where its slope is a choice; and the path of v."""
    graph = trace.graph
    yield AnswerLine(step_text(one.step, product_text(graph, one)), one.step)
    if one.edge is not None and (told := _choice(trace, one.edge, one)):
        yield AnswerLine(indented(told), one.step)
    if one.path is not None:
        way = joined("; ", [path_text(graph, one.path), *_forks(graph, one.path)])
        yield AnswerLine(indented(way), one.step)


def _choice(trace: Evaluation, edge: Edge, one: Contribution) -> str:
    """What is chosen there; where nothing is read, or 0 arrives and goes on, no slope has a say."""
    has_say = one.is_structural and not (one.v == 0 and one.value == 0)
    return slope_choice(trace, edge, one.j, one.i, one.v) if has_say else ""


def _forks(graph: Graph, path: Path) -> list[str]:
    """How many other paths there are, and what to ask about them."""
    fork = path.fork
    if fork is None:
        return []
    ask = f"'why {adjoint_entry(graph, fork.edge.parent, fork.i)}'"
    if path.further is None:
        least = path.others
        text = said("the strongest of more than {count} paths, {ask} says more",
                    count=least, ask=ask)  # fmt: skip
        return [text]
    count = path.further + 1
    return [said("the strongest of {count} paths, {ask} says more", count=count, ask=ask)]


def _page(found: Why) -> AnswerLine:
    page, pages = found.page + 1, f"{found.pages:,}"
    text = said("page {page} of {pages}; the sum is that of all pages", page=page, pages=pages)
    return AnswerLine(text)


def _sum(graph: Graph, found: Why) -> AnswerLine:
    at = found.status
    name = adjoint_entry(graph, at.node, at.flat)
    text = f"Σ = {number(found.total)}"
    if found.agreement is Agreement.EQUAL:
        return AnswerLine(
            said("{sum}, which is {gradient} to the last bit", sum=text, gradient=name)
        )
    value = at.value or 0.0
    if not (np.isfinite(found.total) and np.isfinite(value)):
        whole = said(
            "{sum}, but {gradient} is {value}: the engine computes this product as a whole, by a "
            "formula that meets infinities otherwise than its terms do",
            sum=text, gradient=name, value=number(value),
        )  # fmt: skip
        return AnswerLine(whole)
    apart = number(abs(found.total - value))
    if found.agreement is Agreement.ROUNDED:
        rounded = said(
            "{sum}; {gradient} differs by {apart}: rounding, the engine adds otherwise",
            sum=text, gradient=name, apart=apart,
        )  # fmt: skip
        return AnswerLine(rounded)
    return AnswerLine(
        said(
            "{sum}; {gradient} differs by {apart}, more than adding in another order explains: "
            "the engine computes this product as a whole",
            sum=text, gradient=name, apart=apart,
        )
    )  # fmt: skip


def unreached(timeline: Timeline, found: EntryStatus) -> tuple[AnswerLine, ...]:
    """Say why nothing flows back into a node, with the steps that built its readers."""
    graph = timeline.trace.graph
    name = label(graph, found.node)
    node = graph.nodes[found.node]
    if node.role is Role.CONSTANT:
        return (
            AnswerLine(
                said("{node} is a constant: no gradient is kept for it", node=name),
                timeline.built(found.node),
            ),
        )
    arguments = timeline.trace.plan.arguments
    if node.role is Role.OP and not arguments[node.id]:
        return (
            AnswerLine(
                said("no input stands behind {node}: the walk has no use for it", node=name),
                timeline.built(node.id),
            ),
        )
    readers = [other for other in graph.nodes[node.id + 1 :] if node.id in other.parents]
    if not readers:
        text = said("nothing in the program reads {node}", node=name)
        return (AnswerLine(text, timeline.built(node.id)),)
    walked = [other for other in readers if is_differentiable(other, node.id)]
    if not walked:
        return tuple(
            AnswerLine(_unanswered(graph, name, r), timeline.built(r.id)) for r in readers[:3]
        )
    outputs = {w.run.of for w in timeline.walks if w is not None}
    ends = joined(", ", [label(graph, of) for of in sorted(outputs)]) or said("any output")
    text = said_many(len(readers), "{node} is read by {count} node, which does not lead to {ends}",
                     "{node} is read by {count} nodes, and none of them leads to {ends}",
                     node=name, ends=ends)  # fmt: skip
    return tuple(
        AnswerLine(line, timeline.built(walked[0].id))
        for line in (text, *read_without_derivative(graph, node.id, ()))
    )


def _unanswered(graph: Graph, name: str, reader: Node) -> str:
    """Why nothing comes back from an op without a derivative: it cuts, or has none."""
    if reader.rule is not None and reader.rule.traits.cuts:
        return said(
            "{node} is read by {reader}, which cuts the gradient: the value goes on, and nothing "
            "comes back", node=name, reader=applied(graph, reader.id),
        )  # fmt: skip
    return said("{node} is read by {reader}, which has no derivative for it",
                node=name, reader=applied(graph, reader.id))  # fmt: skip


def is_differentiable(reader: Node, parent: int) -> bool:
    """Whether an op has a derivative by one of its operands."""
    rule = reader.rule
    return rule is not None and any(
        p == parent and d is not None for p, d in zip(reader.parents, rule.derivatives, strict=True)
    )
