"""What forward and backward share before any number is known: orders, active edges, compiled calls.

Evaluating the graph again, on other leaves or another v, then costs arithmetic only.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.model import Edge, Role
from tui_backprop.lazy import cached_property
from tui_backprop.progress import reported
from tui_backprop.rules.derivative import reading
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.graph.spare import Slot, Spare
    from tui_backprop.rules.derivative import Pull
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Params, Shape

    Numbers: TypeAlias = Sequence[Any]
    Call: TypeAlias = tuple[int, Callable[[Numbers], Any]]
    Step: TypeAlias = tuple[int, int, Pull, bool]
    _Key: TypeAlias = tuple[int, int, int, Shape, tuple[Shape, ...]]


_MOST_NODES: Final = 4096
_PATIENCE: Final = 3
_NODES_A_RUN: Final = 64
_WIDE: Final = 32
"""From so many edges into one node the sums on the way are worth keeping."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The order in which one backward pass pulls cotangents back.

    Attributes:
        of: the node that is seeded.
        nodes: ids in reverse tape order, each with at least one edge to walk.
        arguments: for each of them, the argument numbers whose parent can reach an input.
        parents: for each of these edges, in walking order, where it leads.
        wide: the nodes in which so many of these edges meet that nobody adds them up again, and
            how many it are.
        overwritten: those of the nodes whose last contribution overwrites the others, a bug.
    """

    of: int
    nodes: Sequence[int]
    arguments: tuple[tuple[int, ...], ...]
    parents: Sequence[int]
    wide: Mapping[int, int]
    overwritten: frozenset[int] = frozenset()

    def edges(self, nodes: Sequence[Node]) -> tuple[Edge, ...]:
        """Every edge in walking order."""
        return tuple(
            Edge(nodes[n].parents[a], n, a)
            for n, arguments in zip(self.nodes, self.arguments, strict=True)
            for a in arguments
        )


def active_arguments(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """For each node the arguments through which an input is reached differentiably."""
    active = bytearray(len(graph.nodes))
    is_active = active.__getitem__
    found: list[tuple[int, ...]] = []
    # A program has few ops, and so the same few answers again and again.
    known: dict[tuple[Rule, tuple[int, ...]], tuple[int, ...]] = {}
    none: tuple[int, ...] = ()
    for n, node in enumerate(reported("planning", graph.nodes, len(graph.nodes))):
        rule = node.rule
        if rule is None:
            found.append(none)
            active[n] = node.role is Role.INPUT
            continue
        asked = rule, tuple(map(is_active, node.parents))
        arguments = known.get(asked)
        if arguments is None:
            derivatives = rule.derivatives
            arguments = known[asked] = tuple([
                a for a, reaches in enumerate(asked[1]) if reaches and derivatives[a] is not None
            ])  # fmt: skip
        found.append(arguments)
        if arguments:
            active[n] = True
    return tuple(found)


def walk_from(graph: Graph, of: int, arguments: Sequence[tuple[int, ...]]) -> Walk:
    """The backward walk from one node: only what it depends on, only towards inputs.

    Its ``arguments`` are what `active_arguments` found.
    """
    reached = bytearray(of + 1)
    reached[of] = True
    order, into, pulled = array("i"), array("i"), []
    nodes = graph.nodes
    for n in range(of, -1, -1):
        if not reached[n]:
            continue
        taken = arguments[n]
        if not taken:
            continue
        order.append(n)
        pulled.append(taken)
        parents = nodes[n].parents
        if len(taken) < len(parents):
            parents = tuple([parents[a] for a in taken])
        into.extend(parents)
        for parent in parents:
            reached[parent] = True
    arrivals = np.bincount(np.asarray(into), minlength=of + 1)
    arrivals[of] += 1
    wide = {int(n): int(arrivals[n]) for n in np.flatnonzero(arrivals >= _WIDE)}
    return Walk(of, order, tuple(pulled), into, wide, graph.accumulation.overwritten)


def _stated(literal: float | Array | None, number: type[np.generic[Any]]) -> Any:
    """The value that the program writes, in the dtype that the graph computes with.

    What is too large for float32 is infinite there, about which the caller silences NumPy.
    """
    if literal is None:
        return None
    if isinstance(literal, np.ndarray):
        return frozen(literal.astype(number))
    return number(literal)


class Plan:
    """Everything that evaluations of one graph from the same outputs share.

    Attributes:
        arguments: see `active_arguments`.
        walks: the order of the backward pass from each output.
        shapes: of the leaves that can be other ones, by name.
        patterns: which partials can be non-zero, edge by edge.
        stated: the numbers that the program writes, by node id; None for other nodes.
        code: the `straight.StraightLines` of a graph that was evaluated often; else None.
    """

    def __init__(self, graph: Graph, outputs: set[int]) -> None:
        nodes = graph.nodes
        leaves = {**graph.inputs, **graph.constants}
        self.arguments = active_arguments(graph)
        self.walks = {n: walk_from(graph, n, self.arguments) for n in outputs}
        self.shapes = {
            name: nodes[n].shape for name, n in leaves.items() if name not in graph.static_leaves
        }
        number = graph.dtype.type
        with np.errstate(over="ignore"):  # what a float32 cannot hold is an infinity
            self.stated = [_stated(n.literal, number) for n in nodes]
        self._arrays = tuple([(name, n) for name, n in leaves.items() if nodes[n].shape])
        self._numbers = tuple([(name, n) for name, n in leaves.items() if not nodes[n].shape])
        self.patterns = Patterns(nodes)
        self._graph = graph
        self._steps: dict[int, tuple[Step, ...]] = {}
        self.code: Any = None
        self._asked = 0
        self._ones: dict[int, Array] = {}

    def start(self, leaves: Mapping[str, Array]) -> list[Any]:
        """The values known before the first op, by node id: leaves, and numbers of the program.

        A number without axes goes on as such: arithmetic with arrays is slower.
        """
        raw = self.stated.copy()
        for name, n in self._arrays:
            raw[n] = leaves[name]
        for name, n in self._numbers:
            raw[n] = leaves[name][()]
        return raw

    @cached_property
    def forward(self) -> tuple[Call, ...]:
        """The ops as functions, kept for a graph that is evaluated again."""
        return tuple(compiled_calls(self._graph.nodes))

    def backward(self, of: int) -> tuple[Step, ...]:
        """The backward pass from an output, likewise."""
        if of not in self._steps:
            self._steps[of] = tuple(compiled_steps(self._graph.nodes, self.walks[of]))
        return self._steps[of]

    # A graph that is evaluated once has no use for these.

    @cached_property
    def spare(self) -> Spare:
        """Arrays for the next evaluation."""
        from tui_backprop.graph.spare import Spare

        return Spare()

    @cached_property
    def large(self) -> Mapping[str, Slot]:
        """Of the leaves that are large what `Spare` keeps them as, by name."""
        from tui_backprop.graph.spare import is_large

        nodes, dtype = self._graph.nodes, self._graph.dtype
        leaves = {**self._graph.inputs, **self._graph.constants}
        return {
            name: ("v", n, nodes[n].shape, dtype)
            for name, n in leaves.items()
            if is_large(nodes[n].shape, dtype)
        }

    def is_worth_code(self) -> bool:
        """Whether the graph has few nodes and was asked about so often that code is worth writing.

        To write a node as code takes as long as to evaluate it some tens of times.
        """
        self._asked += 1
        count = len(self._graph.nodes)
        return count <= _MOST_NODES and self._asked >= _PATIENCE + count // _NODES_A_RUN

    def ones(self, of: int) -> Array:
        """The seed that is assumed where none is given."""
        if of not in self._ones:
            self._ones[of] = frozen(np.ones(self._graph.nodes[of].shape, self._graph.dtype))
        return self._ones[of]


def compiled_calls(nodes: Iterable[Node]) -> Iterator[Call]:
    """Compile the ops in tape order: the node's id, and a closure over the list of values."""
    for node in nodes:
        if node.rule is not None:
            yield node.id, reading(node.rule.forward, prepared(node), node.parents)


