"""Times commands of the debugger on a walk, in a process of its own: ``asked.py FILE COMMAND …``.

It imports the package alone, whichever version of it the process finds. What it prints is the
seconds that all commands took together.
"""

import sys
from time import perf_counter

import tui_backprop


def main() -> None:
    """Load, walk to the end, ask."""
    file, *commands = sys.argv[1:]
    session = tui_backprop.load(file).session()
    session.execute("end")
    started = perf_counter()
    for command in commands:
        str(session.execute(command))
    print(perf_counter() - started)


if __name__ == "__main__":
    main()
