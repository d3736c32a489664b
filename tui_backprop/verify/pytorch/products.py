"""PyTorch's peers of products, matrices and linear equations.

NumPy's meaning of an axis, a vector or a singular matrix is kept. In a peer, ``t`` is the module
torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.peers import as_tuple, same

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers


def _dot(t: Any, a: Any, b: Any) -> Any:
    if not a.ndim or not b.ndim:
        return a * b
    return t.tensordot(a, b, dims=([-1], [max(b.ndim - 2, 0)]))


def _tensordot(t: Any, a: Any, b: Any, axes: Any) -> Any:
    dims = [list(as_tuple(part)) for part in axes] if isinstance(axes, tuple | list) else axes
    return t.tensordot(a, b, dims=dims)


def _inverse(t: Any, a: Any) -> Any:
    """NaN where there is none; torch would raise."""
    found, info = t.linalg.inv_ex(a)
    return t.where((info == 0)[..., None, None], found, t.nan)


def _solve(t: Any, a: Any, b: Any) -> Any:
    """A vector is what has one axis; torch would guess from the lengths as well."""
    right = b[:, None] if b.ndim == 1 else b
    batch = t.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    stacks = (x.expand(*batch, *x.shape[-2:]) for x in (a, right))
    found, info = t.linalg.solve_ex(*stacks)
    found = t.where((info == 0)[..., None, None], found, t.nan)
    return found[..., 0] if b.ndim == 1 else found


def _triangle(name: str) -> Peer:
    """NumPy reads a vector as each row of a matrix."""
    return lambda t, x, k: getattr(t, name)(x if x.ndim > 1 else x.expand(x.numel(), -1), k)


PEERS: Final[Peers] = MappingProxyType(
    {
        **same("matmul addmm inner kron"),
        "dot": _dot,
        "tensordot": _tensordot,
        "einsum": lambda t, *arrays, subscripts: t.einsum(subscripts, *arrays),
        "outer": lambda t, a, b: t.outer(a.reshape(-1), b.reshape(-1)),
        "vdot": lambda t, a, b: t.dot(a.reshape(-1), b.reshape(-1)),
        "trace": lambda t, x, offset, axis1, axis2: t.diagonal(x, offset, axis1, axis2).sum(-1),
        "diagonal": lambda t, x, offset, axis1, axis2: t.diagonal(x, offset, axis1, axis2),
        "diag": lambda t, x, k: t.diag(x, k),
        "tril": _triangle("tril"),
        "triu": _triangle("triu"),
        "det": lambda t, a: t.linalg.det(a),
        "inv": _inverse,
        "solve": _solve,
    }
)
