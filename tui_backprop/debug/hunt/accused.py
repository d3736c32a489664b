"""What a person has accused so far; a session keeps it."""

from __future__ import annotations

from tui_backprop.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Hunt:
    """What a person has accused so far.

    Attributes:
        wrong: the accusations that were refused, each counted once.
        is_over: whether the bug was found.
    """

    wrong: frozenset[tuple[int, str]] = frozenset()
    is_over: bool = False
