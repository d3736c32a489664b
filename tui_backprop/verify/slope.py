"""One slope by central differences, with an honest estimate of how good it is.

It stands apart from the witness because choosing a step is an art of its own: too long sees the
curve and the kinks, too short sees the rounding. So several are tried, each at two lengths and
extrapolated to none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.verify.objective import Objective

_STEPS: Final = tuple(2.0**-k for k in (10, 16, 22, 28))
"""In units of the entry, or of 1 where it is smaller. The extrapolated error falls with the fourth
power of the step and rounding rises with its inverse, so the first, near ε^(1/5), serves mostly."""


@dataclass(frozen=True, slots=True)
class Slope:
    """What central differences say.

    Attributes:
        value: the slope.
        error: how far it may be off: what the extrapolation changed, and the rounding.
        size: of the objective, ``Σ |v · Y|``.
        is_blind: whether some entries of Y had no finite difference and were left out.
        is_kinked: whether a kink lies within the step.
    """

    value: float
    error: float
    size: float
    is_blind: bool
    is_kinked: bool = False

    def is_sharp(self, worst: float, negligible: float) -> bool:
        """Whether the error is small enough for agreement, or its absence, to mean something.

        Args:
            worst: the error allowed, relative to the slope; a thousandth of the objective's size
                counts as one.
            negligible: an error that is always small enough.
        """
        size = abs(self.value) + 1e-3 * self.size
        return self.error <= max(worst * size, negligible)


def slope(objective: Objective, name: str, flat: int, accepts: Callable[[Slope], bool]) -> Slope:
    """The slope of the objective in one entry of one input.

    Args:
        objective: what to differentiate.
        name: the input.
        flat: its entry.
        accepts: whether a slope is good enough; asked after each step length.

    Returns:
        The first that is accepted; else the best by its own estimate, preferably without a kink.
    """
    tried: list[Slope] = []
    for step in _STEPS:
        found, runs = _slope(objective, name, flat, step)
        if accepts(found):
            return found
        is_kinked = any(_is_crossed(objective, name, flat, *ends) for ends in runs)
        tried.append(replace(found, is_kinked=is_kinked))
    return min(tried, key=lambda s: (s.is_kinked, math.inf if math.isnan(s.error) else s.error))


def _is_crossed(objective: Objective, name: str, flat: int, *ends: float) -> bool:
    """Whether a kink lies between two numbers of an entry; run again, for few are asked."""
    return objective.is_crossed(*(objective.moved(name, flat, end) for end in ends))


def _slope(
    objective: Objective, name: str, flat: int, step: float
) -> tuple[Slope, list[tuple[float, float]]]:
    """The extrapolated slope, and the pairs of entries that it came from."""
    x = objective.leaf(name, flat)
    h = step * max(abs(x), 1.0)
    slopes: list[float] = []
    runs: list[tuple[float, float]] = []
    error = size = 0.0
    is_blind = False
    for length in (h, h / 2):
        ends = x - length, x + length
        rise = objective.rise(*(objective.moved(name, flat, end) for end in ends))
        run = (x + length) - (x - length)
        slopes.append(rise.value / run)
        error, size = rise.rounding / run, rise.size
        is_blind = is_blind or rise.is_blind
        runs.append(ends)
    coarse, fine = slopes
    error += abs(fine - coarse) / 3
    return Slope((4 * fine - coarse) / 3, error, size, is_blind), runs
