"""From the words of the command line to a command and its arguments, and what `--version` prints.

The first word may be a command or a scenario: a word that is no command is opened. A scenario with
the name of a command is written as a path, ``./check``.
"""

from __future__ import annotations

import argparse
import os
import platform
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    DEFAULT,
    NAMES,
    VALUE_OPTIONS,
    Parser,
    add_common,
    add_language,
    complete_scenario,
    find,
)
from tui_backprop.cli.shared.usage import argparse_in, retell
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import said
from tui_backprop.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.language.catalogue import Language

_EPILOG: Final = said(
    "A SCENARIO is a file, or the name of a shipped scenario without its ending. Without a command "
    "it is opened; one that is called like a command is written as a path: ./check. "
    "Exit status: 0 all well, 1 a check found a disagreement or a comparison a difference, "
    "2 bad usage or bad input, 70 an error of the program itself, 130 interrupted."
)


def parser(
    names: Sequence[str] = NAMES, *, is_ascii: bool = False, language: Language = ENGLISH
) -> Parser:
    """The parser of these commands: of all, or of the one that was named."""
    top = Parser(
        prog="tui-backprop",
        usage=said("tui-backprop [SCENARIO]\n       tui-backprop COMMAND ..."),
        description=said("A debugger for gradients that lives in the terminal."),
        epilog=_EPILOG,
        allow_abbrev=False,
        language=language,
    )
    top.is_ascii = is_ascii
    top.add_argument(
        "--version", action=ShowVersions, help=said("show what a report needs, and leave")
    )
    add_language(top)
    added = top.add_subparsers(
        dest="command", metavar=said("COMMAND"), required=True, prog="tui-backprop"
    )
    retell(top, language)
    added.completer = complete_scenario  # type: ignore[attr-defined]  # argcomplete's way
    for command in map(find, names):
        own = added.add_parser(
            command.name,
            help=language.retold(command.summary),
            description=command.description,
            allow_abbrev=False,
            language=language,
        )
        own.is_ascii = is_ascii
        add_common(own)
        command.configure(own)
        retell(own, language)
        own.set_defaults(run=command.run)
    return top


def parse(argv: Sequence[str], language: Language = ENGLISH) -> argparse.Namespace:
    """The arguments, with ``run`` being what to do with them.

    Args:
        argv: the words of the command line.
        language: of help and of what is refused, and of the command where it is named no other.

    Raises:
        SystemExit: help was asked for, or the usage is wrong.
    """
    words = with_command(argv)
    names = words[:1] if words and words[0] in NAMES else NAMES
    with argparse_in(language):
        return parser(names, is_ascii="--ascii" in words, language=language).parse_args(words)


def with_command(argv: Sequence[str]) -> list[str]:
    """The words with a command in front: the one that is named first, else the default."""
    at = _first_word(argv)
    if at is not None and argv[at] in NAMES:
        return [argv[at], *argv[:at], *argv[at + 1 :]]
    if at is not None and _first_word(argv[at + 1 :]) is not None:
        _check_opens(argv[at])
    is_about_all = at is None and bool({"-h", "--help", "--version"} & set(argv))
    return list(argv) if is_about_all else [DEFAULT, *argv]


def _check_opens(word: str) -> None:
    """Refuse a first word of several that names no scenario: it was to be a command.

    Raises:
        TuiBackpropError: it names none; the message has the nearest command or scenario.
    """
    from tui_backprop.scenario.files import unknown

    if complaint := unknown(word, *NAMES):
        raise TuiBackpropError(complaint)


def _first_word(argv: Sequence[str]) -> int | None:
    """Where the first word stands that is no option and no option's value."""
    takes_value = False
    for at, word in enumerate(argv):
        if takes_value:
            takes_value = False
        elif word == "--":
            return None
        elif word.startswith("-") and word != "-":
            takes_value = word in VALUE_OPTIONS
        else:
            return at
    return None


_PACKAGES: Final = ("numpy", "sympy", "textual", "PyYAML", "torch")
_NAMES: Final = {"numpy": "NumPy", "sympy": "SymPy", "textual": "Textual", "torch": "PyTorch"}


class ShowVersions(argparse.Action):
    """The option that prints the versions and leaves."""

    def __init__(self, option_strings: list[str], dest: str, **others: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **others)

    def __call__(self, parser: argparse.ArgumentParser, *_given: Any) -> None:
        """As argparse asks."""
        print(*lines(), sep="\n")
        parser.exit()


def lines() -> Iterator[str]:
    """The program's own version first, then those of what it stands on, then where it runs."""
    # Every start reads this module, and few ask.
    from importlib.metadata import PackageNotFoundError, version

    yield f"tui-backprop {__version__}"
    yield f"Python {platform.python_version()}"
    for package in _PACKAGES:
        try:
            found = version(package)
        except PackageNotFoundError:
            continue
        yield f"{_NAMES.get(package, package)} {found}{_libyaml() if package == 'PyYAML' else ''}"
    yield f"{platform.system()} {platform.release()}, {platform.machine()}"
    words = filter(None, map(_env_word, ("TERM_PROGRAM", "TERM")))
    yield f"terminal {' '.join(words) or 'unknown'}"


def _env_word(name: str) -> str:
    """What the environment says, as far as it is a word."""
    return "".join(c for c in os.environ.get(name, "")[:40] if c.isprintable())


def _libyaml() -> str:
    """Whether PyYAML has its scanner in C, by whether the file is there."""
    from importlib.util import find_spec

    spec = find_spec("yaml")
    folders = (spec.submodule_search_locations if spec else None) or ()
    files = (Path(folder, f"_yaml{ending}") for folder in folders for ending in EXTENSION_SUFFIXES)
    return " with libyaml" if any(file.exists() for file in files) else " without libyaml"
