"""Giving memory back to the system.

Large arrays that live for a moment between small ones that stay leave holes at the end of glibc's
heap, which it keeps: some 100 MB beside the 150 MB of gradients of an encoder of 38 million
parameters.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_OFTEN: Final = 32 << 20
"""Bytes of passing arrays after which it is worth a few milliseconds."""


class Passing:
    """Counts arrays that were made for a moment, and gives their memory back now and then."""

    def __init__(self) -> None:
        self._bytes = 0

    def count(self, nbytes: int) -> None:
        """So many bytes were made, and are done with."""
        self._bytes += nbytes
        if self._bytes >= _OFTEN:
            self.give_back()

    def give_back(self) -> None:
        """Now."""
        self._bytes = 0
        _trim()(0)


@lru_cache(maxsize=1)
def _trim() -> Callable[[int], Any]:
    """Glibc's function; one that does nothing where the system has another library."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda _pad: 0
