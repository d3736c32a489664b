"""Every op of the table as PyTorch says it, and where the two are known to differ.

It stands apart as the one place where the tables of peers meet. What differs on finite numbers
stands here, so that a report does not call it an error; what differs only beside NaN and infinities
needs no statement, since nothing is said of such entries.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.verify.pytorch import elementwise, layout, network, products, reductions
from tui_backprop.verify.pytorch.peers import axes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.types import Array
    from tui_backprop.verify.pytorch.peers import Peers

PEERS: Final[Peers] = MappingProxyType(
    {
        **elementwise.PEERS,
        **reductions.PEERS,
        **products.PEERS,
        **layout.PEERS,
        **network.PEERS,
    }
)

WITHOUT: Final[Mapping[str, str]] = MappingProxyType({})
"""Ops that PyTorch has no equal of, and why: of a program with one of them it says nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A gradient that PyTorch gives otherwise, on purpose on one side or the other.

    Attributes:
        reason: whose it is, and why ours stays.
        at: ``(y, *operands, **params)`` → whether these numbers show it.
    """

    reason: str
    at: Callable[..., bool]


def _is_singular(y: Array, _a: Array) -> bool:
    return bool(np.any(y == 0))


def _is_short(_z: Array, x: Array, y: Array, axis: Any, eps: float) -> bool:
    axes = tuple(axes_of(x, axis))
    return any(np.any(np.sum(part * part, axis=axes) < eps * eps) for part in (x, y))


DIFFERENCES: Final[Mapping[str, Difference]] = MappingProxyType(
    {
        "det": Difference(
            "PyTorch multiplies by the determinant, and so loses the cofactors where it is 0",
            _is_singular,
        ),
        "cosine_similarity": Difference(
            "below eps PyTorch's value uses eps, its slope still the norm", _is_short
        ),
    }
)
