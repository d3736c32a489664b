"""What a walk knows of the iterations of a training; `training` makes them where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

Walked_co = TypeVar("Walked_co", covariant=True)


class Iterations(Protocol[Walked_co]):
    """The timelines of all iterations of a training, joined; `training` makes them."""

    def __hash__(self) -> int:
        """By identity: pictures are kept of what never changes."""

    @property
    def length(self) -> int:
        """Number of steps of the whole walk."""

    @property
    def count(self) -> int:
        """How many iterations there are."""

    def timeline(self, number: int) -> Walked_co:
        """That of an iteration, from 0."""

    def start(self, number: int) -> int:
        """The first step of an iteration; of the one after the last the length."""

    def at(self, k: int) -> Walked_co:
        """The timeline of the iteration that a step belongs to."""

    def parts(self, within: range, *, reverse: bool = False) -> Iterator[tuple[Walked_co, range]]:
        """See `Timeline.parts`."""

    def reaching(self, k: int) -> Iterator[int]:
        """Compute what the iteration of a step needs of those before it, in pieces.

        Yields:
            Steps that it has come to.
        """

    def loss(self, number: int) -> float:
        """What an iteration descends: v·y of its last backward pass, y itself where v is 1."""
