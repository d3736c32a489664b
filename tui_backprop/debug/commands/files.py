"""`save`, `source` and `restore`: commands written to a file, and carried out from one.

Unlike a typed command, `restore` accepts a place that this walk does not come to.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands.asked import asked_for
from tui_backprop.debug.commands.breaking import check_room, watched_for
from tui_backprop.debug.commands.command import Command, expression, first_word, whole_number
from tui_backprop.debug.session import transaction
from tui_backprop.errors import CommandError
from tui_backprop.files import FileError, open_regular, read_regular, write_whole
from tui_backprop.language.message import Answer, AnswerLine, said, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.commands.command import Action, Perform
    from tui_backprop.debug.session import Session
    from tui_backprop.progress import Resumable


_GROUP: Final = said("Files")
_HEADER: Final = "# tui-backprop commands"
_DEEPEST: Final = 8
_MOST_BYTES: Final = 24_000_000
"""Of a file of commands: room for the numbers of a few large arrays."""
_MOST_LINES: Final = 10**5


def _save(session: Session, argument: str) -> str:
    from tui_backprop.debug.commands.saved import commands_in_force, marks

    path = _path(session, argument)
    text = _text(commands_in_force(session))
    is_cut = len(text) > _MOST_BYTES
    if is_cut:
        text = _text(commands_in_force(session, with_past=False))
    if len(text) > _MOST_BYTES:
        raise CommandError(
            said(
                "what was set takes {size} bytes; a file of commands has at most {most}: "
                "nothing was written",
                size=f"{len(text):,}",
                most=f"{_MOST_BYTES:,}",
            )
        )
    try:
        if not _is_ours(path):
            raise CommandError(
                said("{path} is there and no file of commands: it is not overwritten", path=path)
            )
        write_whole(path, text)
    except FileError as error:
        raise CommandError(str(error)) from None
    session.kept = marks(session)
    count = text.count(b"\n") - 1
    if is_cut:
        return said(
            "{count} commands written to {path}; too long to keep what 'undo' goes back to",
            count=count, path=path,
        )  # fmt: skip
    return said("{count} commands written to {path}", count=count, path=path)


def _text(lines: Iterator[str]) -> bytes:
    # What a command may hold by way of a program is not always UTF-8.
    return "".join(f"{line}\n" for line in (_HEADER, *lines)).encode("utf-8", "surrogatepass")


def _path(session: Session, argument: str) -> Path:
    """The file that is named, or the one beside the scenario."""
    text = argument.strip()
    if text and "\0" not in text:
        return typed_path(text)
    if session.commands_file is None:
        raise CommandError(said("name a file: this session has no scenario file to keep it beside"))
    return session.commands_file


def typed_path(text: str) -> Path:
    """A path as a shell would understand it: ``~`` is home.

    Raises:
        CommandError: it begins with the home of nobody.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise CommandError(
            said("{path}: there is no such home; ./{path} is a file here", path=text)
        ) from None


def _is_ours(path: Path) -> bool:
    """Whether it may be written: none is there, an empty one, or one of ours.

    Raises:
        FileError: it cannot be asked.
    """
    try:
        with open_regular(path) as file:
            first = file.readline(len(_HEADER) + 2)
            return not first or first.strip() == _HEADER.encode()
    except FileError as error:
        if error.cause is None:
            return False  # a folder, a pipe, a device
        if isinstance(error.cause, FileNotFoundError):
            return True
        raise


def _sourced_by(perform: Perform) -> Action:
    """Give each line of a file to what carries out lines."""

    def source(session: Session, argument: str) -> Resumable[Answer]:
        return _source(session, _path(session, argument), perform)

    return source


def _source(session: Session, path: Path, perform: Perform) -> Resumable[Answer]:
    if session.sourcing >= _DEEPEST:
        raise CommandError(
            said("files that source each other, more than {most} deep", most=_DEEPEST)
        )
    from tui_backprop.debug.commands.saved import marks

    before = marks(session)
    listener, heard = session.listener, list[str]()
    try:
        # Who listens hears of the lines when all of them are carried out.
        session.listener = heard.append if listener is not None else None
        with transaction(session):
            session.sourcing += 1
            answer = yield from _carry_out(session, path, perform)
    finally:
        session.listener = listener
    session.sourcing -= 1
    session.kept |= marks(session) - before
    if listener is not None:
        for line in heard:
            listener(line)
    return answer


def _carry_out(session: Session, path: Path, perform: Perform) -> Resumable[Answer]:
    lines: list[AnswerLine] = []
    for number, line in enumerate(_read(path), 1):
        try:
            answer = yield from perform(session, line)
        except CommandError as error:
            raise CommandError(
                _at_place(f"{path}:{number}", str(error), is_whole=session.sourcing <= 1)
            ) from error
        lines += answer.lines
        if len(lines) > _MOST_LINES:
            raise CommandError(
                said(
                    "{path}: more than {most} lines of answers",
                    path=f"{path}:{number}",
                    most=f"{_MOST_LINES:,}",
                )
            )
    return Answer(tuple(lines))


