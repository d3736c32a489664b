"""Places of a backward pass from which a stretch of it can be run again by itself.

At such a place what had been added up for the nodes that were still to run is kept. From there on
they are called one by one, without the engine and the hooks on them: of a deep model that is a
small part of the pass.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import torch

from tui_backprop.attach.pytorch.distributed.ranks import sends
from tui_backprop.attach.pytorch.graph import kind_of, unwatched
from tui_backprop.attach.pytorch.kept import program_kept
from tui_backprop.attach.pytorch.norms.remembered import handed_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from tui_backprop.attach.pytorch.record import Tensors

    Change: TypeAlias = Callable[[Any, int], tuple[torch.Tensor, torch.Tensor] | None]

Sums: TypeAlias = "dict[tuple[Any, int], torch.Tensor]"
"""What has been added up, by node and output number, before any hook on that."""

_STRIDE: Final = 1 << 20
"""Bytes that pass between two cuts at first; twice as many whenever there is no room for more."""
_MOST: Final = 256
"""Cuts that are held at a time."""
_COPIED: Final = 8
"""Sums that a cut may copy for each node that ran since the one before: a wide graph has many."""


def add_up(sums: Sums, parent: tuple[Any, int], grad: torch.Tensor) -> None:
    """Add what a node passed on, as PyTorch does: never in place."""
    sums[parent] = sums[parent] + grad if parent in sums else grad


class Cut(NamedTuple):
    """A place of the pass.

    Attributes:
        at: how many nodes had run.
        sums: what had been added up by then for those that had not.
        nbytes: of that.
    """

    at: int
    sums: Mapping[tuple[Any, int], torch.Tensor]
    nbytes: int


class Cuts:
    """Chooses places while a pass runs, of which nobody knows yet how long it is.

    Args:
        seed: what was added up before any node ran.
        room: bytes that may be held.
    """

    def __init__(self, seed: Sums, room: int) -> None:
        self._cuts = [Cut(0, dict(seed), 0)]
        self._versions = [_versions(seed)]
        self._room, self._stride = room, max(_STRIDE, room // 8)
        self._held = self._passed = self._since = 0
        """Bytes that are held; that have passed since the last cut; since the best place so far."""
        self._best: tuple[int, int, Sums] | None = None

    def passed(self, at: int, node: Any, nbytes: int, sums: Sums, waiting: int) -> None:
        """A node has run.

        A cut is taken where least is waiting, and after a node that cannot be called alone.

        Args:
            at: how many have.
            node: which.
            nbytes: of what came to it and what it passed on.
            sums: for nodes that have not run.
            waiting: bytes of these.
        """
        self._passed += nbytes
        self._since += nbytes
        is_cheap = len(sums) <= _COPIED * (at - self._cuts[-1].at) and waiting <= self._room
        is_last = not is_callable(node)
        is_better = self._best is None or waiting < self._best[0]
        if is_cheap and (is_last or (is_better and 2 * self._passed >= self._stride)):
            self._best, self._since = (waiting, at, dict(sums)), 0
        if self._best is not None and (is_last or self._passed >= self._stride):
            self._take(*self._best[1:])

    def _take(self, at: int, sums: Sums) -> None:
        """Hold one more; every other one goes while there are too many, the first one stays."""
        cut = Cut(at, sums, _nbytes(sums))
        self._cuts.append(cut)
        self._versions.append(_versions(sums))
        self._held += cut.nbytes
        self._passed, self._since, self._best = self._since, 0, None
        while len(self._cuts) > 1 and (self._held > self._room or len(self._cuts) > _MOST):
            del self._cuts[1::2], self._versions[1::2]
            self._held = sum(cut.nbytes for cut in self._cuts)
            self._stride *= 2

    def end(self) -> None:
        """The pass is over: let those go that some code of the program's has changed since."""
        pairs = zip(self._cuts, self._versions, strict=True)
        self._cuts = [cut for cut, were in pairs if _versions(cut.sums) == were]

    def before(self, place: int) -> Cut | None:
        """The last one before the node that ran as number ``place``, counted from 0."""
        k = bisect_right([cut.at for cut in self._cuts], place) - 1
        return self._cuts[k] if k >= 0 else None


def is_callable(node: Any) -> bool:
    """Whether a node can be called alone: no program's code runs, and nobody is waited for."""
    return kind_of(node) is None and not sends(node)


def run_on(
    cut: Cut, nodes: Sequence[Any], change: Change, wanted: AbstractSet[Any]
) -> tuple[dict[Any, tuple[Tensors, Tensors]], Cut]:
    """Call nodes one after the other, from a cut on.

    Args:
        cut: where the first of them ran.
        nodes: those that ran from there on, in order; each of them `is_callable`.
        change: gives what was added up at an output of a node, and what a hook made of it.
        wanted: those of them that somebody asks about.

    Returns:
        What came to each of these and what it passed on; and where this ends, to run on from.

    Raises:
        RuntimeError: what a node needs is gone.
    """
    sums, found = dict(cut.sums), {}
    with unwatched(), torch.no_grad(), program_kept():
        for node in nodes:
            came = _arrived(node, sums, change)
            passed_on = node(*came)
            if not isinstance(passed_on, tuple):
                passed_on = (passed_on,)
            for a, grad in handed_on(node, passed_on):
                add_up(sums, node.next_functions[a], grad)
            if node in wanted:
                found[node] = came, passed_on
    return found, Cut(cut.at + len(nodes), sums, 0)


def _arrived(node: Any, sums: Sums, change: Change) -> Tensors:
    found: list[torch.Tensor | None] = []
    for k in range(len(node._input_metadata)):  # noqa: SLF001 - pinned by a test
        changed = change(node, k)
        added_up = sums.pop((node, k), None)
        found.append(added_up if changed is None else changed[1])
    return tuple(found)


def _versions(sums: Mapping[tuple[Any, int], torch.Tensor]) -> list[int]:
    return [g._version for g in sums.values()]  # noqa: SLF001 - as above


def _nbytes(sums: Sums) -> int:
    """Of the memory that is held: a view holds all of what it is a view of."""
    storages = (g.untyped_storage() for g in sums.values() if g.layout is torch.strided)
    return sum({s.data_ptr(): s.nbytes() for s in storages}.values())
