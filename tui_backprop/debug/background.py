"""Commands carried out in a thread of their own, so that they can be given up at any moment.

The commands need not know: each works on a copy of the session, and only at the end does the result
become the session's. Frames, traces and timelines are immutable, so a copy is a few references, and
giving up leaves nothing to undo.
"""

from __future__ import annotations

import sys
from contextvars import copy_context
from copy import copy
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from tui_backprop.debug.commands import find_command, perform
from tui_backprop.debug.session import restore_state, state_of
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said
from tui_backprop.progress import DOING, Progress, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.session import Session
    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable

Result = TypeVar("Result")

_AT_ONCE: Final = 0.05
"""Seconds in which what is quick is over, so that nobody is told that it takes time."""
_GLANCE: Final = 0.004
"""Seconds between two looks whether it is over."""

_TURN: Final = 0.0005
"""Seconds after which the work makes room for who draws and hears keys, a dozen times for a key."""

QUICK: Final = frozenset(
    {"restart", "end", "list", "help", "undisplay", "delete", "enable", "disable", "ignore",
     "fold", "unfold", "say", "mark"}
)  # fmt: skip
"""Commands that are over before anybody could press a key, whatever the walk."""

QUICK_UNLESS_STOPPED: Final = frozenset(
    {"step", "reverse-step", "next", "reverse-next", "finish", "reverse-finish"}
)
"""Those that search only where there are breakpoints."""


class Work(Generic[Result]):
    """A command under way in a thread of its own.

    Attributes:
        step: that a search has come to.
    """

    def __init__(self, do: Callable[[Work[Result]], Result], progress: Progress, step: int) -> None:
        self.step = step
        self._progress = progress
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._over = Event()
        context = copy_context()
        Thread(target=lambda: context.run(self._run, do), daemon=True).start()

    def wait(self) -> Resumable[Result]:
        """Its result, or its error; the work is given up when nobody asks for the next step."""
        seconds = _AT_ONCE
        try:
            while not self._over.wait(seconds):
                yield self.step
                seconds = _GLANCE
        finally:
            self._progress.give_up()
        if self._error is not None:
            raise self._error
        return self._results[0]

    def finish(self, work: Resumable[Result]) -> Result:
        """Run work to its end, and note the steps that it comes to."""
        while True:
            try:
                self.step = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            self._progress.check()

    def _run(self, do: Callable[[Work[Result]], Result]) -> None:
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        try:
            with listening(self._progress):
                self._results.append(do(self))
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody waits
            self._error = error
        finally:
            sys.setswitchinterval(usual)
            self._over.set()


def run_in_thread(
    do: Callable[[], Result], progress: Progress | None = None, step: int = 0
) -> Resumable[Result]:
    """Run a function that touches no session in a thread of its own.

    Args:
        do: what; if it is given up, nobody looks at its result.
        progress: is told how far it has come.
        step: that is yielded meanwhile.
    """
    return Work(lambda _work: do(), progress or Progress(), step).wait()


def perform_in_thread(
    session: Session, line: str, progress: Progress | None = None
) -> Resumable[Answer]:
    """`perform` in a thread of its own, given up when nobody asks for its next step.

    Args:
        session: stays what it is until the end.
        line: of the command language.
        progress: is told how far it has come, where it is no search.

    Yields:
        Steps that a search has come to; of other work the step where the session stands.

    Raises:
        CommandError: the line cannot be carried out; the session stays as it was.
    """
    if is_quick(session, line):
        return (yield from perform(session, line))
    before, other, heard = state_of(session), copy(session), list[str]()
    other.listener = heard.append
    work: Work[Answer] = Work(
        lambda work: work.finish(perform(other, line)), progress or Progress(), session.cursor
    )
    answer = yield from work.wait()
    if any(state_of(session)[name] is not value for name, value in before.items()):
        raise CommandError(said("the walk was moved while this was worked out: ask again"))
    restore_state(session, state_of(other))
    if session.listener is not None:
        for said_line in heard:
            session.listener(said_line)
    return answer


def is_quick(session: Session, line: str) -> bool:
    """Whether a line is carried out before anybody could press a key."""
    word, _, argument = line.strip().partition(" ")
    if not word or word.startswith("#"):
        return True
    try:
        name = find_command(word).name
    except CommandError:
        return True
    if name == "goto":
        return argument.strip().isdecimal()
    return name in QUICK or (name in QUICK_UNLESS_STOPPED and not session.breakpoints)


def how_far(progress: Progress) -> str:
    """Progress as a sentence, such as how many steps are searched; empty where it is not known."""
    what = DOING.get(progress.what)
    if what is None:
        return ""
    done, total = f"{progress.done:,}", f"{progress.total:,}"
    if not progress.total:
        return said("{what}: {done}; escape stops", what=what, done=done)
    return said("{what}: {done} of {total}; escape stops", what=what, done=done, total=total)
