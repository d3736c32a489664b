"""What Python's own reader complains of, as problems of a program: where, and in our words."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Span
from tui_backprop.language.message import Said, about, said

if TYPE_CHECKING:
    from tui_backprop.program.text.source import Source


_TOO_DEEP: Final = (MemoryError, RecursionError)


def complaint(
    source: Source, first: int, last: int, text: str, error: Exception
) -> tuple[Span, str, str]:
    """Where, what, and what to write, of code that stands on some lines and cannot be parsed.

    Python is asked again with the code in its place, since its messages name lines.
    """
    padded = "\n" * (first - 1) + text
    try:
        ast.parse(padded)
    except SyntaxError as syntax:
        return (*_syntax_problem(source, syntax, first, last), "")
    except (ValueError, *_TOO_DEEP):
        pass
    span = Span(first, 0, first, len(source.lines(first, first + 1).rstrip()))
    if not isinstance(error, _TOO_DEEP):
        return span, said("this is not a statement of a program"), ""
    return (
        span,
        said("this is nested too deeply to be read"),
        said("give parts of it names, on lines before"),
    )


def _syntax_problem(source: Source, error: SyntaxError, first: int, last: int) -> tuple[Span, str]:
    line = min(max(error.lineno or first, first), max(first, last - 1), len(source.starts))
    column = max(0, (error.offset or 1) - 1)
    end = column + 1
    if error.end_lineno == error.lineno and error.end_offset is not None:
        end = max(end, error.end_offset - 1)
    message = re.sub(r"\bon line (\d+)", r"on line \1 of the program", error.msg)
    return Span(line, column, line, end), _told(message[:1].lower() + message[1:])


_QUOTED: Final = {name: f"{{{name}}}" for name in ("one", "other", "line")}
_OF_PYTHON: Final = (
    said("invalid syntax"),
    said("'{one}' was never closed", **_QUOTED),
    said("unmatched '{one}'", **_QUOTED),
    said("closing parenthesis '{one}' does not match opening parenthesis '{other}'", **_QUOTED),
    said("expected '{one}' after '{other}' expression", **_QUOTED),
    said("expected '{one}'", **_QUOTED),
    said("invalid syntax. Perhaps you forgot a comma?"),
    said("invalid syntax. Maybe you meant '{one}' or '{other}' instead of '='?", **_QUOTED),
    said("positional argument follows keyword argument"),
    said("unterminated string literal (detected at line {line})", **_QUOTED),
    said("unexpected indent"),
    said("unindent does not match any outer indentation level"),
    said("expected an indented block after '{one}' statement on line {line} of the program",
         **_QUOTED),
    said("expected an indented block after function definition on line {line} of the program",
         **_QUOTED),
    said("cannot assign to {one} here. Maybe you meant '==' instead of '='?", **_QUOTED),
    said("cannot assign to {one}", **_QUOTED),
    said("invalid decimal literal"),
    said("unexpected EOF while parsing"),
)  # fmt: skip
"""What Python's own reader says most, in words that can be translated."""


_KINDS: Final = {
    kind: kind
    for kind in (
        said("function call"), said("literal"), said("expression"), said("attribute"),
        said("comparison"), said("conditional expression"), said("subscript"), said("list"),
        said("tuple"), said("lambda"), said("f-string expression"),
    )
}  # fmt: skip
"""What cannot be assigned to."""

_SAYS: Final = said("Python says: '{message}'", message="")
"""What it says beside these; in English the message alone."""


def _told(message: str) -> str:
    """A message of Python's as a sentence where it is one that can be translated."""
    for known in _OF_PYTHON:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(known))
        if found := re.fullmatch(pattern, message):
            words = found.groupdict()
            return about(known, **{name: _KINDS.get(text, text) for name, text in words.items()})
    says = about(_SAYS, message=message)
    return says.abridged(message) if isinstance(says, Said) else says
