"""All commands of the command line, in the order of the help, and what they share.

Adding a command is adding it to a file and a line here. Its file is imported when it is asked for,
so that opening a screen pays for no other.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH, Language, languages
from tui_backprop.language.message import joined, said
from tui_backprop.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import SupportsWrite

    from tui_backprop.api import Scenario


DEFAULT: Final = "open"
"""What is done when no command is named."""

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: "open",
        "trace": "trace",
        "replay": "replay",
        "present": "present",
        "notes": "notes",
        "check": "check",
        "compare": "compare",
        "conventions": "pages.conventions",
        "health": "health",
        "export": "export",
        "quiz": "quiz",
        "learn": "learn",
        "serve": "serve",
        "run": "run",
        "new": "new",
        "init": "new",
        "list": "pages.about",
        "ops": "pages.about",
        "schema": "pages.about",
        "completion": "pages.about",
    }
)

NAMES: Final = tuple(_MODULES)
"""The words that mean a command."""


def find(name: str) -> Command:
    """The command of that name, which its file has in capitals."""
    found: Command = getattr(import_module(f"tui_backprop.cli.{_MODULES[name]}"), name.upper())
    return found


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: the word that is typed.
        summary: one line for the list of commands.
        description: what its own help says first.
        configure: adds its arguments.
        run: does it; imports what it needs only then, and returns the exit status.

    Summary and description are sentences, as the help of every argument is.
    """

    name: str
    summary: str
    description: str
    configure: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


# argparse and not click: click's import costs 29 ms before the first screen, argparse's 8.
class Parser(argparse.ArgumentParser):
    """An argument parser whose messages are text, whatever was typed.

    Attributes:
        language: that they are told in.
        is_ascii: whether they are ASCII too, beside the letters of the language.
    """

    is_ascii = False

    def __init__(self, *, language: Language = ENGLISH, **others: Any) -> None:
        from tui_backprop.cli.shared.usage import HelpFormatter

        self.language = language
        super().__init__(formatter_class=partial(HelpFormatter, language=language), **others)

    def error(self, message: str) -> NoReturn:
        """Usage and message to stderr, then exit status 2."""
        from tui_backprop.cli.shared.output import forgotten_if_broken, looks_in_ascii
        from tui_backprop.cli.shared.usage import told_error
        from tui_backprop.errors import shortened
        from tui_backprop.render.text.spans import printable

        told = printable(shortened(message))
        if self.is_ascii:
            told = looks_in_ascii(told, self.language)
        with forgotten_if_broken(sys.stderr):
            self.print_usage(sys.stderr)
            self._print_message(told_error(self.language, self.prog, told), sys.stderr)
            sys.stderr.flush()
        self.exit(2)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """As argparse does; a sentence that says why a value is refused is told in the language."""
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError as error:
            error.message = self.language.retold(error.message)
            raise

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Write; that nothing can be written is an error, which argparse does not tell."""
        (file or sys.stderr).write(message)


VALUE_OPTIONS: Final = frozenset(
    {
        "--lang",
        "--limit",
        "--config",
        "--theme",
        "--format",
        "--level",
        "--zeros",
        "--rtol",
        "--keep",
        "--framework",
        "--as",
        "--to",
        "-o",
        "--output",
        "--step",
        "--answers",
        "--count",
        "--size",
        "--font",
        "--speed",
        "--host",
        "--port",
        "--visitors",
    }
    | {"-e", "--execute", "-x", "--source", "--record", "--scenario", "--at", "--save", "-m"}
)
"""Every option that takes the word after it; needed to find the command among the arguments."""

_LIMITS: Final = tuple(f.name for f in fields(Limits))


def add_scenario(
    parser: Parser,
    nargs: str | None = None,
    what: str = "",
    name: str = "scenario",
    metavar: str = said("SCENARIO"),
) -> None:
    """The scenario itself, completed by name and by file."""
    action = parser.add_argument(
        name,
        metavar=metavar,
        nargs=nargs,
        help=what or said("a file, or the name of a shipped scenario without its ending"),
    )
    action.completer = complete_scenario  # type: ignore[attr-defined]  # argcomplete's way


def add_framework(parser: Parser, option: str, what: str) -> None:
    """An option whose value is a framework of the measured table."""
    action = parser.add_argument(option, dest="framework", metavar=said("NAME"), help=what)
    action.completer = _complete_framework  # type: ignore[attr-defined]  # argcomplete's way


def _complete_framework(**_asked: object) -> list[str]:
    from tui_backprop.rules.conventions.framework_names import frameworks

    return list(frameworks())


def add_limits(parser: Parser) -> None:
    """``--limit``, on every command that reads scenarios."""
    parser.add_argument(
        "--limit",
        metavar=said("NAME=N"),
        action="append",
        default=[],
        type=_limit,
        help=said(
            "raise or lower a limit; may be repeated. NAME: {names}", names=joined(", ", _LIMITS)
        ),
    )


def add_language(parser: Parser) -> None:
    """``--lang``; where nobody names one it is the parser's own."""
    parser.add_argument(
        "--lang",
        choices=languages(),
        default=parser.language.code,
        help=said(
            "language of all that is said (default: that of LC_ALL, LC_MESSAGES or LANG, else "
            "English)"
        ),
    )


