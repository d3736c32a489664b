"""Commands kept in files: what is set now, written as the commands that set it.

It stands apart from the other commands because it alone touches the disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.answer import Answer, AnswerLine
from tui_backprop.debug.commands.command import Command
from tui_backprop.debug.said import said
from tui_backprop.debug.whole import all_or_nothing
from tui_backprop.errors import CommandError
from tui_backprop.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Session

_GROUP: Final = "Files"
_HEADER: Final = "# tui-backprop commands"
_DEEPEST: Final = 8


def commands_in_force(session: Session) -> Iterator[str]:
    """The lines that bring a fresh session to the same trials, breakpoints and displays."""
    yield from (f"set {what}" for what in session.trials.in_force)
    for one in session.breakpoints:
        yield from _set_again(one)
    yield from (f"display {asked.text}" for asked in session.displays)


def _set_again(one: Breakpoint) -> Iterator[str]:
    word = "watch" if one.watched is not None else "tbreak" if one.is_temporary else "break"
    yield f"{word} {one.text}"
    if one.ignore:
        yield f"ignore last {one.ignore}"
    if not one.is_enabled:
        yield "disable last"


def _save(session: Session, argument: str) -> str:
    path = _path(session, argument)
    lines = [_HEADER, *commands_in_force(session)]
    try:
        if path.exists() and not _is_ours(path):
            raise CommandError(f"{path} is there and no file of commands: it is not overwritten")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
    return said("{count} commands written to {path}", count=len(lines) - 1, path=path)


def _path(session: Session, argument: str) -> Path:
    """The file that is named, or the one beside the scenario."""
    text = argument.strip()
    if text and "\0" not in text:
        return typed_path(text)
    if session.beside is None:
        raise CommandError("name a file: this session has no scenario file to keep it beside")
    return session.beside


def typed_path(text: str) -> Path:
    """A path as a shell would understand it: ``~`` is home.

    Raises:
        CommandError: it begins with the home of nobody.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise CommandError(f"{text}: there is no such home; ./{text} is a file here") from None


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline().strip() == _HEADER
    except (OSError, ValueError):
        return False


def _source(session: Session, argument: str) -> Journey[Answer]:
    path = _path(session, argument)
    if session.sourcing >= _DEEPEST:
        raise CommandError(f"files that source each other, more than {_DEEPEST} deep")
    listener, heard = session.listener, list[str]()
    try:
        # Who listens hears of the lines when all of them are carried out.
        session.listener = heard.append if listener is not None else None
        with all_or_nothing(session):
            session.sourcing += 1
            answer = yield from _carry_out(session, path)
    finally:
        session.listener = listener
    session.sourcing -= 1
    if listener is not None:
        for line in heard:
            listener(line)
    return answer


def _carry_out(session: Session, path: Path) -> Journey[Answer]:
    from tui_backprop.debug.commands import perform  # noqa: PLC0415 - it is made of these

    lines: list[AnswerLine] = []
    for number, line in enumerate(_read(path), 1):
        try:
            answer = yield from perform(session, line)
        except CommandError as error:
            raise CommandError(f"{path}:{number}: {error}") from error
        lines += answer.lines
    return Answer(tuple(lines))


def _read(path: Path) -> list[str]:
    try:
        if path.stat().st_size > DEFAULT_LIMITS.file_bytes:
            raise CommandError(f"{path} is larger than {DEFAULT_LIMITS.file_bytes:,} bytes")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
    except ValueError:
        raise CommandError(f"{path}: not UTF-8 text") from None
    return text.split("\n")


FILES: Final[tuple[Command, ...]] = (
    Command("save", "Write what is set, the breakpoints and the displays as commands.",
            _save, (), "[FILE]", "", (), _GROUP, files=True),
    Command("source", "Carry out a file of commands: all of them, or none if one fails.",
            _source, (), "[FILE]", "", (), _GROUP, files=True),
)  # fmt: skip
