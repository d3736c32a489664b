"""What changed v between two nodes: a hook of somebody's program, or an average over ranks.

It is a step of its own, without partials.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.attach.given import foreign_op
from tui_backprop.errors import UnknownError
from tui_backprop.graph.naming import decimal
from tui_backprop.language.message import said
from tui_backprop.rules.shapes import broadcast_ties
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape

_DIGITS: Final = 6


class HookOp:
    """A hook that changed v; it is a function of the program, without partials.

    Attributes:
        name: hook.
        computed_by: whose hook it is.
    """

    name = "hook"

    def __init__(self, computed_by: str, shape: Shape, before: Array, after: Array) -> None:
        self.computed_by = computed_by
        self.shape = shape
        self.shapes = (shape,)
        self._before = before
        self._after = after

    def vjp(self, v: Array) -> Sequence[Array]:
        """What the hook made of v when it ran.

        Raises:
            UnknownError: this is another v.
        """
        if np.array_equal(v, self._before, equal_nan=True):
            return [self._after]
        raise UnknownError(self.told())

    def jvp(self, argument: int, t: Array) -> Array:
        """A hook has no tangent."""
        del argument, t
        raise UnknownError(self.told())

    def nonzeros(self, argument: int) -> int | None:
        """One for each entry."""
        del argument
        return prod(self.shape)

    def refusal(self, rows: IntArray) -> str:
        """What the hook did to an entry of v, in place of partials.

        Of several entries the first that it made infinite or NaN tells more than all of them.
        """
        asked = rows.reshape(-1)
        if asked.size != 1:
            had, has = (np.isfinite(v.reshape(-1)[asked]) for v in (self._before, self._after))
            asked = asked[had & ~has]
        if not asked.size:
            return self.told()
        j = int(asked[0])
        before, after = (decimal(float(v.flat[j]), _DIGITS) for v in (self._before, self._after))
        return self._told_of_entry(before, after)

    def pattern(self, argument: int) -> Sparsity:
        """Entry by entry, as far as one can see."""
        del argument
        return Tied(self.shape, self.shape, broadcast_ties(self.shape, self.shape))

    def told(self) -> str:
        """What happened to v as a whole."""
        return said("a hook of your program changed v here: it is a function, without partials")

    def _told_of_entry(self, before: str, after: str) -> str:
        """What happened to one entry of v."""
        return said(
            "a hook changed v: {before} → {after}; it is a function, without partials",
            before=before,
            after=after,
        )


class AverageOp(HookOp):
    """The average of a leaf's gradients over the ranks of a distributed program.

    Attributes:
        name: all_reduce.
        ranks: how many there are.
        reason: why the average is not part of the walk, which then goes on with this rank's own
            gradient; empty where it is.
    """

    name = "all_reduce"

    def __init__(
        self,
        computed_by: str,
        shape: Shape,
        before: Array,
        after: Array,
        *,
        ranks: int,
        reason: str = "",
    ) -> None:
        super().__init__(computed_by, shape, before, after)
        self.ranks = ranks
        self.reason = reason

    def told(self) -> str:
        """That it is an average; or why it is not yet one."""
        if self.reason:
            return said(
                "one rank's own gradient, not the average over {ranks} ranks: {reason}",
                ranks=self.ranks,
                reason=self.reason,
            )
        return said(
            "averaged over {ranks} ranks: what the others computed is not part of this walk",
            ranks=self.ranks,
        )

    def _told_of_entry(self, before: str, after: str) -> str:
        if self.reason:
            return self.told()
        return said(
            "averaged over {ranks} ranks: {before} → {after}",
            ranks=self.ranks,
            before=before,
            after=after,
        )


def not_averaged(graph: Graph) -> str:
    """That the leaves of a walk have one rank's own gradients; empty where they have not."""
    ops = map(foreign_op, graph.nodes)
    return next((op.told() for op in ops if isinstance(op, AverageOp) and op.reason), "")
