"""``tui-backprop run PROGRAM``: a PyTorch program, stopped at one of its backward passes."""

from __future__ import annotations

import argparse
import os
import runpy
import signal
import sys
import traceback
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.attach.keep import KEEPS
from tui_backprop.cli.commands import Command
from tui_backprop.cli.shared.output import in_ascii, write_lines
from tui_backprop.errors import ArgumentError, TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from types import TracebackType

    from tui_backprop.attach.pytorch.trace import PyTorchTrace
    from tui_backprop.cli.commands import Parser
    from tui_backprop.language.catalogue import Language

_FAILED: Final = 1

_RANK: Final = "{rank}"
"""In the name of a file, the process's own number."""


def _configure(parser: Parser) -> None:
    parser.add_argument(
        "--at",
        metavar="N",
        type=_count,
        default=1,
        help=said("stop at the N-th backward() (default: the first)"),
    )
    parser.add_argument(
        "--nan",
        action="store_true",
        help=said(
            "stop at the first backward() whose gradients are not finite; with --at N, from the "
            "N-th on"
        ),
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help=said("open no screen: print where NaN and infinities begin, and leave with status 1"),
    )
    parser.add_argument(
        "--save",
        metavar=said("FILE"),
        type=Path,
        help=said(
            "write the walk to a file too, which 'tui-backprop FILE' opens anywhere; {rank} in it "
            "stands for the process's RANK, as torchrun numbers them",
            rank=_RANK,
        ),
    )
    parser.add_argument(
        "--keep",
        choices=KEEPS,
        default="all",
        help=said(
            "of a big model keep the norms of large arrays alone, and count what in them is not "
            "finite; a pass more gives those that are looked at (default: all)"
        ),
    )
    parser.add_argument(
        "-m", dest="module", metavar=said("MODULE"), help=said("run a module, as python -m")
    )
    parser.add_argument(
        "program",
        nargs=argparse.REMAINDER,
        metavar=said("PROGRAM ..."),
        help=said("a Python file and its arguments; after -m the module's arguments"),
    )


def _count(text: str) -> int:
    try:
        found = int(text)
    except ValueError:
        found = 0
    if found < 1:
        raise argparse.ArgumentTypeError(
            said("expected a number from 1 on, found '{text}'", text=text)
        )
    return found


def _run(args: argparse.Namespace) -> int:
    if not args.module and not args.program:
        raise ArgumentError(
            said("name a program: tui-backprop run train.py, or run -m package.train")
        )
    if find_spec("torch") is None:
        raise TuiBackpropError(
            said(
                "PyTorch is not installed in this Python: install tui-backprop where the program "
                "runs"
            )
        )
    from tui_backprop.attach.pytorch.running import Wanted, stopping
    from tui_backprop.cli.live import report, show

    language = language_of(args.lang)
    # The program may go to another folder.
    saved = None if args.save is None else _of_rank(args.save).absolute()

    def shown(trace: PyTorchTrace, number: int) -> None:
        name = said("backward() number {number}", number=number)
        if saved is not None:
            trace.save(saved)
            path = _of_rank(args.save)
            _remark(language, said("{name} is saved in {path}", name=name, path=path))
        if args.headless:
            write_lines(in_ascii(report(trace, name, "--headless", language), args))
            raise SystemExit(_FAILED if args.nan else 0)  # the program need not go on
        show(trace, name, language, is_ascii=args.ascii)

    with stopping(Wanted(args.at, args.nan, args.keep), shown) as found:
        status = _program(args)
    if not found and not status:
        _remark(language, _not_met(args))
    return status


def _not_met(args: argparse.Namespace) -> str:
    """That the program has ended, and no pass was the one that was asked for."""
    if args.nan:
        return said("no backward() left gradients that are not finite")
    if args.at == 1:
        return said("no backward() was run")
    return said("no backward() number {number} was run", number=args.at)


def _remark(language: Language, told: str) -> None:
    print(language.retold(joined(": ", ["tui-backprop", told])), file=sys.stderr)


def _of_rank(path: Path) -> Path:
    """The name of this process's own file."""
    return Path(str(path).replace(_RANK, os.environ.get("RANK", "0")))


def _program(args: argparse.Namespace) -> int:
    """Run it as Python would; its exit status."""
    _as_python_does()
    words = list(args.program)
    if not args.module and words and words[0] == "--":
        words = words[1:]
    try:
        if args.module:
            sys.argv = [args.module, *words]
            sys.path.insert(0, "")
            runpy.run_module(args.module, run_name="__main__", alter_sys=True)
        else:
            path = Path(words[0])
            if not path.is_file():
                raise ArgumentError(said("{path}: there is no such file", path=path))
            sys.argv = words
            sys.path.insert(0, str(path.resolve().parent))
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return leaving.code or 0
        print(leaving.code, file=sys.stderr)
        return _FAILED
    except (KeyboardInterrupt, TuiBackpropError):
        raise
    except BaseException as error:  # noqa: BLE001 - the program's own, told as Python does
        traceback.print_exception(error.with_traceback(_of_program(error)))
        return _FAILED
    return 0


def _as_python_does() -> None:
    """Warnings and Ctrl-C are the program's again."""
    warnings.resetwarnings()
    if not sys.warnoptions:
        warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
        for quiet in (
            DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning,
        ):  # fmt: skip
            warnings.simplefilter("ignore", quiet, append=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _of_program(error: BaseException) -> TracebackType | None:
    """The traceback without the frames that started the program."""
    starters = {__file__, runpy.__file__, "<frozen runpy>"}
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename in starters:
        at = at.tb_next
    return at


RUN: Final = Command(
    name="run",
    summary=said("run a PyTorch program and stop at one of its backward passes"),
    description=said(
        "Run a Python program that uses PyTorch, and open the debugger at a backward(); q lets it "
        "go on as if nobody had looked. Its exit status is the program's."
    ),
    configure=_configure,
    run=_run,
)
