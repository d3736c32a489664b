"""The file of the scenario that is open: whether it was changed, and loading it again.

It is looked at now and then, and when the terminal comes back to the front, by a thread: a file may
lie on a disk that is slow. What it says is read only when a person asks for that.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widget import Widget

from tui_backprop.api import load
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.files import FileError, read_regular, stamp
from tui_backprop.language.message import NO_ANSWER, Answer, said
from tui_backprop.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.files import Stamp
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.desk import Desk
    from tui_backprop.tui.view_model import ViewModel

EVERY: Final = 2.0
"""Seconds between two looks."""
_SHOWN: Final = 8.0
"""Seconds for which it is said that the file has changed."""


class Reloading(Widget):
    """Looks at the file, and is seen by nobody."""

    class Loaded(Message):
        """The file was read again, and the walk goes on in what it says."""

        def __init__(self, view_model: ViewModel, answer: Answer) -> None:
            super().__init__()
            self.view_model = view_model
            self.answer = answer

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.display = False
        self._desk = desk
        self._seen: tuple[Path, Stamp] | None = None

    def on_mount(self) -> None:
        """Look now and then, and whenever the person comes back from somewhere else."""
        self.set_interval(EVERY, self.look)
        self.watch(self.app, "app_focus", self._come_back, init=False)

    def _come_back(self, is_there: bool) -> None:
        if is_there:
            self.look()

    def look(self) -> None:
        """See whether the file was changed, without waiting for it."""
        path = self._desk.view_model.scenario.path
        if path is not None and self._desk.replay is None:
            self.run_worker(self._look(path), exclusive=True, exit_on_error=False)

    async def _look(self, path: Path) -> None:
        scenario = self._desk.view_model.scenario
        before = self._seen[1] if self._seen is not None and self._seen[0] == path else None
        now = await to_thread(stamp, path)
        if now is None or now == before:
            return
        is_other = await to_thread(_is_other, path, scenario.model.raw, scenario.limits.file_bytes)
        if self._desk.view_model.scenario is not scenario:
            return
        self._seen = (path, now)
        if is_other:
            spoken = self._desk.view_model.spoken
            key = self._desk.keys["reload"]
            how = key[0] if key else ":reload"
            text = said("{file} has changed: {key} loads it again", file=path.name, key=how)
            self.notify(spoken.retold(text), timeout=_SHOWN, markup=False)

    def now(self) -> None:
        """Load the file again, behind the walk: that goes on where the file is wrong.

        Raises:
            CommandError: there is no file, or it cannot be loaded at present.
        """
        desk = self._desk
        path = desk.view_model.scenario.path
        if path is None:
            raise CommandError(said("this walk comes from no scenario file"))
        if desk.replay is not None:
            raise CommandError(said(
                "a replay goes through the scenario that it was recorded in: "
                "open {file} to walk alone",
                file=path.name,
            ))  # fmt: skip
        self.app.clear_notifications()  # one of them says that it may be loaded
        desk.work(self._work(path), "reload", lambda: None)

    def _work(self, path: Path) -> Resumable[Answer]:
        from tui_backprop.debug.background import run_in_thread

        before = self._desk.view_model

        def read() -> tuple[ViewModel, Answer]:
            after = before.renewed(load(path, before.scenario.limits))
            return after, after.resumed(before.session)

        try:
            after, answer = yield from run_in_thread(read, Progress())
        except TuiBackpropError as error:
            self._complain(path, error)
        else:
            # Not before this is over: it gives up what is not.
            self.call_later(self.post_message, self.Loaded(after, answer))
        return NO_ANSWER

    def _complain(self, path: Path, error: TuiBackpropError) -> None:
        """Say what is wrong with the file, over the walk."""
        from tui_backprop.tui.pages.sheets import BrokenSheet

        self.app.push_screen(BrokenSheet(path, error, self._desk))


def _is_other(path: Path, raw: bytes, most: int) -> bool:
    """Whether a file holds other bytes than it did; one that cannot be read now is no other yet."""
    try:
        return read_regular(path, most) != raw
    except FileError:
        return False
