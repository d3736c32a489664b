"""The program of a scenario: built into a graph, its problems moved to their places in the file.

YAML takes the program's indentation away, so a problem in line 2 of the program may be one in line
9, column 5 of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.dataclass import replace
from tui_backprop.errors import ProgramError
from tui_backprop.program import build
from tui_backprop.program.source import ProgramProblems, scan
from tui_backprop.program.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tui_backprop.errors import Problem
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.report import Report


def build_graph(
    program: Word,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Array],
    dtype: np.dtype[Any],
    report: Report,
) -> Graph | None:
    """The graph, or None with every problem of the program reported at its place in the file."""
    try:
        return build(program.text, inputs, constants, dtype, report.limits)
    except ProgramError as error:
        for problem in error.kept:
            report.add(moved(problem, program, report.source))
        report.leave_out(error.left_out)
        return None


def check_syntax(program: Word, report: Report) -> None:
    """Report what is wrong with a program whatever its leaves are, where one is not known."""
    found = ProgramProblems()
    for _ in parse(scan(program.text, report.limits, found), found):
        pass
    for problem in found.found:
        report.add(moved(problem, program, report.source))


def moved(problem: Problem, program: Word, source: str) -> Problem:
    """A problem of the program as one of the file.

    Exact where the file shows the program's lines as they are: in a block (``|``), and in a plain
    or quoted value of one line. Elsewhere (folded lines, escapes) the value as such is blamed and
    the place within the program is told in words.
    """
    offsets = _offsets(program, source)
    if offsets is not None:
        return problem.moved(*offsets)
    span = program.span
    width = span.end_column - span.column if span.end_line == span.line else 1
    message = f"{problem.message} (line {problem.line}, column {problem.column} of the program)"
    return replace(
        problem, message=message, line=span.line, column=span.column, width=max(1, width)
    )


def _offsets(program: Word, source: str) -> tuple[int, int] | None:
    """Lines and columns to add, or None where no such numbers exist; verified on every line."""
    lines = source.splitlines()
    written = program.text.split("\n")
    span = program.span
    if span.end_line == span.line:
        for column in (span.column - 1, span.column):
            if lines[span.line - 1][column : column + len(program.text)] == program.text:
                return span.line - 1, column
        return None
    below = lines[span.line : span.line + len(written)]
    first = next((k for k, line in enumerate(written) if line.strip()), None)
    if first is None or first >= len(below):
        return None
    indent = len(below[first]) - len(written[first])
    shown = (k < len(below) and below[k][indent:] == line for k, line in enumerate(written) if line)
    return (span.line, indent) if indent >= 0 and all(shown) else None
