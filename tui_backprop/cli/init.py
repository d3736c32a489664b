"""``tui-backprop init [FILE]``: a first scenario, with a word on each part of it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.output import in_ascii, write_lines
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser

_ENDINGS: Final = frozenset({".yaml", ".yml"})

TEXT: Final = """\
# A scenario: numbers, a program, and what is pulled back through it.
format: 1
title: My first scenario

# Leaves with a gradient, in the order in which they are shown. A leaf is a number, a list, or
# {shape: [2, 3], random: normal, seed: 7, scale: 0.1}, or {file: weights.npz, key: W}.
inputs:
  W: [[1, 2], [3, 4]]
  b: [0.5, -0.5]

# Leaves without a gradient.
constants:
  x: [1, -1]
  t: [0, 1]

# NumPy's names and meanings; 'tui-backprop ops' lists the functions.
program: |
  h = tanh(W @ x + b)
  loss = mean((h - t) ** 2)

# Where the backward pass begins; v is left out where that is one number. For an array write
# {of: h, v: [1, 0]}.
backward: {of: loss}

# Numbers of yours, which 'tui-backprop check' compares with what comes out.
expect:
  values: {loss: 1.92157106770}
  rtol: 1e-9

# Narration, hung on a name of the program.
notes:
  - at: h
    text: W.grad is the outer product of what comes back here and x.
"""


def _configure(parser: Parser) -> None:
    parser.add_argument(
        "file",
        metavar=said("FILE"),
        nargs="?",
        default="scenario.yaml",
        help=said("what to write; left out, scenario.yaml"),
    )


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.files import open_empty
    from tui_backprop.render.text.spans import printable

    path = Path(args.file)
    if path.suffix not in _ENDINGS:
        raise TuiBackpropError(
            said("{file}: a scenario ends in .yaml or .yml: name it so", file=args.file)
        )
    with open_empty(path) as stream:
        stream.write(TEXT.encode())
    shown = printable(quote(args.file))
    lines = (
        said("written: {file}", file=shown),
        said("look at it:   tui-backprop {file}", file=shown),
        said("check it:     tui-backprop check {file}", file=shown),
    )
    write_lines(in_ascii(map(language_of(args.lang).retold, lines), args))
    return 0


INIT: Final = Command(
    name="init",
    summary=said("write a first scenario, with comments, to begin with"),
    description=said(
        "Write a scenario with a comment on each of its parts. No file is overwritten."
    ),
    configure=_configure,
    run=_run,
)
