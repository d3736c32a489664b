"""All commands of the command line, in the order of the help.

It stands apart as the one place that names them all; adding one is adding its file and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli import check, completion, list_scenarios, open_scenario, ops, schema, trace

if TYPE_CHECKING:
    from tui_backprop.cli.command import Command

DEFAULT: Final = open_scenario.COMMAND.name
"""What is done when no command is named."""

COMMANDS: Final[tuple[Command, ...]] = (
    open_scenario.COMMAND,
    trace.COMMAND,
    check.COMMAND,
    list_scenarios.COMMAND,
    ops.COMMAND,
    schema.COMMAND,
    completion.COMMAND,
)
