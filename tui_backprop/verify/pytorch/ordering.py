"""PyTorch's peers of the ops that order entries, and of those that pick by numbers.

In a peer, ``t`` is the module torch. Where PyTorch leaves the order of equal entries open, it is
asked for a stable sort.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.axes import along, as_tuple, axes_of, lines_of

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.axes import Peer, Peers


def _sorted(which: int) -> Peer:
    """Values or indices of a stable sort; of no axis, of all entries in a row."""

    def peer(t: Any, x: Any, axis: Any, descending: bool) -> Any:
        if axis is None:
            x, axis = x.reshape(-1), 0
        return t.sort(x, dim=axis, descending=descending, stable=True)[which].to(x.dtype)

    return peer


def _topk(t: Any, x: Any, k: int, axis: int, largest: bool) -> Any:
    """By the stable sort: topk itself says nothing about entries that tie."""
    values = t.sort(x, dim=axis, descending=largest, stable=True).values
    return values if not x.ndim else values.narrow(axis, 0, k)


def _quantile(t: Any, x: Any, q: Any, axis: Any, method: str, keepdims: bool) -> Any:
    axes = axes_of(x, axis)
    asked = t.tensor([float(each) for each in as_tuple(q)], dtype=x.dtype)
    found = t.quantile(lines_of(x, axes), asked, dim=-1, interpolation=method)
    kept = [1 if a in axes else n for a, n in enumerate(x.shape) if keepdims or a not in axes]
    return found.reshape([*([len(asked)] if isinstance(q, tuple | list) else []), *kept])


def _place(name: str) -> Peer:
    return along(lambda t, x: getattr(t, name)(x, -1).to(x.dtype))


def _running(name: str) -> Peer:
    """Of nothing torch gives a tensor that is its own parent, and cannot be read."""
    return lambda t, x, axis: getattr(t, name)(x, axis).values if x.numel() else x * 1


PEERS: Final[Peers] = MappingProxyType(
    {
        "sort": _sorted(0),
        "argsort": _sorted(1),
        "topk": _topk,
        # torch.median takes the lower of the middle two.
        "median": along(lambda t, x: t.quantile(x, 0.5, dim=-1)),
        "quantile": _quantile,
        "argmax": _place("argmax"),
        "argmin": _place("argmin"),
        "cummax": _running("cummax"),
        "cummin": _running("cummin"),
    }
)
