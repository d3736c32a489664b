"""The numbers of one backward pass, as they become those of a tape: all of them, held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import torch

from tui_backprop.attach.pytorch.ops import array, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.ops import NodeOp
    from tui_backprop.attach.pytorch.record import Leaves, Own, Record, Tensors
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array


class Origin(NamedTuple):
    """Where the v of a node on the tape comes from, and what its edges hand on.

    Attributes:
        node: PyTorch's.
        outputs: those of its outputs that v arrived at, side by side where they are several.
        operands: by edge, the operand of PyTorch's node that it leads to, None where a hook stands
            before that; None altogether where the node on the tape is one of several outputs, whose
            share no operand got.
    """

    node: Any
    outputs: tuple[int, ...]
    operands: tuple[int | None, ...] | None


class Numbers(Protocol):
    """What a tape is made of, whether every number is held or not."""

    @property
    def seed(self) -> torch.Tensor:
        """V as it was placed on the loss."""

    @property
    def order(self) -> Sequence[Any]:
        """The nodes in the order in which they ran."""

    @property
    def leaves(self) -> Leaves:
        """What it leaves in the leaves."""

    @property
    def is_copying(self) -> bool:
        """Whether the values of leaves are copied, which the program may change later."""

    def came(self, node: Any, /) -> Tensors:
        """What arrived at a node, one for each of its outputs; empty where it did not run."""

    def used(self, node: Any, /) -> list[int]:
        """The outputs of a node that something arrived at."""

    def reached(self, node: Any, /) -> list[int]:
        """The operands of a node that its backward passed something on to."""

    def change(self, node: Any, output: int, /) -> tuple[torch.Tensor, torch.Tensor] | None:
        """What was added up there, and what a hook made of it; None where no hook changed it."""

    def own_change(self, node: Any, operand: int, /) -> tuple[torch.Tensor, torch.Tensor] | None:
        """What a Function of the program's returned there, and what a hook on it made of that."""

    def filled(self, node: Any, /) -> Tensors | None:
        """What such a Function was given in place of what did not arrive."""

    def met(self, op: NodeOp, /) -> tuple[list[Array], list[Array]]:
        """A v of each used output, and what the node makes of them for each reached operand."""

    def place(self, k: int, origin: Origin, v: Array, /) -> None:
        """A node on the tape has its v from there; ``v`` is what `met` gave of it."""

    def keep(self, k: int, v: Array, /) -> None:
        """The v of a node on the tape that no node of PyTorch's has: a leaf's, a hook's."""

    def hand_on(self, edge: Edge, origin: Origin, at: int, passed_on: Array, /) -> None:
        """An edge hands on what operand number ``at`` got; ``passed_on`` is what `met` made."""

    def keep_edge(self, edge: Edge, passed_on: Array, /) -> None:
        """What an edge hands on that is no node's of PyTorch's: a hook's."""

    def drop(self, edge: Edge, /) -> None:
        """An edge hands on the whole of what arrives at its end."""

    def cotangents(self, count: int, /) -> Sequence[Array | None]:
        """By node on the tape."""

    def contributions(self) -> Mapping[Edge, Array]:
        """By edge of the tape, those that were not dropped."""


