"""The command line: arguments in, assembly of the layers below, exit status out."""

import sys
from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; see `main.main`.

    Only here is anything imported, so that an interrupt which comes meanwhile is no traceback.
    """
    try:
        from tui_backprop.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("tui-backprop: interrupted\n")
        return _INTERRUPTED
    try:
        return run(argv)
    except KeyboardInterrupt:  # one that came while the first was told, or just before it is heard
        return _INTERRUPTED
