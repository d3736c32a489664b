"""The answers to `origin nan` and `origin inf` in words, with what each op's operands explain."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.format import (
    applied,
    indented,
    multiplied,
    number,
    partial,
    step_text,
)
from tui_backprop.debug.why.contributions import in_order
from tui_backprop.debug.why.cures import Way, cure
from tui_backprop.debug.why.first_zero import ZeroFactors
from tui_backprop.debug.why.frameworks import choice_at
from tui_backprop.debug.why.nonfinite import Origin, backward_origins, elsewhere, sources
from tui_backprop.debug.why.nonfinite_backward import Manner
from tui_backprop.debug.why.operands import (
    At,
    largest,
    reduction_hint,
    row_hint,
    scalar_hint,
    unknown_hint,
)
from tui_backprop.debug.why.paths import Paths
from tui_backprop.debug.why.summands import summands_of
from tui_backprop.debug.why.trails import Hop
from tui_backprop.debug.why.zero_causes import zero_partial
from tui_backprop.graph.file_names import place_of
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.naming import adjoint_entry, entry, label
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    answer_of,
    clauses,
    joined,
    said,
    said_many,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.why.cures import Cure
    from tui_backprop.debug.why.nonfinite import What
    from tui_backprop.timeline.frame import Partial
    from tui_backprop.timeline.timeline import Timeline


_MOST_OPERANDS: Final = 4
_MOST_SEARCHED: Final = 100_000
"""Entries of a walk in which a second origin is looked for that only a cure would tell of."""
_LONGEST_LINE: Final = 90
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
        return answer_of(clauses(parts + _unsaved(timeline)))
    lines = list(_explained(timeline, found))
    other: Origin | None = None
    later: Origin | None = None
    if found.pass_number < 0:
        other = elsewhere(timeline, found)
        lines.extend(_elsewhere(timeline, other))
        is_lost = _outputs_are_finite(timeline)
        if is_lost or timeline.trace.graph.elements <= _MOST_SEARCHED:
            later = next(backward_origins(timeline, found.what, ignored), None)
        if is_lost:
            lines.extend(_and_backward(timeline, found, later))
    lines.extend(map(AnswerLine, _unsaved(timeline)))
    return Answer((*lines, *cure_lines(timeline, [found, other, later], lines)))


def _unsaved(timeline: Timeline) -> list[str]:
    """That values were not looked at, since nobody kept them."""
    trace = timeline.trace
    count = sum(trace.value_size(node) is None for node in trace.unknown)
    if not count:
        return []
    return [said_many(count, "{count} value was not saved and could not be looked at",
                      "{count} values were not saved and could not be looked at")]  # fmt: skip


def _explained(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    if found.manner in {Manner.LEAF, Manner.SEED}:
        yield _came(timeline, found)
        return
    is_value = found.manner is Manner.VALUE
    first, *others = _value(timeline, found) if is_value else _pulled(timeline, found)
    yield from (first, *_written(timeline, found), *others)


def _written(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    """The line of the user's file that made the op."""
    graph = timeline.trace.graph
    span = graph.nodes[found.node if found.edge is None else found.edge.node].span
    place = "" if span is None else place_of(graph.program, graph.files, span.line)
    if span is not None and place:
        text = graph.program.splitlines()[span.line - 1].strip()
        told = said(
            "in {place}: {line}", place=place, line=shorten(text, _LONGEST_LINE, placeholder=" ...")
        )
        yield AnswerLine(indented(told), found.step, is_code=True)


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
    read = joined(", ", _operands(timeline, at))
    made = f"{label(graph, node.id)} = {applied(graph, node.id)}"
    text = (
        said("{result} out of {operands}, by {made}", result=at.result, operands=read, made=made)
        if read
        else said("{result} out of nothing, by {made}", result=at.result, made=made)
    )
    yield AnswerLine(step_text(found.step, text), found.step)
    is_elementwise = node.rule is not None and node.rule.elementwise
    known = value_hint(at) if is_elementwise else reduction_hint(timeline.trace, node, found.j)
    hint = known or unknown_hint(node, at.result_value)
    yield AnswerLine(indented(hint), found.step)
    yield from _infinities_before(timeline, found)


