"""What a running backward pass has added up for the nodes that have not run yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui_backprop.attach.pytorch.norms.cuts import Sums, add_up

if TYPE_CHECKING:
    import torch

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.norms.remembered import Mark


class _Alone(NamedTuple):
    """What is remembered of a tensor that nothing has been added to, and which version that was."""

    mark: Mark
    version: int


class Waiting:
    """The sums, before any hook on them.

    Attributes:
        sums: of nodes, by output number.
        nbytes: of these.
    """

    def __init__(self, nodes: Nodes, seed: torch.Tensor) -> None:
        self.sums: Sums = {(nodes.loss.grad_fn, nodes.loss.output_nr): seed}
        self.nbytes = _nbytes(seed)
        self._leaves = frozenset(nodes.leaves)
        self._of_leaves: Sums = {}
        self._alone: dict[tuple[Any, int], _Alone] = {}

    def add(self, parent: tuple[Any, int], grad: torch.Tensor, mark: Mark) -> None:
        """A node passed this on, of which that is remembered."""
        if parent[0] in self._leaves:
            add_up(self._of_leaves, parent, grad)
        elif parent in self.sums:
            add_up(self.sums, parent, grad)
            self._alone.pop(parent, None)
        else:
            self.sums[parent] = grad
            self.nbytes += _nbytes(grad)
            self._alone[parent] = _Alone(mark, grad._version)  # noqa: SLF001 - pinned by a test

    def taken(
        self, node: Any, output: int, grad: torch.Tensor
    ) -> tuple[torch.Tensor | None, Mark | None]:
        """A node runs: what was added up for an output, and what is remembered of ``grad``.

        Nothing is, where ``grad`` is a sum, or no longer what was added up.
        """
        place = node, output
        if node in self._leaves:
            return self._of_leaves.pop(place, None), None
        before, alone = self.sums.pop(place, None), self._alone.pop(place, None)
        if before is None:
            return None, None
        self.nbytes -= _nbytes(before)
        is_it = alone is not None and before is grad and alone.version == grad._version  # noqa: SLF001 - as above
        return before, alone.mark if alone is not None and is_it else None


def _nbytes(grad: torch.Tensor) -> int:
    return int(grad.numel() * grad.element_size())
