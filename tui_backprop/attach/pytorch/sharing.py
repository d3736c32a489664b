"""Arrays whose memory is a tensor's, which the program may change while the walk is held."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.types import Array, IntArray

_LOOKED_AT: Final = 32
"""Entries by which a change is noticed that nobody counts, as of ``tensor.data``."""


def owner(array: Array) -> torch.Tensor | None:
    """The tensor whose memory an array is; None where it has its own."""
    found: Any = array
    while isinstance(found, np.ndarray):
        found = found.base
    return found if isinstance(found, torch.Tensor) else None


def shared(values: Sequence[Array | None]) -> dict[int, Callable[[], bool]]:
    """Those of some values whose memory is the program's, and whether it has changed them since."""
    found: dict[int, Callable[[], bool]] = {}
    for k, array in enumerate(values):
        tensor = None if array is None else owner(array)
        if array is not None and tensor is not None:
            found[k] = partial(_is_changed, tensor, version(tensor), array, some_of(array))
    return found


def version(tensor: torch.Tensor) -> int:
    """How often a tensor was changed in place; of one made for inference nobody counts that."""
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001 - pinned by a test


def some_of(numbers: Any) -> Any:
    """A copy of a few entries of an array, or of a tensor, from its first to its last."""
    if not isinstance(numbers, np.ndarray):
        return torch.take(numbers, _places_on(numbers.numel(), numbers.device))
    shape = numbers.shape
    return numbers[np.unravel_index(_places(numbers.size), shape) if shape else ()].copy()


@lru_cache(maxsize=256)
def _places(size: int) -> IntArray:
    return np.linspace(0, size - 1, min(size, _LOOKED_AT)).astype(np.intp)


@lru_cache(maxsize=256)
def _places_on(size: int, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(_places(size), dtype=torch.int64, device=device)


def _is_changed(tensor: torch.Tensor, at: int, array: Array, some: Array) -> bool:
    if version(tensor) != at:
        return True
    return not np.array_equal(some_of(array), some, equal_nan=True)
