"""The command line: arguments in, assembly of the layers below, exit status out."""

from tui_backprop.cli.entry import main

__all__ = ["main"]
