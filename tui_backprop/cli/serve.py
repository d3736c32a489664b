"""``tui-backprop serve [SCENARIO]``: the debugger in a browser, for a class without terminals."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command, add_limits, add_scenario, limits_of, load_scenario
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.cli.commands import Parser

_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_VISITORS: Final = 20
_MOST_VISITORS: Final = 1000


def _configure(parser: Parser) -> None:
    what = said("a scenario or a replay: a file, or a shipped name; left out: a list to pick from")
    add_scenario(parser, nargs="?", what=what)
    parser.add_argument(
        "--host", metavar=said("ADDRESS"), default=_HOST,
        help=said(
            "where to listen (default: {host}, which only this machine reaches)", host=_HOST
        ),
    )  # fmt: skip
    parser.add_argument(
        "--port", metavar=said("N"), type=_port, default=_PORT,
        help=said("at which port (default: {port}; 0 for any that is free)", port=_PORT),
    )  # fmt: skip
    parser.add_argument(
        "--visitors", metavar=said("N"), type=_visitors, default=_VISITORS,
        help=said(
            "how many may be there at a time, each a process of its own (default: {count})",
            count=_VISITORS,
        ),
    )  # fmt: skip
    parser.add_argument(
        "--theme", metavar=said("NAME"), default="", help=said("colours, by the name of a theme")
    )
    add_limits(parser)


def _port(text: str) -> int:
    return _number(text, 0, 65535)


def _visitors(text: str) -> int:
    return _number(text, 1, _MOST_VISITORS)


def _number(text: str, least: int, most: int) -> int:
    found = int(text) if text.isdecimal() and len(text) < 9 else -1
    if not least <= found <= most:
        raise argparse.ArgumentTypeError(
            said(
                "expected a number from {least} to {most}, found '{text}'",
                least=least, most=most, text=text,
            )
        )  # fmt: skip
    return found


def _run(args: argparse.Namespace) -> int:
    if find_spec("textual_serve") is None:
        raise TuiBackpropError(
            said(
                "textual-serve, which shows the debugger in a browser, is not installed: {command}",
                command="pip install 'tui-backprop[web]'",
            )
        )
    words = list(_words(args))
    from tui_backprop.cli.shared.serving import Welcome, serve
    from tui_backprop.tui.options import SERVED

    # Of the apps, which have this environment.
    os.environ |= {SERVED: "1", "PYTHONUTF8": "1"}
    command = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
    welcome = Welcome(args.host, args.port, args.visitors, args.scenario or "")
    return serve(command, welcome, language_of(args.lang))


def _words(args: argparse.Namespace) -> Iterator[str]:
    """The command of one visitor's app.

    Raises:
        TuiBackpropError: what is to be shown cannot be read, or there is no such theme.
    """
    from tui_backprop.scenario.files import is_replay

    limits, name = limits_of(args), args.scenario
    yield from (sys.executable, "-m", "tui_backprop")
    if name is not None and is_replay(name):
        from tui_backprop.replays import load_replay

        load_replay(name, limits)
        yield "replay"
    else:
        if name is not None:
            load_scenario(name, limits)
        yield "open"
    yield from ("--lang", args.lang)
    if args.theme:
        from tui_backprop.tui.colours import known_theme

        yield from ("--theme", known_theme(args.theme))
    for limit, number in args.limit:
        yield from ("--limit", f"{limit}={number}")
    if args.ascii:
        yield "--ascii"
    if args.no_color:
        yield "--no-color"
    if name is not None:
        yield from ("--", name)


SERVE: Final = Command(
    name="serve",
    summary=said("show the debugger in a browser, to a class without terminals"),
    description=said(
        "Show the debugger in a browser. Each visitor walks in a process of their own, and no "
        "command that touches files does anything there."
    ),
    configure=_configure,
    run=_run,
)
