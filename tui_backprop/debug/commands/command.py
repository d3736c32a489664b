"""What a command is (words, keys, help, action), and readers of arguments that commands share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said, typed
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.session import Session
    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable

    Reply: TypeAlias = str | Answer
    Action: TypeAlias = Callable[[Session, str], Reply | Resumable[Reply]]
    Perform: TypeAlias = Callable[[Session, str], Resumable[Answer]]
    """Carries out one line of the command language."""


class Words(Protocol):
    """The names, keys and help of a command, whatever it acts on."""

    @property
    def name(self) -> str:
        """The command's word; any unique prefix means it too."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other words for the command."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The command's default keys."""


Named = TypeVar("Named", bound=Words)


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can ask of a session.

    Attributes:
        name: its word; any unique prefix means it too.
        help: what it does, one sentence.
        run: does it; takes the session and the rest of the line, returns what to report, at once
            or after work that yields the steps it has come to.
        keys: default keys, in the names terminals use: ``s``, ``right``, ``home``.
        argument: how the rest of the line is written, for help; empty where there is none.
        short: a word for the footer; empty where it is not shown there.
        aliases: other words for it.
        group: under which heading it is listed.
        details: more than a sentence, with examples, for ``help NAME``.
        files: whether it reads or writes files, which a replay must not.
        inside: the argument with which it does neither; None where there is none.
        repeats: whether doing it once more goes on with it: an empty line then repeats it.
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
    files: bool = False
    inside: str | None = None
    repeats: bool = False

    def touches_files(self, argument: str) -> bool:
        """Whether it reads or writes files with this argument."""
        return self.files and argument.strip() != self.inside

    @property
    def usage(self) -> str:
        """The command's word and its argument."""
        return joined(" ", [self.name, *([self.argument] if self.argument else [])])


_ASSIGNS = r"[A-Za-z_#][\w.@]*\s*(?:\[[^\]]*\])?\s*=(?!=)"
"""A line such as ``X = [1, 2, 3]``, which is no command."""
LONGEST = 18
"""Digits of a whole number."""
_NO_FRAMES: Final = said(
    "a walk has no stack of calls to go up and down: 'where' tells how one came here, 'fold' and "
    "'unfold' go out of a module and into one"
)
INSTEAD: Final = ("down", "up")
"""Words of other debuggers for the frames that there are not."""
_MOST_REPEATED = 40
"""Characters of what was typed that a message repeats; a longer word is no command mistyped."""


def look_up(
    word: str, commands: Sequence[Named], argument: str = "", *, by_key: bool = False
) -> Named:
    """The command that a word means: its name, an alias, or a unique prefix.

    Args:
        word: as it was typed.
        commands: among which.
        argument: what follows the word, for the message where it means nothing.
        by_key: whether a key means its command too.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    if word in INSTEAD:
        raise CommandError(_NO_FRAMES, 0)
    _check_no_number(word, argument, commands)
    for command in commands:
        if word in {command.name, *command.aliases, *(command.keys if by_key else ())}:
            return command
    found = [c for c in commands if c.name.startswith(word)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            said(
                "'{word}' may mean: {names}", word=word, names=joined(", ", [c.name for c in found])
            ),
            0,
        )
    if re.match(_ASSIGNS, f"{word} {argument}"):
        raise _is_set_by_set(word, argument)
    if len(word) > _MOST_REPEATED:
        raise CommandError(said("unknown command '{word}'", word=brief(word)), 0)
    listed = said("on the screen, ? lists them") if by_key else said("'help' lists them")
    hint = nearest(word, [c.name for c in commands]) or listed
    raise CommandError(said("unknown command '{word}'; {hint}", word=brief(word), hint=hint), 0)


def _check_no_number(word: str, argument: str, commands: Sequence[Named]) -> None:
    """Refuse ``x = 3`` where ``x`` is another word for a command, whose argument is no ``= 3``."""
    is_alias = any(word in command.aliases for command in commands)
    if is_alias and re.match(_ASSIGNS, f"{word} {argument}"):
        raise _is_set_by_set(word, argument)


def _is_set_by_set(word: str, argument: str) -> CommandError:
    line = f"set {brief(f'{word} {argument}'.strip())}"
    return CommandError(said("numbers are set by: {command}", command=line), 0)


def plain(act: Callable[[Session], object]) -> Action:
    """The action of a command without an argument: act, and return the session's own message."""

    def run(session: Session, argument: str) -> str:
        nothing(argument)
        act(session)
        return session.reason

    return run


def expression(session: Session, text: str, offset: int = 0) -> Expression:
    """An expression over the session's graph.

    Args:
        session: whose graph.
        text: as it was typed.
        offset: where it stands in the argument.

    Raises:
        CommandError: it is none; the column counts within the argument.
    """
    # What reads expressions is imported when the first is typed: the first screen has none.
    from tui_backprop.debug.conditions.expression import Expression

    try:
        return Expression(text, session.trace.graph)
    except CommandError as error:
        raise error.moved(offset) from None


def condition(session: Session, text: str, offset: int = 0) -> Expression:
    """An expression that is one answer at each step, wherever its shape can be told beforehand.

    Args:
        session: whose graph.
        text: as it was typed.
        offset: where it stands in the argument.

    Raises:
        CommandError: it is no expression, has more than one entry, or never changes.
    """
    found = expression(session, text, offset)
    found.check_condition()
    return found


def whole_number(text: str) -> int | None:
    """What was typed as one; None where it is none, or has more digits than anything counts."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None


def count_of(argument: str) -> int:
    """A count as typed; 1 where nothing is typed.

    Raises:
        CommandError: it is no whole number from 1.
    """
    text = argument.strip()
    if not text:
        return 1
    number = whole_number(text)
    if not number:
        raise CommandError(
            said("expected how many, a whole number from 1: {found}", found=typed(brief(text)))
        )
    return number


def step_of(session: Session, argument: str) -> int:
    """A step of the walk as typed.

    Raises:
        CommandError: there is none of that number.
    """
    text = argument.strip()
    number = whole_number(text)
    if number is not None and number <= session.last:
        return number
    raise CommandError(
        said(
            "there is no step {step}: they count from 0 to {last}",
            step=brief(text),
            last=session.last,
        )
    )


def brief(typed: str) -> str:
    """The typed text, shortened for a message."""
    return typed if len(typed) <= _MOST_REPEATED else f"{typed[:_MOST_REPEATED]}…"


def nothing(argument: str) -> None:
    """Refuse an argument.

    Raises:
        CommandError: there is one.
    """
    if argument.strip():
        raise CommandError(
            said("this command takes no argument: {found}", found=typed(brief(argument.strip())))
        )


def first_word(argument: str) -> tuple[str, str]:
    """The first word, and the rest."""
    word, _, rest = argument.strip().partition(" ")
    return word, rest.strip()
