"""How large an array is, and how many of its entries are not finite."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.naming import decimal
from tui_backprop.language.message import clauses, said, said_many

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_DIGITS: Final = 6
_SAFE: Final = 1e-200
"""A sum of squares from here to its reciprocal has lost nothing to the ends of the range."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is remembered of an array that is not kept.

    Attributes:
        norm: √Σx²; infinite or NaN where an entry is.
        nan: how many entries are NaN.
        inf: how many are infinite.
    """

    norm: float
    nan: int = 0
    inf: int = 0

    @property
    def is_finite(self) -> bool:
        """Whether every entry is; the norm of finite entries may still be infinite."""
        return not self.nan and not self.inf


def size_of(array: Array) -> Size:
    """Measure an array of any shape."""
    length = norm(array)
    if isfinite(length):
        return Size(length)
    return Size(length, int(np.isnan(array).sum()), int(np.isinf(array).sum()))


def norm(array: Array) -> float:
    """√Σx², without a square that overflows; NaN where an entry is, 0 of nothing."""
    x = np.asarray(array, dtype=np.float64).ravel()
    with np.errstate(all="ignore"):
        square = float(x @ x)
    if _SAFE < square < 1 / _SAFE:
        return sqrt(square)
    x = np.abs(x)
    largest = float(x.max(initial=0.0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * sqrt(float(np.square(x / largest).sum()))


def norms(arrays: Array) -> Array:
    """`norm` of each of many arrays, which the first axis tells apart; to the last bit the same."""
    x = np.ascontiguousarray(arrays, dtype=np.float64).reshape(len(arrays), -1)
    with np.errstate(all="ignore"):
        # Row by row the same product of vectors as in `norm`, which a sum need not be.
        squares = np.matmul(x[:, None, :], x[:, :, None])[:, 0, 0]
        found = np.sqrt(squares)
        odd = np.flatnonzero(~((squares > _SAFE) & (squares < 1 / _SAFE)))
        if odd.size:
            x = np.abs(x[odd])
            largest = x.max(axis=1, initial=0.0)
            scaled = largest * np.sqrt(np.square(x / largest[:, None]).sum(axis=1))
            found[odd] = np.where((largest == 0) | ~np.isfinite(largest), largest, scaled)
    return np.asarray(found)


def size_text(size: Size) -> str:
    """What is known of an array, as a clause."""
    found = [said("its norm is {norm}", norm=decimal(size.norm, _DIGITS))]
    if size.nan:
        found.append(said_many(size.nan, "{count} entry is NaN", "{count} entries are NaN"))
    if size.inf:
        found.append(
            said_many(size.inf, "{count} entry is infinite", "{count} entries are infinite")
        )
    return clauses(found)


def is_finite(array: Array) -> bool:
    """Whether every entry is finite; scalars, of which loops make many, without NumPy's call."""
    if array.size == 1:
        return isfinite(array.item())
    return bool(np.isfinite(array).all())
