"""Undo and redo of other numbers in the same graph: a history with a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import Backward
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Pass
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace
    from tui_backprop.timeline.training import Training

    Left: TypeAlias = "tuple[tuple[str, Numbers], ...]"


MOST: Final = 1000

_ROOM: Final = 15_000_000
"""Entries of all values that are kept evaluated, a quarter of a gigabyte with their adjoints."""


_MOST_BYTES: Final = 100 * 10**6
"""Of leaves and seeds: one of the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers that a trace was made of, and the trace itself while there is room for it.

    Attributes:
        leaves: by name.
        passes: with their seeds.
        trace: None where it would have to be evaluated again.
        training: the iterations that it belongs to; None where nothing is trained.
    """

    leaves: Mapping[str, Array]
    passes: tuple[Pass, ...]
    trace: Trace | None = None
    training: Training[Trace] | None = None

    def evaluated(self, now: Trace) -> Trace:
        """The trace; ``now`` is another one of the same graph.

        Of a training it is the iteration that ``now`` is.
        """
        if self.training is not None:
            return self.training.trace(now.number)
        return now.again(self.leaves, self.passes) if self.trace is None else self.trace


def numbers_of(trace: Trace) -> Numbers:
    """The numbers of a trace, as the history keeps them."""
    return Numbers(trace.leaves, trace.passes, trace, trace.training)


def _without_trace(numbers: Numbers) -> Numbers:
    """The same numbers, to be evaluated again."""
    training = None if numbers.training is None else numbers.training.lightened()
    return replace(numbers, trace=None, training=training)


def _nbytes(left: Left) -> int:
    """The bytes of leaves and seeds; most traces share most of them."""
    arrays = {id(a): a.nbytes for _, numbers in left for a in numbers.leaves.values()}
    for _, numbers in left:
        seeds = (p.v for p in numbers.passes if isinstance(p, Backward) and p.v is not None)
        arrays.update({id(v): v.nbytes for v in seeds})
    return sum(arrays.values())


def _within(left: Left, room: int) -> Left:
    """The history with fewer traces kept: those of its first and latest numbers, while they fit."""
    kept: set[int] = set()
    for at in (0, *range(len(left) - 1, 0, -1))[: len(left)]:
        trace = left[at][1].trace
        room -= 0 if trace is None else max(trace.graph.elements, 1)
        if room < 0:
            break
        kept.add(at)
    if len(kept) == len(left):
        return left
    return tuple(
        (what, numbers if at in kept else _without_trace(numbers))
        for at, (what, numbers) in enumerate(left)
    )


_LONGEST: Final = 200


def in_few(what: str) -> str:
    """A ``set`` as it is reported: of a million numbers only the first few."""
    return what if len(what) <= _LONGEST else f"{what[:_LONGEST]}…"


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Numbers that were left, each with what was set to leave them.

    Attributes:
        done: what is set now, in the order it was set.
        undone: what can be set again, the next one last.
    """

    done: Left = ()
    undone: Left = ()

    @property
    def baseline(self) -> Trace | None:
        """The trace before anything was tried; None where nothing is, or it is too large."""
        return self.done[0][1].trace if self.done else None

    @property
    def before(self) -> Numbers | None:
        """The numbers before what was set last; None where nothing is."""
        return self.done[-1][1] if self.done else None

    @property
    def in_force(self) -> tuple[str, ...]:
        """What is set at present, in a few words each."""
        return tuple(in_few(what) for what, _ in self.done)

    def with_set(self, what: str, left: Trace) -> History:
        """Something new is set; what had been undone is gone.

        Raises:
            CommandError: so much is set that nobody means it.
        """
        if len(self.done) >= MOST:
            raise CommandError(
                said("{most} numbers are set already: undo some of them first", most=f"{MOST:,}")
            )
        if _nbytes(self.done) > _MOST_BYTES:
            held = _MOST_BYTES // 10**6
            raise CommandError(
                said(
                    "what was set before takes more than {size} MB to be undone: undo some "
                    "of it first",
                    size=held,
                )
            )
        return History(_within((*self.done, (what, numbers_of(left))), _ROOM))

    def without_last(self, left: Trace) -> tuple[str, Trace, History]:
        """The last change, the trace before it, and the history without it.

        Args:
            left: the trace with it.

        Raises:
            CommandError: nothing was set.
        """
        if not self.done:
            raise CommandError(said("there is nothing to undo: nothing was set"))
        what, trace, done, undone = _moved(self.done, self.undone, left)
        return what, trace, History(done, undone)

    def with_undone(self, left: Trace) -> tuple[str, Trace, History]:
        """The change that was undone last, the trace with it, and the history with it.

        Args:
            left: the trace without it.

        Raises:
            CommandError: nothing was undone.
        """
        if not self.undone:
            raise CommandError(said("there is nothing to redo: nothing was undone"))
        what, trace, undone, done = _moved(self.undone, self.done, left)
        return what, trace, History(done, undone)


def _moved(source: Left, target: Left, left: Trace) -> tuple[str, Trace, Left, Left]:
    """The last change of one side put on the other: what it is, its trace, and both sides."""
    *rest, (what, numbers) = source
    more = _within((*target, (what, numbers_of(left))), _ROOM)
    return what, numbers.evaluated(left), tuple(rest), more
