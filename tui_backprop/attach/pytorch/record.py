"""One real backward pass, recorded by a hook on every node.

It is PyTorch's own: tensor hooks run and autocast casts. Afterwards nothing has changed: ``.grad``
and the state of the random numbers are as they were, and the graph can be used once more.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import torch
from torch.autograd.graph import GradientEdge

from tui_backprop.attach.pytorch.distributed.ddp import averaging, undelayed
from tui_backprop.attach.pytorch.distributed.ranks import are_many, meet, sends
from tui_backprop.attach.pytorch.distributed.sharded import check_whole
from tui_backprop.attach.pytorch.graph import (
    is_made_by_none,
    is_reentrant,
    kind_of,
    maker,
    op_name,
    unwatched,
)
from tui_backprop.attach.pytorch.kept import draw_from, gradients_kept, program_kept
from tui_backprop.collector import collector_paused
from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.kept import RandomState

    Tensors: TypeAlias = tuple[torch.Tensor | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """What one backward pass leaves in the leaves.

    Attributes:
        grad: what each leaf, by its node, would find in ``.grad``; absent where nothing arrives.
        others: of leaves behind a reentrant checkpoint, whose nodes are not part of the graph.
    """

    grad: dict[Any, torch.Tensor]
    others: list[tuple[torch.Tensor, torch.Tensor]]


class Own(NamedTuple):
    """What was heard of a Function of the program's, without the hooks on its node.

    Attributes:
        filled: what it was given in place of what did not arrive at some of its outputs: zeros, or
            None where it asked for that; PyTorch does not tell which.
        returned: what it gave for each of its operands.
        is_changed: whether a hook has written into that.
    """

    filled: Tensors | None
    returned: Tensors
    is_changed: bool


class Hear(Protocol):
    """Who is told of a node when it has run."""

    def __call__(
        self, node: Any, passed_on: Tensors, came: Tensors, own: Own | None = None, /
    ) -> None:
        """In the order in which PyTorch tells a hook: nothing then stands between the two."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What one backward pass did.

    Attributes:
        seed: v as it was placed on the loss.
        order: the nodes in the order in which they ran.
        v: what arrived at each node, one for each of its outputs; None where nothing did.
        added: what each node passed on, one for each of its operands.
        leaves: what it leaves in the leaves.
        own: what was heard of Functions of the program's, by their nodes.
    """

    seed: torch.Tensor
    order: list[Any]
    v: dict[Any, Tensors]
    added: dict[Any, Tensors]
    leaves: Leaves
    own: dict[Any, Own]


Seen: TypeAlias = "tuple[Any, Tensors, Tensors, int]"
"""A node, what came to it, what it passed on, and how often these tensors had been changed."""


def record(nodes: Nodes, v: torch.Tensor | None) -> Record:
    """Run the backward pass of a loss and write it down.

    Args:
        nodes: of the loss.
        v: as for ``loss.backward(v)``.

    Raises:
        ArgumentError: it cannot be run; one sentence says why.
    """
    check_together(nodes)
    with collector_paused():
        found = _recorded(nodes, v, is_copied=False)
        if found is None:  # some code of the program's changes gradients in place
            found = _recorded(nodes, v, is_copied=True)
    if found is None:
        raise AssertionError("copies are nobody's to change")
    return found


def check_together(nodes: Nodes) -> None:
    """A backward pass that waits for other ranks is run by all of them or by none.

    Raises:
        ArgumentError: the others do not record it; or it would disturb the program's own.
    """
    check_whole(nodes)
    if any(map(is_reentrant, nodes.ops)) and averaging():
        raise ArgumentError(
            said(
                "a reentrant checkpoint can only be recorded by a backward() that would take the "
                "place of the one after which DistributedDataParallel averages: use "
                "use_reentrant=False"
            )
        )
    sent = [op_name(node) for node in nodes.ops if sends(node)] if are_many() else []
    if sent and meet(torch.distributed.group.WORLD, "record", " ".join(sent)) is None:
        raise ArgumentError(
            said(
                "the backward of {op} waits for the other ranks, which do not record this pass: "
                "call this on every rank at the same time, or on none",
                op=sent[0],
            )
        )


def _recorded(nodes: Nodes, v: torch.Tensor | None, *, is_copied: bool) -> Record | None:
    """One pass; None where something that was seen has been changed in place since."""
    seed = seed_of(nodes, v)
    seen: list[Seen] = []
    heard: dict[Any, Own] = {}

    def hear(node: Any, passed_on: Tensors, came: Tensors, own: Own | None = None, /) -> None:
        changes = _changes(came + passed_on)
        if own is not None:
            heard[node] = own
            changes -= own.is_changed
        seen.append((node, came, passed_on, changes))

    found = Record(seed, [], {}, {}, listened(nodes, seed, hear, is_copied=is_copied), heard)
    for node, came, passed_on, changes in seen:
        if changes != _changes(came + passed_on):
            return None
        found.order.append(node)
        found.v[node] = came
        found.added[node] = passed_on
    return found


def seed_of(nodes: Nodes, v: torch.Tensor | None) -> torch.Tensor:
    """What ``loss.backward(v)`` places on the loss, in memory of its own."""
    return torch.ones_like(nodes.loss) if v is None else v.detach().clone()


def listened(
    nodes: Nodes,
    seed: torch.Tensor,
    hear: Hear,
    *,
    is_copied: bool,
    random: RandomState | None = None,
) -> Leaves:
    """Run a backward pass, and tell somebody of every node when it has run.

    Args:
        nodes: of the loss.
        seed: v, which stays as it is.
        hear: told the node, what it passes on, what came to it, and what was heard of it alone if
            it is a Function of the program's.
        is_copied: whether what it is told has memory of its own, which no code of the program's
            changes later.
        random: where random numbers are drawn from; left out, where the program would.

    Raises:
        ArgumentError: it cannot be run; one sentence says why.
    """
    found = Leaves({}, [])
    handles = [h for node in nodes.ops for h in _hooks(node, hear, is_copied=is_copied)]
    through = _through_backward if any(map(is_reentrant, nodes.ops)) else _through_grad
    try:
        with program_kept(), undelayed(nodes.ops):
            if random is not None:
                draw_from(random)
            through(nodes, _unless_one(seed), found)
    except RuntimeError as error:
        raise ArgumentError(_reason(str(error))) from error
    finally:
        for handle in handles:
            handle.remove()
    return found


def _changes(tensors: Tensors) -> int:
    """How often tensors were changed in place, all together: that only grows."""
    return sum([g._version for g in tensors if g is not None])  # noqa: SLF001 - pinned by a test


class _Listening:
    """Listens to a Function of the program's alone, without the hooks on its node."""

    def __init__(self, node: Any, *, is_copied: bool) -> None:
        self.came: list[Tensors] = []
        """What came to it, copied: it may write into that."""
        self._node, self._is_copied = node, is_copied
        self._filled: Tensors | None = None
        self._returned: Tensors = ()
        self._changes = 0
        self._handle = node.register_prehook(lambda came: self.came.append(_copies(came)))
        node.apply = self._apply

    def _apply(self, *given: Any) -> Any:
        node = self._node
        if self.came and len(self.came[-1]) == len(given):
            pairs = zip(given, self.came[-1], strict=True)
            self._filled = tuple(g if c is None else None for g, c in pairs)
        found = type(node).apply(node, *given)
        returned = of_operands(node, found)
        self._returned = _copies(returned) if self._is_copied else returned
        self._changes = _changes(self._returned)
        return found

    @property
    def heard(self) -> Own:
        """What it was given, and what it returned."""
        is_changed = self._changes != _changes(self._returned)
        return Own(self._filled, self._returned, is_changed)

    def remove(self) -> None:
        """As it was."""
        self._handle.remove()
        del self._node.apply