def add_common(parser: Parser) -> None:
    """Add the options that every command takes."""
    add_language(parser)
    parser.add_argument("--ascii", action="store_true", help=said("no glyphs beyond ASCII"))
    parser.add_argument(
        "--no-color",
        action="store_true",
        help=said("no colours; so does NO_COLOR in the environment"),
    )
    parser.add_argument(
        "--traceback",
        action="store_true",
        help=said("show where an error comes from, for a report of a bug"),
    )


def add_json(parser: argparse._ActionsContainer) -> None:
    """``--json``, wherever a table is printed."""
    parser.add_argument("--json", action="store_true", help=said("the same as JSON, for programs"))


def limits_of(args: argparse.Namespace) -> Limits:
    """The limits that the arguments ask for."""
    return DEFAULT_LIMITS.raised(**dict(args.limit))


def wants_color(args: argparse.Namespace) -> bool:
    """Whether colours may be used."""
    return not args.no_color and not os.environ.get("NO_COLOR")


def load_scenario(name: str, limits: Limits) -> Scenario:
    """A scenario by path or shipped name, or a saved walk by path.

    Raises:
        TuiBackpropError: it cannot be read; a bare word that is no scenario gets the nearest.
    """
    from tui_backprop.api import load
    from tui_backprop.scenario.files import resolve, unknown

    if complaint := unknown(name, *NAMES):
        raise TuiBackpropError(complaint)
    return load(resolve(name), limits)


def complete_scenario(prefix: str, **_known: object) -> list[str]:
    """Shipped names, folders and scenario files that begin with a prefix."""
    from tui_backprop.scenario.files import with_hunts

    folder, _, _ = prefix.rpartition("/")
    found = [p.stem for p in with_hunts()]
    for path in sorted(Path(folder or ".").glob("*")):
        shown = f"{folder}/{path.name}" if folder else path.name
        if path.is_dir():
            found.append(f"{shown}/")
        elif path.suffix in {".yaml", ".yml", ".walk"}:
            found.append(shown)
    return [word for word in found if word.startswith(prefix)]


def _limit(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    key = name.strip().replace("-", "_").replace(" ", "_")
    if key not in _LIMITS:
        names = joined(", ", _LIMITS)
        raise argparse.ArgumentTypeError(
            said("unknown limit '{name}'; there are: {names}", name=name, names=names)
        )
    try:
        value = int(number)
    except ValueError:
        raise argparse.ArgumentTypeError(
            said("expected {name}=N with a whole number N", name=key)
        ) from None
    if value < 0:
        raise argparse.ArgumentTypeError(
            said("the limit {name} must be 0 or more, not {value}", name=key, value=value)
        )
    return key, value
