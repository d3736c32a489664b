"""Long work that may be given up: how far it has come, for a listener, or done piece by piece.

The loops that take long are in every layer, and none of them knows who waits: a terminal, a screen,
or nobody. Work that nobody listens to pays nothing. A search is a generator instead, which yields
the steps it has come to and has its result at the end.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from tui_backprop.errors import CommandError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator


Item = TypeVar("Item")

_FEW: Final = 10_000
_EVERY: Final = 256
"""Of many items each is small: so many of them pass between two reports."""


class GivenUpError(BaseException):
    """Nobody waits for this work any more. No error, so nothing that handles errors stops it."""


DOING: Final = {
    "building": said("building the graph"),
    "planning": said("planning"),
    "evaluating": said("evaluating"),
    "differentiating": said("differentiating"),
    "counting steps": said("counting steps"),
    "measuring": said("measuring"),
    "playing": said("playing the replay"),
    "training": said("training"),
    "asking for J": said("asking for J"),
    "writing steps": said("writing steps"),
    "exporting": said("exporting"),
}
"""What `Progress` tells, as sentences."""


class Progress:
    """The progress of a piece of work, as its listener sees it.

    Attributes:
        what: is being done, such as ``evaluating``; empty between two pieces.
        done: so many of its items.
        total: of so many; 0 where that is not known.
        ended: called where a piece ends, before anything else can be written.
    """

    __slots__ = ("_is_wanted", "done", "ended", "total", "what")

    def __init__(self, ended: Callable[[], None] | None = None) -> None:
        self.what = ""
        self.done = 0
        self.total = 0
        self.ended = ended
        self._is_wanted = True

    def give_up(self) -> None:
        """End the work at its next report; may be called from any thread."""
        self._is_wanted = False

    def report(self, what: str, done: int, total: int = 0) -> None:
        """Note how far the work has come.

        Raises:
            GivenUpError: nobody waits for it any more.
        """
        self.what, self.done, self.total = what, done, total
        self.check()

    def check(self) -> None:
        """Raise if the work was given up."""
        if not self._is_wanted:
            raise GivenUpError

    def end(self) -> None:
        """Note that a piece of work is over."""
        self.what = ""
        if self.ended is not None:
            self.ended()


_LISTENER: ContextVar[Progress | None] = ContextVar("listener", default=None)


def listener() -> Progress | None:
    """The listener of this thread's work; None where there is none."""
    return _LISTENER.get()


@contextmanager
def listening(progress: Progress) -> Iterator[None]:
    """While inside, report the progress of all work of this thread to a listener."""
    token = _LISTENER.set(progress)
    try:
        yield
    finally:
        progress.end()
        _LISTENER.reset(token)


def reported(what: str, items: Iterable[Item], total: int) -> Iterable[Item]:
    """The items, and on the way how far they have come.

    Raises:
        GivenUpError: on the way, where nobody waits any more.
    """
    heard = _LISTENER.get()
    return items if heard is None else _reported(heard, what, items, total)


def _reported(heard: Progress, what: str, items: Iterable[Item], total: int) -> Iterator[Item]:
    every = 1 if total < _FEW else _EVERY
    for done, item in enumerate(items):
        if done % every == 0:
            heard.report(what, done, total)
        yield item
    heard.end()


Result = TypeVar("Result")

Resumable: TypeAlias = "Generator[int, None, Result]"
"""Work that yields the steps it has come to; who asks for no more has changed nothing."""


def bounded(work: Resumable[Result], most: int | None) -> Resumable[Result]:
    """Work that is given up after so many pieces; None for any number.

    Raises:
        CommandError: it takes more.
    """
    pieces = 0
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        pieces += 1
        if most is not None and pieces > most:
            work.close()
            raise CommandError(
                said(
                    "given up at step {step}: the search looked at {most} steps one by "
                    "one, and more are left ({how} looks at more of them)",
                    step=f"{step:,}",
                    most=f"{most:,}",
                    how=f"--limit searched={10 * max(most, 1)}",
                )
            )
        yield step


def run_to_end(work: Resumable[Result]) -> Result:
    """Run work to its end; its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
