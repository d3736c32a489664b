"""The updates that end an iteration of training: which step changes which entry, and to what.

An update is a step for each entry, as a partial is one for each entry of J: a person sees one
number change, and `next` goes over the whole input.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.update_rules import Computed, Update
    from tui_backprop.rules.types import Array


class Updates:
    """The updates of one iteration, addressed from 0.

    Attributes:
        update: how the scenario trains; None where it does not.
        number: of the iteration, from 0.
        leaves: ids of the trained inputs, in the order they are updated.
        lines: for each of them the arithmetic, in the shape of the input.
        size: how many entries they have together, which is how many steps there are.
    """

    def __init__(
        self,
        update: Update | None = None,
        number: int = 0,
        evaluation: Evaluation | None = None,
        leaves: Sequence[int] = (),
        lines: Sequence[tuple[Computed, ...]] = (),
    ) -> None:
        self.update = update
        self.number = number
        self.leaves = tuple(leaves)
        self.lines = tuple(lines)
        self._evaluation = evaluation
        sizes = (computed[-1].value.size for computed in self.lines)
        self._starts = list(accumulate(sizes, initial=0))
        self.size = self._starts[-1]

    def locate(self, position: int) -> tuple[int, int]:
        """The input and the entry that a step changes, 0 ≤ position < `size`."""
        at = bisect_right(self._starts, position) - 1
        return self.leaves[at], position - self._starts[at]

    def steps(self, leaf: int) -> range:
        """The steps that change an input; none where it is not trained."""
        if leaf not in self.leaves:
            return range(0)
        at = self.leaves.index(leaf)
        return range(self._starts[at], self._starts[at + 1])

    def of(self, leaf: int) -> tuple[Computed, ...]:
        """The arithmetic of an input's update."""
        return self.lines[self.leaves.index(leaf)]

    def value(self, node: int, leaf: int, entry: int) -> Array:
        """What a node's value is once an entry of a trained input has its new number.

        Values that were computed from it stay, until the next forward pass.
        """
        if self._evaluation is None:
            raise AssertionError("without updates no step is one")
        old = self._evaluation.value(node)
        if node not in self.leaves or self.leaves.index(node) > self.leaves.index(leaf):
            return old
        new = self.of(node)[-1].value
        if node != leaf or entry == new.size - 1:
            return new
        mixed = np.where(np.arange(new.size) <= entry, new.ravel(), old.ravel())
        return frozen(mixed.reshape(new.shape))


NO_UPDATES: Final = Updates()
"""Of a walk that trains nothing."""
