"""The log as a page: every line broken for the width, the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.render.text.spans import Box, Lines, Span, pad, printable, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.log import LogKind, LogLine
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line, SpanRole

_MARGIN: Final = 3
_ROLES: Final[dict[LogKind, SpanRole]] = {"typed": "title", "said": "", "wrong": "error"}


class LogRow(NamedTuple):
    """Part of a line of the log, as much as fits; whether the line begins there."""

    line: int
    text: str
    is_first: bool


def log_rows(lines: Sequence[LogLine], cells: int) -> list[LogRow]:
    """Every line broken for a page ``cells`` wide, between words where it can be."""
    room = max(cells - _MARGIN, 2)
    return [
        LogRow(number, part, is_first=not n)
        for number, line in enumerate(lines)
        for n, part in enumerate(wrap(printable(line.text), room) or [""])
    ]


def log_content(
    lines: Sequence[LogLine],
    rows: Sequence[LogRow],
    chosen: int,
    charset: Charset,
    in_sight: range,
    title: str = "",
) -> Content:
    """The page of broken lines: one line is chosen, and some rows are to be kept in sight.

    Args:
        lines: what was asked and answered.
        rows: the same, broken for the page.
        chosen: the number of the line that is marked; no line has -1.
        charset: of the marks.
        in_sight: rows that the page must not leave.
        title: for the border; an empty one leaves the page's own.
    """

    def row(y: int) -> Line:
        number, text, is_first = rows[y]
        line, is_chosen = lines[number], number == chosen
        mark = _mark(line, charset, is_chosen=is_chosen) if is_first else ""
        margin = Span(pad(mark, _MARGIN), "current" if is_chosen else "marker")
        return margin, Span(text, "current" if is_chosen else _ROLES[line.kind])

    def leads(_x: int, y: int) -> int | None:
        return lines[rows[y].line].step if 0 <= y < len(rows) else None

    focus = Box(0, in_sight.start, 1, len(in_sight)) if in_sight else None
    return Lines((1, len(rows)), row, focus, title, leads)


def _mark(line: LogLine, charset: Charset, *, is_chosen: bool) -> str:
    if line.kind == "typed":
        return ":"
    if is_chosen:
        return charset.pointer
    return "" if line.step is None else charset.is_read