def _at_place(place: str, what: str, *, is_whole: bool) -> str:
    """What is wrong with a line of a file, and where."""
    if not is_whole:
        return said("{place}: {what}", place=place, what=what)
    return said("{place}: {what}; nothing of the file was carried out", place=place, what=what)


def _read(path: Path) -> list[str]:
    try:
        raw = read_regular(path, _MOST_BYTES)
    except FileError as error:
        raise CommandError(str(error)) from None
    try:
        lines = raw.decode("utf-8", "surrogatepass").split("\n")
    except ValueError:
        raise CommandError(said("{path}: not UTF-8 text", path=path)) from None
    if len(lines) > _MOST_LINES:
        raise CommandError(
            said(
                "{path}: {count} lines; at most {most}",
                path=path,
                count=f"{len(lines):,}",
                most=f"{_MOST_LINES:,}",
            )
        )
    return lines


def file_commands(perform: Perform) -> tuple[Command, ...]:
    """``save`` and ``source``; the second gives each line of a file to ``perform``."""
    return (
        Command("save",
                said(
                    "Write where we are, what is set, where to stop and what to show as commands."
                ),
                _save, (), said("[FILE]"), "", (), _GROUP, files=True),
        Command("source", said("Carry out a file of commands: all of them, or none if one fails."),
                _sourced_by(perform), (), said("[FILE]"), "", (), _GROUP, files=True),
    )  # fmt: skip


_USAGE: Final = said(
    "expected what save writes, such as: {example}",
    example="restore break 2 hits 1 ignore 3 disabled: Y if step > 4",
)


def _restore(session: Session, argument: str) -> str:
    word, rest = first_word(argument)
    if word in {"break", "tbreak", "watch"}:
        return _stop(session, word, rest)
    if word == "display:":
        return _display(session, rest)
    if word == "without":
        gone = _number(rest)
        session.breakpoints = tuple(
            b for b in session.breakpoints if b.number != gone or gone not in session.given
        )
    elif word == "next":
        session.numbers = max(session.numbers, _number(rest) - 1)
    elif word == "direction" and rest in {"forward", "reverse"}:
        session.direction = "forward" if rest == "forward" else "reverse"
    elif word == "inside" and (not rest or session.modules.named(rest) is not None):
        session.inside = rest
    else:
        raise CommandError(_USAGE)
    return ""


def _stop(session: Session, word: str, text: str) -> str:
    head, colon, asked = text.partition(":")
    if not colon:
        raise CommandError(_USAGE)
    number, rest = first_word(head)
    made = _asked(session, word, asked)
    made = _counted(replace(made, number=_number(number)), rest.split())
    return said("{breakpoint}: set", breakpoint=_taken_in(session, made).label)


def _asked(session: Session, word: str, text: str) -> Breakpoint:
    from tui_backprop.debug.breakpoints import Breakpoint

    if word == "watch":
        return watched_for(session, text, 0)
    asked = asked_for(session, text, is_kept=True)
    if asked.place is None and asked.condition is None:
        raise CommandError(_USAGE)
    return Breakpoint(0, asked.text, asked.place, asked.condition, is_temporary=word == "tbreak")


def _counted(made: Breakpoint, words: list[str]) -> Breakpoint:
    """The breakpoint with its counts, and whether it is enabled."""
    while words:
        word = words.pop(0)
        if word == "disabled":
            made = replace(made, is_enabled=False)
        elif word == "hits" and words:
            made = replace(made, hits=_number(words.pop(0)))
        elif word == "ignore" and words:
            made = replace(made, ignore=_number(words.pop(0)))
        else:
            raise CommandError(_USAGE)
    return made


def _taken_in(session: Session, made: Breakpoint) -> Breakpoint:
    """In place of the scenario's own of that number; else it keeps its number if that is free."""
    known = {b.number: b for b in session.breakpoints}
    if made.number in known and made.number in session.given:
        old = known[made.number]
        session.breakpoints = tuple(made if b is old else b for b in session.breakpoints)
        return made
    check_room(session)
    number = session.number() if made.number in known else made.number
    session.numbers = max(session.numbers, number)
    made = replace(made, number=number)
    session.breakpoints = tuple(sorted((*session.breakpoints, made), key=lambda b: b.number))
    return made


def _display(session: Session, text: str) -> str:
    from tui_backprop.debug.commands.inspect import check_display_room

    asked = expression(session, text)
    if asked not in session.displays:
        check_display_room(session)
        session.displays = (*session.displays, asked)
    return ""


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise CommandError(said("expected a whole number from 0: {found}", found=typed(text)))
    return number


_RESTORED: Final = said("""\
  restore break 2 hits 1 ignore 3 disabled: Y   a breakpoint, its number and counts
  restore tbreak 3: h if step > 4               one that goes when it has stopped
  restore watch 4: X.grad[0]                    a watchpoint
  restore display: norm(v)                      a display
  restore without 1                             the scenario's own is gone
  restore next 7                                the number of the next breakpoint
  restore direction reverse                     the way of the last move
  restore inside encoder.0                      the module that one is in""")

RESTORE: Final[tuple[Command, ...]] = (
    Command("restore", said("Bring back something that save wrote."),
            _restore, (), said("WHAT"), "", (), said("Files"), _RESTORED),
)  # fmt: skip
