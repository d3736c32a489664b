"""The command language on the screen: lines are carried out one at a time, and remembered."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.background import how_far, perform_in_thread
from tui_backprop.errors import CommandError
from tui_backprop.language.message import NO_ANSWER, Answer, answer_of, said
from tui_backprop.progress import Progress
from tui_backprop.tui.commands import is_moving, read
from tui_backprop.tui.runtime.background import Errand
from tui_backprop.tui.view_commands import ViewCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_backprop.progress import Resumable
    from tui_backprop.tui.commands import Typed
    from tui_backprop.tui.desk import Desk

_SAID: Final = 0.1
"""Seconds between two words about how far a search is."""


class Console:
    """Carries out lines, and shows what came of them.

    Attributes:
        errand: what takes longer than a moment.
    """

    def __init__(self, desk: Desk) -> None:
        self.errand = Errand(desk.set_timer)
        self._desk = desk
        self._line = ""
        self._shift = 0
        self._said_at = 0.0
        self._progress = Progress()
        self._waiting: deque[str] = deque()

    def carry_out(self, line: str, *, is_typed: bool = False) -> None:
        """Carry out a line, as far as that goes at once.

        Args:
            line: of the command language.
            is_typed: whether a person wrote it, rather than pressed a key.

        Raises:
            CommandError: it cannot be carried out; its column is one of the line.
        """
        state = self._desk.stage.state()
        try:
            typed = read(line)
            answer = NO_ANSWER if typed is None else self._begin(line, typed)
        except CommandError as error:
            if is_typed:
                self._desk.stage.log.wrong(line, error)
            raise
        except Exception as error:
            self._desk.stage.put_back(state)
            raise self._fault(error, line) from error
        if typed is not None and answer is not None:
            self._show(line, answer, is_kept=is_typed)

    def work(
        self,
        work: Resumable[Answer],
        name: str,
        put_back: Callable[[], None],
        progress: Progress | None = None,
    ) -> None:
        """Do something that may take long, as if it were a line.

        Args:
            work: that ends with an answer.
            name: what it goes by in the log.
            put_back: makes the session what it was, where the work fails as nobody expected.
            progress: that it tells how far it has come, where it is no search.

        Raises:
            CommandError: it cannot be done.
        """
        if self.errand.is_running:
            raise CommandError("a search is under way: escape stops it")
        self._line, self._shift = name, 0
        self._progress = progress or Progress()
        answer = self.errand.begin(self._guarded(work, put_back), self._end, self._move)
        if answer is not None:
            self._show(name, answer, is_kept=False)

    def carry_out_all(self, lines: Iterable[str]) -> None:
        """One line after the other, until one of them cannot be carried out."""
        self._waiting.extend(lines)
        self._next()

    def give_up(self) -> None:
        """Stop a search; nothing has moved."""
        if not self.errand.is_running:
            return
        self.errand.give_up()
        self._waiting.clear()
        text = said("given up at step {k}", k=f"{self.errand.step:,}")
        self._show(self._line, answer_of(text), is_kept=True)

    def switch(self, number: int) -> None:
        """Switch a breakpoint off, or on again."""
        known = {b.number: b for b in self._desk.stage.session.breakpoints}
        if number in known and not self.errand.is_running:
            self.carry_out(f"{'disable' if known[number].is_enabled else 'enable'} {number}")

    def _begin(self, line: str, typed: Typed) -> Answer | None:
        """The answer, or None where it will come."""
        if is_moving(typed.command) and self.errand.is_running:
            raise CommandError("a search is under way: escape stops it")
        if isinstance(typed.command, ViewCommand):
            found = typed.command.run(self._desk, typed.argument)
            return None if found is None else answer_of(found)  # None where all is shown already
        if typed.command.name == "help" and not typed.argument.strip():
            self._desk.show_help()
            return NO_ANSWER
        self._line, self._shift = line, typed.shift
        if self._desk.replay is not None:
            self._desk.replay.leave()
        self._progress = Progress()
        stage = self._desk.stage
        state = stage.state()
        apart = perform_in_thread(stage.session, typed.line, self._progress)
        work = self._guarded(apart, lambda: stage.put_back(state))
        try:
            answer = self.errand.begin(work, self._end, self._move)
        except CommandError as error:
            raise error.moved(typed.shift) from None
        if answer is None:
            self._desk.playing.pause()
            self._say_where()
        return answer

    def _guarded(self, work: Resumable[Answer], put_back: Callable[[], None]) -> Resumable[Answer]:
        """Work of which any error is one that a person is told, and leaves no traces."""
        try:
            return (yield from work)
        except CommandError:
            raise
        except Exception as error:
            put_back()
            raise self._fault(error, self._line) from error

    def _fault(self, error: Exception, line: str) -> CommandError:
        words = line.split(maxsplit=1) or [""]
        return CommandError(self._desk.failed(error, words[0]))

    def _end(self, end: Answer | CommandError) -> None:
        """What took longer is over."""
        if isinstance(end, Answer):
            self._show(self._line, end, is_kept=True)
            self._next()
        else:
            self._fail(self._line, end.moved(self._shift))

    def _next(self) -> None:
        """Carry out what waits for its turn."""
        while self._waiting and not self.errand.is_running:
            line = self._waiting.popleft()
            try:
                self.carry_out(line, is_typed=True)
            except CommandError as error:
                self._fail(line, error, is_logged=True)

    def _fail(self, line: str, error: CommandError, *, is_logged: bool = False) -> None:
        if not is_logged:
            self._desk.stage.log.wrong(line, error)
        self._waiting.clear()
        self._desk.stage.message = ""
        self._desk.warn(f"{line}: {error}")
        self._desk.mark()

    def _show(self, line: str, answer: Answer, *, is_kept: bool) -> None:
        """One line in the status, more of them in the log."""
        stage = self._desk.stage
        answer = stage.spoken.answered(answer)
        if is_kept or answer.lines:
            stage.log.said(line, answer)
        is_long = len(answer.lines) > 1
        replay = self._desk.replay
        is_read = is_long and not (replay is not None and replay.is_playing)
        stage.message = "" if is_read or not answer.lines else answer.lines[0].text
        if is_read:
            self._desk.show_log()
        self._desk.mark()

    def _move(self) -> None:
        """Say where the search has come to, but not at each slice."""
        if monotonic() - self._said_at >= _SAID:
            self._say_where()

    def _say_where(self) -> None:
        self._said_at = monotonic()
        stage = self._desk.stage
        step, last = (f"{k:,}" for k in (self.errand.step, stage.session.last))
        where = how_far(self._progress)
        if not where and self.errand.step == stage.session.cursor:
            where = said("working; escape stops")
        elif not where:
            where = said("searching: step {k} of {last}; escape stops", k=step, last=last)
        stage.message = stage.spoken.retold(where)
        self._desk.mark()
