"""The order of the partials of one backward pass: edges one after another, then columns, then rows.

It is arithmetic: nothing here is as long as the walk.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate, chain
from math import prod
from operator import neg
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.model import Edge
from tui_backprop.lazy import cached_property
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.progress import reported

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.graph.plan import PickedPatterns, Walk
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape


_PICKED: Final = -1
"""Of an edge whose partials are counted by the numbers of its operands, edge by edge."""


_SHORT: Final = 2**31 - 1
"""What four bytes hold."""


def _running(counts: Iterable[int]) -> Sequence[int]:
    """Where each of some stretches starts that follow one another, and where the last one ends."""
    found = list(accumulate(counts, initial=0))
    # A machine's integers need a tenth of the room, or a fifth; hardly a walk is too long for them.
    if found[-1] > sys.maxsize:
        return found
    return array("i" if found[-1] <= _SHORT else "q", found)


class Place(NamedTuple):
    """A partial of a pass: which edge of the route, and which entry of its Jacobian."""

    edge: int
    j: int
    i: int


class Route:
    """Every partial of one backward pass, addressed from 0.

    Attributes:
        edges: number of edges walked.
        length: number of partials visited.
        zeros: whether structurally zero partials are visited too.
    """

    def __init__(self, graph: Graph, walk: Walk, patterns: PickedPatterns, *, zeros: bool) -> None:
        self.zeros = zeros
        self._nodes = graph.nodes
        self._patterns = patterns
        self._walk = walk
        self._first = _running(map(len, walk.arguments))
        self.edges = self._first[-1]
        self._starts = _running(self._counts())
        self.length = self._starts[-1]
        self._last: tuple[Edge, Sparsity] | None = None
        self._last_edge: tuple[int, Edge] | None = None

    def source(self, edge: Edge) -> int:
        """The node whose vector an edge multiplies: its own, v is pulled back through it."""
        return edge.node

    def target(self, edge: Edge) -> int:
        """The node that an edge adds to."""
        return edge.parent

    def products(self, jacobian: LocalJacobian, v: Array, i: int) -> tuple[IntArray, Array, Array]:
        """The rows of a column inside the sparsity, their partials, and v_j · ∂y_j/∂x_i."""
        rows, partials = jacobian.column_entries(i)
        return rows, partials, jacobian.contribution(picked(v, rows), partials)

    def entries(self, jacobian: LocalJacobian, columns: range) -> tuple[IntArray, IntArray, Array]:
        """All partials of some columns: the row of each, its column, and the partials."""
        return jacobian.columns_entries(columns)

    def _across(self, edge: Edge) -> int:
        """How many products a whole entry of the target is the sum of."""
        return self._nodes[self.source(edge)].size

    def _counts(self) -> list[int]:
        # What a loop unrolled asks the same question again and again: shapes and static arguments
        # decide, and those are the same objects there.
        known: dict[tuple[object, ...], list[int]] = {}
        nodes = self._nodes
        found: list[int] = []
        pairs = zip(self._walk.nodes, self._walk.arguments, strict=True)
        for n, arguments in reported("counting steps", pairs, len(self._walk.nodes)):
            node = nodes[n]
            shapes = [nodes[p].shape for p in node.parents]
            asked = (node.rule, id(node.params), arguments, node.shape, *shapes)
            counts = known.get(asked)
            if counts is None:
                own = tuple(shapes)
                counts = known[asked] = [self._count(node, a, own) for a in arguments]
            if _PICKED in counts:
                counts = [
                    self._patterns.of(Edge(node.parents[a], n, a)).nonzeros if c == _PICKED else c
                    for a, c in zip(arguments, counts, strict=True)
                ]
            found += counts
        return found

    def _count(self, node: Node, argument: int, shapes: tuple[Shape, ...]) -> int:
        if self.zeros:
            return node.size * prod(shapes[argument])
        if node.rule is None:
            raise AssertionError("a leaf is never walked through")
        derivative = node.rule.derivative(argument)
        if derivative.is_picked:
            return _PICKED
        return derivative.nonzeros(node.shape, shapes, node.params)

    def edge(self, number: int) -> Edge:
        """The edge at a place of the route. The last one is kept: a walk stays on its edge."""
        last = self._last_edge  # read once: another thread may walk here too
        if last is None or last[0] != number:
            at = bisect_right(self._first, number) - 1
            node = self._walk.nodes[at]
            argument = self._walk.arguments[at][number - self._first[at]]
            last = self._last_edge = number, Edge(self._walk.parents[number], node, argument)
        return last[1]

    def nodes_between(self, first: int, last: int) -> tuple[int, ...]:
        """The nodes that edges ``first`` to ``last`` belong to, in walking order."""
        begin, end = (bisect_right(self._first, number) - 1 for number in (first, last))
        return tuple(self._walk.nodes[begin : end + 1])

    def children(self, numbers: IntArray) -> tuple[IntArray, IntArray]:
        """The nodes of many edges at once, and their argument numbers."""
        nodes, arguments = self._children
        return nodes[numbers], arguments[numbers]

    def start(self, number: int) -> int:
        """The first partial of an edge; of `edges` the `length`."""
        return self._starts[number]

    def starts(self, numbers: IntArray) -> IntArray:
        """The first partials of many edges."""
        return self._start_array[numbers]

    def sparsity(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian. The last one is kept: a walk stays on its edge."""
        last = self._last
        if last is None or last[0] != edge:
            last = self._last = edge, self._patterns.of(edge)
        return last[1]

    def edge_at(self, position: int) -> int:
        """Which edge a partial belongs to."""
        return bisect_right(self._starts, position) - 1

    def edges_at(self, positions: IntArray) -> IntArray:
        """Which edges many partials belong to."""
        return self._start_array.searchsorted(positions, side="right") - 1

    def locate(self, position: int) -> Place:
        """The partial at a position, 0 ≤ position < `length`."""
        number = self.edge_at(position)
        within = position - self._starts[number]
        edge, nodes = self.edge(number), self._nodes
        if not (nodes[edge.node].shape or nodes[edge.parent].shape):
            return Place(number, 0, 0)  # between numbers no pattern is asked for
        if self.zeros:
            i, j = divmod(within, self._across(edge))
        else:
            j, i = self.sparsity(edge).locate(within)
        return Place(number, j, i)

    def column(self, number: int, i: int) -> range:
        """The positions that visit column ``i`` of an edge: the steps that write that entry."""
        edge = self.edge(number)
        start = self._starts[number]
        if self.zeros:
            m = self._across(edge)
            return range(start + i * m, start + (i + 1) * m)
        pattern = self.sparsity(edge)
        return range(start + pattern.start(i), start + pattern.start(i + 1))

    def steps(self, number: int, column: int | None = None) -> range:
        """The positions of an edge, or of one of its columns."""
        if column is not None:
            return self.column(number, column)
        return range(self._starts[number], self._starts[number + 1])

    def position(self, place: Place) -> int:
        """The position of a partial; where it is not visited, of the next one that is."""
        column = self.column(place.edge, place.i)
        if self.zeros:
            return column.start + place.j
        rows = self.sparsity(self.edge(place.edge)).rows(place.i)
        return column.start + int(np.searchsorted(rows, place.j))

    def run_of_node(self, node: int) -> range | None:
        """The positions that pull back through a node; None where the pass does not."""
        at = self._node_places.get(node)
        if at is None:
            return None
        return range(self._starts[self._first[at]], self._starts[self._first[at + 1]])

    def bounds_of_node(self, number: int) -> range:
        """The positions of the whole node that an edge belongs to."""
        at = bisect_right(self._first, number) - 1
        return range(self._starts[self._first[at]], self._starts[self._first[at + 1]])

    def run_of_nodes(self, nodes: range) -> range:
        """The positions that pull back through any of some nodes, which follow one another."""
        walked = self._walk.nodes  # the last one first
        begin = bisect_left(walked, -nodes.stop + 1, key=neg)
        end = bisect_left(walked, -nodes.start + 1, key=neg)
        return range(self._starts[self._first[begin]], self._starts[self._first[end]])

    def edges_into(self, parent: int) -> IntArray:
        """The numbers of the edges that contribute to a node, in walking order."""
        order, starts = self._by_parent
        if parent >= len(starts) - 1:
            return order[:0]
        return order[starts[parent] : starts[parent + 1]]

    def edges_between(self, parents: range) -> IntArray:
        """The numbers of the edges that contribute to any of some adjoining nodes."""
        order, starts = self._by_parent
        first, stop = (min(n, len(starts) - 1) for n in (parents.start, parents.stop))
        return order[starts[first] : starts[stop]]

    def lengths(self, numbers: IntArray) -> IntArray:
        """How many partials many edges have."""
        return np.asarray(self._start_array[numbers + 1] - self._start_array[numbers])

    def reach(self, parents: range, most: int) -> int:
        """Where to stop among nodes, so that so many partials contribute to them; one at least."""
        numbers = self.edges_between(parents)
        below = np.cumsum(self.lengths(numbers)).searchsorted(most, side="right")
        if below == len(numbers):
            return parents.stop
        return max(int(self.parents(numbers)[below]), parents.start + 1)

    def count_before(self, parent: int, edge: int) -> int:
        """How many of the edges that contribute to a node are walked before an edge."""
        return int(self.edges_into(parent).searchsorted(edge))

    def parents(self, numbers: IntArray) -> IntArray:
        """The operands that many edges lead to."""
        return self._parents[numbers]

    @cached_property
    def kinds(self) -> IntArray:
        """Of each node that is walked a number, which those of its op, shapes and parameters share.

        Of others it means nothing.
        """
        found = np.zeros(len(self._nodes), dtype=np.intp)
        known: dict[Hashable, int] = {}
        nodes = self._nodes
        numbers = []
        for n in self._walk.nodes:
            node = nodes[n]
            shapes = tuple([nodes[p].shape for p in node.parents])
            key = id(node.rule), node.shape, shapes, params_key(node)
            numbers.append(known.setdefault(key, len(known)))
        found[list(self._walk.nodes)] = numbers
        return found

    @cached_property
    def _parents(self) -> IntArray:
        return np.asarray(self._walk.parents, dtype=np.intp)

    @cached_property
    def _node_places(self) -> dict[int, int]:
        return {n: at for at, n in enumerate(self._walk.nodes)}

    @cached_property
    def _start_array(self) -> IntArray:
        return np.asarray(self._starts, dtype=np.int64)

    @cached_property
    def _children(self) -> tuple[IntArray, IntArray]:
        arguments = np.fromiter(chain.from_iterable(self._walk.arguments), np.intp, self.edges)
        return np.repeat(self._walk.nodes, np.diff(self._first)).astype(np.intp), arguments

    def _targets(self) -> IntArray:
        """The node that each edge adds to."""
        return self._parents

    @cached_property
    def _by_parent(self) -> tuple[IntArray, IntArray]:
        targets = self._targets()
        order = np.argsort(targets, kind="stable")
        counts = np.bincount(targets, minlength=self._walk.of + 1)
        return order, np.concatenate([[0], np.cumsum(counts)])


def params_key(node: Node) -> Hashable:
    """A key that is equal for equal parameters; the node itself where they cannot be compared."""
    if not node.params:
        return ()
    key = tuple([(name, type(value), value) for name, value in node.params.items()])
    try:
        hash(key)
    except TypeError:  # a slice, or a list of positions
        return node.id
    return key
