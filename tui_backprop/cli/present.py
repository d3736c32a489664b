"""``tui-backprop present SCENARIO``: the debugger for a room, the step alone on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command, add_limits, add_scenario, limits_of, load_scenario
from tui_backprop.cli.open import add_record, add_screen, walk
from tui_backprop.cli.shared.quick import quick_start
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(parser: Parser) -> None:
    add_scenario(parser, what=said("a scenario or a replay: a file, or a shipped name"))
    add_limits(parser)
    add_record(parser)
    add_screen(parser)
    parser.set_defaults(commands=["present on"], batch=False)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.scenario.files import is_replay

    if is_replay(args.scenario):
        from tui_backprop.cli.replay import open_replay

        if args.record is not None:
            raise TuiBackpropError(said("a replay is recorded already: name its scenario instead"))
        return open_replay(args.scenario, args)
    with quick_start():
        return walk(load_scenario(args.scenario, limits_of(args)), args)


PRESENT: Final = Command(
    name="present",
    summary=said("open the debugger for a room: the step alone, large"),
    description=said(
        "Open the debugger with the step alone on the screen, for a room; '.' blanks it, escape "
        "brings all panes, and 'tui-backprop notes' follows it in another terminal."
    ),
    configure=_configure,
    run=_run,
)
