"""Where a NaN or an infinity came from, in words.

It stands apart from the search so that what is said can change without what is found.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.answer import Answer, AnswerLine, answer_of
from tui_backprop.debug.said import clauses, joined, said
from tui_backprop.debug.why.hints import product_hint, slope_hint, value_cure, value_hint
from tui_backprop.debug.why.killing import Killing
from tui_backprop.debug.why.kinds import Kind
from tui_backprop.debug.why.names import applied, indented, number, partial, step_text
from tui_backprop.debug.why.operands import At
from tui_backprop.debug.why.origins import Manner, Origin, backward_origins, origins
from tui_backprop.debug.why.paths import Hop, Paths
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.naming import adjoint_entry, entry, label
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.frame import Partial
    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.origins import What

_MOST_OPERANDS: Final = 4
_NAMES: Final = {"nan": said("NaN"), "inf": said("infinity")}


def origin_answer(
    timeline: Timeline, what: What, found: Origin | None, ignored: frozenset[int] = frozenset()
) -> Answer:
    """The answer to `origin nan` and `origin inf`.

    Args:
        timeline: the walk.
        what: what was looked for.
        found: what `origin` found.
        ignored: what it passed by.
    """
    if found is None:
        parts = [said("no {what} appears in this walk", what=_NAMES[what])]
        parts += [said("{count} nodes ignored", count=len(ignored))] if ignored else []
        return answer_of(clauses(parts))
    lines = list(_explained(timeline, found))
    if found.pass_number < 0:
        lines.extend(_and_backward(timeline, found, ignored))
    return Answer(tuple(lines))


def _explained(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    if found.manner in {Manner.LEAF, Manner.SEED}:
        yield _came(timeline, found)
    elif found.manner is Manner.VALUE:
        yield from _value(timeline, found)
    else:
        yield from _pulled(timeline, found)


def _came(timeline: Timeline, found: Origin) -> AnswerLine:
    graph = timeline.trace.graph
    name = entry(graph, found.node, found.j)
    if found.manner is Manner.SEED:
        v = timeline.walk(found.pass_number).run.seed
        text = said("v came with {value} at {entry}", value=number(v.flat[found.j]), entry=name)
        return AnswerLine(step_text(found.step, text), found.step)
    value = number(timeline.trace.value(found.node).flat[found.j])
    is_written = graph.nodes[found.node].literal is not None
    if is_written:
        text = said("the program writes {value}; no op made it", value=value)
    else:
        text = said("{entry} came as {value}; no op made it", entry=name, value=value)
    return AnswerLine(step_text(found.step, text), found.step)


def _value(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    graph = timeline.trace.graph
    node = graph.nodes[found.node]
    at = At(timeline.trace, Edge(node.parents[0], node.id, 0), found.j, 0)
    read = ", ".join(_operands(timeline, at))
    made = f"{label(graph, node.id)} = {applied(graph, node.id)}"
    text = said("{result} out of {operands}, by {made}", result=at.result, operands=read, made=made)
    yield AnswerLine(step_text(found.step, text), found.step)
    is_elementwise = node.rule is not None and node.rule.elementwise
    hint = value_hint(at) if is_elementwise else ""
    if hint:
        yield AnswerLine(indented(hint), found.step)
    cure = value_cure(at) if hint else ""
    if cure:
        yield AnswerLine(indented(cure))
    yield from _infinities_before(timeline, found)


def _operands(timeline: Timeline, at: At) -> list[str]:
    """What the entry was computed from; of many the largest."""
    node = at.node
    if node.rule is None or node.rule.elementwise:
        return at.read
    shapes = tuple(timeline.nodes[p].shape for p in node.parents)
    found: list[tuple[float, int, int]] = []
    for argument, parent in enumerate(node.parents):
        derivative = node.rule.derivatives[argument]
        if derivative is not None:
            pattern = derivative.sparsity(node.shape, shapes, node.params)
            columns = pattern.columns(at.j)
            sizes = np.abs(picked(timeline.trace.value(parent), columns))
            sizes = np.where(np.isnan(sizes), np.inf, sizes)
            order = np.argsort(-sizes, kind="stable")[:_MOST_OPERANDS]
            found += [(float(sizes[k]), parent, int(columns[k])) for k in order.tolist()]
    found.sort(key=lambda one: -one[0])
    named = [at.written(parent, flat) for _, parent, flat in found[:_MOST_OPERANDS]]
    return [*named, "..."] if len(found) > _MOST_OPERANDS else named


def _infinities_before(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    """Where the infinities came from that a NaN was made of."""
    if found.what != "nan":
        return
    parents = timeline.nodes[found.node].parents
    if not any(np.isinf(timeline.trace.value(p)).any() for p in parents):
        return
    for first in islice(origins(timeline, "inf"), 1):
        lines = list(_explained(timeline, first))
        before = said("the infinity came first")
        yield AnswerLine(joined("; ", [before, lines[0].text]), first.step)
        yield from lines[1:]


def _and_backward(
    timeline: Timeline, found: Origin, ignored: frozenset[int]
) -> Iterator[AnswerLine]:
    """Whether it reaches an output; where it does not, it may still spoil the gradient."""
    trace, graph = timeline.trace, timeline.trace.graph
    outputs = sorted({walk.run.of for walk in timeline.walks if walk is not None})
    if not all(np.isfinite(trace.value(of)).all() for of in outputs):
        return
    names = ", ".join(label(graph, of) for of in outputs)
    back = next(backward_origins(timeline, found.what, ignored), None)
    if names:
        parts = [said("{outputs} holds no {what}", outputs=names, what=_NAMES[found.what])]
        if back is not None:
            parts.append(said("but the backward pass makes one of its own:"))
        yield AnswerLine(clauses(parts))
    if back is not None:
        yield from _explained(timeline, back)


def _pulled(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    shown = timeline[found.step].partial
    if shown is None or found.edge is None:
        raise AssertionError("an origin of a backward pass stands at a partial")
    graph, edge = timeline.trace.graph, found.edge
    at = At(timeline.trace, edge, found.j, found.i)
    slope = f"{partial(graph, edge, found.j, found.i)} = {number(shown.value)}"
    if found.manner is Manner.SUM:
        before, target = number(shown.before or 0.0), adjoint_entry(graph, edge.parent, found.i)
        total = f"{before} + {number(shown.contribution)} = {number(shown.after)}"
        text = said("{gradient} becomes {sum}", gradient=target, sum=total)
        yield AnswerLine(step_text(found.step, text), found.step)
        return
    if found.manner is Manner.PARTIAL:
        values = ", ".join(dict.fromkeys([*at.read, at.result]))
        text = said("{slope} at {values}", slope=slope, values=values)
        yield AnswerLine(step_text(found.step, text), found.step)
    else:
        v = adjoint_entry(graph, edge.node, found.j)
        product = f"{number(shown.v)} · {number(shown.value)} = {number(shown.contribution)}"
        formula = f"{v} · {partial(graph, edge, found.j, found.i)} = {product}"
        hint = product_hint((shown.v, shown.value), shown.contribution)
        text = joined(": ", [formula, hint] if hint else [formula])
        yield AnswerLine(step_text(found.step, text), found.step)
    hint = slope_hint(at) if np.isinf(shown.value) else ""
    if hint:
        text = said("{hint}; here {operands}", hint=hint, operands=", ".join(at.read))
        yield AnswerLine(indented(text), edge.node)
    yield from _zero_v(timeline, found, at, shown)


def _zero_v(timeline: Timeline, found: Origin, at: At, shown: Partial) -> Iterator[AnswerLine]:
    """Why v is 0, where 0 · inf made a NaN, and the cure."""
    if shown.v != 0 or not np.isinf(shown.value):
        return
    paths = Paths(timeline, found.pass_number)
    hop = Hop(at.edge, found.j, found.i, shown.value, found.step, 0)
    killed = Killing(timeline, found.pass_number, paths).killed(hop)
    v = adjoint_entry(timeline.trace.graph, at.edge.node, found.j)
    yield AnswerLine(indented(joined(": ", [f"{v} = 0", killed.cause.text])), killed.cause.step)
    if killed.killer is not None and killed.cause.kind is Kind.BRANCH:
        chooser = timeline.nodes[killed.path.hops[killed.killer].edge.node]
        if chooser.op == "where":
            yield from _double_where(timeline, at, chooser.parents[0])


def _double_where(timeline: Timeline, at: At, condition: int) -> Iterator[AnswerLine]:
    """The well-known cure: choose before the op as well as after it."""
    graph, node = timeline.trace.graph, at.node
    text = said("where passes 0 to the branch not taken, and 0 times infinity is NaN")
    yield AnswerLine(indented(text))
    if node.rule is None:
        return
    operands = [label(graph, p) for p in node.parents]
    which = 1 if node.op == "divide" else at.edge.argument
    operands[which] = f"where({applied(graph, condition)}, {operands[which]}, 1)"
    safe = application(node.rule, operands, node.params)
    cure = said("the cure is to choose twice, before {op} as well: {safe}", op=node.op, safe=safe)
    yield AnswerLine(indented(cure))
