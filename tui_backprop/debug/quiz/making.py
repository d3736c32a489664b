"""A question of a kind at a step: what is asked, what is given, what is right.

A kind is one function and one row of a table. The right answer is the walk's own.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import closely, number
from tui_backprop.debug.format import partial as partial_name
from tui_backprop.debug.quiz import hints
from tui_backprop.debug.quiz.formulas import LocalFormula
from tui_backprop.debug.quiz.given import (
    MOST_GIVEN,
    formulas,
    meant,
    numbers_read,
    sum_shown,
    values_given,
)
from tui_backprop.debug.quiz.question import (
    FormulaAnswer,
    NumberAnswer,
    Question,
    ShapeAnswer,
    TruthAnswer,
)
from tui_backprop.debug.quiz.slips import slips_of_partial, slips_of_sum
from tui_backprop.debug.quiz.typed import Exactness
from tui_backprop.errors import CommandError
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.naming import (
    adjoint_entry,
    argument_words,
    entry,
    is_read_again,
    label,
    quotient,
)
from tui_backprop.language.message import joined, said
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_backprop.debug.quiz.question import KindName, NumberSlip
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.timeline.timeline import Frame, Timeline

_TOLD: Final = 2e-5
"""How far, relatively, an answer may be off that is computed from numbers of six digits."""
_ROUNDINGS: Final = 16
"""Roundings of the largest summand that a sum may be off by where its parts cancel."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a question is asked.

    Attributes:
        step: of the walk.
        flat: the entry of the value that is built there; None for one that is chosen.
        place: (j, i) of the partial, where it is another one of the step's edge than the step's.
    """

    step: int
    flat: int | None = None
    place: tuple[int, int] | None = None


Maker: TypeAlias = "Callable[[Timeline, Spot], Question]"


def _no_slips() -> tuple[NumberSlip, ...]:
    return ()


def _exactness(trace: Evaluation, told: Iterable[float], largest: float = 0.0) -> Exactness:
    """How exactly an answer can be known.

    Args:
        trace: whose dtype the numbers have.
        told: the numbers that it is computed from, as they are: who is told rounded ones cannot
            know more than these give.
        largest: of the numbers that were added up.
    """
    eps = float(np.finfo(trace.graph.dtype).eps)
    atol = _ROUNDINGS * eps * largest if np.isfinite(largest) else 0.0
    is_rounded = any(float(number(x)) != x for x in told if np.isfinite(x))
    return Exactness(max(float(np.sqrt(eps)), _TOLD if is_rounded else 0.0), atol)


def _built(timeline: Timeline, spot: Spot) -> Node:
    """The op that is built at a step.

    Raises:
        CommandError: none is.
    """
    frame = timeline[spot.step]
    if frame.phase is not Phase.BUILD or frame.node.rule is None:
        raise CommandError(
            said("step {k} builds no op: a value and a shape are asked where one is built",
                 k=spot.step)
        )  # fmt: skip
    return frame.node


def _at_partial(timeline: Timeline, spot: Spot) -> Frame:
    """The frame of a partial.

    Raises:
        CommandError: it is none, or the walk does not tell it.
    """
    frame = timeline[spot.step]
    if frame.phase is not Phase.PARTIAL or frame.partial is None:
        raise CommandError(
            said("step {k} takes no partial: what is asked of one is asked in a backward pass",
                 k=spot.step)
        )  # fmt: skip
    return frame


def _value(timeline: Timeline, spot: Spot) -> Question:
    node, trace = _built(timeline, spot), timeline.trace
    if not trace.is_known(node.id) or not node.size:
        raise CommandError(
            said("the value of {name} is not there to be asked", name=label(trace.graph, node.id))
        )
    flat = node.size // 2 if spot.flat is None else spot.flat
    value = float(picked(trace.value(node.id), flat))
    name = entry(trace.graph, node.id, flat)
    read = numbers_read(timeline, node, flat)
    is_sum = node.rule is not None and not node.rule.elementwise
    is_sum = is_sum or node.op in {"add", "subtract"}
    return Question(
        "value", spot.step, name, said("What is {name}?", name=name),
        (*formulas(timeline, node), *values_given(timeline, node, flat)),
        NumberAnswer(value, _exactness(trace, read, max(map(abs, read), default=0.0) * is_sum)),
        hints.of_number(trace.graph, node.id, value, read), _no_slips,
        lambda: f"{name} = {closely(value)}",
    )  # fmt: skip


def _shape(timeline: Timeline, spot: Spot) -> Question:
    node, graph = _built(timeline, spot), timeline.trace.graph
    name = label(graph, node.id)
    parents = [graph.nodes[p] for p in dict.fromkeys(node.parents)]
    told = [(label(graph, p.id), p.shape) for p in parents if p.literal is None]
    given = [said("{name} has shape {shape}", name=n, shape=hints.shape_text(s)) for n, s in told]
    return Question(
        "shape", spot.step, name, said("What is the shape of {name}?", name=name),
        (*formulas(timeline, node), *given),
        ShapeAnswer(node.shape, tuple((s, n) for n, s in told if s != node.shape)),
        hints.of_shape(graph, node.id), _no_slips,
        lambda: said("{name} has shape {shape}", name=name, shape=hints.shape_text(node.shape)),
    )  # fmt: skip


def _named(timeline: Timeline, edge: Edge, j: int, i: int) -> str:
    """The partial, with the argument in words where the node reads the parent twice."""
    graph = timeline.trace.graph
    name = partial_name(graph, edge, j, i)
    if not is_read_again(graph, edge):
        return name
    return said("{partial} ({argument})", partial=name, argument=argument_words(edge.argument))


def _about(timeline: Timeline, edge: Edge, j: int, i: int) -> str:
    graph = timeline.trace.graph
    name = quotient(graph, (edge.node, j), (edge.parent, i))
    return f"{name} ({edge.argument})" if is_read_again(graph, edge) else name


def _written(timeline: Timeline, edge: Edge, j: int, i: int) -> str:
    """The partial as a formula; empty where there is none to be shown."""
    formula = LocalFormula(timeline.trace, edge, j, i)
    if not formula.is_tractable:
        return ""
    from tui_backprop.debug.quiz.proof import written

    return written(formula)


def _partial(timeline: Timeline, spot: Spot) -> Question:
    frame = _at_partial(timeline, spot)
    edge, p = pulled(frame)
    graph, name = timeline.trace.graph, _named(timeline, edge, p.j, p.i)
    read = numbers_read(timeline, frame.node, p.j)
    exactness = _exactness(timeline.trace, read)

    def because() -> str:
        formula = _written(timeline, edge, p.j, p.i)
        parts = [name, *([formula] if formula and formula != closely(p.value) else [])]
        return joined(" = ", [*parts, closely(p.value)])

    def first() -> str:
        op, x = hints.about_op(graph, edge.node), entry(graph, edge.parent, p.i)
        return said("{op}; only {x} is moved, and all others stand still", op=op, x=x)

    return Question(
        "partial", spot.step, _about(timeline, edge, p.j, p.i),
        said("What is {partial}?", partial=name),
        (*formulas(timeline, frame.node), *values_given(timeline, frame.node, p.j)),
        NumberAnswer(p.value, exactness),
        hints.of_partial(first, lambda: _written(timeline, edge, p.j, p.i), p.value, read),
        lambda: slips_of_partial(frame, exactness), because,
    )  # fmt: skip


def is_last_write(frame: Frame) -> bool:
    """Whether no later step of the pass adds to the entry that a step adds to."""
    edge, p = pulled(frame)
    route, start = frame.walk.route, frame.walk.start
    into = route.edges_into(edge.parent).tolist()
    last = next(steps for e in reversed(into) if (steps := route.steps(e, p.i)))
    return frame.k == start + last.stop - 1


def _sum(timeline: Timeline, spot: Spot) -> Question:
    frame = _at_partial(timeline, spot)
    edge, p = pulled(frame)
    graph, is_last = timeline.trace.graph, is_last_write(frame)
    name = adjoint_entry(graph, edge.parent, p.i)
    terms = [term.value for term in frame.terms(edge.parent, p.i)]
    largest = max((abs(t) for t in terms), default=0.0)
    told = [*terms[:-1], p.before or 0.0, p.v, p.value]
    exactness = _exactness(timeline.trace, told, max(largest, abs(p.before or 0.0)))
    shown = sum_shown(frame, partial(_named, timeline))

    def because() -> str:
        return joined(" = ", [name, shown.numbers, closely(p.after)])

    return Question(
        "sum", spot.step, name, _asked_of_sum(frame, name, is_last=is_last),
        (joined(" = ", [name, shown.products]), *shown.factors, *meant(timeline, shown.nodes)),
        NumberAnswer(p.after, exactness),
        (
            lambda: said("each way back to it adds v times a partial; contributions here: {count}",
                         count=f"{len(terms):,}"),
            lambda: joined(" = ", [name, shown.numbers]), lambda: hints.between(p.after),
        ),
        lambda: slips_of_sum(frame, exactness, is_last=is_last), because,
    )  # fmt: skip


def _asked_of_sum(frame: Frame, name: str, *, is_last: bool) -> str:
    """What is asked of a sum: until when, and whether what earlier passes left is in it."""
    if not is_last:
        return said("What is {gradient} after step {k}?", gradient=name, k=frame.k)
    edge, _ = pulled(frame)
    if edge.parent in frame.walk.run.initial:
        return said("What is {gradient} after pass {number}, with what the passes before it left?",
                    gradient=name, number=frame.pass_number + 1)  # fmt: skip
    return said("What is {gradient} when all of the pass is added?", gradient=name)


def _zero(timeline: Timeline, spot: Spot) -> Question:
    frame = _at_partial(timeline, spot)
    edge, p = pulled(frame)
    j, i = spot.place or (p.j, p.i)
    graph, jacobian = timeline.trace.graph, timeline.jacobian(edge)
    if not jacobian.is_pattern_known:
        raise CommandError(said("which entries are zero by structure is not known of this op"))
    pattern = jacobian.sparsity
    is_zero = not bool(pattern.contains(np.asarray(j), np.asarray(i)))
    columns = pattern.columns(j)
    read = [entry(graph, edge.parent, int(c)) for c in columns[:MOST_GIVEN]]
    name = _named(timeline, edge, j, i)
    made = hints.of_zero(graph, edge.node, j, read, len(columns))
    return Question(
        "zero", spot.step, _about(timeline, edge, j, i),
        said("Is {partial} zero whatever the numbers are?", partial=name),
        (*formulas(timeline, frame.node),
         *(said("{name} has shape {shape}", name=label(graph, n),
                shape=hints.shape_text(graph.nodes[n].shape)) for n in (edge.parent, edge.node))),
        TruthAnswer(is_zero, jacobian.entry(j, i)), made, _no_slips, made[2],
    )  # fmt: skip


def _expression(timeline: Timeline, spot: Spot) -> Question:
    frame = _at_partial(timeline, spot)
    edge, p = pulled(frame)
    name = _named(timeline, edge, p.j, p.i)
    formula = LocalFormula(timeline.trace, edge, p.j, p.i)
    if not formula.is_tractable:
        raise CommandError(
            said("{partial} cannot be asked as a formula: its op is too large, or no row states it",
                 partial=name)
        )  # fmt: skip

    def names() -> list[str]:
        from tui_backprop.debug.quiz.proof import read_names

        return read_names(formula)

    return Question(
        "expression", spot.step, _about(timeline, edge, p.j, p.i),
        said("What is {partial} as a formula, whatever the numbers are? It may name {names}.",
             partial=name, names=joined(", ", formula.names)),
        formulas(timeline, frame.node),
        FormulaAnswer(formula),
        hints.of_formula(timeline.trace.graph, edge.node, p.value, names), _no_slips,
        lambda: joined(" = ", [name, _written(timeline, edge, p.j, p.i) or number(p.value)]),
    )  # fmt: skip


MAKERS: Final[Mapping[KindName, Maker]] = MappingProxyType(
    {
        "value": _value,
        "partial": _partial,
        "shape": _shape,
        "sum": _sum,
        "zero": _zero,
        "expression": _expression,
    }
)
"""The kinds of questions; another one is a row here and what `marking` does with its answer."""


def phase_of(kind: KindName) -> Phase:
    """In which phase a kind is asked."""
    return Phase.BUILD if kind in {"value", "shape"} else Phase.PARTIAL


def make(kind: KindName, timeline: Timeline, spot: Spot) -> Question:
    """The question of a kind at a spot.

    Raises:
        CommandError: there is nothing of that kind to ask there.
        UnknownError: the walk is of somebody else's program, and does not tell it.
    """
    return MAKERS[kind](timeline, spot)