def prepared(node: Node) -> Params:
    """The static arguments as the op reads them quickest, worked out before any number."""
    prepare = None if node.rule is None else node.rule.prepare
    return node.params if prepare is None else prepare(**node.params)


def compiled_pull(
    node: Node, argument: int, shape: Shape, at: tuple[int, ...] | None = None
) -> Pull:
    """Compile one edge: ``(v, values)`` → ``vᵀJ`` in the parent's shape, perhaps a plain number.

    The one place where broadcasting is undone; ``shape`` is the parent's. ``at`` says where among
    the values y stands, and then each operand; left out, they stand at their ids.
    """
    rule = node.rule
    if rule is None:
        raise AssertionError("a leaf has no operands to pull back into")
    pull = rule.derivative(argument).bound(prepared(node), at or (node.id, *node.parents))
    if not rule.elementwise or shape == node.shape:
        return pull
    return lambda v, values: unbroadcast(np.asarray(pull(v, values), dtype=v.dtype), shape)


def compiled_steps(nodes: Sequence[Node], walk: Walk) -> Iterator[Step]:
    """Compile a backward pass edge by edge: the node, its parent, and the function that pulls back.

    With them goes whether so many edges meet in the parent that its sums are kept on the way, or
    whether they are no sums, by a bug that is planted.
    """
    wide = {*walk.wide, *walk.overwritten}
    for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
        node = nodes[n]
        parents = node.parents
        for a in arguments:
            parent = parents[a]
            yield n, parent, compiled_pull(node, a, nodes[parent].shape), parent in wide


