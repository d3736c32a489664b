"""The tape as bound functions: what evaluating a graph again costs, arithmetic aside.

It stands apart from the first evaluation, which is as quick without: binding pays from the second
time on. Both compute the same, bit for bit, because both ask the same rules.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.graph.backward import Milestones
from tui_backprop.rules.broadcasting import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.types import Array, Shape

    Values: TypeAlias = Sequence[Array]

_ARRAY = np.ndarray


def bind_forward(graph: Graph) -> tuple[Callable[[Values], Any] | None, ...]:
    """For each node what computes it from the values before it; None for what is no op."""
    return tuple(
        None if node.rule is None else _applied(node.rule.forward, node) for node in graph.nodes
    )


def _applied(forward: Callable[..., Any], node: Node) -> Callable[[Values], Any]:
    call = partial(forward, np, **node.params)
    if len(node.parents) == 1:
        (only,) = node.parents
        return lambda values: call(values[only])
    if len(node.parents) == 2:
        left, right = node.parents
        return lambda values: call(values[left], values[right])
    return lambda values: call(*[values[p] for p in node.parents])


class Pull(NamedTuple):
    """One edge of a backward pass.

    Attributes:
        parent: the node whose adjoint it adds to.
        call: ``(v, values)`` → ``vᵀJ``, perhaps not yet summed over broadcast axes.
        shape: the parent's, where it is to be summed over such axes; else None.
        is_counted: whether so many edges add to the parent that its sums are kept on the way.
    """

    parent: int
    call: Callable[[Array, Values], Any]
    shape: Shape | None
    is_counted: bool


class BoundPass:
    """A backward pass from one node."""

    def __init__(self, graph: Graph, walk: Walk) -> None:
        nodes = graph.nodes
        self._of = walk.of
        self._dtype = graph.dtype
        self._count = len(nodes)
        arrivals: dict[int, int] = {walk.of: 1}
        for edge in walk.edges(nodes):
            arrivals[edge.parent] = arrivals.get(edge.parent, 0) + 1
        self._reached = tuple(arrivals)
        self._steps = tuple(
            (n, tuple(_pull(nodes, n, a, arrivals) for a in arguments))
            for n, arguments in zip(walk.nodes, walk.arguments, strict=True)
        )

    def run(
        self, values: Values, seed: Array, initial: Mapping[int, Array], milestones: Milestones
    ) -> dict[int, Array]:
        """`run_backward`, for these nodes."""
        adjoints: list[Any] = [None] * self._count
        for node, gradient in initial.items():
            adjoints[node] = gradient
        dtype = self._dtype
        with np.errstate(all="ignore"):
            before = adjoints[self._of]
            adjoints[self._of] = seed if before is None else before + seed
            for n, pulls in self._steps:
                # Whatever adds to a node has done so by now: its sum is an adjoint.
                v = adjoints[n] = _frozen(adjoints[n], dtype)
                for parent, call, shape, is_counted in pulls:
                    found = call(v, values)
                    if shape is not None:
                        found = unbroadcast(np.asarray(found, dtype=dtype), shape)
                    before = adjoints[parent]
                    if found.dtype is not dtype:
                        found = np.asarray(found, dtype=dtype)
                    if before is not None:
                        found = before + found
                    if is_counted:
                        found = _frozen(found, dtype)
                        milestones.pass_by(parent, found)
                    adjoints[parent] = found
        reached = dict(initial)
        for node in self._reached:
            reached[node] = _frozen(adjoints[node], dtype)
        return reached


def _frozen(found: Any, dtype: np.dtype[Any]) -> Array:
    """A read-only array in the graph's dtype."""
    if type(found) is not _ARRAY or found.dtype is not dtype:
        found = np.asarray(found, dtype=dtype)
    found.setflags(write=False)
    array: Array = found
    return array


def _pull(nodes: Sequence[Node], n: int, argument: int, arrivals: Mapping[int, int]) -> Pull:
    node = nodes[n]
    rule, parent = node.rule, node.parents[argument]
    if rule is None:
        raise AssertionError("a leaf has no operands to pull back into")
    shape = nodes[parent].shape
    is_summed = rule.elementwise and shape != node.shape
    return Pull(
        parent,
        _pulled(rule.derivative(argument).bound(node.params), node),
        shape if is_summed else None,
        arrivals[parent] >= Milestones.STRIDE,
    )


def _pulled(pull: Callable[..., Any], node: Node) -> Callable[[Array, Values], Any]:
    n = node.id
    if len(node.parents) == 1:
        (only,) = node.parents
        return lambda v, values: pull(v, values[n], values[only])
    if len(node.parents) == 2:
        left, right = node.parents
        return lambda v, values: pull(v, values[n], values[left], values[right])
    return lambda v, values: pull(v, values[n], *[values[p] for p in node.parents])
