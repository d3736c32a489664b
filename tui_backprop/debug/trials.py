"""What was tried: other numbers in the same graph, and the way back.

It stands apart from the session because it is a history with a cursor, and knows no walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.trace import Trace

    Left: TypeAlias = list[tuple[str, Trace]]


class Trials:
    """Traces that were left, each with what was set to leave it."""

    def __init__(self) -> None:
        self._done: Left = []
        self._undone: Left = []

    @property
    def baseline(self) -> Trace | None:
        """The numbers before anything was tried; None where nothing is."""
        return self._done[0][1] if self._done else None

    @property
    def before(self) -> Trace | None:
        """The numbers before what was set last; None where nothing is."""
        return self._done[-1][1] if self._done else None

    @property
    def in_force(self) -> tuple[str, ...]:
        """What is set now, in the order it was set."""
        return tuple(what for what, _ in self._done)

    def add(self, what: str, left: Trace) -> None:
        """Something new was set; what had been undone is gone."""
        self._done.append((what, left))
        self._undone.clear()

    def undo(self, left: Trace) -> tuple[str, Trace]:
        """What was set last, and the trace before it.

        Raises:
            CommandError: nothing was set.
        """
        return _exchange(self._done, self._undone, left, "undo: nothing was set")

    def redo(self, left: Trace) -> tuple[str, Trace]:
        """What was undone last, and the trace with it.

        Raises:
            CommandError: nothing was undone.
        """
        return _exchange(self._undone, self._done, left, "redo: nothing was undone")


def _exchange(source: Left, target: Left, left: Trace, complaint: str) -> tuple[str, Trace]:
    """Take the last from one history, and leave the present trace in the other."""
    if not source:
        raise CommandError(f"there is nothing to {complaint}")
    what, trace = source.pop()
    target.append((what, left))
    return what, trace
