"""Commands carried out beside everything else, so that they can be given up at any moment.

It stands apart from the commands because they need not know: each works on a copy of the session in
a thread of its own, and what came of it becomes the session's only at the end. Frames, traces and
timelines are immutable, so a copy is a few references, and giving up leaves nothing to undo.
"""

from __future__ import annotations

from contextvars import copy_context
from copy import copy
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands import find_command, perform
from tui_backprop.debug.said import said
from tui_backprop.debug.whole import put_back, taken
from tui_backprop.errors import CommandError
from tui_backprop.progress import GivenUpError, Progress, listening

if TYPE_CHECKING:
    from collections.abc import Generator

    from tui_backprop.debug.answer import Answer
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Session

_AT_ONCE: Final = 0.05
"""Seconds in which what is quick is over, so that nobody is told that it takes time."""
_GLANCE: Final = 0.004
"""Seconds between two looks whether it is over."""

QUICK: Final = frozenset(
    {"restart", "end", "list", "help", "undisplay", "delete", "enable", "disable", "ignore"}
)
"""Commands that are over before anybody could press a key, whatever the walk."""

QUICK_UNLESS_STOPPED: Final = frozenset(
    {"step", "reverse-step", "next", "reverse-next", "finish", "reverse-finish"}
)
"""Those that search only where there are breakpoints."""


class Work:
    """A command under way.

    Attributes:
        progress: how far it has come, where it is no search.
        step: that a search has come to.
        heard: the lines that were carried out.
        answer: what came of it; None before its end.
        error: what ended it, if something did.
    """

    def __init__(self, session: Session, line: str, progress: Progress) -> None:
        self.progress = progress
        self.heard: list[str] = []
        self.step = session.cursor
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.session = copy(session)
        self.session.listener = self.heard.append
        self._over = Event()
        context = copy_context()
        self._thread = Thread(target=lambda: context.run(self._run, line), daemon=True)
        self._thread.start()

    def is_over(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        return self._over.wait(seconds)

    def _run(self, line: str) -> None:
        try:
            with listening(self.progress):
                self.answer = self._done(perform(self.session, line))
        except GivenUpError:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody waits
            self.error = error
        finally:
            self._over.set()

    def _done(self, journey: Journey[Answer]) -> Answer:
        while True:
            try:
                self.step = next(journey)
            except StopIteration as end:
                answer: Answer = end.value
                return answer
            self.progress.report(self.progress.what, self.progress.done, self.progress.total)


def performed_apart(
    session: Session, line: str, progress: Progress | None = None
) -> Generator[int, None, Answer]:
    """What `perform` does, given up wherever it is when nobody asks for the next step.

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
    before = taken(session)
    work = Work(session, line, progress or Progress())
    try:
        seconds = _AT_ONCE
        while not work.is_over(seconds):
            yield work.step
            seconds = _GLANCE
    finally:
        work.progress.give_up()
    if work.error is not None:
        raise work.error
    if work.answer is None:
        raise AssertionError("work that was not given up ends with an answer or an error")
    if any(taken(session)[name] is not value for name, value in before.items()):
        raise CommandError("the walk was moved while this was worked out: ask again")
    put_back(session, taken(work.session))
    if session.listener is not None:
        for heard in work.heard:
            session.listener(heard)
    return work.answer


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


_DOING: Final = {
    "building": said("building the graph"),
    "planning": said("planning"),
    "evaluating": said("evaluating"),
    "differentiating": said("differentiating"),
    "counting steps": said("counting steps"),
    "measuring": said("measuring"),
}
"""What `Progress` tells, as sentences."""


def how_far(progress: Progress) -> str:
    """What is being done, and how much of it; empty where that is not known."""
    what = _DOING.get(progress.what)
    if what is None:
        return ""
    done, total = f"{progress.done:,}", f"{progress.total:,}"
    if not progress.total:
        return said("{what}: {done}; escape stops", what=what, done=done)
    return said("{what}: {done} of {total}; escape stops", what=what, done=done, total=total)
