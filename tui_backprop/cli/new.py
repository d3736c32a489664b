"""``tui-backprop new NAME``: a first scenario, with a word on each part of it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.shared.output import in_ascii, write_lines
from tui_backprop.dataclass import replace
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(parser: Parser) -> None:
    parser.add_argument(
        "name",
        metavar=said("NAME"),
        nargs="?",
        default="scenario",
        help=said("what to call it; .yaml is put behind it; left out, scenario.yaml"),
    )


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.language.catalogue import language_of
    from tui_backprop.render.text.spans import printable
    from tui_backprop.scenario.new import write_new

    spoken = language_of(args.lang)
    shown = printable(quote(str(write_new(args.name, spoken))))
    lines = (
        said("written: {file}", file=shown),
        said("look at it:   {command}", command=f"tui-backprop {shown}"),
        said("check it:     {command}", command=f"tui-backprop check {shown}"),
    )
    write_lines(in_ascii(map(spoken.retold, lines), args))
    return 0


NEW: Final = Command(
    name="new",
    summary=said("write a first scenario, with comments, to begin with"),
    description=said(
        "Write a scenario with a comment on each of its parts. No file is overwritten."
    ),
    configure=_configure,
    run=_run,
)

INIT: Final = replace(NEW, name="init", summary=said("another word for 'new'"))