class Held:
    """A pass of which every number is held.

    Attributes:
        seed: v as it was placed on the loss.
        order: the nodes in the order in which they ran.
        leaves: what it leaves in the leaves.
    """

    is_copying = True

    def __init__(self, nodes: Nodes, record: Record, dtype: np.dtype[Any]) -> None:
        self.seed, self.order, self.leaves = record.seed, record.order, record.leaves
        self._record, self._dtype = record, dtype
        self._cotangents: dict[int, Array] = {}
        self._contributions: dict[Edge, Array] = {}
        self._sums = self._added_up(nodes)

    def came(self, node: Any) -> Tensors:
        """Looked up."""
        return self._record.v.get(node, ())

    def used(self, node: Any) -> list[int]:
        """As of any pass."""
        return used(self._record.v[node])

    def reached(self, node: Any) -> list[int]:
        """As of any pass."""
        return reached(node, self._record.added[node])

    def _added_up(self, nodes: Nodes) -> dict[tuple[Any, int], torch.Tensor]:
        """What arrived at each output before any hook, added up in PyTorch's order."""
        found = {(nodes.loss.grad_fn, nodes.loss.output_nr): self.seed}
        for node in self.order:
            for a in self.reached(node):
                parent = node.next_functions[a]
                grad = fitted(given(self._record.added[node], a), node, a)
                found[parent] = found[parent] + grad if parent in found else grad
        return found

    def change(self, node: Any, output: int) -> tuple[torch.Tensor, torch.Tensor] | None:
        """As of any pass."""
        before = self._sums.get((node, output))
        found = self._record.v.get(node)
        after = self.leaves.grad.get(node) if found is None else found[output]
        return (
            None if before is None or after is None or is_same(before, after) else (before, after)
        )

    def own_change(self, node: Any, operand: int) -> tuple[torch.Tensor, torch.Tensor] | None:
        """As of any pass."""
        return own_change(node, operand, self._record.own.get(node), self._record.added[node])

    def filled(self, node: Any) -> Tensors | None:
        """As of any pass."""
        own = self._record.own.get(node)
        return None if own is None else own.filled

    def met(self, op: NodeOp) -> tuple[list[Array], list[Array]]:
        """What was recorded."""
        return met(op, self._record.v[op.node], self._record.added[op.node], self._dtype)

    def place(self, k: int, origin: Origin, v: Array) -> None:
        """It is held."""
        del origin
        self._cotangents[k] = v

    def keep(self, k: int, v: Array) -> None:
        """It is held."""
        self._cotangents[k] = v

    def hand_on(self, edge: Edge, origin: Origin, at: int, passed_on: Array) -> None:
        """It is held."""
        del origin, at
        self._contributions[edge] = passed_on

    def keep_edge(self, edge: Edge, passed_on: Array) -> None:
        """It is held."""
        self._contributions[edge] = passed_on

    def drop(self, edge: Edge) -> None:
        """Nothing of it is held."""
        self._contributions.pop(edge, None)

    def cotangents(self, count: int) -> Sequence[Array | None]:
        """All that arrived."""
        return [self._cotangents.get(k) for k in range(count)]

    def contributions(self) -> Mapping[Edge, Array]:
        """All that were not dropped."""
        return self._contributions


def met(
    op: NodeOp, came: Tensors, passed_on: Tensors, dtype: np.dtype[Any]
) -> tuple[list[Array], list[Array]]:
    """What came to a node and what it passed on, as arrays of the outputs and operands of an op."""
    return (
        [array(given(came, k), dtype) for k in op.outputs],
        [array(fitted(given(passed_on, a), op.node, a), dtype) for a in op.operands],
    )


def used(came: Tensors) -> list[int]:
    """The outputs that something arrived at."""
    return [k for k, grad in enumerate(came) if grad is not None]


def reached(node: Any, passed_on: Tensors) -> list[int]:
    """The operands that something was passed on to."""
    pairs = zip(node.next_functions, passed_on, strict=False)
    return [a for a, ((parent, _), g) in enumerate(pairs) if parent is not None and g is not None]


def own_change(
    node: Any, operand: int, own: Own | None, passed_on: Tensors
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """What a Function of the program's returned, and what a hook on it made of that."""
    found = own.returned[operand] if own is not None and operand < len(own.returned) else None
    if found is None:
        return None
    before, after = (fitted(g, node, operand) for g in (found, given(passed_on, operand)))
    return None if is_same(before, after) else (before, after)


def given(grads: Tensors, at: int) -> torch.Tensor:
    """One that is there."""
    found = grads[at]
    if found is None:
        raise AssertionError("only what arrived, or was passed on, is asked for")
    return found


def is_same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors hold the same numbers, NaN included."""
    if a is b:
        return True
    a, b = (x if x.layout is torch.strided else x.to_dense() for x in (a, b))
    if torch.equal(a, b):
        return True
    return a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())
