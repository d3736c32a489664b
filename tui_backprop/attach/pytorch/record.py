"""One real backward pass, recorded by a hook on every node.

It is PyTorch's own: tensor hooks run and autocast casts. Afterwards nothing has changed: ``.grad``
and the state of the random numbers are as they were, and the graph can be used once more.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

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
    """

    seed: torch.Tensor
    order: list[Any]
    v: dict[Any, Tensors]
    added: dict[Any, Tensors]
    grad: dict[Any, torch.Tensor]
    others: list[tuple[torch.Tensor, torch.Tensor]]


Seen: TypeAlias = "tuple[Any, Tensors, Tensors, list[int]]"
"""A node, what came to it, what it passed on, and which version of these tensors that was."""


def record(nodes: Nodes, v: torch.Tensor | None) -> Record:
    """Run the backward pass of a loss and write it down.

    Args:
        nodes: of the loss.
        v: as for ``loss.backward(v)``.

    Raises:
        ArgumentError: it cannot be run; one sentence says why.
    """
    with without_collecting():
        found = _recorded(nodes, v, is_copied=False)
        if found is None:  # some code of the program's changes gradients in place
            found = _recorded(nodes, v, is_copied=True)
    if found is None:
        raise AssertionError("copies are nobody's to change")
    return found


@contextmanager
def without_collecting() -> Iterator[None]:
    """Nothing is collected: of the thousands of small objects made here all are kept."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _recorded(nodes: Nodes, v: torch.Tensor | None, *, is_copied: bool) -> Record | None:
    """One pass; None where something that was seen has been changed in place since."""
    loss = nodes.loss
    seed = torch.ones_like(loss) if v is None else v.detach().clone()
    found = Record(seed.clone(), [], {}, {}, {}, [])
    seen: list[Seen] = []
    handles = [h for node in nodes.ops for h in _hooks(node, seen, is_copied=is_copied)]
    through = _through_backward if any(map(is_reentrant, nodes.ops)) else _through_grad
    try:
        with random_numbers_kept():
            through(nodes, seed, found)
    except RuntimeError as error:
        raise ArgumentError(_reason(str(error))) from error
    finally:
        for handle in handles:
            handle.remove()
    for node, came, passed_on, versions in seen:
        if versions != _versions(came, passed_on):
            return None
        found.order.append(node)
        found.v[node] = came
        found.added[node] = passed_on
    return found


def _versions(came: Tensors, passed_on: Tensors) -> list[int]:
    """How often each tensor was changed in place."""
    return [g._version for g in came + passed_on if g is not None]  # noqa: SLF001 - pinned by a test


def _hooks(node: Any, seen: list[Seen], *, is_copied: bool) -> Iterator[Any]:
    """Listen after a node ran: PyTorch tells what came to it and what it passes on.

    A Function of the program's may write into what came to it: that is copied before it runs.
    """
    before: list[Tensors] = []

    def after(passed_on: Tensors, came: Tensors) -> None:
        if before:
            came = before.pop()
        elif is_copied:
            came = _copies(came)
        if is_copied:
            passed_on = _copies(passed_on)
        seen.append((node, came, passed_on, _versions(came, passed_on)))

    if isinstance(node, torch.autograd.function.BackwardCFunction):
        yield node.register_prehook(lambda came: before.append(_copies(came)))
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
    leaves = [t for t in _every_tensor() if t.is_leaf and t.requires_grad]
    own = {id(leaf.variable): leaf for leaf in nodes.leaves}
    with gradients_kept(leaves):
        for leaf in leaves:
            leaf.grad = None
        torch.autograd.backward(nodes.loss, seed, retain_graph=True)
        for leaf in leaves:
            if leaf.grad is not None:
                copy = leaf.grad.detach().clone()
                if id(leaf) in own:
                    found.grad[own[id(leaf)]] = copy
                else:
                    found.others.append((leaf, copy))


def retained_by(nodes: Iterable[Any]) -> list[torch.Tensor]:
    """The outputs of some nodes of which ``retain_grad()`` was asked.

    PyTorch does not tell which those are: every object of the program is looked at.
    """
    behind = set(nodes)
    return [t for t in _every_tensor() if t.retains_grad and t.grad_fn in behind]


def _every_tensor() -> Iterator[torch.Tensor]:
    """Of the program's objects, the type told without asking them: some answer with work."""
    return (found for found in gc.get_objects() if issubclass(type(found), torch.Tensor))


@contextmanager
def gradients_kept(tensors: Iterable[torch.Tensor]) -> Iterator[None]:
    """A pass gives these a ``.grad``: what they had is put back."""
    kept = [(tensor, tensor.grad) for tensor in tensors]
    try:
        yield
    finally:
        for tensor, grad in kept:
            tensor.grad = grad


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
