"""PyTorch's peers of ops that move entries: shapes, picks, copies, joins.

In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.verify.pytorch.peers import as_tuple, axes_of

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peers


def _index(t: Any, x: Any, key: Any) -> Any:
    """NumPy says which places; torch, which has no negative steps, picks them."""
    places = np.arange(x.numel()).reshape(tuple(x.shape))[key]
    return x.reshape(-1)[t.as_tensor(np.array(places))]


def _expand_dims(t: Any, x: Any, axis: Any) -> Any:
    rank = x.ndim + len(as_tuple(axis))
    for a in sorted(a % rank for a in as_tuple(axis)):
        x = t.unsqueeze(x, a)
    return x


def _roll(t: Any, x: Any, shift: Any, axis: Any) -> Any:
    if axis is None:
        return t.roll(x, sum(as_tuple(shift)))
    pairs = np.broadcast(as_tuple(shift), as_tuple(axis))
    for places, along in pairs:
        x = t.roll(x, int(places), int(along))
    return x


def _pad(t: Any, x: Any, pad_width: Any, mode: str, constant_values: Any) -> Any:
    pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)) if x.ndim else np.empty((0, 2))
    if mode == "constant" and np.ndim(constant_values) == 0:
        widths = [int(n) for pair in reversed(pairs.tolist()) for n in pair]  # the last axis first
        return t.nn.functional.pad(x, widths, value=constant_values)
    # torch's other modes know some ranks only, and each axis has one constant.
    if mode == "constant":
        borders = np.broadcast_to(np.asarray(constant_values), (x.ndim, 2)).tolist()
        for axis, (pair, ends) in enumerate(zip(pairs.tolist(), borders, strict=True)):
            first, last = (
                t.full((*x.shape[:axis], int(n), *x.shape[axis + 1 :]), end, dtype=x.dtype)
                for n, end in zip(pair, ends, strict=True)
            )
            x = t.cat([first, x, last], dim=axis)
        return x
    padded: Any = np.pad  # its types know no mode that is a variable
    for axis, pair in enumerate(pairs.astype(int)):
        places = padded(np.arange(x.shape[axis]), pair, mode=mode)
        x = t.index_select(x, axis, t.from_numpy(places))
    return x


def _reshape(t: Any, x: Any, shape: Any, order: str) -> Any:
    if order != "F":
        return t.reshape(x, as_tuple(shape))
    turned = x.permute(tuple(reversed(range(x.ndim))))
    found = t.reshape(turned, tuple(reversed(as_tuple(shape))))
    return found.permute(tuple(reversed(range(found.ndim))))


def _repeat(t: Any, x: Any, repeats: Any, axis: Any) -> Any:
    times = as_tuple(repeats)
    count = times[0] if len(times) == 1 else t.tensor(times)
    return t.repeat_interleave(x, count, dim=axis)


def _embedding(t: Any, x: Any, weight: Any, padding_idx: int | None) -> Any:
    return t.nn.functional.embedding(named(t, x), weight, padding_idx)


def named(t: Any, x: Any) -> Any:
    """The whole numbers nearest to x; where that is no place at all torch raises."""
    return t.floor(x.detach() + 0.5).to(t.int64)


PEERS: Final[Peers] = MappingProxyType(
    {
        "transpose": lambda t, x, axes: x.permute(
            tuple(reversed(range(x.ndim))) if axes is None else as_tuple(axes)
        ),
        "reshape": _reshape,
        "index": _index,
        "ravel": lambda t, x, order: _reshape(t, x, -1, order),
        "squeeze": lambda t, x, axis: (
            t.squeeze(x) if axis is None else t.squeeze(x, as_tuple(axis))
        ),
        "expand_dims": _expand_dims,
        "broadcast_to": lambda t, x, shape: t.broadcast_to(x, as_tuple(shape)),
        "swapaxes": lambda t, x, axis1, axis2: t.swapaxes(x, axis1, axis2),
        "moveaxis": lambda t, x, source, destination: t.moveaxis(x, source, destination),
        "flip": lambda t, x, axis: t.flip(x, axes_of(x, axis)),
        "roll": _roll,
        "tile": lambda t, x, reps: t.tile(x, as_tuple(reps)),
        "repeat": _repeat,
        "pad": _pad,
        "concatenate": lambda t, *arrays, axis: (
            t.cat([x.reshape(-1) for x in arrays]) if axis is None else t.cat(arrays, dim=axis)
        ),
        "stack": lambda t, *arrays, axis: t.stack(arrays, dim=axis),
        "vstack": lambda t, *arrays: t.vstack(arrays),
        "hstack": lambda t, *arrays: t.hstack(arrays),
        "embedding": _embedding,
    }
)
