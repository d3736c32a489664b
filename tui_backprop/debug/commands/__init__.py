"""The debugger's commands: each one object with its words, keys and help.

Footer, palette, help screen, command line and the printed tables are derived from this list, so
that they cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.breaking import BREAKING
from tui_backprop.debug.commands.command import INSTEAD, Command, look_up
from tui_backprop.debug.commands.files import RESTORE, file_commands
from tui_backprop.debug.commands.folding import FOLDING
from tui_backprop.debug.commands.forward_mode import FORWARD_MODE, check_mode
from tui_backprop.debug.commands.hunting import HUNTING
from tui_backprop.debug.commands.inspect import INSPECTING
from tui_backprop.debug.commands.jacobians import JACOBIANS
from tui_backprop.debug.commands.moving import MOVEMENT
from tui_backprop.debug.commands.narrating import NARRATING
from tui_backprop.debug.commands.what_if import WHAT_IF
from tui_backprop.debug.commands.why import ASKING, EXAMINING
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.message import (
    NO_ANSWER,
    Answer,
    AnswerLine,
    Cells,
    answer_of,
    joined,
    laid_out,
    said,
    said_in,
)
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session
    from tui_backprop.progress import Resumable

__all__ = ["COMMANDS", "Command", "execute", "find_command", "perform"]


def _help(session: Session, argument: str) -> Answer:
    """All commands with a sentence each, or all about one; or a word of the field, or an op.

    Where these have one name, the command comes first, then the word, then the op.
    """
    asked = argument.strip()
    if not asked:
        rows = [Cells((c.usage, c.help)) for c in COMMANDS]
        texts = laid_out(rows)
        return Answer(tuple(
            AnswerLine(text, cells=row) for text, row in zip(texts, rows, strict=True)
        ))  # fmt: skip
    # The words are read when somebody asks for one.
    from tui_backprop.debug.commands.about_op import op_named
    from tui_backprop.debug.glossary.lookup import begun, explained, explained_word, meant, unknown

    head, _, rest = asked.partition(" ")
    if head == "word":
        return explained_word(session, rest)
    command, word, op = _named(asked), meant(asked), op_named(asked)
    if command is None and word is None and op is None:
        try:
            command = find_command(asked)
        except CommandError as error:
            if asked in INSTEAD or any(c.name.startswith(asked) for c in COMMANDS):
                raise error from None  # there is none, or several do
            word = begun(asked)
            if word is None:
                raise unknown(asked, tuple(c.name for c in COMMANDS)) from None
    about = () if command is None else command_lines(command)
    of_op = () if op is None else op.lines
    return Answer((*about, *(() if word is None else explained(session, word).lines), *of_op))


def is_explained(text: str) -> bool:
    """Whether `help` knows a text whole: a command by any of its names, a word, or an op."""
    from tui_backprop.debug.commands.about_op import op_named
    from tui_backprop.debug.glossary.lookup import meant

    asked = text.strip()
    return bool(_named(asked) or meant(asked) or op_named(asked))


def _named(word: str) -> Command | None:
    """The command that has a word as its name or alias; no prefix counts."""
    return next((c for c in COMMANDS if word in {c.name, *c.aliases}), None)


def command_lines(command: Command) -> tuple[AnswerLine, ...]:
    """All about a command: how it is typed, what it does, and its details."""
    aliases = said("also: {words}", words=joined(", ", command.aliases)) if command.aliases else ""
    text = [command.usage, command.help, command.details, aliases]
    return tuple(AnswerLine(part) for part in text if part)


_HELP_DETAILS: Final = said("""\
  help break       all about a command; a part of its name will do
  help v           what v is, with the numbers of this scenario; so for J, grad, seed, VJP ...
  help word J      the word, where a command has the same name
  help relu        what an op of programs gives, and its slope at a kink
  help m           what a key does, on the screen
  help word        all words""")

_HELP: Final = Command(
    "help", said("Every command, all about one, or a word such as v, J or grad."),
    _help, ("?", "f1", "h"), said("[COMMAND|WORD]"),
    said_in("a key", "help"), ("h",), said("Files"), _HELP_DETAILS,
)  # fmt: skip


class ScreenWord(NamedTuple):
    """What is known of a command of the screen where there is none.

    Attributes:
        name: its word.
        is_look: whether it changes how the walk looks and nothing else, so that a replay may hold
            it.
    """

    name: str
    is_look: bool = False


ON_SCREEN: Final = tuple(ScreenWord(*row) for row in (
    ("play",), ("faster",), ("slower",), ("tape", True), ("total", True), ("replay-forward",),
    ("replay-back",), ("next-mark",), ("previous-mark",), ("replay-to",), ("return",), ("search",),
    ("search-again",), ("answer", True), ("log",), ("quiz",), ("screenshot",), ("export",),
    ("maximize", True), ("present", True), ("blank",), ("language", True), ("theme",), ("open",),
    ("new",), ("reload",), ("quit",), ("command",),
))  # fmt: skip
"""The commands of the screen, which mean nothing where there is none."""
LEAVING: Final = "exit"
"""Another word for ``quit``, as shells and other debuggers have it."""


def is_on_screen(word: str) -> bool:
    """Whether a word means a command of the screen."""
    return word == LEAVING or any(word == one.name for one in ON_SCREEN)


def look_named(word: str) -> str:
    """The command of the screen, about the look, that a word of a replay means; empty for none.

    A command of the debugger comes before one that is only begun.
    """
    names = [one.name for one in ON_SCREEN if one.is_look]
    if word in names:
        return word
    if not word or any(word in c.aliases or c.name.startswith(word) for c in COMMANDS):
        return ""
    begun = [name for name in names if name.startswith(word)]
    return begun[0] if len(begun) == 1 else ""


def find_command(word: str, argument: str = "") -> Command:
    """The command that a word means: its name, an alias, or a unique prefix.

    Args:
        word: as it was typed.
        argument: what follows it.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    known = _WORDS.of(COMMANDS).get(word)
    if known is not None and "=" not in argument:
        return known
    if is_on_screen(word):
        raise CommandError(
            said("'{word}' is about the screen, and there is none here", word=word), 0
        )
    return look_up(word, COMMANDS, argument)


