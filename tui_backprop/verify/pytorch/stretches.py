"""A long program run and differentiated by PyTorch stretch by stretch, in little memory.

For its backward pass PyTorch keeps a kilobyte for each op. Here it keeps that of one stretch: the
pass makes each again, the last one first, from the values that lead into it. What arrives at a
tensor is added up in the same order as in one piece, so that every digit is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.model import Graph, Node

    Apply = Callable[[Node, list[Any]], Any]

LENGTH: Final = 2048
"""Nodes of a stretch: its tensors fit into a processor's cache, and starting one costs little."""


class _Stretch:
    """Some nodes that follow one another, with all that PyTorch needs to go back through them.

    Attributes:
        first: the id of the first node.
        tensors: their values.
        imports: the tensors of other nodes that they read, by id.
    """

    def __init__(self, first: int) -> None:
        self.first = first
        self.tensors: list[Any] = []
        self.imports: dict[int, Any] = {}


class Stretches:
    """The forward of a graph, and backward passes over it.

    Attributes:
        values: of every node, once `forward` has run.
    """

    def __init__(self, t: Any, graph: Graph, apply: Apply, length: int) -> None:
        """``apply`` gives the tensor of a node, from those of its parents."""
        self._t = t
        self._nodes = graph.nodes
        self._apply = apply
        self._length = max(length, 1)
        self._differentiable = bytearray(len(graph.nodes))
        self._last = _Stretch(0)
        self.values = Numbers(t, graph)

    def forward(self) -> None:
        """Compute every value."""
        for first in range(0, len(self._nodes), self._length):
            made = self._made(first)
            self.values.keep(first, made.tensors)
            for k, tensor in enumerate(made.tensors, first):
                self._differentiable[k] = tensor.requires_grad

    def is_differentiable(self, node: int) -> bool:
        """Whether an input is reached from a node."""
        return bool(self._differentiable[node])

    def backward(self, of: int, v: Any) -> dict[int, Any]:
        """Pull v back from a node: what arrives at each leaf, by id."""
        waiting: dict[int, Any] = {of: v}
        arrived: dict[int, Any] = {}
        for first in range(of - of % self._length, -1, -self._length):
            seeded = [n for n in waiting if n >= first]
            if seeded:
                self._pull(self._again(first), seeded, waiting, arrived)
        return arrived

    def _pull(
        self,
        made: _Stretch,
        seeded: list[int],
        waiting: dict[int, Any],
        arrived: dict[int, Any],
    ) -> None:
        """Go back through one stretch, from all its nodes at which something has arrived."""
        own = {n: x for n, x in enumerate(made.tensors, made.first) if self._is_leaf(n)}
        ends = {n: x for n, x in (made.imports | own).items() if self._differentiable[n]}
        # What came before is put at an end first, and all else is added to it.
        before = [n for n in ends if n in waiting and n not in seeded]
        outputs = [made.tensors[n - made.first] for n in seeded] + [ends[n] for n in before]
        vectors = [waiting[n] for n in (*seeded, *before)]
        found = self._t.autograd.grad(
            outputs, [*ends.values()], vectors, retain_graph=True, allow_unused=True
        )
        for n in seeded:
            del waiting[n]
        for n, vector in zip(ends, found, strict=True):
            if vector is not None:
                (arrived if n in own else waiting)[n] = vector

    def _is_leaf(self, node: int) -> bool:
        return self._nodes[node].rule is None

    def _again(self, first: int) -> _Stretch:
        return self._last if self._last.first == first else self._made(first)

    def _made(self, first: int) -> _Stretch:
        """Run one stretch; that before it is forgotten."""
        self._last = made = _Stretch(first)
        tensors, nodes = made.tensors, self._nodes
        for node in nodes[first : first + self._length]:
            operands = [
                tensors[p - first] if p >= first else self._imported(made, p) for p in node.parents
            ]
            tensors.append(self._apply(node, operands))
        return made

    def _imported(self, made: _Stretch, node: int) -> Any:
        found = made.imports.get(node)
        if found is None:
            found = self.values.tensor(node)
            if self._differentiable[node]:
                found.requires_grad_()
            made.imports[node] = found
        return found
