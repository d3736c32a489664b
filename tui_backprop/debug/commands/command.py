"""A command: its words, keys, help, and what it does.

It stands apart from the commands themselves so that each of them can be written beside its like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.answer import Answer
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Session

    Reply: TypeAlias = str | Answer
    Action: TypeAlias = Callable[[Session, str], Reply | Journey[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can ask of a session.

    Attributes:
        name: its word; any unique prefix means it too.
        help: what it does, one sentence.
        run: does it; takes the session and the rest of the line, returns what to report, at once
            or after a journey that yields the steps it has come to.
        keys: default keys, in the names terminals use: ``s``, ``right``, ``home``.
        argument: how the rest of the line is written, for help; empty where there is none.
        short: a word for the footer; empty where it is not shown there.
        aliases: other words for it.
        group: under which heading it is listed.
        details: more than a sentence, with examples, for ``help NAME``.
    """

    name: str
    help: str
    run: Action
    keys: tuple[str, ...] = ()
    argument: str = ""
    short: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""
    details: str = ""

    @property
    def usage(self) -> str:
        """Its word and its argument."""
        return f"{self.name} {self.argument}".strip()


_LONGEST = 18


def count_of(argument: str) -> int:
    """How many; 1 where nothing is said.

    Raises:
        CommandError: it is no whole number from 1.
    """
    text = argument.strip()
    if not text:
        return 1
    if not text.isdecimal() or len(text) > _LONGEST or int(text) < 1:
        raise CommandError(f"expected how many, a whole number from 1: {text!r}")
    return int(text)


def step_of(session: Session, argument: str) -> int:
    """A step of the walk.

    Raises:
        CommandError: there is none of that number.
    """
    text = argument.strip()
    if text.isdecimal() and len(text) <= _LONGEST and int(text) <= session.last:
        return int(text)
    raise CommandError(f"there is no step {text}: 0 to {session.last}")


def nothing(argument: str) -> None:
    """Refuse an argument.

    Raises:
        CommandError: there is one.
    """
    if argument.strip():
        raise CommandError(f"this command takes no argument: {argument.strip()!r}")


def first_word(argument: str) -> tuple[str, str]:
    """The first word, and the rest."""
    word, _, rest = argument.strip().partition(" ")
    return word, rest.strip()
