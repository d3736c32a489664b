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


def _cholesky(t: Any, a: Any, upper: bool) -> Any:
    found, info = t.linalg.cholesky_ex(_symmetric(a), upper=upper)
    return t.where((info == 0)[..., None, None], found, t.nan)


def _factor(which: int) -> Peer:
    return lambda t, a: t.linalg.qr(a)[which]


def _triangular(t: Any, a: Any, b: Any, **static: Any) -> Any:
    return t.linalg.solve_triangular(a, b, **static)


def _turned_as_ours(t: Any, vectors: Any) -> Any:
    """For each column 1 or −1, as its largest entry is positive or not."""
    if not vectors.numel():
        return t.ones_like(vectors.detach()).sum(-2, keepdim=True)
    with t.no_grad():
        sizes = vectors.abs()
        is_largest = sizes >= sizes.amax(dim=-2, keepdim=True) * (1 - 1e-6)
        first = is_largest.to(t.int64).argmax(dim=-2, keepdim=True)
        return t.where(vectors.gather(-2, first) < 0, -1.0, 1.0).to(vectors.dtype)


def _eigvecsh(t: Any, a: Any) -> Any:
    vectors = t.linalg.eigh(_symmetric(a)).eigenvectors
    return vectors * _turned_as_ours(t, vectors)


def _singular(which: int) -> Peer:
    def peer(t: Any, a: Any) -> Any:
        u, _, vh = t.linalg.svd(a, full_matrices=False)
        signs = _turned_as_ours(t, u)
        return u * signs if which == 0 else vh * signs.mT

    return peer


PEERS: Final[Peers] = MappingProxyType(
    {
        "cholesky": _cholesky,
        "qr_q": _factor(0),
        "qr_r": _factor(1),
        "solve_triangular": _triangular,
        "eigvalsh": lambda t, a: t.linalg.eigvalsh(_symmetric(a)),
        "eigvecsh": _eigvecsh,
        "svdvals": lambda t, a: t.linalg.svdvals(a),
        "pinv": lambda t, a, rcond: t.linalg.pinv(a, rtol=rcond),
        "logabsdet": lambda t, a: t.linalg.slogdet(a).logabsdet,
        "signdet": lambda t, a: t.linalg.slogdet(a).sign,
        "svd_u": _singular(0),
        "svd_vh": _singular(2),
    }
)
