"""``tui-backprop notes [SCENARIO]``: a second terminal with the speaker's notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command, add_limits, add_scenario, limits_of, load_scenario
from tui_backprop.cli.open import add_looks, looks_of, require_terminal
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(parser: Parser) -> None:
    add_scenario(
        parser,
        nargs="?",
        what=said("follow a presentation of this scenario or replay only (default: of any)"),
    )
    add_limits(parser)
    add_looks(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.tui.notes.channel import presented, runtime_folder

    wanted = "" if args.scenario is None else _name(args)
    presented(runtime_folder())  # what cannot work is said at once, and not on a screen
    require_terminal(said("notes are shown on a screen of their own"))

    from tui_backprop.tui.notes.follower import NotesApp

    app = NotesApp(looks_of(args), wanted)
    app.run()
    return app.return_code or 0


def _name(args: argparse.Namespace) -> str:
    """Of the scenario that is to be followed."""
    from tui_backprop.scenario.files import is_replay

    if is_replay(args.scenario):
        from tui_backprop.replays import load_replay

        return load_replay(args.scenario, limits_of(args)).scenario.model.name
    return load_scenario(args.scenario, limits_of(args)).model.name


NOTES: Final = Command(
    name="notes",
    summary=said("show the speaker's notes beside a presentation"),
    description=said(
        "Follow 'tui-backprop present' in a second terminal: what is to be said now and next, the "
        "step in plain words, and the time. Nothing leaves this computer or this user."
    ),
    configure=_configure,
    run=_run,
)
