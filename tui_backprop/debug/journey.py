"""Long work done in pieces: a generator of the steps it has reached, with a result at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

Result = TypeVar("Result")

Journey: TypeAlias = "Generator[int, None, Result]"
"""Yields steps; who stops listening has changed nothing."""


def bounded(journey: Journey[Result], most: int | None) -> Journey[Result]:
    """A journey that is given up after so many pieces; None for any number.

    Raises:
        CommandError: it takes more.
    """
    pieces = 0
    while True:
        try:
            step = next(journey)
        except StopIteration as end:
            result: Result = end.value
            return result
        pieces += 1
        if most is not None and pieces > most:
            journey.close()
            raise CommandError(
                f"given up at step {step:,}: the search looked at {most:,} steps one by one, and "
                f"more are left (--limit searched={10 * max(most, 1)} looks at more of them)"
            )
        yield step


def finished(journey: Journey[Result]) -> Result:
    """Let a journey run to its end; its result."""
    while True:
        try:
            next(journey)
        except StopIteration as end:
            result: Result = end.value
            return result
