"""`say` and `mark`: narration and chapters, typed while a walk is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import Command
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session

_LONGEST: Final = 4000
"""Characters: a replay's line has room for them, however many of them are quotes."""


def _say(session: Session, argument: str) -> str:
    _check_recorded(session)
    if not argument.strip():
        raise CommandError(said("say what? A sentence for whoever plays the recording"))
    return _told(argument)


def _mark(session: Session, argument: str) -> str:
    _check_recorded(session)
    if not argument.strip():
        raise CommandError(said("mark what? The name of a chapter of the recording"))
    return _told(argument)


def _check_recorded(session: Session) -> None:
    if session.listener is None:
        raise CommandError(
            said("nothing is recorded, so nobody would hear it: --record FILE records")
        )


def _told(argument: str) -> str:
    """What is recorded; the recorder hears of the line itself."""
    from tui_backprop.debug.replay.script import text_in
    from tui_backprop.debug.replay.texts import TextError, narrated

    text = argument.strip()
    if len(text) > _LONGEST:
        raise CommandError(
            said("{count} characters; at most {most}", count=f"{len(text):,}", most=f"{_LONGEST:,}")
        )
    try:
        told = narrated(text)
    except TextError as wrong:
        at = argument.index(text) + wrong.column
        raise CommandError(said("{why}", why=str(wrong)), at) from None
    return said("recorded: {text}", text=text_in(told, ""))


_DETAILS: Final = said("""\
  say Now look at y.               in any language that the recording is played in
  say en "Now y." zh "现在看 y。"    one text for each language""")

NARRATING: Final[tuple[Command, ...]] = (
    Command("say", said("Narration for the recording: a replay shows it at this place."),
            _say, (), said("TEXT"), "", (), said("Files"), _DETAILS),
    Command("mark", said("A chapter of the recording begins: ] and [ go from one to the next."),
            _mark, (), said("TEXT"), "", (), said("Files")),
)  # fmt: skip
