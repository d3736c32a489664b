"""A partial as a formula of the operands, and answers that the program's own parser has read.

Both have numbers at many points, which are operands of the op alone, whatever the walk has.
"""

from __future__ import annotations

from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.debug.conditions.evaluation import evaluate
from tui_backprop.debug.conditions.expression import Expression
from tui_backprop.debug.conditions.references import Known, ValueOf
from tui_backprop.debug.format import number
from tui_backprop.debug.quiz.misread import misread
from tui_backprop.debug.quiz.spelled import formula_text
from tui_backprop.errors import CommandError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Edge, Graph, Node, Role
from tui_backprop.graph.naming import entry, label
from tui_backprop.language.message import joined, said
from tui_backprop.lazy import cached_property
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import result_of
from tui_backprop.timeline.trace import NO_PROVENANCE, Trace

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_LONGEST: Final = 2_000
"""Characters of a formula: no partial that somebody writes by hand has more."""
_LIMITS: Final = replace(
    DEFAULT_LIMITS, nodes=500, instructions=2_000, elements=10_000, total_elements=200_000,
    multiplications=10**6, exponent=1_000,
)  # fmt: skip
_MOST_ENTRIES: Final = 2_000
"""Entries of all operands together, each of which gets a number at each point."""
_EXACT: Final = np.dtype(np.float64)
_POINTS: Final = 16
_MOST_SHOWN: Final = 4
_LEAST: Final = 3
"""Points at which both must be there to be compared."""
_LARGEST: Final = 1e9
"""Beyond that roundings say more than the formulas."""


class Evidence(Enum):
    """How an equality was found."""

    IDENTICAL = "identical"
    """Both are built from the same parts."""
    SIMPLIFIED = "simplified"
    """Their difference was simplified to 0."""
    POINTS = "points"
    """They agree at every point that was tried; simplification did not decide."""


