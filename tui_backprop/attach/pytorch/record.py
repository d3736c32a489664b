"""One real backward pass, recorded by a hook on every node.

It is PyTorch's own: tensor hooks run and autocast casts. Afterwards nothing has changed: ``.grad``
and the state of the random numbers are as they were, and the graph can be used once more.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.graph import GradientEdge

from tui_backprop.attach.pytorch.graph import is_reentrant
from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.attach.pytorch.graph import Nodes

    Tensors = tuple[torch.Tensor | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What one backward pass did.

    Attributes:
        seed: v as it was placed on the loss.
        order: the nodes in the order in which they ran.
        v: what arrived at each node, one for each of its outputs; None where nothing did.
        added: what each node passed on, one for each of its operands.
        grad: what each leaf, by its node, would find in ``.grad``; absent where nothing arrives.
        others: of leaves behind a reentrant checkpoint, whose nodes are not part of the graph.
        versions: of everything seen, when it was seen.
    """

    seed: torch.Tensor
    order: list[Any]
    v: dict[Any, Tensors]
    added: dict[Any, Tensors]
    grad: dict[Any, torch.Tensor]
    others: list[tuple[torch.Tensor, torch.Tensor]]
    versions: list[list[int]]

    @property
    def is_as_seen(self) -> bool:
        """Whether nothing that was seen has been changed in place since."""
        return all(
            then == [g._version for g in (*self.v[n], *self.added[n]) if g is not None]  # noqa: SLF001 - pinned by a test
            for n, then in zip(self.order, self.versions, strict=True)
        )


def record(nodes: Nodes, v: torch.Tensor | None) -> Record:
    """Run the backward pass of a loss and write it down.

    Args:
        nodes: of the loss.
        v: as for ``loss.backward(v)``.

    Raises:
        ArgumentError: it cannot be run; one sentence says why.
    """
    found = _recorded(nodes, v, is_copied=False)
    # Some code of the program's changes gradients in place: what was seen must be copied then.
    return found if found.is_as_seen else _recorded(nodes, v, is_copied=True)


def _recorded(nodes: Nodes, v: torch.Tensor | None, *, is_copied: bool) -> Record:
    loss = nodes.loss
    seed = torch.ones_like(loss) if v is None else v.detach().clone()
    found = Record(seed.clone(), [], {}, {}, {}, [], [])
    handles = [h for node in nodes.ops for h in _hooks(node, found, is_copied=is_copied)]
    through = _through_backward if any(map(is_reentrant, nodes.ops)) else _through_grad
    try:
        with random_numbers_kept():
            through(nodes, seed, found)
    except RuntimeError as error:
        raise ArgumentError(_reason(str(error))) from error
    finally:
        for handle in handles:
            handle.remove()
    return found


def _hooks(node: Any, found: Record, *, is_copied: bool) -> Iterator[Any]:
    """Listen after a node ran: PyTorch tells what came to it and what it passes on.

    A Function of the program's may write into what came to it: that is copied before it runs.
    """
    came_before: list[Tensors] = []
    if isinstance(node, torch.autograd.function.BackwardCFunction):
        yield node.register_prehook(lambda came: came_before.append(_copies(came)))

    def after(passed_on: Tensors, came: Tensors) -> None:
        if came_before:
            came = came_before.pop()
        if is_copied:
            passed_on, came = _copies(passed_on), _copies(came)
        found.order.append(node)
        found.v[node] = came
        found.added[node] = passed_on
        found.versions.append([g._version for g in (*came, *passed_on) if g is not None])  # noqa: SLF001 - pinned by a test

    yield node.register_hook(after)


def _copies(grads: Tensors) -> Tensors:
    return tuple(None if g is None else g.detach().clone() for g in grads)


def _through_grad(nodes: Nodes, seed: torch.Tensor, found: Record) -> None:
    """Without touching ``.grad``; hooks after accumulation, as DDP has them, do not run."""
    ends = [GradientEdge(leaf, 0) for leaf in nodes.leaves]
    grads = torch.autograd.grad(nodes.loss, ends, seed, retain_graph=True, allow_unused=True)
    for leaf, grad in zip(nodes.leaves, grads, strict=True):
        if grad is not None:
            found.grad[leaf] = grad.detach()


def _through_backward(nodes: Nodes, seed: torch.Tensor, found: Record) -> None:
    """Through ``.grad``, which is put back: a reentrant checkpoint allows nothing else."""
    leaves = [t for t in gc.get_objects() if issubclass(type(t), torch.Tensor) and _has_grad(t)]
    kept = [(leaf, leaf.grad) for leaf in leaves]
    own = {id(leaf.variable): leaf for leaf in nodes.leaves}
    for leaf in leaves:
        leaf.grad = None
    try:
        torch.autograd.backward(nodes.loss, seed, retain_graph=True)
        for leaf in leaves:
            if leaf.grad is not None:
                copy = leaf.grad.detach().clone()
                if id(leaf) in own:
                    found.grad[own[id(leaf)]] = copy
                else:
                    found.others.append((leaf, copy))
    finally:
        for leaf, before in kept:
            leaf.grad = before


@contextmanager
def retained_kept(nodes: Iterable[Any]) -> Iterator[None]:
    """Results of which ``retain_grad()`` was asked get a ``.grad`` by any pass: it is put back.

    PyTorch does not tell which those are: every object of the program is looked at.
    """
    behind = set(nodes)
    kept = [
        (found, found.grad)
        for found in gc.get_objects()
        if issubclass(type(found), torch.Tensor) and found.retains_grad and found.grad_fn in behind
    ]
    try:
        yield
    finally:
        for tensor, grad in kept:
            tensor.grad = grad


def _has_grad(tensor: torch.Tensor) -> bool:
    return bool(tensor.is_leaf and tensor.requires_grad)


@contextmanager
def random_numbers_kept() -> Iterator[None]:
    """A backward pass may draw random numbers; the program's next ones stay what they were."""
    host = torch.get_rng_state()
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        torch.set_rng_state(host)
        if devices is not None:
            torch.cuda.set_rng_state_all(devices)


def _reason(message: str) -> str:
    first = message.strip().partition("\n")[0]
    if "donated buffers" in message:
        return (
            "torch.compile gave the buffers of this graph away, so it can run only once: set "
            "torch._functorch.config.donated_buffer = False before compiling, or debug without "
            "torch.compile"
        )
    return f"the backward pass does not run to its end; PyTorch says: {first}"
