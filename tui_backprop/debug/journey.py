"""Work that is done in pieces: it yields the steps it has come to, and ends with a result.

It stands apart from what travels so that whoever cannot wait in between has one way to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

Result = TypeVar("Result")

Journey: TypeAlias = "Generator[int, None, Result]"
"""Yields steps; who stops listening has changed nothing."""


def finished(journey: Journey[Result]) -> Result:
    """Let a journey run to its end; its result."""
    while True:
        try:
            next(journey)
        except StopIteration as end:
            result: Result = end.value
            return result
