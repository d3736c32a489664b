"""What was tried: other numbers in the same graph, and the way back.

It stands apart from the session because it is a history with a cursor, and knows no walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.trace import Trace

    Left: TypeAlias = tuple[tuple[str, Trace], ...]


MOST: Final = 1000
"""Each of them keeps a whole evaluation."""


_LONGEST: Final = 200


def in_few(what: str) -> str:
    """What was set as it is told: a million numbers say nothing more than the first of them."""
    return what if len(what) <= _LONGEST else f"{what[:_LONGEST]}…"


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Traces that were left, each with what was set to leave it.

    Attributes:
        done: what is set now, in the order it was set.
        undone: what can be set again, the next one last.
    """

    done: Left = ()
    undone: Left = ()

    @property
    def baseline(self) -> Trace | None:
        """The numbers before anything was tried; None where nothing is."""
        return self.done[0][1] if self.done else None

    @property
    def before(self) -> Trace | None:
        """The numbers before what was set last; None where nothing is."""
        return self.done[-1][1] if self.done else None

    @property
    def in_force(self) -> tuple[str, ...]:
        """What is set now, in a few words each."""
        return tuple(in_few(what) for what, _ in self.done)

    def with_set(self, what: str, left: Trace) -> Trials:
        """Something new is set; what had been undone is gone.

        Raises:
            CommandError: so much is set that nobody means it.
        """
        if len(self.done) >= MOST:
            raise CommandError(f"{MOST:,} numbers are set already: undo some of them first")
        return Trials((*self.done, (what, left)))

    def without_last(self, left: Trace) -> tuple[str, Trace, Trials]:
        """What was set last, the trace before it, and the history then.

        Raises:
            CommandError: nothing was set.
        """
        if not self.done:
            raise CommandError("there is nothing to undo: nothing was set")
        *done, (what, trace) = self.done
        return what, trace, Trials(tuple(done), (*self.undone, (what, left)))

    def with_undone(self, left: Trace) -> tuple[str, Trace, Trials]:
        """What was undone last, the trace with it, and the history then.

        Raises:
            CommandError: nothing was undone.
        """
        if not self.undone:
            raise CommandError("there is nothing to redo: nothing was undone")
        *undone, (what, trace) = self.undone
        return what, trace, Trials((*self.done, (what, left)), tuple(undone))
