"""From a leaf's description to the array it stands for.

It stands apart because arrays have costs to weigh: sizes are checked by shape before anything is
allocated, for each array and for all of a file together.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.errors import LimitError
from tui_backprop.scenario.leaves import Drawn, Filled, FromFile, Valued
from tui_backprop.scenario.numbers import Listed
from tui_backprop.scenario.stored import Stored, StoredError, find

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.scenario.leaves import Leaf
    from tui_backprop.scenario.report import Report


class Arrays:
    """Makes the arrays of one scenario, in its dtype, within its limits.

    Attributes:
        dtype: of every array.
        folder: where files are looked for; None for a scenario without one.
    """

    def __init__(self, dtype: np.dtype[Any], folder: Path | None, report: Report) -> None:
        self.dtype = dtype
        self.folder = folder
        self._report = report
        self._total = 0

    def make(self, leaf: Leaf, shape: Shape | None = None, of: str = "") -> Array | None:
        """The array, read-only, or None with the problem reported.

        Args:
            leaf: what the file says; only its shape is looked at until that is accepted.
            shape: what it must have, where that is known; one number fits any single entry.
            of: what has this shape, for the message.
        """
        source = self._source(leaf)
        if source is None:
            return None
        found = source.shape
        if shape is not None and found != shape and not (prod(found) == prod(shape) == 1):
            self._report.span(leaf.span, f"expected shape {shape}, as {of} has, found {found}")
            return None
        if not self._is_within_limits(leaf, found):
            return None
        try:
            return self._cast(leaf, _numbers(source), found if shape is None else shape)
        except StoredError as error:
            self._report.span(leaf.span, error.message, error.hint)
            return None

    def _source(self, leaf: Leaf) -> Listed | Filled | Drawn | Stored | None:
        """What has a shape; None where a part of it could not be read."""
        if isinstance(leaf, Valued):
            return leaf.value
        if isinstance(leaf, FromFile):
            return self._find(leaf)
        if isinstance(leaf, (Filled, Drawn)) and (leaf.shape is None or None in leaf.shape):
            return None
        return leaf

    def _find(self, leaf: FromFile) -> Stored | None:
        if leaf.file is None:
            return None
        key = None if leaf.key is None else leaf.key.text
        try:
            return find(self.folder, leaf.file.text, key, self._report.limits)
        except StoredError as error:
            self._report.span(leaf.file.span, error.message, error.hint)
        except LimitError as error:
            self._report.span(leaf.file.span, str(error))
        return None

    def _is_within_limits(self, leaf: Leaf, shape: Shape) -> bool:
        size = prod(shape)
        self._total += size
        return not (
            self._report.exceeds(leaf.span, "elements", size, f"an array of shape {shape}")
            or self._report.exceeds(leaf.span, "total_elements", self._total, "all arrays so far")
        )

    def _cast(self, leaf: Leaf, numbers: Array | None, shape: Shape) -> Array | None:
        if numbers is None:
            return None
        with np.errstate(over="ignore"):
            array = numbers.astype(self.dtype, copy=False).reshape(shape)
        if array.dtype != numbers.dtype:
            lost = np.isinf(array).ravel() & np.isfinite(numbers).ravel()
            if lost.any():
                number = float(numbers.ravel()[int(lost.argmax())])
                self._report.span(leaf.span, f"{number!r} is beyond the range of {self.dtype}")
                return None
        array.setflags(write=False)
        return array


def _numbers(source: Listed | Filled | Drawn | Stored) -> Array | None:
    """The entries as float64; None where a part of the description could not be read."""
    if isinstance(source, Listed):
        return source.numbers
    if isinstance(source, Stored):
        return source.read()
    if isinstance(source, Filled):
        fill, shape = source.fill, source.shape
        return None if fill is None or shape is None else np.full(shape, fill)
    return _draw(source)


def _draw(source: Drawn) -> Array | None:
    """The same numbers for the same seed, on every machine and in both dtypes before rounding."""
    shape, seed, scale = source.shape, source.seed, source.scale
    if shape is None or seed is None or scale is None or source.random is None:
        return None
    generator = np.random.default_rng(seed)
    is_normal = source.random == "normal"
    drawn = generator.standard_normal(shape) if is_normal else generator.random(shape)
    with np.errstate(all="ignore"):
        return np.asarray(drawn * scale)
