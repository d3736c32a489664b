"""From a leaf's description to its array.

Sizes are checked by shape before anything is allocated, for each array and for all of a file
together.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import LimitError
from tui_backprop.scenario.array_files import StoredError, find
from tui_backprop.scenario.leaves import Drawn, Filled, FromFile, Valued

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.leaves import Leaf
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Span


@dataclass(frozen=True, slots=True)
class _Plan:
    """An array that is not made yet: its shape, and a function that gives its float64 entries."""

    shape: Shape
    numbers: Callable[[], Array]


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
        try:
            plan = self._plan(leaf)
            if plan is None or not self._is_acceptable(leaf, plan.shape, shape, of):
                return None
            numbers = plan.numbers()
        except StoredError as error:
            self._report.span(_source(leaf), error.message, error.hint)
            return None
        except LimitError as error:
            self._report.span(_source(leaf), str(error))
            return None
        return self._cast(leaf, numbers, plan.shape if shape is None else shape)

    def _plan(self, leaf: Leaf) -> _Plan | None:
        """None where a part of the leaf could not be read."""
        if isinstance(leaf, Filled):
            return _fill(leaf)
        if isinstance(leaf, Drawn):
            return _draw(leaf)
        if isinstance(leaf, FromFile):
            return None if leaf.file is None else self._stored(leaf.file, leaf.key)
        listed = leaf.value if isinstance(leaf, Valued) else leaf
        return None if listed is None else _Plan(listed.shape, lambda: listed.numbers)

    def _stored(self, file: Word, key: Word | None) -> _Plan:
        stored = find(self.folder, file.text, key.text if key else None, self._report.limits)
        return _Plan(stored.shape, stored.read)

    def _is_acceptable(self, leaf: Leaf, found: Shape, wanted: Shape | None, of: str) -> bool:
        size = prod(found)
        if wanted is not None and found != wanted and not size == prod(wanted) == 1:
            self._report.span(leaf.span, f"expected shape {wanted}, as {of} has, found {found}")
            return False
        self._total += size
        return not (
            self._report.exceeds(leaf.span, "axes", len(found), "an array")
            or self._report.exceeds(leaf.span, "elements", size, f"an array of shape {found}")
            or self._report.exceeds(leaf.span, "total_elements", self._total, "all arrays so far")
        )

    def _cast(self, leaf: Leaf, numbers: Array, shape: Shape) -> Array | None:
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


def _source(leaf: Leaf) -> Span:
    """The place to blame when an array cannot be had: the name of its file, if it has one."""
    return leaf.file.span if isinstance(leaf, FromFile) and leaf.file else leaf.span


def _fill(leaf: Filled) -> _Plan | None:
    shape, fill = leaf.shape, leaf.fill
    if shape is None or None in shape or fill is None:
        return None
    return _Plan(shape, lambda: np.full(shape, fill))


def _draw(leaf: Drawn) -> _Plan | None:
    """Draws that a seed decides, equal on every machine and in both dtypes before rounding."""
    shape, seed, scale = leaf.shape, leaf.seed, leaf.scale
    if shape is None or None in shape or seed is None or scale is None or leaf.random is None:
        return None
    generator = np.random.default_rng(seed)
    draw = generator.standard_normal if leaf.random == "normal" else generator.random

    def numbers() -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(draw(shape) * scale)

    return _Plan(shape, numbers)