_ROOM: Final = 16 << 20
_MOST: Final = 256
"""Patterns: more than a screen shows at once."""


class PickedPatterns:
    """The patterns of one evaluation: exact where numbers without a gradient decide what is read.

    Embedding numbers and class labels do; elsewhere shapes decide, and the pattern is the graph's.
    """

    def __init__(self, nodes: Sequence[Node], values: Sequence[Array], stated: Patterns) -> None:
        self._nodes = nodes
        self._values = values
        self.stated = stated
        self._kept: SizedLRU[tuple[int, int], Sparsity] = SizedLRU(_ROOM, most=_MOST)

    def is_picked(self, edge: Edge) -> bool:
        """Whether numbers decide the pattern of an edge."""
        rule = self._nodes[edge.node].rule
        return rule is not None and rule.derivative(edge.argument).is_picked

    def of(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian."""
        node = self._nodes[edge.node]
        if node.rule is None or not self.is_picked(edge):
            return self.stated.of(edge)
        found = self._kept.get((edge.node, edge.argument))
        if found is not None:
            return found
        operands = tuple([self._values[p] for p in node.parents])
        made = node.rule.derivative(edge.argument).picked(node.shape, operands, node.params)
        return self._kept.put((edge.node, edge.argument), made, 16 * made.nonzeros + 1024)


class Patterns:
    """The patterns of a graph's edges; shapes, the rule and its arguments decide them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._kept: SizedLRU[_Key, Sparsity] = SizedLRU(_ROOM, most=_MOST)

    def of(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian."""
        nodes = self._nodes
        node = nodes[edge.node]
        rule, params = node.rule, node.params
        if rule is None:
            raise AssertionError("a leaf is never walked through")
        shapes = tuple([nodes[p].shape for p in node.parents])
        # The graph keeps its rules and arguments, so that an address means the same one for good.
        key = edge.argument, id(rule), id(params), node.shape, shapes
        found = self._kept.get(key)
        if found is not None:
            return found
        made = rule.derivative(edge.argument).sparsity(node.shape, shapes, params)
        # A pattern may hold two positions for every entry of the output.
        return self._kept.put(key, made, 16 * node.size + 1024)
