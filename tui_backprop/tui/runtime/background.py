"""Work that may take long, while keys and pictures go on: in slices, or in a thread.

Whoever begins the work says what becomes of its end.
"""

from __future__ import annotations

from contextvars import copy_context
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.errors import CommandError
from tui_backprop.progress import GivenUpError, Progress, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from textual.timer import Timer

    from tui_backprop.language.message import Answer
    from tui_backprop.render.view import View

    Work: TypeAlias = Generator[int, None, Answer]

SLICE: Final = 0.015
"""Seconds of work between two looks at the keys: less than one refresh of a screen."""

_PAUSE: Final = 0.001
"""Seconds in which everything that waits gets its turn; nothing that does not is waited for."""


class SlicedWork:
    """Long work done in slices, one piece of work at a time.

    Attributes:
        step: that the work has come to.
        seconds: how long a slice is.
    """

    def __init__(
        self, later: Callable[[float, Callable[[], None]], Timer], seconds: float = SLICE
    ) -> None:
        self.step = 0
        self.seconds = seconds
        self._later = later
        self._work: Work | None = None
        self._timer: Timer | None = None
        self._ended: Callable[[Answer | CommandError], None] = _nothing
        self._moved: Callable[[], None] = _nowhere

    @property
    def is_running(self) -> bool:
        """Whether something is worked at."""
        return self._work is not None

    def begin(
        self,
        work: Work,
        ended: Callable[[Answer | CommandError], None],
        moved: Callable[[], None],
    ) -> Answer | None:
        """Do the first slice at once.

        Args:
            work: what to do; what was under way before is given up.
            ended: told the answer, or why there is none, if it takes more than a slice.
            moved: told after each further slice that did not end it.

        Returns:
            The answer; None where it takes longer.

        Raises:
            CommandError: it cannot be done, as the first slice found.
        """
        self.give_up()
        self._work, self._ended, self._moved = work, ended, moved
        answer = self._slice(work)
        if answer is None:
            self._timer = self._later(_PAUSE, self._go_on)
        return answer

    def give_up(self) -> None:
        """Stop, as if it had never begun."""
        if self._work is not None:
            self._work.close()
        self._work = None
        if self._timer is not None:
            self._timer.stop()
        self._timer = None

    def _go_on(self) -> None:
        if self._work is None:
            return
        try:
            answer = self._slice(self._work)
        except CommandError as error:
            self._ended(error)
            return
        if answer is not None:
            self._ended(answer)
            return
        self._timer = self._later(_PAUSE, self._go_on)
        self._moved()

    def _slice(self, work: Work) -> Answer | None:
        until = perf_counter() + self.seconds
        try:
            while True:
                self.step = next(work)
                if perf_counter() >= until:
                    return None
        except StopIteration as end:
            self._work = None
            answer: Answer = end.value
            return answer
        except BaseException:
            self._work = None
            raise


def _nothing(_end: Answer | CommandError) -> None:
    """The callback for the end of work, before any was begun."""


def _nowhere() -> None:
    """The callback for progress, before any work was begun."""


class Rendering:
    """Something that is made of a view in a thread."""

    def __init__(self, view: View, make: Callable[[View], None]) -> None:
        self.view = view
        self._make = make
        self._progress = Progress()
        self._over = Event()
        self._error: BaseException | None = None
        context = copy_context()
        Thread(target=lambda: context.run(self._run), daemon=True).start()

    def is_over(self, seconds: float = 0) -> bool:
        """Whether it is made, after so many seconds at most.

        Raises:
            Exception: whatever went wrong in it.
        """
        if not self._over.wait(seconds):
            return False
        error, self._error = self._error, None
        if error is not None and not isinstance(error, GivenUpError):
            raise error
        return True

    def give_up(self) -> None:
        """Nobody wants it any more: it ends as soon as it can."""
        self._progress.give_up()

    def _run(self) -> None:
        try:
            with listening(self._progress):
                self._make(self.view)
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody waits
            self._error = error
        finally:
            self._over.set()
