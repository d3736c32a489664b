"""What is remembered of a node that ran, and whether another pass does the same there."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, Final

import torch

from tui_backprop.attach.later import SMALL
from tui_backprop.attach.pytorch.numbers import given, reached, used
from tui_backprop.attach.pytorch.ops import array, fitted
from tui_backprop.attach.pytorch.sharing import some_of
from tui_backprop.graph.sizes import Size, size_of

if TYPE_CHECKING:
    from tui_backprop.attach.pytorch.record import Own, Tensors

_NEAR: Final = 1e-6
"""How far a norm of another pass may be from that of the first: threads add up in any order."""
_NEAR_HALF: Final = 1e-3
"""The same of half precision."""
_NEAR_ONE: Final = 1e-2
"""The same of one entry, relative to the largest: a mask, or a sign, is another."""


class Ran:
    """What is remembered of a node that ran.

    No dataclass, whose fields are set one by one through a loop: every node makes one.

    Attributes:
        used: the outputs that something arrived at.
        reached: the operands that something was passed on to.
        came: by output, what arrived where that is small; else how large it was.
        passed_on: by operand, likewise.
        filled: what a Function of the program's was given in place of what did not arrive.
        some: a few entries of each of these, in that order.
        nbytes: of all of that.
    """

    __slots__ = ("came", "filled", "nbytes", "passed_on", "reached", "some", "used")

    def __init__(self, node: Any, came: Tensors, passed_on: Tensors, own: Own | None) -> None:
        self.used = used(came)
        self.reached = reached(node, passed_on)
        every = _every(node, came, passed_on)
        self.came = {k: _remembered(g) for k, g in zip(self.used, every, strict=False)}
        rest = every[len(self.used) :]
        self.passed_on = {a: _remembered(g) for a, g in zip(self.reached, rest, strict=True)}
        self.some = [some_of(_dense(g)) for g in every]
        self.filled = None if own is None else own.filled
        self.nbytes = sum(g.numel() * g.element_size() for g in every)

    def is_as(self, node: Any, came: Tensors, passed_on: Tensors) -> bool:
        """Whether another pass met the same numbers here, as far as what is remembered tells."""
        if used(came) != self.used or reached(node, passed_on) != self.reached:
            return False
        every = _every(node, came, passed_on)
        sizes = [*self.came.values(), *self.passed_on.values()]
        return all(map(_is_again, every, sizes, self.some))


def _remembered(grad: torch.Tensor) -> torch.Tensor | Size:
    if grad.numel() <= SMALL:
        return grad.detach().clone()
    return measured(grad)


def _every(node: Any, came: Tensors, passed_on: Tensors) -> list[torch.Tensor]:
    """What came to a node, then what it passes on."""
    handed_on = [fitted(given(passed_on, a), node, a) for a in reached(node, passed_on)]
    return [*(given(came, k) for k in used(came)), *handed_on]


def _is_again(grad: torch.Tensor, before: torch.Tensor | Size, some: torch.Tensor) -> bool:
    """Whether an array of another pass is the one of the first, sums in another order aside."""
    now, then = measured(grad), measured(before)
    if (now.nan, now.inf) != (then.nan, then.inf):
        return False
    near = _NEAR if grad.dtype in {torch.float32, torch.float64} else _NEAR_HALF
    is_near = now.norm == then.norm or abs(now.norm - then.norm) <= near * then.norm
    if not (is_near or isnan(then.norm)):
        return False
    found, some = some_of(_dense(grad)).double(), some.double()
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
