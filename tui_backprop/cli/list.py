"""``tui-backprop list``: the shipped scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.options import add_json, add_language, add_limits, limits_of
from tui_backprop.cli.output import terminal_width, write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(parser: Parser) -> None:
    add_json(parser)
    add_language(parser)
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.scenario.files import shipped_replays

    found = _scenarios(args)
    if args.json:
        write_lines([json_text({"format": 1, "scenarios": found}, indent=2)])
        return 0
    headings = (Heading("name"), Heading("folder"), Heading("title", is_elastic=True))
    rows = [(s["name"], s["folder"], s["title"]) for s in found]
    write_lines(table(headings, rows, terminal_width()))
    replays = ", ".join(path.stem for path in shipped_replays())
    write_lines(["", f"replays: {replays} (tui-backprop replay NAME)"])
    return 0


def _scenarios(args: argparse.Namespace) -> list[dict[str, Any]]:
    from tui_backprop.scenario.files import folder, shipped
    from tui_backprop.scenario.load import load

    limits = limits_of(args)
    return [
        {
            "name": path.stem,
            "folder": "" if path.parent == folder() else path.parent.name,
            "title": load(path, limits).title.get(args.lang),
            "path": str(path),
        }
        for path in shipped()
    ]


COMMAND: Final = Command(
    name="list",
    summary="list the shipped scenarios",
    description="List the scenarios that come with the program: each name opens or traces.",
    configure=_configure,
    run=_run,
)
