"""``tui-backprop [SCENARIO]``: the debugger in the terminal.

It stands apart from the other commands as the one that must be quick: it imports neither SymPy nor
anything of the checks and transcripts.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.command import Command
from tui_backprop.cli.options import (
    add_ascii,
    add_language,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
    wants_color,
)
from tui_backprop.errors import TuiBackpropError

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.command import Parser


def _configure(parser: Parser) -> None:
    add_scenario(parser, nargs="?", what="a file or a shipped name; left out: pick a shipped one")
    add_language(parser)
    add_ascii(parser)
    add_limits(parser)
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="keys and settings, TOML; default: config.toml in the user's configuration folder",
    )


def _run(args: argparse.Namespace) -> int:
    # OpenBLAS starts its threads when NumPy is imported, which costs more than the small products
    # of a walk can win back. A person who sets the variable knows better.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Start-up makes much and drops little; the screen turns the collector on again.
    gc.disable()
    try:
        limits = limits_of(args)
        scenario = None if args.scenario is None else load_scenario(args.scenario, limits)
        _require_terminal(args.scenario)

        from tui_backprop.tui.options import Options  # noqa: PLC0415 - after the scenario is read
        from tui_backprop.tui.run import run  # noqa: PLC0415 - the same

        options = Options(
            ascii=args.ascii,
            color=wants_color(args),
            language=args.lang,
            limits=limits,
            config=args.config or _config(),
        )
        return run(scenario, options)
    finally:
        gc.enable()


def _config() -> Path:
    from platformdirs import user_config_path  # noqa: PLC0415 - only a screen has settings

    return user_config_path("tui-backprop") / "config.toml"


def _is_terminal() -> bool:
    # Textual reads stdin and draws on stderr; a stdout that is a file wants text.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(s is not None and s.isatty() for s in streams) and os.environ.get("TERM") != "dumb"


def _require_terminal(scenario: str | None) -> None:
    if _is_terminal():
        return
    raise TuiBackpropError(
        "this is no terminal to open a screen in; "
        f"'tui-backprop trace {scenario or 'SCENARIO'}' prints the whole walk, "
        "'tui-backprop list' the shipped scenarios"
    )


COMMAND: Final = Command(
    name="open",
    summary="open the debugger; done where no command is named",
    description="Open the debugger on a scenario; without one, on a picker of the shipped ones.",
    configure=_configure,
    run=_run,
)
