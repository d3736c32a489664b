"""What was tried: other numbers in the same graph, and the way back.

It stands apart from the session because it is a history with a cursor, and knows no walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.trace import Trace


class Trials:
    """Traces that were left, each with what was set to leave it."""

    def __init__(self) -> None:
        self._done: list[tuple[str, Trace]] = []
        self._undone: list[tuple[str, Trace]] = []

    @property
    def baseline(self) -> Trace | None:
        """The numbers before anything was tried; None where nothing is."""
        return self._done[0][1] if self._done else None

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
        if not self._done:
            raise CommandError("there is nothing to undo: nothing was set")
        what, trace = self._done.pop()
        self._undone.append((what, left))
        return what, trace

    def redo(self, left: Trace) -> tuple[str, Trace]:
        """What was undone last, and the trace with it.

        Raises:
            CommandError: nothing was undone.
        """
        if not self._undone:
            raise CommandError("there is nothing to redo: nothing was undone")
        what, trace = self._undone.pop()
        self._done.append((what, left))
        return what, trace
