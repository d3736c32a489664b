"""The numbers of one backward pass of a big model: their norms, and a pass more for what is asked.

While the pass runs every array is measured and let go; small ones are kept. Who looks at a large
one runs a part of the pass again, which keeps as many of its neighbours as there is room for.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from tui_backprop.attach.agreement import probe
from tui_backprop.attach.later import SMALL, Later, LaterEdges
from tui_backprop.attach.outputs import side_by_side
from tui_backprop.attach.pytorch.distributed.ranks import are_many, sends
from tui_backprop.attach.pytorch.kept import ALONE, gradients_kept, random_state
from tui_backprop.attach.pytorch.norms.again import Again, operand
from tui_backprop.attach.pytorch.norms.cuts import Cuts
from tui_backprop.attach.pytorch.norms.memory import Passing
from tui_backprop.attach.pytorch.norms.remembered import Ran, handed_on, measured
from tui_backprop.attach.pytorch.norms.waiting import Waiting
from tui_backprop.attach.pytorch.numbers import given, is_same, met, own_change, used
from tui_backprop.attach.pytorch.ops import array
from tui_backprop.attach.pytorch.recognition import may_be_recognised
from tui_backprop.attach.pytorch.record import (
    check_together,
    listened,
    retained_by,
    seed_of,
)
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.graph.sizes import Size, size_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.norms.remembered import Mark
    from tui_backprop.attach.pytorch.numbers import Origin
    from tui_backprop.attach.pytorch.ops import NodeOp
    from tui_backprop.attach.pytorch.record import Hear, Leaves, Own, Tensors
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array

_ROOM: Final = 64 << 20
"""Bytes of arrays that are held between two passes, if the gradients themselves take no more."""


class Outline:
    """A pass of which the norms are known.

    Attributes:
        seed: v as it was placed on the loss.
        order: the nodes in the order in which they ran.
        leaves: what it leaves in the leaves.
        dtype: of the tape.
    """

    is_copying = False

    def __init__(self, nodes: Nodes, v: torch.Tensor | None, dtype: np.dtype[Any]) -> None:
        self._nodes, self.dtype = nodes, dtype
        check_together(nodes)
        self._waits = are_many() and any(map(sends, nodes.ops))
        self.seed = seed_of(nodes, v)
        self.order: list[Any] = []
        self._ran: dict[Any, Ran] = {}
        self._changes: dict[tuple[Any, int], tuple[torch.Tensor, torch.Tensor]] = {}
        self._own_changes: dict[tuple[Any, int], tuple[torch.Tensor, torch.Tensor]] = {}
        self._kept: dict[int, Array] = {}
        self._edges: dict[Edge, Array] = {}
        self._origins: dict[int, Origin] = {}
        self._handed: dict[Edge, tuple[Origin, int]] = {}
        self._retained = retained_by(nodes.ops)
        # A Function of one's own may write into what it is given.
        self._is_copied = any(
            isinstance(node, torch.autograd.function.BackwardCFunction) for node in nodes.ops
        )
        self._random = random_state()
        self._passing = Passing()
        leaves = [leaf.variable for leaf in nodes.leaves]
        room = max(_ROOM, sum(x.numel() * x.element_size() for x in leaves) // 2)
        cuts = Cuts({(nodes.loss.grad_fn, nodes.loss.output_nr): self.seed}, room // 2)
        self.leaves: Leaves = self._first(cuts)
        self._passing.give_back()
        self._again = Again(self, cuts, room // 2, self._passing)

    def _first(self, cuts: Cuts) -> Leaves:
        """Run the pass, and measure."""
        waiting = Waiting(self._nodes, self.seed)

        def hear(node: Any, passed_on: Tensors, came: Tensors, own: Own | None = None, /) -> None:
            self.order.append(node)
            known: dict[int, Mark] = {}
            for k in used(came):
                before, mark = waiting.taken(node, k, given(came, k))
                self._compare(node, k, before, given(came, k))
                if mark is not None:
                    known[k] = mark
            gone = handed_on(node, passed_on)
            ran = self._ran[node] = Ran(came, gone, own, known)
            for a, grad in gone:
                waiting.add(node.next_functions[a], grad, ran.passed_on[a])
                change = own_change(node, a, own, passed_on)
                if change is not None:
                    self._own_changes[node, a] = change[0].clone(), change[1].clone()
            cuts.passed(len(self.order), node, ran.nbytes, waiting.sums, waiting.nbytes)

        found = self.listen(hear)
        cuts.end()
        for leaf, grad in found.grad.items():
            self._compare(leaf, 0, waiting.taken(leaf, 0, grad)[0], grad)
        return found

    def _compare(
        self, node: Any, output: int, before: torch.Tensor | None, after: torch.Tensor
    ) -> None:
        """Note it where a hook has changed what was added up."""
        if before is not None and not is_same(before, after):
            self._changes[node, output] = before.detach().clone(), after.detach().clone()

    def listen(self, hear: Hear) -> Leaves:
        """Run the pass, and change nothing for the program; see `record.listened`.

        Raises:
            ArgumentError: it cannot be run.
        """
        if self.order and self._waits:
            raise ArgumentError(said("it waits for the other ranks, which do not run it again"))
        with ALONE, gradients_kept(self._retained):
            return listened(
                self._nodes, self.seed, hear, is_copied=self._is_copied, random=self._random
            )

    def is_as_before(self, node: Any, came: Tensors, passed_on: Tensors) -> bool:
        """Whether a pass more met the same numbers at a node."""
        return self._ran[node].is_as(node, came, passed_on)

    def nbytes(self, node: Any) -> int:
        """Of what came to a node and what it passed on."""
        return int(self._ran[node].nbytes)

    def used(self, node: Any) -> list[int]:
        """As of any pass."""
        return list(self._ran[node].came)

    def reached(self, node: Any) -> list[int]:
        """As of any pass."""
        return list(self._ran[node].passed_on)

    def change(self, node: Any, output: int) -> tuple[torch.Tensor, torch.Tensor] | None:
        """As of any pass."""
        return self._changes.get((node, output))

    def came(self, node: Any) -> Tensors:
        """Looked up, or out of a pass more."""
        return self._again.came(node)

    def own_change(self, node: Any, operand: int) -> tuple[torch.Tensor, torch.Tensor] | None:
        """As of any pass."""
        return self._own_changes.get((node, operand))

    def filled(self, node: Any) -> Tensors | None:
        """As of any pass."""
        found: Tensors | None = self._ran[node].filled
        return found

    def met(self, op: NodeOp) -> tuple[list[Array], list[Array]]:
        """A part of the pass is run again; else the node is asked about a v of our own.

        Either is enough to tell which op it is.
        """
        if not may_be_recognised(op.node):
            return [_nothing(shape) for shape, _ in op.parts], [_nothing(x) for x in op.shapes]
        found = self._again.without_hooks(op.node)
        return self._asked(op) if found is None else met(op, *found, self.dtype)

    def _asked(self, op: NodeOp) -> tuple[list[Array], list[Array]]:
        v = [
            # As the node has it: rounded, where it computes in half precision.
            array(torch.as_tensor(probe(shape, self.dtype)).to(metadata.dtype), self.dtype)
            for shape, metadata in op.parts
        ]
        whole = side_by_side(v)
        try:
            passed_on = op.vjp(whole)
        except UnknownError:
            passed_on = [_nothing(shape) for shape in op.shapes]
        self._passing.count(2 * (whole.nbytes + sum(x.nbytes for x in passed_on)))
        return v, [x.astype(self.dtype, copy=False) for x in passed_on]

    def place(self, k: int, origin: Origin, v: Array) -> None:
        """What arrived is kept where it is small; else where it comes from."""
        parts = [self._ran[origin.node].came[n].size for n in origin.outputs]
        small = [part for part in parts if not isinstance(part, Size)]
        if len(small) == len(parts) and v.size <= SMALL:
            whole = side_by_side([array(part, self.dtype) for part in small])
            self._kept[k] = whole.reshape(v.shape)
        else:
            self._origins[k] = origin

    def keep(self, k: int, v: Array) -> None:
        """It is held."""
        self._kept[k] = v

    def hand_on(self, edge: Edge, origin: Origin, at: int, passed_on: Array) -> None:
        """What is handed on is kept where it is small; else where it comes from."""
        del passed_on
        if origin.operands is not None:
            found = self._ran[origin.node].passed_on[operand(origin, at)].size
            if not isinstance(found, Size):
                self._edges[edge] = array(found, self.dtype)
                return
        self._handed[edge] = origin, at

    def keep_edge(self, edge: Edge, passed_on: Array) -> None:
        """It is held."""
        self._edges[edge] = passed_on

    def drop(self, edge: Edge) -> None:
        """Nothing of it is remembered."""
        self._edges.pop(edge, None)
        self._handed.pop(edge, None)

    def cotangents(self, count: int) -> Sequence[Array | None]:
        """The small ones, and how to have the others."""
        self._again.let_go()  # what was held to tell which op each node is
        self._passing.give_back()
        sizes = {k: self._size(origin) for k, origin in self._origins.items()}
        return Later(count, self._kept, sizes, lambda k: self._again.arrived(self._origins[k]))

    def _size(self, origin: Origin) -> Size:
        parts = [measured(self._ran[origin.node].came[k].size) for k in origin.outputs]
        if len(parts) == 1:
            return parts[0]
        together = size_of(np.array([part.norm for part in parts]))
        return Size(together.norm, sum(p.nan for p in parts), sum(p.inf for p in parts))

    def contributions(self) -> Mapping[Edge, Array]:
        """The small ones, and how to have the others."""
        sizes: dict[Edge, Size] = {}
        told: set[Edge] = set()
        for edge, (origin, at) in self._handed.items():
            if origin.operands is None:  # the share of one of several outputs is its v, moved
                sizes[edge] = self._size(origin)
                told.add(edge)
            else:
                sizes[edge] = measured(self._ran[origin.node].passed_on[operand(origin, at)].size)
        return LaterEdges(
            self._edges, sizes, told, lambda e: self._again.passed_on(*self._handed[e])
        )


def _nothing(shape: tuple[int, ...]) -> Array:
    """Zeros that take no memory."""
    return np.broadcast_to(np.zeros(()), shape) if prod(shape) else np.zeros(shape)
