"""A session that understands the command language: what a Python program gets.

It is above the commands, which act on a session and know nothing of who typed the line.
"""

from __future__ import annotations

from tui_backprop.debug.session import Session


class Debugger(Session):
    """A session to which lines can be given; a Python program knows it as ``Session``."""

    def execute(self, line: str) -> str:
        """One line of the command language; returns what to report.

        Raises:
            CommandError: it cannot be carried out; the session stays as it was.
        """
        # The commands are imported with the first line: few scenarios have any.
        from tui_backprop.debug.commands import execute

        return execute(self, line)

    def resume(self, before: Session) -> str:
        """Go on where a session of the same scenario was, before that was changed.

        ``tb.load(path).session()`` is fresh; the cursor comes to the same event, found by names,
        or to the nearest. Breakpoints, watchpoints and displays are set as far as they still mean
        something. Numbers that were set are not.

        Args:
            before: the session; it stays as it is.

        Returns:
            Where that is, and a line for each thing that is lost.
        """
        from tui_backprop.debug.commands.resuming import resume

        return resume(self, before).text