def _operands(timeline: Timeline, at: At) -> list[str]:
    """The entries that an entry was computed from; of many the largest."""
    node = at.node
    if node.rule is None or node.rule.elementwise:
        return at.read
    shapes = tuple(timeline.nodes[p].shape for p in node.parents)
    found: list[tuple[float, int, int]] = []
    for argument, parent in enumerate(node.parents):
        derivative = node.rule.derivatives[argument]
        if derivative is not None and timeline.trace.is_known(parent):
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
    """Where the infinities came from that this very NaN was made of."""
    if found.what != "nan":
        return
    for first in sources(timeline, found):
        lines = list(_explained(timeline, first))
        before = said("the infinity came first")
        yield AnswerLine(joined("; ", [before, lines[0].text]), first.step)
        yield from lines[1:]


def _elsewhere(timeline: Timeline, other: Origin | None) -> Iterator[AnswerLine]:
    """What made an output so, where what appeared first is left out on the way."""
    if other is not None:
        lines = list(_explained(timeline, other))
        before = said("it is not this {what} that an output holds, but another",
                      what=_NAMES[other.what])  # fmt: skip
        yield AnswerLine(joined("; ", [before, lines[0].text]), other.step)
        yield from lines[1:]


def _outputs(timeline: Timeline) -> list[int]:
    return sorted({walk.run.of for walk in timeline.walks if walk is not None})


def _outputs_are_finite(timeline: Timeline) -> bool:
    """Whether what appeared is lost on the way: else it is what comes back, and all of it may."""
    trace = timeline.trace
    known = [trace.value(of) for of in _outputs(timeline) if trace.is_known(of)]
    return all(np.isfinite(value).all() for value in known)


def _and_backward(timeline: Timeline, found: Origin, back: Origin | None) -> Iterator[AnswerLine]:
    """What does not reach an output may still spoil the gradient."""
    graph, outputs = timeline.trace.graph, _outputs(timeline)
    names = joined(", ", [label(graph, of) for of in outputs])
    if names:
        parts = [said("{outputs} holds no {what}", outputs=names, what=_NAMES[found.what])]
        if back is not None:
            parts.append(said("but the backward pass makes one of its own:"))
        elif reached := _reached(timeline, found):
            parts.append(said("but it comes back into {gradients}, through slopes that hold it",
                              gradients=reached))  # fmt: skip
        yield AnswerLine(clauses(parts))
    if back is not None:
        yield from _explained(timeline, back)


def _reached(timeline: Timeline, found: Origin) -> str:
    """The gradients that hold what was found, ``W.grad, b.grad``."""
    test = np.isnan if found.what == "nan" else np.isinf
    gradients = timeline.trace.grad.items()
    return joined(", ", [f"{name}.grad" for name, x in gradients if test(x).any()])


