"""Writing to stdout: lines, tables, and what the stream can show."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from tui_backprop.errors import LocatedError, TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset


_GLYPHS = "∂·₁−→▸ᵀ…×"


def write_lines(lines: Iterable[str]) -> None:
    """Write each line with a newline, as they come."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def in_ascii(lines: Iterable[str], args: argparse.Namespace, times: str = "*") -> Iterator[str]:
    """Each line as it is, or in ASCII if that is asked for, whatever a scenario's author wrote.

    Args:
        lines: to be printed.
        args: that say so; the letters of the language that they ask for are kept.
        times: what stands for the sign of multiplication.
    """
    if not args.ascii:
        yield from lines
        return
    from tui_backprop.render.text.charset import ASCII, spelled

    language = language_of(args.lang)
    for line in lines:
        yield looks_in_ascii(spelled(line.replace("·", times), ASCII), language)


def looks_in_ascii(text: str, language: Language) -> str:
    """A text in which each character beyond ASCII has one as wide in its place.

    Those that the language is written in stay.
    """
    if text.isascii():
        return text
    from tui_backprop.render.text.charset import ascii_text

    is_kept = _letters_of(language)
    return "".join(c if is_kept(c) else ascii_text(c) for c in text)


@lru_cache(maxsize=8)
def _letters_of(language: Language) -> Callable[[str], bool]:
    """Whether a character beyond ASCII is one that a language is written in, as its name is."""
    import unicodedata

    from tui_backprop.render.text.spans import width

    if language is ENGLISH:
        return lambda _: False
    if any(width(character) == 2 for character in language.name):
        return lambda character: width(character) == 2

    def script(character: str) -> str:
        return unicodedata.name(character, "").partition(" ")[0]

    scripts = {script(character) for character in language.name}
    # Small letters above and below the line are glyphs of formulas.
    letters = {"Lu", "Ll", "Lo"}
    return lambda c: script(c) in scripts and unicodedata.category(c) in letters


def in_json_ascii(pieces: Iterable[str], args: argparse.Namespace) -> Iterator[str]:
    """JSON as it is, or with escapes for what is not ASCII, if that is asked for."""
    if not args.ascii:
        yield from pieces
        return
    import json

    for piece in pieces:
        if piece.isascii():
            yield piece
        else:
            yield "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in piece)


def charset_of(args: argparse.Namespace) -> Charset:
    """Unicode, unless ASCII is asked for or is all that the stream can encode."""
    from tui_backprop.render.text.charset import ASCII, UNICODE

    return ASCII if args.ascii or not _can_encode(_GLYPHS) else UNICODE


def terminal_width() -> int | None:
    """Columns of the terminal; None where the output goes elsewhere and nothing need be cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def prepare_streams() -> None:
    """Let nothing that a file holds stop the output: what cannot be encoded is escaped.

    A stream that was closed before we began stays so: no file that is opened later may take its
    number, and what is printed to it is an error, or for errors, lost.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    # Python has None for a stream that is closed, whatever its stubs say.
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - kept
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


class _Closed(io.TextIOBase):
    """A stand-in for a standard output that is closed."""

    def write(self, _text: str) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed, so nothing can be printed", "standard output")


@contextmanager
def forgotten_if_broken(stream: TextIO) -> Iterator[None]:
    """While inside, a stream that breaks is redirected to nowhere instead of raising."""
    try:
        yield
    except (OSError, ValueError):
        forget(stream)


def forget(stream: TextIO) -> None:
    """Redirect a broken stream to nowhere: Python flushes it when it leaves, and would complain."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _can_encode(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


TRACEBACK: Final = "TUI_BACKPROP_TRACEBACK"
"""In the environment, the same as ``--traceback``."""


def complain(error: BaseException, language: Language = ENGLISH, *, is_ascii: bool = False) -> None:
    """Write an error to stderr, as far as that takes anything.

    In ASCII each character has one in its place, so that a caret stays under its column.
    """
    from tui_backprop.render.text.spans import printable

    with forgotten_if_broken(sys.stderr):
        for line in language.retold(_block(error)).splitlines():
            text = printable(line)
            print(looks_in_ascii(text, language) if is_ascii else text, file=sys.stderr)
        sys.stderr.flush()


def _block(error: BaseException) -> str:
    if isinstance(error, LocatedError):
        return str(error)
    if isinstance(error, TuiBackpropError):
        return _of_program(str(error))
    if isinstance(error, MemoryError):
        return _of_program(said("there is not enough memory for this scenario"))
    if isinstance(error, OSError):
        from tui_backprop.files import reason_of

        name = [str(error.filename)] if error.filename else []
        return _of_program(joined(": ", [*name, reason_of(error)]))
    told = said(
        "an error of the program itself: {kind}: {text}",
        kind=type(error).__name__,
        text=(str(error).splitlines() or [""])[0][:200],
    )
    please = said(
        "Please report it with what the same command says under --traceback (or {variable}=1).",
        variable=TRACEBACK,
    )
    return joined("\n", [_of_program(told), please])


def _of_program(told: str) -> str:
    return joined(": ", ["tui-backprop", told])
