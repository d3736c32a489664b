"""A replay as a transcript: what is said, what is done, and the step after each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.replay.script import Claim, Do, Mark, Say, text_in
from tui_backprop.errors import window
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.export.text import Told, step_lines
from tui_backprop.render.text.spans import printable, printable_lines, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.replay.player import Event
    from tui_backprop.debug.replay.script import Line
    from tui_backprop.errors import CommandError
    from tui_backprop.render.view import View


_CELLS: Final = 88


def notices(language: str, *, is_changed: bool, dropped: str) -> Iterator[str]:
    """What a person must know before the first line."""
    say = language_of(language).say
    if is_changed:
        yield say("The scenario is another file than the one that was recorded.")
    if dropped:
        line = printable(dropped)
        yield say("The last line was cut short and is left out: {line}", line=line)


class ToldReplay:
    """Tells the lines of one replay."""

    def __init__(self, language: str) -> None:
        self._language = language_of(language)
        self._steps = Told(lambda view: tuple(step_lines(view)))

    def told(self, event: Event, view: View) -> Iterator[str]:
        """The lines about one line of the replay.

        Args:
            event: the line and what came of it.
            view: where the walk stands after it.
        """
        act = event.line.act
        if isinstance(act, Mark):
            name = printable(text_in(act.name, view.language))
            yield ""
            yield name
            yield ("-" if view.charset.is_ascii else "─") * width(name)
        elif isinstance(act, Say):
            yield ""
            yield from wrap(printable_lines(text_in(act.text, view.language)), _CELLS)
            yield ""
        elif isinstance(act, Claim):
            yield claimed(event, view.language)
        elif isinstance(act, Do):
            yield f"> {printable(act.command)}"
            answer = self._language.answered(event.answer)
            yield from (f"  {printable(line.text)}" for line in answer.lines)
            if event.has_moved:
                yield from self._steps.of(view)


def claimed(event: Event, language: str) -> str:
    """Whether an assertion holds; where not, what was found instead."""
    act = event.line.act
    if not isinstance(act, Claim):
        raise AssertionError("only an assertion is claimed")
    text = printable(act.expression)
    say = language_of(language).say
    if not event.failure:
        return say("ok: {text}", text=text)
    found = printable(event.failure)
    return say(
        "FAILED, line {line}: expected {text}, found {found}",
        line=event.line.number, text=text, found=found,
    )  # fmt: skip


def stopped(line: Line, error: CommandError, path: str) -> str:
    """Why a replay cannot go on: the place, the line, and a caret where one column is meant."""
    said = refused(line.act.command, error) if isinstance(line.act, Do) else str(error)
    return f"{printable(path)}:{line.number}: {said}"


def refused(line: str, error: CommandError) -> str:
    """The message with the line, and a caret where one column of it is meant.

    Of a long line there is a window around that column.
    """
    piece, start = window(line, error.column or 0)
    shown = f"{error}\n    {printable(piece)}"
    if error.column is None:
        return shown
    return f"{shown}\n    {' ' * width(printable(piece[:start]))}^"