class _Words:
    """The commands by their names and aliases, but for words that the screen has."""

    def __init__(self) -> None:
        self._commands: tuple[Command, ...] = ()
        self._by_word: dict[str, Command] = {}

    def of(self, commands: tuple[Command, ...]) -> dict[str, Command]:
        """Made when these commands are first asked; while they are the same, looked up."""
        if commands is not self._commands:
            found = {word: c for c in reversed(commands) for word in (c.name, *c.aliases)}
            self._by_word = {
                word: c for word, c in found.items() if not (is_on_screen(word) or word in INSTEAD)
            }
            self._commands = commands
        return self._by_word


_WORDS: Final = _Words()


def perform(session: Session, line: str) -> Resumable[Answer]:
    """Carry out one line of the command language, piece by piece.

    Yields:
        Steps that a search has come to. Who stops here leaves the session as it was.

    Raises:
        CommandError: the line cannot be carried out; the session stays as it was.
    """
    stripped = line.strip()
    word, _, argument = stripped.partition(" ")
    if not word or word.startswith("#"):
        return NO_ANSWER
    offset = len(line) - len(line.lstrip()) + len(word) + 1
    try:
        command = find_command(word, argument)
    except CommandError as error:
        raise error.moved(offset - len(word) - 1) from None
    if not command.touches_files(argument):
        argument = argument.replace("−", "-")  # as the screen writes numbers
    try:
        check_mode(session, command)
        reply = command.run(session, argument)
        if not isinstance(reply, str | Answer):
            reply = yield from reply
    except CommandError as error:
        raise error.moved(offset) from None
    except TuiBackpropError as error:
        raise CommandError(str(error)) from error
    if session.listener is not None:
        session.listener(stripped)
    return reply if isinstance(reply, Answer) else answer_of(reply)


def execute(session: Session, line: str) -> str:
    """Carry out one line; returns what to tell the person, which may be empty.

    Raises:
        CommandError: the line cannot be carried out; the session stays as it was.
    """
    return run_to_end(perform(session, line)).text


COMMANDS: Final[tuple[Command, ...]] = (
    *MOVEMENT, *FOLDING, *BREAKING, *INSPECTING, *JACOBIANS, *ASKING, *EXAMINING, *HUNTING,
    *WHAT_IF, *FORWARD_MODE, *file_commands(perform), *RESTORE, *NARRATING, _HELP,
)  # fmt: skip
"""All of them, in the order of help and footer."""
