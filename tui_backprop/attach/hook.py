"""A hook of somebody's program that changed v: a step of its own, without partials."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.graph.naming import decimal
from tui_backprop.language.message import said
from tui_backprop.rules.shapes import broadcast_ties
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape

_DIGITS: Final = 6
_HOOK: Final = said("a hook of your program changed v here: it is a function, without partials")


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
        raise UnknownError(_HOOK)

    def jvp(self, argument: int, t: Array) -> Array:
        """A hook has no tangent."""
        del argument, t
        raise UnknownError(_HOOK)

    def nonzeros(self, argument: int) -> int | None:
        """One for each entry."""
        del argument
        return prod(self.shape)

    def refusal(self, rows: IntArray) -> str:
        """What the hook did to an entry of v, in place of partials."""
        if rows.size != 1:
            return _HOOK
        j = int(rows.reshape(-1)[0])
        before, after = (decimal(float(v.flat[j]), _DIGITS) for v in (self._before, self._after))
        return said(
            "a hook changed v: {before} → {after}; it is a function, without partials",
            before=before,
            after=after,
        )

    def pattern(self, argument: int) -> Sparsity:
        """Entry by entry, as far as one can see."""
        del argument
        return Tied(self.shape, self.shape, broadcast_ties(self.shape, self.shape))