class LocalFormula:
    """The partial ∂y_j/∂x_i of one edge, as a function of the operands.

    Attributes:
        trace: the walk's numbers.
        edge: from x to y.
        j: the entry of y.
        i: the entry of x.
    """

    def __init__(self, trace: Evaluation, edge: Edge, j: int, i: int) -> None:
        self.trace, self.edge, self.j, self.i = trace, edge, j, i
        self.node = trace.graph.nodes[edge.node]
        self._of = {n: k for k, n in enumerate(dict.fromkeys(self.node.parents))}

    @property
    def is_tractable(self) -> bool:
        """Whether it can be asked for: a row states the op, and its operands are few."""
        rule, nodes = self.node.rule, self.trace.graph.nodes
        size = self.node.size + sum(nodes[n].size for n in self._of)
        if rule is None or rule.computed_by or size > _MOST_ENTRIES:
            return False
        return all(map(self.trace.is_known, self._of)) and len(self.comparable) >= _LEAST

    @property
    def is_varying(self) -> bool:
        """Whether the partial is another number at other operands."""
        return self.is_tractable and len({x for _, x in self.comparable}) > 1

    @property
    def names(self) -> list[str]:
        """What may stand in it: the operands that are no bare number, and the value itself."""
        return [label(self.trace.graph, n) for n in self._named]

    @property
    def _named(self) -> list[int]:
        nodes = self.trace.graph.nodes
        return [n for n in (*self._of, self.edge.node) if nodes[n].literal is None]

    @cached_property
    def _exact_graph(self) -> Graph:
        """The walk's graph for formulas: they are mathematics, and no matter of its dtype."""
        return replace(self.trace.graph, dtype=_EXACT)

    def read(self, text: str) -> Expression:
        """An answer, in the program's language or as the screen writes it.

        Raises:
            CommandError: it is no formula of what it may name.
        """
        if len(text) > _LONGEST:
            raise CommandError(
                said("a formula of {count} characters: at most {most}",
                     count=f"{len(text):,}", most=f"{_LONGEST:,}")
            )  # fmt: skip
        known = self.trace.provenance if isinstance(self.trace, Trace) else NO_PROVENANCE
        first = known.subscripts
        plain = formula_text(text, self.trace.graph, self._named, first)
        try:
            found = Expression(plain, self._exact_graph, _LIMITS)
        except CommandError as error:
            raise misread(plain, self.names, error) from None
        for reference in found.references:
            if not isinstance(reference, ValueOf) or self._mini(reference.node) is None:
                raise CommandError(
                    said("'{name}' is not in this partial: write it in {names}",
                         name=reference.text, names=joined(", ", self.names))
                )  # fmt: skip
        size = self.graph_of(found).nodes[result_of(self.graph_of(found))].size
        if size != 1:
            raise CommandError(
                said("one partial is one number, and that has {count}: name entries, such as "
                     "{example}", count=f"{size:,}", example=f"{self.names[0]}[0]")
            )  # fmt: skip
        return found

    def graph_of(self, asked: Expression) -> Graph:
        """The graph of an answer that was read.

        Raises:
            CommandError: its shapes do not fit.
        """
        nodes = self.trace.graph.nodes
        return asked.formula(tuple(nodes[n].shape for n in references(asked)))

    def _mini(self, node: int) -> int | None:
        """Where a node of the walk stands at a point."""
        return len(self._of) if node == self.edge.node else self._of.get(node)

    def value_of(self, asked: Expression, point: Evaluation) -> float:
        """What an answer gives at a point."""
        leaves = [Known(point.value(self._mini(n) or 0)) for n in references(asked)]
        graph = self.graph_of(asked)
        return float(evaluate(graph, leaves, result_of(graph)).values.reshape(-1)[0])

    @cached_property
    def mini_edge(self) -> Edge:
        """The edge at a point, where the op stands alone over its operands."""
        return Edge(self._of[self.edge.parent], len(self._of), self.edge.argument)

    @cached_property
    def _mini_graph(self) -> Graph:
        """The op alone over its operands as leaves, called as they are in the walk."""
        graph = self.trace.graph
        leaves = [
            Node(k, Role.CONSTANT if self._is_fixed(n) else Role.INPUT, label(graph, n),
                 graph.nodes[n].text, (), graph.nodes[n].shape)
            for n, k in self._of.items()
        ]  # fmt: skip
        own = self.node
        parents = tuple(self._of[p] for p in own.parents)
        name = label(graph, own.id)
        top = Node(len(leaves), Role.OP, name, own.text, parents, own.shape, own.rule, own.params)
        roles = {role: {n.name: n.id for n in leaves if n.role is role} for role in Role}
        names = {node.name: node.id for node in (*leaves, top)}
        return Graph((*leaves, top), names, roles[Role.INPUT], roles[Role.CONSTANT], "",
                     _EXACT)  # fmt: skip

    def _is_fixed(self, n: int) -> bool:
        """Whether an operand keeps its numbers: a constant, or what has no derivative."""
        is_constant = self.trace.graph.nodes[n].role is Role.CONSTANT
        return is_constant or (self._has_no_slope(n) and not self._is_mask(n))

    def _has_no_slope(self, n: int) -> bool:
        rule = self.node.rule
        at = [a for a, p in enumerate(self.node.parents) if p == n]
        return rule is not None and all(rule.derivatives[a] is None for a in at)

    def _is_mask(self, n: int) -> bool:
        """Whether an operand chooses: its numbers are 1 and 0, and may be others of these."""
        value = self.trace.value(n)
        return self._has_no_slope(n) and bool(np.isin(value, (0, 1)).all())

    @cached_property
    def points(self) -> list[Evaluation]:
        """The op at other numbers, the same ones each time."""
        random = np.random.default_rng(20)
        return [self._at(self._drawn(random, k)) for k in range(_POINTS)]

    def _at(self, leaves: dict[str, Array]) -> Evaluation:
        return Evaluation(self._mini_graph, leaves, ())

    def here(self) -> Evaluation:
        """The op at the numbers of the walk."""
        graph = self.trace.graph
        return self._at({label(graph, n): self.trace.value(n) for n in self._of})

    def _drawn(self, random: np.random.Generator, k: int) -> dict[str, Array]:
        """Operands at one point: of any sign, positive, small, or above 1 as some domains ask."""
        graph, found = self.trace.graph, {}
        for n in self._of:
            value = self.trace.value(n)
            if self._is_mask(n) and not self._is_fixed(n):
                drawn: Any = random.integers(0, 2, value.shape)
            elif self._is_fixed(n):
                drawn = value
            else:
                drawn = (
                    random.normal(0, 1.5, value.shape),
                    random.uniform(0.1, 3, value.shape),
                    random.uniform(-0.9, 0.9, value.shape),
                    random.uniform(1.1, 3, value.shape),
                )[k % 4]
            found[label(graph, n)] = np.asarray(drawn, dtype=_EXACT)
        return found

    @cached_property
    def truths(self) -> list[float]:
        """The partial at each point."""
        return [self.truth(point) for point in self.points]

    def point_text(self, k: int) -> str:
        """The operands at a point that the partial's entries are computed from, the first few."""
        graph, shown = self.trace.graph, []
        for edge in self.node.edges:
            if graph.nodes[edge.parent].literal is not None:
                continue
            is_by = self.node.rule is not None and self.node.rule.derivatives[edge.argument]
            columns = self.trace.patterns.of(edge).columns(self.j).tolist() if is_by else []
            values = self.points[k].value(self._of[edge.parent]).reshape(-1)
            shown += [f"{entry(graph, edge.parent, i)} = {number(values[i])}" for i in columns]
        few = list(dict.fromkeys(shown))
        return joined(", ", [*few[:_MOST_SHOWN], *(["…"] if len(few) > _MOST_SHOWN else [])])

    def truth(self, point: Evaluation) -> float:
        """The partial at a point."""
        return LocalJacobian(point, self.mini_edge).entry(self.j, self.i)

    @cached_property
    def comparable(self) -> list[tuple[int, float]]:
        """Numbers of the points at which op and partial are finite, and what that is there."""
        tops = [float(p.value(len(self._of)).reshape(-1)[self.j]) for p in self.points]
        pairs = zip(tops, self.truths, strict=True)
        good = [isfinite(y) and isfinite(x) and abs(x) < _LARGEST for y, x in pairs]
        return [(k, self.truths[k]) for k, is_good in enumerate(good) if is_good]


def references(asked: Expression) -> list[int]:
    """The nodes of the walk that an answer reads."""
    return [r.node for r in asked.references if isinstance(r, ValueOf)]
