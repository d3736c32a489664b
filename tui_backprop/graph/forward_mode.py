"""Forward-mode differentiation: tangents pushed from the inputs through the graph, ``ẏ = J·ẋ``.

The same rows of the op table and the same edges as backward, walked the other way: each edge gives
its JVP, and a node's tangent is the sum over the edges that it reads through.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.graph.arrays import Adjoints, frozen
from tui_backprop.graph.model import Backward, Edge
from tui_backprop.graph.passes import NO_CHECKPOINTS
from tui_backprop.graph.plan import Walk, walk_from
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph
    from tui_backprop.graph.passes import Checkpoints
    from tui_backprop.rules.types import Array


class ForwardRun:
    """What one forward pass did; it answers what `PassRun` answers of a backward pass.

    Attributes:
        walk: the order it went: nodes in tape order, each with the edges that carry a tangent.
        seeds: the tangent placed on each input that has one, in the order of the inputs.
        seed: the first of them.
        seeded: the inputs that were seeded.
        assumed_ones: whether the tangent was left out.
        initial: nothing: a tangent does not add to one of an earlier pass.
        cotangents: the tangent of every node reached, by id. The name is that of the backward
            pass, whose sums are made of the same parts.
        checkpoints: none are kept.
    """

    def __init__(
        self, walk: Walk, seeds: Mapping[int, Array], tangents: Adjoints, *, assumed_ones: bool
    ) -> None:
        self.walk = walk
        self.seeds = seeds
        self.seeded = tuple(seeds)
        self.seed = seeds[self.seeded[0]]
        self.assumed_ones = assumed_ones
        self.initial: Mapping[int, Array] = MappingProxyType({})
        self.cotangents = tangents
        self.checkpoints: Checkpoints = NO_CHECKPOINTS

    @property
    def of(self) -> int:
        """The output whose tangent is asked for: the one that a backward pass would start from."""
        return self.walk.of


def forward_walk(
    graph: Graph, of: int, seeded: Sequence[int], arguments: Sequence[tuple[int, ...]]
) -> Walk:
    """The forward walk from some inputs: every node that a tangent reaches, in tape order.

    Args:
        graph: whose nodes.
        of: the output that is asked for.
        seeded: the inputs that have a tangent.
        arguments: what `active_arguments` found.
    """
    reached = set(seeded)
    nodes: list[int] = []
    taken: list[tuple[int, ...]] = []
    parents: list[int] = []
    for node in graph.nodes:
        through = tuple(a for a in arguments[node.id] if node.parents[a] in reached)
        if through:
            reached.add(node.id)
            nodes.append(node.id)
            taken.append(through)
            parents += [node.parents[a] for a in through]
    return Walk(of, tuple(nodes), tuple(taken), tuple(parents), {})


def push_forward(evaluation: Evaluation, edge: Edge, t: Array) -> Array:
    """``J·t`` of one edge, read-only, in the shape of its node; t has the shape of the parent.

    Raises:
        UnknownError: the op is another program's, and does not tell.
    """
    node = evaluation.graph.nodes[edge.node]
    rule = node.rule
    if rule is None:
        raise AssertionError("a leaf has no operands to push forward from")
    is_ours = not rule.computed_by  # others know their operands themselves
    y = evaluation.value(node.id) if is_ours else np.zeros(node.shape)
    operands = tuple(evaluation.value(p) for p in node.parents) if is_ours else ()
    with np.errstate(all="ignore"):
        found = rule.derivative(edge.argument).jvp(t, y, operands, node.params)
    found = np.asarray(found, dtype=evaluation.graph.dtype)
    return frozen(np.array(np.broadcast_to(found, node.shape)))


def run_tangents(
    evaluation: Evaluation, seeds: Mapping[int, Array], *, assumed_ones: bool = False
) -> ForwardRun:
    """Push tangents of some inputs through the whole graph.

    Args:
        evaluation: the values at which it is differentiated.
        seeds: the tangent of each input that has one, in its shape; the others are held fixed.
        assumed_ones: whether nobody gave them.

    Raises:
        UnknownError: an op is another program's, and does not tell its JVP.
    """
    graph, dtype = evaluation.graph, evaluation.graph.dtype
    walk = forward_walk(graph, output_of(evaluation), tuple(seeds), evaluation.plan.arguments)
    tangents: list[Any] = [None] * len(graph.nodes)
    for n, seed in seeds.items():
        tangents[n] = seed
    for edge in walk.edges(graph.nodes):
        found = push_forward(evaluation, edge, np.asarray(tangents[edge.parent]))
        before = tangents[edge.node]
        with np.errstate(all="ignore"):  # inf − inf is NaN, which is data
            tangents[edge.node] = found if before is None else frozen(np.asarray(before + found))
    return ForwardRun(walk, seeds, Adjoints(tangents, dtype), assumed_ones=assumed_ones)


def output_of(evaluation: Evaluation) -> int:
    """The output of the first backward pass; without one the last node."""
    found = (one.of for one in evaluation.passes if isinstance(one, Backward))
    return next(found, len(evaluation.graph.nodes) - 1)


def tangent_for(graph: Graph, node: int, given: npt.ArrayLike) -> Array:
    """A tangent as an array that fits an input, read-only.

    Raises:
        ShapeError: it does not fit; the message shows both shapes.
    """
    shape = graph.nodes[node].shape
    with np.errstate(over="ignore"):
        found = np.array(given, dtype=graph.dtype)
    if found.shape != shape:
        if found.size != 1 or graph.nodes[node].size != 1:
            raise ShapeError(said(
                "the tangent must have the shape of '{name}', {shape}; found {found}",
                name=graph.nodes[node].label, shape=shape, found=found.shape,
            ))  # fmt: skip
        found = found.reshape(shape)
    return frozen(found)


class Counted:
    """Multiplications of either mode between an output and some inputs.

    One for each partial that can be non-zero on a way from one of the inputs to the output. Both
    modes go through these: what else a walk visits, to show it, the derivative does not take.

    Attributes:
        one_pass: of one pass, backward from the output or forward from all of the inputs.
        outputs: entries of the output: so many backward passes give all of ∂of/∂inputs.
        inputs: entries of the inputs: so many forward passes do.
        whole_forward: of these forward passes, a column each: that of an entry goes only through
            what depends on its input.
    """

    __slots__ = ("inputs", "one_pass", "outputs", "whole_forward")

    def __init__(self, one_pass: int, outputs: int, inputs: int, whole_forward: int) -> None:
        self.one_pass = one_pass
        self.outputs = outputs
        self.inputs = inputs
        self.whole_forward = whole_forward

    @property
    def whole_backward(self) -> int:
        """All of ∂of/∂inputs by backward passes: a row each."""
        return self.one_pass * self.outputs


def counted(evaluation: Evaluation, of: int, inputs: Sequence[int] = ()) -> Counted:
    """What either mode costs, between an output and some inputs, by default all of them."""
    graph, patterns = evaluation.graph, evaluation.patterns
    seeded = tuple(inputs) or tuple(graph.inputs.values())
    sizes = [graph.nodes[n].size for n in seeded]
    # Bit k of a node: it depends on the k-th of the inputs.
    dependent = {n: 1 << k for k, n in enumerate(seeded)}
    by_inputs: dict[int, int] = {}
    back = walk_from(graph, of, evaluation.plan.arguments)
    for node, arguments in zip(reversed(back.nodes), reversed(back.arguments), strict=True):
        for argument in arguments:
            parent = graph.nodes[node].parents[argument]
            on = dependent.get(parent, 0)
            if on:
                dependent[node] = dependent.get(node, 0) | on
                nonzeros = patterns.of(Edge(parent, node, argument)).nonzeros
                by_inputs[on] = by_inputs.get(on, 0) + nonzeros
    return Counted(
        sum(by_inputs.values()),
        graph.nodes[of].size,
        sum(sizes),
        sum(
            count * sum(size for k, size in enumerate(sizes) if on >> k & 1)
            for on, count in by_inputs.items()
        ),
    )
