"""All commands of the command line, in the order of the help.

It stands apart as the one place that names them all; adding one is adding its file and a line here.
A command is imported when it is asked for: opening a screen pays for no other.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.cli.command import Command

DEFAULT: Final = "open"
"""What is done when no command is named."""

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: "open",
        "trace": "trace",
        "replay": "replay",
        "check": "check",
        "compare": "compare",
        "health": "health",
        "init": "init",
        "list": "list",
        "ops": "ops",
        "schema": "schema",
        "completion": "completion",
    }
)

NAMES: Final = tuple(_MODULES)
"""The words that mean a command."""


def find(name: str) -> Command:
    """The command of that name."""
    found: Command = import_module(f"tui_backprop.cli.{_MODULES[name]}").COMMAND
    return found
