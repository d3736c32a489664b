"""What is told with a question: all that is needed to answer it, and not the answer."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import applied, number
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.naming import adjoint_entry, entry, label
from tui_backprop.language.message import joined, said
from tui_backprop.timeline.frame import Term
from tui_backprop.timeline.step_facts import pulled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.timeline.timeline import Frame, Timeline

    Named = Callable[[Edge, int, int], str]

MOST_GIVEN: Final = 12
"""Entries of operands that are told with a question."""
_MOST_TERMS: Final = 6
_MOST_MEANT: Final = 4


# Values and partials.


def formulas(timeline: Timeline, node: Node) -> tuple[str, ...]:
    """``z = #6 + b1``, then what #6 is, and what the formula does not show of the op."""
    graph = timeline.trace.graph
    own = f"{label(graph, node.id)} = {applied(graph, node.id)}"
    hidden = []
    if node.op != "mean" and node.params.get("reduction") == "mean":
        hidden.append(said("{name} is a mean over the samples", name=label(graph, node.id)))
    told = meant(timeline, (node.id, *node.parents))
    return (own, *hidden, *(line for line in told if line != own))


def meant(timeline: Timeline, nodes: Iterable[int]) -> tuple[str, ...]:
    """What the program does not call so: ``#6 = W1 @ x``; of ``b@2``, which b it is."""
    graph = timeline.trace.graph
    return tuple(islice(_meant(timeline, [n for n in nodes if graph.nodes[n].literal is None]),
                        _MOST_MEANT))  # fmt: skip


def _meant(timeline: Timeline, nodes: Iterable[int]) -> Iterator[str]:
    graph = timeline.trace.graph
    for n in dict.fromkeys(nodes):
        name = label(graph, n)
        base, _, version = name.partition("@")
        if name.startswith("#") and graph.nodes[n].rule is not None:
            yield f"{name} = {applied(graph, n)}"
        elif version.isdecimal():
            yield said("{name} is {base} after it is assigned for the time number {version}",
                       name=name, base=base, version=version)  # fmt: skip


def _read_by(timeline: Timeline, node: Node, j: int) -> Iterator[tuple[int, int]]:
    """The entries of operands that an entry of a node is computed from, the first few.

    An operand of whose entries no partial is taken, such as the classes of a loss, is read whole,
    and comes first.
    """
    trace = timeline.trace
    whole: dict[tuple[int, int], None] = {}
    found: dict[tuple[int, int], None] = {}
    for edge in node.edges:
        if node.rule is None or trace.graph.nodes[edge.parent].literal is not None:
            continue
        columns = []
        if node.rule.derivatives[edge.argument] is not None:
            columns = trace.patterns.of(edge).columns(j)[: MOST_GIVEN + 1].tolist()
        if columns:
            found.update(dict.fromkeys((edge.parent, int(i)) for i in columns))
        else:
            size = min(trace.graph.nodes[edge.parent].size, MOST_GIVEN + 1)
            whole.update(dict.fromkeys((edge.parent, i) for i in range(size)))
    yield from {**whole, **found}


def is_told(timeline: Timeline, node: Node, j: int) -> bool:
    """Whether all that an entry is computed from can be told, so that anybody could compute it."""
    if node.rule is None or node.rule.computed_by:
        return False
    read = [*dict.fromkeys(_read_by(timeline, node, j))]
    return len(read) <= MOST_GIVEN and all(timeline.trace.is_known(n) for n, _ in read)


def numbers_read(timeline: Timeline, node: Node, j: int) -> list[float]:
    """The numbers that an entry is computed from, as far as they are told."""
    trace = timeline.trace
    read = _read_by(timeline, node, j)
    return [float(picked(trace.value(n), i)) for n, i in read if trace.is_known(n)]


def values_given(timeline: Timeline, node: Node, j: int) -> Iterator[str]:
    """``X[1] = 2``: the numbers that an entry is computed from."""
    trace = timeline.trace
    read = list(_read_by(timeline, node, j))
    shown = []
    for n, i in read[:MOST_GIVEN]:
        if trace.is_known(n):
            value = number(float(picked(trace.value(n), i)))
            shown.append(f"{entry(trace.graph, n, i)} = {value}")
    if shown:
        yield joined(", ", [*shown, *(["…"] if len(read) > MOST_GIVEN else [])])


# Sums.


@dataclass(frozen=True, slots=True)
class SumShown:
    """A sum as a question writes it.

    Attributes:
        products: its right side, ``3 + y.grad · ∂y/∂x``.
        numbers: the same in numbers.
        factors: lines with the numbers of what is named in it.
        nodes: whose names are in it.
    """

    products: str
    numbers: str
    factors: tuple[str, ...]
    nodes: tuple[int, ...]


def sum_shown(frame: Frame, named: Named) -> SumShown:
    """The sum that a step adds to; what was added before as numbers, the last as a product.

    Where the last one changes nothing, those numbers would be the answer: then each of them is a
    product too, as far as it is one.

    Args:
        frame: of the step.
        named: gives the name of a partial.
    """
    edge, p = pulled(frame)
    timeline, graph = frame.timeline, frame.timeline.trace.graph
    terms = frame.terms(edge.parent, p.i)
    before = 0.0 if p.before is None else p.before
    are_few = len(terms) <= _MOST_TERMS
    is_given_away = len(terms) > 1 and bool(np.isclose(before, p.after, rtol=1e-6, equal_nan=True))
    made = _Sum([], [], [], [])
    for term in terms[:-1] if are_few else (Term(before),):
        places = _places(term, edge, timeline, p.i) if is_given_away else []
        if not places:
            made.add_number(term.value)
        for e, j in places:
            v = float(picked(frame.walk.run.cotangents[e.node], j))
            made.add_product(graph, e, j, (v, timeline.jacobian(e).entry(j, p.i)), named(e, j, p.i))
    made.add_product(graph, edge, p.j, (p.v, p.value), named(edge, p.j, p.i))
    return SumShown(
        joined(" + ", made.products), " + ".join(made.numbers), tuple(dict.fromkeys(made.factors)),
        tuple(made.nodes),
    )  # fmt: skip


def _places(term: Term, current: Edge, timeline: Timeline, i: int) -> list[tuple[Edge, int]]:
    """The partials that a summand is made of; none where it is of no edge, or of too many."""
    if term.j is not None:
        return [(term.edge or current, term.j)]
    if term.edge is None:
        return []
    rows = timeline.trace.patterns.of(term.edge).rows(i)[: _MOST_TERMS + 1].tolist()
    return [(term.edge, j) for j in rows] if len(rows) <= _MOST_TERMS else []


@dataclass(frozen=True, slots=True)
class _Sum:
    """The parts of a `SumShown`, in lists that grow."""

    products: list[str]
    numbers: list[str]
    factors: list[str]
    nodes: list[int]

    def add_number(self, value: float) -> None:
        self.products.append(_factor(value))
        self.numbers.append(_factor(value))

    def add_product(
        self, graph: Graph, edge: Edge, j: int, pair: tuple[float, float], partial: str
    ) -> None:
        v = adjoint_entry(graph, edge.node, j)
        self.products.append(joined(" · ", [v, partial]))
        self.numbers.append(f"{number(pair[0])} · {_factor(pair[1])}")
        self.factors.append(f"{v} = {number(pair[0])}")
        self.factors.append(joined(" = ", [partial, number(pair[1])]))
        self.nodes.extend((edge.node, edge.parent))


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text
