"""What was tried: other numbers in the same graph, and the way back.

It stands apart from the session because it is a history with a cursor, and knows no walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.trace import Trace

    Left: TypeAlias = tuple[tuple[str, Trace], ...]


class Trials:
    """Traces that were left, each with what was set to leave it.

    A copy has a history of its own.
    """

    def __init__(self) -> None:
        self._done: Left = ()
        self._undone: Left = ()

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
        self._done, self._undone = (*self._done, (what, left)), ()

    def undo(self, left: Trace) -> tuple[str, Trace]:
        """What was set last, and the trace before it.

        Raises:
            CommandError: nothing was set.
        """
        last, self._done = _last(self._done, "undo: nothing was set")
        self._undone = (*self._undone, (last[0], left))
        return last

    def redo(self, left: Trace) -> tuple[str, Trace]:
        """What was undone last, and the trace with it.

        Raises:
            CommandError: nothing was undone.
        """
        last, self._undone = _last(self._undone, "redo: nothing was undone")
        self._done = (*self._done, (last[0], left))
        return last


def _last(history: Left, complaint: str) -> tuple[tuple[str, Trace], Left]:
    """The last of a history, and the rest."""
    if not history:
        raise CommandError(f"there is nothing to {complaint}")
    return history[-1], history[:-1]
