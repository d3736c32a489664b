"""What is remembered of a node that ran, and whether another pass does the same there."""

from __future__ import annotations

from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import torch

from tui_backprop.attach.later import SMALL
from tui_backprop.attach.pytorch.numbers import given, reached, used
from tui_backprop.attach.pytorch.ops import array, fitted
from tui_backprop.attach.pytorch.sharing import some_of
from tui_backprop.graph.sizes import Size, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.attach.pytorch.record import Own, Tensors

HandedOn: TypeAlias = "list[tuple[int, torch.Tensor]]"
"""What a node passes on, by operand."""

_NEAR: Final = 1e-6
"""How far a norm of another pass may be from that of the first: threads add up in any order."""
_NEAR_HALF: Final = 1e-3
"""The same of half precision."""
_NEAR_ONE: Final = 1e-2
"""The same of one entry, relative to the largest: a mask, or a sign, is another."""


class Mark(NamedTuple):
    """What is remembered of an array.

    Attributes:
        size: the array where that is small; else how large it was.
        some: a few entries of it.
    """

    size: torch.Tensor | Size
    some: torch.Tensor


_NOTHING: Final[Mapping[int, Mark]] = MappingProxyType({})


class Ran:
    """What is remembered of a node that ran.

    No dataclass, whose fields are set one by one through a loop: every node makes one.

    Attributes:
        came: by output that something arrived at, what that was.
        passed_on: likewise by operand that something was passed on to.
        filled: what a Function of the program's was given in place of what did not arrive.
        nbytes: of all that was passed on, and came from no other node; each piece of memory once.
    """

    __slots__ = ("came", "filled", "nbytes", "passed_on")

    def __init__(
        self,
        came: Tensors,
        passed_on: HandedOn,
        own: Own | None = None,
        known: Mapping[int, Mark] = _NOTHING,
    ) -> None:
        """What is ``known`` of what came is not measured once more."""
        arrived = [(k, g) for k, g in enumerate(came) if g is not None]
        self.came = {k: known.get(k) or mark(g) for k, g in arrived}
        self.passed_on = {a: mark(g) for a, g in passed_on}
        self.filled = None if own is None else own.filled
        before = {_memory(g) for _, g in arrived}
        new = [g for k, g in arrived if k not in known]
        new += [g for _, g in passed_on if _memory(g) not in before]
        self.nbytes = sum(g.numel() * g.element_size() for g in new)

    def is_as(self, node: Any, came: Tensors, passed_on: Tensors) -> bool:
        """Whether another pass met the same numbers here, as far as what is remembered tells."""
        arrived, gone = used(came), handed_on(node, passed_on)
        if arrived != list(self.came) or [a for a, _ in gone] != list(self.passed_on):
            return False
        every = [*(given(came, k) for k in arrived), *(g for _, g in gone)]
        return all(map(_is_again, every, (*self.came.values(), *self.passed_on.values())))


def _memory(grad: torch.Tensor) -> int:
    """Where the numbers lie; of views of one tensor that is the same place."""
    return grad.untyped_storage().data_ptr() if grad.layout is torch.strided else id(grad)


def mark(grad: torch.Tensor) -> Mark:
    """Remember an array."""
    is_small = grad.numel() <= SMALL
    size = grad.detach().clone() if is_small else measured(grad)
    return Mark(size, some_of(_dense(grad)))


def handed_on(node: Any, passed_on: Tensors) -> HandedOn:
    """What a node passes on, by operand that it reaches, as it arrives there."""
    return [(a, fitted(given(passed_on, a), node, a)) for a in reached(node, passed_on)]


def _is_again(grad: torch.Tensor, before: Mark) -> bool:
    """Whether an array of another pass is the one of the first, sums in another order aside."""
    now, then = measured(grad), measured(before.size)
    if (now.nan, now.inf) != (then.nan, then.inf):
        return False
    near = _NEAR if grad.dtype in {torch.float32, torch.float64} else _NEAR_HALF
    is_near = now.norm == then.norm or abs(now.norm - then.norm) <= near * then.norm
    if not (is_near or isnan(then.norm)):
        return False
    found, some = some_of(_dense(grad)).double(), before.some.double()
    limit = float(some.nan_to_num(posinf=0, neginf=0).abs().max()) if some.numel() else 0
    atol = _NEAR_ONE * limit
    return bool(torch.allclose(found, some, rtol=_NEAR_ONE, atol=atol, equal_nan=True))


def _dense(grad: torch.Tensor) -> torch.Tensor:
    return grad.detach().coalesce().values() if grad.is_sparse else grad.detach()


def measured(grad: torch.Tensor | Size) -> Size:
    """How large an array is, or was."""
    if isinstance(grad, Size):
        return grad
    dense = _dense(grad)
    norm = float(torch.linalg.vector_norm(dense))
    # Squares of single precision overflow and vanish soon, those of half precision sooner.
    is_safe = dense.dtype in {torch.float32, torch.float64} and 1e-12 < norm < 1e12
    return Size(norm) if is_safe else size_of(array(grad))