def _whole(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    """The sentence about an edge that is pulled back by a formula of its own, unlike its terms."""
    if found.edge is None:
        raise AssertionError("what is pulled back has an edge")
    graph, edge, walk = timeline.trace.graph, found.edge, timeline.walk(found.pass_number)
    terms = summands_of(timeline, found.pass_number, edge.parent, found.i).values
    value = number(float(picked(walk.run.cotangents[edge.parent], found.i)))
    text = said(
        "{gradient} becomes {value}: {op} is pulled back as a whole; its terms, one by one, add up "
        "to {sum}",
        gradient=adjoint_entry(graph, edge.parent, found.i), value=value,
        op=graph.nodes[edge.node].op, sum=number(in_order(terms)),
    )  # fmt: skip
    yield AnswerLine(step_text(found.step, text), found.step)
    rule = graph.nodes[edge.node].rule
    formula = "" if rule is None else rule.derivative(edge.argument).whole
    if formula:
        yield AnswerLine(indented(said("the formula is {formula}", formula=formula)), found.step)
    v = walk.run.cotangents[edge.node]
    infinite = np.flatnonzero(np.isinf(v).ravel())
    if len(infinite):
        named = [
            f"{adjoint_entry(graph, edge.node, flat)} = {number(float(picked(v, flat)))}"
            for flat in infinite[:_MOST_OPERANDS].tolist()
        ]
        held = said("v holds {entries}: a formula for all of it meets inf - inf, or 0 · inf",
                    entries=joined(", ", named))  # fmt: skip
        yield AnswerLine(indented(held), found.step)
    yield from _infinities_before(timeline, found)


def _pulled(timeline: Timeline, found: Origin) -> Iterator[AnswerLine]:
    if found.manner is Manner.WHOLE:
        yield from _whole(timeline, found)
        return
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
        yield from _infinities_before(timeline, found)
        return
    if found.manner is Manner.PARTIAL:
        values = joined(", ", dict.fromkeys([*at.read, at.result]))
        text = said("{slope} at {values}", slope=slope, values=values)
        yield AnswerLine(step_text(found.step, text), found.step)
        is_of_row = np.isnan(shown.value) and not at.rule.elementwise
        known = row_hint(timeline.trace, at.node, found.j) if is_of_row else ""
        if known:
            yield AnswerLine(indented(known), timeline.built(edge.node))
    else:
        v = adjoint_entry(graph, edge.node, found.j)
        product = multiplied(shown.v, shown.value, shown.contribution)
        formula = f"{v} · {partial(graph, edge, found.j, found.i)} = {product}"
        hint = product_hint((shown.v, shown.value), shown.contribution)
        text = joined(": ", [formula, hint] if hint else [formula])
        yield AnswerLine(step_text(found.step, text), found.step)
    hint = slope_hint(at) if np.isinf(shown.value) else ""
    if hint:
        text = said("{hint}; here {operands}", hint=hint, operands=joined(", ", at.read))
        yield AnswerLine(indented(text), timeline.built(edge.node))
    if told := choice_at(timeline.trace, edge, found.j, found.i, shown.v):
        yield AnswerLine(indented(told), found.step)
    yield from _zero_v(timeline, found, at, shown)
    if found.manner is Manner.PRODUCT and shown.value == 0 and np.isinf(shown.v):
        _, cause = zero_partial(timeline, edge, found.j, found.i)
        zero = f"{partial(graph, edge, found.j, found.i)} = 0"
        yield AnswerLine(indented(joined(": ", [zero, cause])), found.step)
    yield from _infinities_before(timeline, found)


def _zero_v(timeline: Timeline, found: Origin, at: At, shown: Partial) -> Iterator[AnswerLine]:
    """Why v is 0, where 0 · inf made a NaN."""
    if shown.v != 0 or not np.isinf(shown.value):
        return
    paths = Paths(timeline, found.pass_number)
    hop = Hop(at.edge, found.j, found.i, shown.value, found.step, 0)
    stopped = ZeroFactors(timeline, found.pass_number, paths).stopped(hop)
    v = adjoint_entry(timeline.trace.graph, at.edge.node, found.j)
    yield AnswerLine(indented(joined(": ", [f"{v} = 0", stopped.cause.text])), stopped.cause.step)


def value_hint(at: At) -> str:
    """Why an elementwise op gives NaN or an infinity for these operands; empty where unknown."""
    x, y = at.value(0), at.result_value
    found = _outside(at, x, y)
    if found:
        return found
    if at.traits.overflows and np.isinf(y) and np.isfinite(x):
        return said("{op} overflows: its result is larger than {largest}", op=at.node.op,
                    largest=largest(at.graph))  # fmt: skip
    found = scalar_hint(at)
    if found or not np.isnan(y):
        return found
    if any(np.isinf(at.value(a)) for a in range(len(at.node.parents))):
        return said("{op} has no limit at an infinity", op=at.node.op)
    return ""


def _outside(at: At, x: float, y: float) -> str:
    """At the ends of what the op is defined for, and beyond them."""
    op, (low, high) = at.node.op, at.traits.defined
    if x < low:
        return said("{op} is NaN below {low}", op=op, low=number(low))
    if x > high:
        return said("{op} is NaN above {high}", op=op, high=number(high))
    if x in {low, high} and np.isinf(y) and np.isfinite(x):
        return said("{call} is {value}", call=f"{op}({number(x)})", value=number(y))
    return ""


def slope_hint(at: At) -> str:
    """Why a partial is infinite; of an op that is not listed, that it is."""
    op = at.node.op
    if at.traits.slope:
        return said("the slope of {op}, {slope}, is infinite at {at}", op=op, slope=at.traits.slope,
                    at=joined(", ", at.traits.steep_at))  # fmt: skip
    own = "" if at.traits.steep is None else at.traits.steep(at)
    return own or said("the slope of {op} is infinite there", op=op)


def product_hint(factors: Sequence[float], product: float) -> str:
    """Why a product of two numbers is NaN or infinite."""
    if np.isnan(product):
        return said("0 · inf is NaN") if any(np.isinf(x) for x in factors) else ""
    return "" if any(np.isinf(x) for x in factors) else said("the product overflows")


_UNMOVED: Final = "0"
"""How far results move that all were infinite or NaN before."""


def cure_lines(
    timeline: Timeline, found: Sequence[Origin | None], before: Sequence[AnswerLine]
) -> Iterator[AnswerLine]:
    """The first cure that holds for one of these; nothing where none is known.

    Args:
        timeline: the walk.
        found: what went wrong first, and what after it.
        before: what was said already.
    """
    cures = (cure(timeline.trace, one) for one in found if one is not None)
    holds = next((one for one in cures if one is not None), None)
    if holds is None:
        return
    texts = {line.text for line in before}
    for line in _told(timeline, holds):
        if line.text not in texts:
            yield line


def _told(timeline: Timeline, holds: Cure) -> Iterator[AnswerLine]:
    """The lines of a cure: why, what to write, and where."""
    if "where" in holds.by:
        text = said("where passes 0 to the branch not taken, and 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    if holds.by & {"multiply", "divide"}:
        text = said("a factor of 0 does not leave it out: 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    for nth, (change, way) in enumerate(zip(holds.changes, holds.ways, strict=True)):
        node, moved = timeline.nodes[change.node], f"{holds.moved:.1g}"
        if nth:
            text = _further(way, node.text, change.text, moved)
        else:
            text = _first(way, node.op, change.text, moved)
        yield AnswerLine(indented(text), timeline.built(change.node), is_code=True)


def _first(way: Way, op: str, safe: str, moved: str) -> str:
    if way is Way.TWICE:
        return said("the cure is to choose twice, before {op} as well: {safe}", op=op, safe=safe)
    if way is Way.CHOSEN:
        return said("the cure is to choose before {op} and after it: {safe}", op=op, safe=safe)
    if way is Way.COUNTED:
        return said("the cure, where 0 times infinity is to count as 0: {safe}", safe=safe)
    if way is Way.SAME:
        return said("the cure is a function that means the same: {safe}", safe=safe)
    if way is Way.ZERO:
        return said("the cure, where 0/0 is to count as 0: {safe}", safe=safe)
    if moved == _UNMOVED:
        return said("the cure is a small number, which moves nothing that was finite: {safe}",
                    safe=safe)  # fmt: skip
    return said("the cure is a small number, which moves results by up to {moved}: {safe}",
                moved=moved, safe=safe)  # fmt: skip


def _further(way: Way, old: str, safe: str, moved: str) -> str:
    """The further changes that a cure needs."""
    if way is Way.COUNTED:
        return said("and for {old}, where 0 times infinity is to count as 0, this: {safe}",
                    old=old, safe=safe)  # fmt: skip
    if way is Way.ZERO:
        return said("and for {old}, where 0/0 is to count as 0, this: {safe}", old=old, safe=safe)
    if way is Way.SMALL and moved == _UNMOVED:
        return said("and for {old}, which moves nothing that was finite, this: {safe}", old=old,
                    safe=safe)  # fmt: skip
    if way is Way.SMALL:
        return said("and for {old}, which moves results by up to {moved}, this: {safe}", old=old,
                    moved=moved, safe=safe)  # fmt: skip
    return said("and for {old} this: {safe}", old=old, safe=safe)
