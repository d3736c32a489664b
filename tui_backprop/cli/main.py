"""Where the program starts and every error ends: as one block on stderr, with an exit status.

Commands raise their errors; they are caught here.

======  ======================================================================
0       all well
1       a check found a disagreement, or a comparison a difference
2       bad usage or bad input
70      an error of the program itself, as ``EX_SOFTWARE`` of sysexits
130     interrupted from the keyboard
141     nobody reads our output any more, as the shell reports a broken pipe
======  ======================================================================

A screen that a signal ends leaves the terminal as it was, and the program dies of the signal.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.language import spoken
from tui_backprop.cli.shared.output import (
    TRACEBACK,
    complain,
    forget,
    forgotten_if_broken,
    prepare_streams,
)
from tui_backprop.cli.shared.waiting import (
    INTERRUPTED,
    InterruptNotice,
    hear_interrupts,
    shown_progress,
)
from tui_backprop.errors import TuiBackpropError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.language.catalogue import Language

BAD_INPUT: Final = 2
BUG: Final = 70
BROKEN_PIPE: Final = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, by default that of this process, and return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    wants_traceback = "--traceback" in words or bool(os.environ.get(TRACEBACK))
    if argv is None and not sys.warnoptions:
        # What Python or a library has to remark is for those who write programs.
        warnings.simplefilter("ignore")
    language = spoken(words, os.environ)
    notice = InterruptNotice(language)
    try:
        if argv is None:
            hear_interrupts(notice)
        prepare_streams()
        with shown_progress(language):
            status = _run(words, language)
        sys.stdout.flush()
    except BrokenPipeError:
        forget(sys.stdout)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        notice.say()
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - here every error becomes one block of text
        if argv is None and notice.explains():
            notice.say()
            return INTERRUPTED
        with forgotten_if_broken(sys.stdout):
            sys.stdout.flush()  # what came before the error, as far as that goes
        if wants_traceback:
            with forgotten_if_broken(sys.stderr):
                traceback.print_exception(error)
        else:
            complain(error, language, is_ascii="--ascii" in words)
        return _status(error)
    if status < 0:
        _die_of(-status)
    return status


def _run(words: list[str], language: Language) -> int:
    from tui_backprop.cli.shared.arguments import parse, parser
    from tui_backprop.cli.shared.usage import argparse_in

    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        with argparse_in(language):
            argcomplete.autocomplete(parser(language=language))
    try:
        args = parse(words, language)
    except SystemExit as leaving:  # argparse leaves after help and after an error of usage
        return leaving.code if isinstance(leaving.code, int) else BAD_INPUT
    status: int = args.run(args)
    return status


def _status(error: Exception) -> int:
    expected = isinstance(error, TuiBackpropError | MemoryError | OSError)
    return BAD_INPUT if expected else BUG


def _die_of(number: int) -> None:
    """End by the signal's default action, so that the parent process can tell."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
