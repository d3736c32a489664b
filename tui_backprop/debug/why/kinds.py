"""The kinds of causes that can stop a gradient."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from tui_backprop.dataclass import dataclass


class Kind(Enum):
    """What kind of thing stopped a gradient."""

    SEED = "the seed is 0"
    UNREAD = "nothing reads the entry"
    OFF = "the unit is off"
    CLIPPED = "outside the bounds"
    BRANCH = "another operand was taken"
    FLAT = "the derivative is stated to be 0"
    KINK = "a convention at a kink"
    SATURATED = "saturated"
    FADED = "nearly saturated"
    VALUE = "a factor is 0"
    IGNORED = "a sample that is ignored"
    ALONE = "nothing to compare with"
    UNDERFLOW = "too small for the number format"
    CANCELLED = "contributions cancel"
    ROUNDED = "lost in rounding"
    OTHER = "the slope is 0 here"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a path ends.

    Attributes:
        kind: what kind of thing it is.
        text: one sentence about it, with the numbers.
        step: where to see it; None where no step shows it.
    """

    kind: Kind
    text: str
    step: int | None


Found: TypeAlias = tuple[Kind, str]
"""A kind, and one sentence about it."""
