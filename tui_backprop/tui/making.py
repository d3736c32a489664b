"""Pictures of large arrays, made in a thread so that keys are heard meanwhile.

It stands apart from the screen because it knows no pane: it makes what it is told, one piece of
work at a time, so that a key held down does not begin the same work over and over.
"""

from __future__ import annotations

from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING

from tui_backprop.progress import GivenUpError, Progress, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.view import View


class Making:
    """Something that is made of a view.

    Attributes:
        view: of which.
    """

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
