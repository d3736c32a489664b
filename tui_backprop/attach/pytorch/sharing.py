"""Arrays whose memory is a tensor's, which the program may change while the walk is held."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.types import Array

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
    size = int(np.prod(numbers.shape))
    at = np.linspace(0, size - 1, min(size, _LOOKED_AT)).astype(np.intp)
    index = np.unravel_index(at, numbers.shape) if numbers.shape else ()
    return numbers[index].copy() if isinstance(numbers, np.ndarray) else numbers[index].clone()


def _is_changed(tensor: torch.Tensor, at: int, array: Array, some: Array) -> bool:
    if version(tensor) != at:
        return True
    return not np.array_equal(some_of(array), some, equal_nan=True)
