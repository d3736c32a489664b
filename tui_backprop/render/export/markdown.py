r"""Markdown with mathematics between dollar signs, as notes and web pages take it.

Whatever a title or a note holds is escaped, so that it opens no HTML, table, list or fence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.render.export.document import document
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View

_SPECIAL: Final = re.compile(r"[\\`*\[\]<>~$#&{}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BAR: Final = "&#124;"
"""A bar ends a cell even behind a backslash in some readers."""
_START: Final = re.compile(r"(\d*)([-+=:.)])")
"""What would begin a list, a rule, an underline of the line before, or a table's second row."""


def trace_markdown(view: View, source: str = "", level: Level = "partial") -> Iterator[str]:
    """The lines of the document; see `document`."""
    return document(view, Markdown(), source, level)


class Markdown:
    """CommonMark with the tables of GitHub; see `document.Markup`."""

    def text(self, words: str) -> str:
        """Backslashes before what means something; so `_` within a word stays as it is."""
        shown = _SPECIAL.sub(r"\\\g<0>", " ".join(printable(words).split())).replace("|", _BAR)
        return _START.sub(r"\1\\\2", shown, count=1) if _START.match(shown) else shown

    def code(self, words: str) -> str:
        """Between as many backticks as it needs, with the bars of a table's cell."""
        shown = printable(words).replace("|", r"\|")
        fence = "`" * (_longest_run(shown) + 1)
        blank = " " if shown[:1] == "`" or shown[-1:] == "`" else ""
        return f"{fence}{blank}{shown}{blank}{fence}" if shown else ""

    def opening(self, title: str, words: Iterable[str]) -> Iterator[str]:
        """The title; Markdown takes letters as they come."""
        del words
        yield f"# {title}"

    def section(self, title: str) -> Iterator[str]:
        """A heading of the second level."""
        yield from ("", f"## {title}")

    def subsection(self, title: str) -> Iterator[str]:
        """A heading of the third level."""
        yield from ("", f"### {title}")

    def paragraph(self, text: str) -> Iterator[str]:
        """A paragraph on one line."""
        yield from ("", text)

    def listing(self, lines: Sequence[str]) -> Iterator[str]:
        """A fenced block, whose fence is longer than any in it."""
        shown = [printable(line).rstrip() for line in lines]
        fence = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
        yield from ("", f"{fence}python", *shown, fence)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """Numbers to the right, the rest to the left."""
        yield from ("", _table_row(head), _table_row(["--:", *["---"] * (len(head) - 1)]))
        for row in rows:
            yield _table_row(row)

    def display(self, formulas: Sequence[str]) -> Iterator[str]:
        """A block each."""
        for formula in formulas:
            yield from ("", "$$", formula, "$$")

    def step(self, k: int, formulas: Sequence[str]) -> Iterator[str]:
        """Its number, then the formulas on one line."""
        joined = ", ".join(f"${formula}$" for formula in formulas)
        yield from ("", f"**{k}.** {joined}".rstrip())

    def note(self, paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
        """A quotation with the writer's own line breaks."""
        yield ""
        for number, lines in enumerate(paragraphs):
            if number:
                yield ">"
            yield from (f"> {line}\\" for line in lines[:-1])
            yield f"> {lines[-1]}"

    def closing(self) -> Iterator[str]:
        """Markdown needs no end."""
        yield from ()


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _longest_run(text: str) -> int:
    """Of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
