"""What a node that picks entries saved, read as the key of ``x[key]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

if TYPE_CHECKING:
    from tui_backprop.attach.pytorch.reading import Seen

_MOST_LISTED: Final = 64
"""Entries of a list of indices that is written out."""


def _key_at(axis: int, item: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * axis, item)


def selected(seen: Seen) -> Any:
    """The key of one place along an axis."""
    axis = seen.saved("dim") % len(seen.x)
    return _key_at(axis, seen.saved("index"))


def sliced(seen: Seen) -> Any:
    """The key of a slice, its ends left out where they are the axis's."""
    axis = seen.saved("dim") % len(seen.x)
    start, end, step = (seen.saved(name) for name in ("start", "end", "step"))
    length = seen.x[axis]
    start, end, step = slice(start, end, step).indices(length)
    stop = None if end == length else end
    return _key_at(axis, slice(start or None, stop, None if step == 1 else step))


def unbound(seen: Seen) -> Any:
    """The key of an output of ``unbind``."""
    return _key_at(seen.saved("dim") % len(seen.x), seen.output)


def cut_out(seen: Seen) -> Any:
    """The key of an output of ``split`` or ``chunk``."""
    axis = seen.saved("dim") % len(seen.x)
    sizes = seen.saved("split_sizes")
    start = seen.output * seen.saved("split_size") if sizes is None else sum(sizes[: seen.output])
    stop = start + seen.shape[axis]
    return _key_at(axis, slice(start or None, None if stop == seen.x[axis] else stop))


def listed(seen: Seen) -> Any:
    """The key of an index by lists; a mask is the list of the places where it holds."""
    found: list[Any] = []
    for item in seen.saved("indices"):
        if item is None:
            found.append(slice(None))
        elif item.dtype is torch.bool:
            found += item.nonzero().T.tolist()
        else:
            found.append(item.tolist())
    return tuple(found)


def is_listed(seen: Seen) -> bool:
    """Whether the indices are few, and masks or lists."""
    found = [item for item in seen.saved("indices") or () if item is not None]
    lengths = [
        item.numel() for item in found
        if item.dtype is torch.bool or (item.dtype is torch.int64 and item.dim() == 1)
    ]  # fmt: skip
    return 0 < len(found) == len(lengths) and bool(max(lengths) <= _MOST_LISTED)


def index_selected(seen: Seen) -> Any:
    """The key of several places along an axis."""
    return _key_at(seen.saved("dim") % len(seen.x), seen.saved("index").tolist())


def gathered(seen: Seen) -> Any:
    """The key of one place along an axis for every entry."""
    index = seen.saved("index")
    places = list(torch.meshgrid(*map(torch.arange, index.shape), indexing="ij"))
    places[seen.saved("dim") % len(seen.x)] = index
    return tuple(place.tolist() for place in places)


def is_short(seen: Seen) -> bool:
    """Whether these places can be written out."""
    return int(seen.saved("index").numel()) <= _MOST_LISTED
