"""The command language on the screen: lines are carried out one at a time, and remembered.

The file of remembered lines may be missing, broken or someone else's; none of that may keep the
debugger from working.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.background import how_far, perform_in_thread
from tui_backprop.debug.commands import is_explained, perform
from tui_backprop.errors import CommandError
from tui_backprop.files import FileError, append_line, open_regular, write_whole
from tui_backprop.language.message import NO_ANSWER, Answer, answer_of, said
from tui_backprop.progress import Progress, run_to_end
from tui_backprop.render.text.charset import with_minus
from tui_backprop.tui.asking.about import about_key, about_view_command
from tui_backprop.tui.commands import ViewCommand, carry_out, is_moving, read
from tui_backprop.tui.runtime.background import SlicedWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tui_backprop.progress import Resumable
    from tui_backprop.tui.commands import AnyCommand, ParsedLine
    from tui_backprop.tui.desk import Desk


_SAID: Final = 0.1
"""Seconds between two words about how far a search is."""


class Console:
    """Carries out lines, and shows what came of them; what takes long is done in the background.

    Attributes:
        again: what was typed last or done by a key, where doing it once more goes on with it; else
            empty.
    """

    def __init__(self, desk: Desk) -> None:
        self.background = SlicedWork(desk.set_timer)
        self.again = ""
        self._desk = desk
        self._line = ""
        self._open_word = ""
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
        state = self._desk.view_model.state()
        try:
            typed = read(line)
            answer = NO_ANSWER if typed is None else self._begin(line, typed)
        except CommandError as error:
            if is_typed:
                self._note(line, error)
            raise
        except Exception as error:
            self._desk.view_model.put_back(state)
            raise self._fault(error, line) from error
        if typed is not None and (is_typed or _is_remembered(typed.command)):
            self.again = line if typed.command.repeats else ""
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
        if self.background.is_running:
            raise CommandError(said("a search is under way: escape stops it"))
        self._line, self._shift = name, 0
        self._progress = progress or Progress()
        answer = self.background.begin(self._guarded(work, put_back), self._end, self._move)
        if answer is not None:
            self._show(name, answer, is_kept=False)

    def carry_out_all(self, lines: Iterable[str]) -> None:
        """One line after the other, until one of them cannot be carried out."""
        self._waiting.extend(lines)
        self._next()

    def give_up(self) -> None:
        """Stop a search; nothing has moved."""
        if not self.background.is_running:
            return
        self.background.give_up()
        self._waiting.clear()
        text = said("given up at step {k}", k=f"{self.background.step:,}")
        self._show(self._line, answer_of(text), is_kept=True)

    def answer(self, line: str, answer: Answer) -> None:
        """Show what came of a line that was carried out elsewhere."""
        self._show(line, answer, is_kept=True)

    def switch(self, number: int) -> None:
        """Switch a breakpoint off, or on again."""
        known = {b.number: b for b in self._desk.view_model.session.breakpoints}
        if number in known and not self.background.is_running:
            self.carry_out(f"{'disable' if known[number].is_enabled else 'enable'} {number}")

    def _begin(self, line: str, typed: ParsedLine) -> Answer | None:
        """The answer, or None where it will come."""
        if is_moving(typed.command) and self.background.is_running:
            raise CommandError(said("a search is under way: escape stops it"))
        if self._desk.is_served and typed.command.touches_files(typed.argument):
            raise CommandError(
                said(
                    "'{word}' reads or writes files, which a walk in a browser does not",
                    word=typed.command.name,
                )
            )
        if isinstance(typed.command, ViewCommand):
            found = carry_out(self._desk, typed.command, typed.argument)
            return None if found is None else answer_of(found)  # None where all is shown already
        if typed.command.name == "help":
            asked = typed.argument.strip()
            if not asked:
                self._desk.show_help()
                return NO_ANSWER
            about = about_view_command(asked) or self._about_key(typed, asked)
            if about is not None:
                return about
        self._line, self._shift = line, typed.shift
        if self._desk.replay is not None:
            self._desk.replay.leave()
        self._progress = Progress()
        view_model = self._desk.view_model
        state = view_model.state()
        apart = perform_in_thread(view_model.session, typed.line, self._progress)
        work = self._guarded(apart, lambda: view_model.put_back(state))
        try:
            answer = self.background.begin(work, self._end, self._move)
        except CommandError as error:
            raise error.moved(typed.shift) from None
        if answer is None:
            self._desk.playing.pause()
            self._say_where()
        return answer

    def _about_key(self, typed: ParsedLine, asked: str) -> Answer | None:
        """All about a key; what has its name as a word is told first, and None without a key."""
        of_key = about_key(self._desk.keys, asked)
        if of_key is None or not is_explained(asked):
            return of_key
        told = run_to_end(perform(self._desk.view_model.session, typed.line))
        is_told = of_key.lines[-1].text in {line.text for line in told.lines}
        return Answer((*told.lines, *(of_key.lines[:1] if is_told else of_key.lines)))

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
        """Show how the work in the background has ended."""
        if isinstance(end, Answer):
            self._show(self._line, end, is_kept=True)
            self._next()
        else:
            self._fail(self._line, end.moved(self._shift))

    def _next(self) -> None:
        """Carry out the lines that wait for their turn."""
        while self._waiting and not self.background.is_running:
            line = self._waiting.popleft()
            try:
                self.carry_out(line, is_typed=True)
            except CommandError as error:
                self._fail(line, error, is_logged=True)

    def _fail(self, line: str, error: CommandError, *, is_logged: bool = False) -> None:
        if not is_logged:
            self._note(line, error)
        self._waiting.clear()
        self._desk.view_model.message = ""
        self._desk.warn(said("{command}: {error}", command=line, error=str(error)))
        self._desk.mark()

    def _note(self, line: str, error: CommandError) -> None:
        """Keep in the log that a line could not be carried out, and why."""
        view_model = self._desk.view_model
        view_model.log.wrong(line, error.told(view_model.spoken.retold))

    def _show(self, line: str, answer: Answer, *, is_kept: bool) -> None:
        """One line in the status, more of them in a drawer."""
        view_model = self._desk.view_model
        answer = Answer(tuple(
            part if part.is_code else replace(part, text=with_minus(part.text, view_model.charset))
            for part in view_model.answered(answer).lines
        ))  # fmt: skip
        if is_kept or answer.lines:
            view_model.log.said(line, answer)
        is_long = len(answer.lines) > 1
        view_model.message = "" if is_long or not answer.lines else answer.lines[0].text
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if is_long:
            self._open_word = word
            self._desk.show_answer()
        elif is_kept and answer.lines and word == self._open_word:
            self._desk.close_answer()  # what the same question was answered before is not so now
        self._desk.mark()

    def _move(self) -> None:
        """Say where the search has come to, but not at each slice."""
        if monotonic() - self._said_at >= _SAID:
            self._say_where()

    def _say_where(self) -> None:
        self._said_at = monotonic()
        view_model = self._desk.view_model
        step, last = (f"{k:,}" for k in (self.background.step, view_model.session.last))
        where = how_far(self._progress)
        if not where and self.background.step == view_model.session.cursor:
            where = said("working; escape stops")
        elif not where:
            where = said("searching: step {k} of {last}; escape stops", k=step, last=last)
        view_model.message = view_model.spoken.retold(where)
        self._desk.mark()


def _is_remembered(command: AnyCommand) -> bool:
    """Whether a key for it is the last thing that was done: a look at a pane is nothing done."""
    return command.repeats or is_moving(command)


_MOST: Final = 1000
_LONGEST: Final = 2000
_BYTES: Final = 1 << 20
"""More of a file than that is not read."""


class History:
    """Lines, the latest last; read when they are first asked for.

    Where there is a file, each line is added to it at once, so that several sessions share it.
    """

    def __init__(self, path: Path | None = None, most: int = _MOST) -> None:
        """Remember at most ``most`` lines; where no file is named, for this session only."""
        self._path = path
        self._most = most
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """All that are kept."""
        if self._lines is None:
            self._lines = self._read()
        return self._lines

    def add(self, line: str) -> None:
        """Remember a line, unless it is empty, the same as before, or nothing to be shown."""
        lines = self.lines
        if not _is_kept(line) or (lines and lines[-1] == line):
            return
        lines.append(line)
        del lines[: -self._most]
        if self._path is not None:
            with suppress(OSError, FileError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                append_line(self._path, line.encode())

    def _read(self) -> list[str]:
        """The last lines of the file; a file that has grown long is cut to them."""
        if self._path is None:
            return []
        try:
            with open_regular(self._path) as file:
                file.seek(max(os.fstat(file.fileno()).st_size - _BYTES, 0))
                text = file.read(_BYTES).decode("utf-8", errors="replace")
        except (OSError, FileError):
            return []
        found = [line for line in text.split("\n") if _is_kept(line)]
        kept = found[-self._most :]
        if len(found) > 2 * self._most:
            with suppress(FileError):
                write_whole(self._path, "".join(f"{line}\n" for line in kept).encode())
        return kept


def _is_kept(line: str) -> bool:
    return bool(line.strip()) and line.isprintable() and len(line) <= _LONGEST
