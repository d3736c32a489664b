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


def _quantile(name: str, parts: int = 1) -> Peer:
    """``q`` counts in such parts of the whole."""

    def peer(t: Any, x: Any, q: Any, axis: Any, method: str, keepdims: bool) -> Any:
        axes = axes_of(x, axis)
        asked = t.tensor([float(each) / parts for each in as_tuple(q)], dtype=x.dtype)
        found = getattr(t, name)(lines_of(x, axes), asked, dim=-1, interpolation=method)
        kept = [1 if a in axes else n for a, n in enumerate(x.shape) if keepdims or a not in axes]
        return found.reshape([*([len(asked)] if isinstance(q, tuple | list) else []), *kept])

    return peer


def _kth(t: Any, x: Any, k: int, axis: int, keepdims: bool) -> Any:
    """By the stable sort: kthvalue itself says nothing about entries that tie."""
    values = t.sort(x, dim=axis, stable=True).values
    if not x.ndim:
        return values
    return values.narrow(axis, k - 1, 1) if keepdims else values.select(axis, k - 1)


def _place(name: str) -> Peer:
    return along(lambda t, x: getattr(t, name)(x, -1).to(x.dtype))


def _running(name: str) -> Peer:
    """Of nothing torch gives a tensor that is its own parent, and cannot be read."""
    return lambda t, x, axis: getattr(t, name)(x, axis).values if x.numel() else x * 1


def _whole(t: Any, x: Any, length: int) -> Any:
    """The places that numbers name, counted from the beginning; torch raises where none is."""
    found = t.floor(x.detach() + 0.5).to(t.int64)
    return t.where(found < 0, found + length, found)


def _take(t: Any, x: Any, indices: Any, axis: int | None) -> Any:
    flat = x.reshape(-1) if axis is None else x
    along_axis = 0 if axis is None else axis % x.ndim
    places = _whole(t, indices, flat.shape[along_axis])
    found = t.index_select(flat, along_axis, places.reshape(-1))
    return found.reshape([*flat.shape[:along_axis], *places.shape, *flat.shape[along_axis + 1 :]])


def _select(t: Any, x: Any, index: Any, axis: int) -> Any:
    return t.index_select(x, axis, _whole(t, index, x.shape[axis]))


def _take_along(t: Any, x: Any, indices: Any, axis: int | None) -> Any:
    length = x.numel() if axis is None else x.shape[axis]
    return t.take_along_dim(x, _whole(t, indices, length), axis)


def _gather(t: Any, x: Any, index: Any, axis: int) -> Any:
    return t.gather(x, axis, _whole(t, index, x.shape[axis] if x.ndim else 1))


def _index_add(t: Any, x: Any, index: Any, source: Any, axis: int) -> Any:
    return t.index_add(x, axis, _whole(t, index, x.shape[axis]), source)


PEERS: Final[Peers] = MappingProxyType(
    {
        "sort": _sorted(0),
        "argsort": _sorted(1),
        "topk": _topk,
        # torch.median takes the lower of the middle two.
        "median": along(lambda t, x: t.quantile(x, 0.5, dim=-1)),
        "quantile": _quantile("quantile"),
        "nanquantile": _quantile("nanquantile"),
        "percentile": _quantile("quantile", 100),
        # torch.nanmedian takes the lower of the middle two.
        "nanmedian": along(lambda t, x: t.nanquantile(x, 0.5, dim=-1)),
        "kthvalue": _kth,
        "argmax": _place("argmax"),
        "argmin": _place("argmin"),
        "cummax": _running("cummax"),
        "cummin": _running("cummin"),
        "take": _take,
        "take_along_axis": _take_along,
        "gather": _gather,
        "index_select": _select,
        "index_add": _index_add,
    }
)
