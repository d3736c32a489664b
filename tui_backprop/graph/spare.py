"""Large arrays that nobody holds any more, for the next evaluation of the same graph.

Memory that is given back to the system comes anew a page at a time, which takes longer than most
ops that fill it.
"""

from __future__ import annotations

import sys
import sysconfig
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Shape

_LARGE: Final = 1 << 16
"""Bytes from which an array is kept: what is smaller, the process keeps by itself."""
_ROOM: Final = 256 << 20
"""Bytes that are kept at most; further arrays are new each time."""
_TWO: Final = 2
"""Evaluations: while one is looked at the other is made."""

Slot: TypeAlias = "tuple[str, int, Shape, np.dtype[Any]]"
"""What an array was of, and what it has to be."""


def is_large(shape: Shape, dtype: np.dtype[Any]) -> bool:
    """Whether an array is kept."""
    return prod(shape) * dtype.itemsize >= _LARGE


class Spare:
    """The arrays of the last two evaluations, each given out again when no one else refers to it.

    Two threads may ask at once: what one has taken from a list the other does not see. (Then more
    may be kept than there should be room for, by the few arrays that both have made.)
    """

    def __init__(self) -> None:
        self._kept: dict[Slot, list[Array]] = {}
        self._room = _ROOM

    def take(self, slot: Slot) -> Array:
        """An array with any numbers, which only the caller refers to."""
        kept = self._kept.setdefault(slot, [])
        for _ in range(len(kept)):
            found, references = _first(kept)
            if found is None:
                break
            kept.append(found)
            if references == _ALONE:
                found.setflags(True)  # type: ignore[call-arg]  # the stubs know it by name only
                return found
        _, _, shape, dtype = slot
        made = np.empty(shape, dtype)
        if len(kept) >= _TWO:
            _first(kept)
        elif made.nbytes > self._room:
            return made
        else:
            self._room -= made.nbytes
        kept.append(made)
        return made

    def copied(self, slot: Slot, array: Array) -> Array:
        """An array with the numbers of another one."""
        made = self.take(slot)
        np.copyto(made, array)
        return made


def none(_slot: Slot) -> None:
    """No array: NumPy makes one, in the order that it finds best."""


def _first(kept: list[Array]) -> tuple[Array | None, int]:
    """Take the first of a list, and count who refers to it; None where there is none any more."""
    try:
        found = kept.pop(0)
    except IndexError:
        return None, 0
    return found, sys.getrefcount(found)


_COUNTS: Final = sys.implementation.name == "cpython" and not sysconfig.get_config_var(
    "Py_GIL_DISABLED"
)
_ALONE: Final = _first([np.empty(0)])[1] if _COUNTS else -1
"""The count of what nobody else refers to; no count, where counts do not tell."""
