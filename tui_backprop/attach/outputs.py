"""One of several outputs of an op, which stand side by side in the op's value as one vector."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.rules.sparsity import Gathered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape


def side_by_side(outputs: Sequence[Array]) -> Array:
    """The outputs of an op as its value has them: one as it is, several as one vector."""
    if len(outputs) == 1:
        return outputs[0]
    return np.concatenate([np.ravel(x) for x in outputs])


class OutputOp:
    """Some of the entries of the vector, in the output's own shape.

    Attributes:
        name: output.
        computed_by: who computes the op.
        shape: of the output.
        shapes: that of the vector.
    """

    name = "output"

    def __init__(self, computed_by: str, shape: Shape, start: int, whole: Shape) -> None:
        self.computed_by = computed_by
        self.shape = shape
        self.shapes: tuple[Shape, ...] = (whole,)
        self._of = slice(start, start + prod(shape))

    def vjp(self, v: Array) -> Sequence[Array]:
        """V among zeros."""
        found = np.zeros(self.shapes[0])
        found[self._of] = np.asarray(v).ravel()
        return [found]

    def jvp(self, argument: int, t: Array) -> Array:
        """The entries."""
        del argument
        return np.asarray(t)[self._of].reshape(self.shape)

    def nonzeros(self, argument: int) -> int | None:
        """One for each entry."""
        del argument
        return prod(self.shape)

    def refusal(self, rows: IntArray) -> str:
        """Every entry can be had."""
        del rows
        return ""

    def pattern(self, argument: int) -> Sparsity:
        """One entry each."""
        del argument
        return Gathered(np.arange(self._of.start, self._of.stop), self.shapes[0][0])
