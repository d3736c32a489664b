"""``tui-backprop schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.output import write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(_parser: Parser) -> None:
    """It has no arguments."""


def _run(_args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.scenario.fields import json_schema

    write_lines([json_text(json_schema(), indent=2)])
    return 0


COMMAND: Final = Command(
    name="schema",
    summary="print the JSON Schema of scenario files",
    description="Print the JSON Schema of scenario format 1, for editors that complete and check.",
    configure=_configure,
    run=_run,
)
