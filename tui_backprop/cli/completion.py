"""``tui-backprop completion SHELL``: what a shell runs to complete our arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.output import write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser

_EPILOG: Final = (
    'bash, zsh: eval "$(tui-backprop completion bash)" in the start-up file, with the shell\'s '
    "name; fish: tui-backprop completion fish | source"
)


def _configure(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
    parser.epilog = _EPILOG


def _run(args: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    write_lines([shellcode(["tui-backprop"], shell=args.shell)])
    return 0


COMMAND: Final = Command(
    name="completion",
    summary="print the completion script of a shell",
    description="Print what bash, zsh or fish runs to complete commands, options and scenarios.",
    configure=_configure,
    run=_run,
)
