"""Commands carried out without a screen: their answers on stdout.

It imports nothing that needs a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.cli.output import in_ascii, write_lines
from tui_backprop.debug.commands import perform
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.progress import run_to_end
from tui_backprop.render.export.replay import refused
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    import argparse

    from tui_backprop.api import Scenario
    from tui_backprop.replays import Recording


def run_batch(
    scenario: Scenario, args: argparse.Namespace, recording: Recording | None = None
) -> int:
    """Carry out commands one after the other.

    Args:
        scenario: in which.
        args: with the lines of the command language, and how answers are printed.
        recording: writes down what was carried out.

    Returns:
        The exit status.

    Raises:
        TuiBackpropError: one of them cannot be carried out; a caret stands under its column.
    """
    session = scenario.session()
    language = language_of(args.lang)
    session.most_searched = scenario.limits.searched
    if recording is not None:
        recording.listen(session)
    for line in args.commands:
        try:
            answer = language.answered(run_to_end(perform(session, line)))
        except CommandError as error:
            raise TuiBackpropError(refused(line, error)) from error
        write_lines(in_ascii(map(printable, answer.text.splitlines()), args))
    return 0