def of_operands(node: Any, returned: Any) -> Tensors:
    """What the backward of a Function returned, one for each tensor that it was given.

    It returns one for each argument, numbers and texts too.
    """
    every = returned if isinstance(returned, tuple) else (returned,)
    needs = node.needs_input_grad
    reached = iter([g for g, is_needed in zip(every, needs, strict=False) if is_needed])
    return tuple(None if p is None else next(reached, None) for p, _ in node.next_functions)


def _hooks(node: Any, hear: Hear, *, is_copied: bool) -> Iterator[Any]:
    """Listen after a node ran: PyTorch tells what came to it and what it passes on."""
    if kind_of(node) is not None:
        own = _Listening(node, is_copied=is_copied)
        yield own
        yield node.register_hook(partial(_after_own, own, hear, node, is_copied))
    elif is_copied:
        yield node.register_hook(
            lambda passed_on, came: hear(node, _copies(passed_on), _copies(came))
        )
    else:
        yield node.register_hook(partial(hear, node))


def _after_own(
    own: _Listening, hear: Hear, node: Any, is_copied: bool, passed_on: Tensors, came: Tensors
) -> None:
    if own.came:
        came = own.came.pop()
    elif is_copied:
        came = _copies(came)
    hear(node, _copies(passed_on) if is_copied else passed_on, came, own.heard)


def _copies(grads: Tensors) -> Tensors:
    return tuple(None if g is None else g.detach().clone() for g in grads)


def _unless_one(seed: torch.Tensor) -> torch.Tensor | None:
    """What PyTorch is given as v: what it takes by itself is left out.

    To compare the shape of what it is given it imports SymPy, for a second.
    """
    return None if seed.numel() == 1 and bool(seed == 1) else seed.clone()


def _through_grad(nodes: Nodes, seed: torch.Tensor | None, found: Leaves) -> None:
    """Without touching ``.grad``; hooks after accumulation, as DDP has them, do not run."""
    ends = [GradientEdge(leaf, 0) for leaf in nodes.leaves]
    grads = torch.autograd.grad(nodes.loss, ends, seed, retain_graph=True, allow_unused=True)
    for leaf, grad in zip(nodes.leaves, grads, strict=True):
        if grad is not None:
            found.grad[leaf] = grad.detach()


def _through_backward(nodes: Nodes, seed: torch.Tensor | None, found: Leaves) -> None:
    """Through ``.grad``, which is put back: a reentrant checkpoint allows nothing else."""
    with unwatched():
        leaves = [t for t in _every_tensor() if t.requires_grad and is_made_by_none(t)]
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
    with unwatched():
        return [t for t in _every_tensor() if t.retains_grad and maker(t) in behind]


def _every_tensor() -> list[torch.Tensor]:
    """Of the program's objects, the type told without asking them: some answer with work."""
    every = gc.get_objects()
    kinds = {kind for kind in set(map(type, every)) if issubclass(kind, torch.Tensor)}
    return [found for found in every if type(found) in kinds]


def _reason(message: str) -> str:
    first = message.strip().partition("\n")[0]
    if "donated buffers" in message:
        return (
            "torch.compile gave the buffers of this graph away, so it can run only once: set "
            "torch._functorch.config.donated_buffer = False before compiling, or debug without "
            "torch.compile"
        )
    return f"the backward pass does not run to its end; PyTorch says: {first}"
