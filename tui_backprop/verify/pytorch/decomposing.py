"""PyTorch's peers of the decompositions.

In a peer, ``t`` is the module torch. What is NaN here is NaN there, where torch would raise; a
matrix that is taken to be symmetric is made so first; and the sign of a vector is the row's.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.axes import Peer, Peers


def _symmetric(a: Any) -> Any:
    return a / 2 + a.mT / 2


def _cholesky(t: Any, a: Any) -> Any:
    found, info = t.linalg.cholesky_ex(_symmetric(a))
    return t.where((info == 0)[..., None, None], found, t.nan)


def _factor(which: int) -> Peer:
    return lambda t, a: t.linalg.qr(a)[which]


def _triangular(t: Any, a: Any, b: Any, **static: Any) -> Any:
    return t.linalg.solve_triangular(a, b, **static)


PEERS: Final[Peers] = MappingProxyType(
    {
        "cholesky": _cholesky,
        "qr_q": _factor(0),
        "qr_r": _factor(1),
        "solve_triangular": _triangular,
    }
)
