r"""A LaTeX document that compiles on its own: article class, amsmath."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import said
from tui_backprop.render.export.document import document
from tui_backprop.render.formulas.latex_names import (
    code,
    escaped,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View


_HEAD: Final = (
    r"\documentclass{article}",
    r"\usepackage[margin=2.5cm]{geometry}",
    r"\usepackage{amsmath,amssymb,longtable,textcomp}",
)
_BODY: Final = (
    r"\setlength{\parindent}{0pt}",
    r"\setlength{\parskip}{\medskipamount}",
    r"\sloppy",
)
_CHINESE: Final = (
    said("% There is Chinese in it: ctex, part of TeX Live and MiKTeX, finds the fonts."),
    said("% Compile it with xelatex or lualatex."),
    r"\usepackage[scheme=plain]{ctex}",
)
_UNICODE: Final = (
    said("% There are letters beyond ASCII in it: compile it with xelatex or lualatex."),
    r"\usepackage{fontspec}",
)
_PLAIN: Final = (said("% Compile it with pdflatex, xelatex or lualatex."),)
_CJK: Final = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_COLUMN: Final = r"p{0.3\textwidth}"


def trace_latex(view: View, source: str = "", level: Level = "partial") -> Iterator[str]:
    """The lines of the document; see `document`."""
    return document(view, LatexDocument(view.spoken), source, level)


class LatexDocument:
    """The markup of a LaTeX document; see `document.Markup`.

    Args:
        language: of its comments.
    """

    def __init__(self, language: Language = ENGLISH) -> None:
        self._language = language

    def text(self, words: str) -> str:
        """Words escaped for LaTeX."""
        return escaped(words)

    def code(self, words: str) -> str:
        """In typewriter type."""
        return code(words)

    def opening(self, title: str, words: Iterable[str]) -> Iterator[str]:
        """The preamble, with the packages that the letters need."""
        shown = "".join(map(escaped, words))
        letters = _CHINESE if _CJK.search(shown) else _PLAIN if shown.isascii() else _UNICODE
        yield from (*_HEAD, *map(self._language.retold, letters), *_BODY)
        yield from (rf"\title{{{title}}}", r"\author{}", r"\date{}")
        yield from (r"\begin{document}", r"\maketitle")

    def section(self, title: str) -> Iterator[str]:
        """A section without a number, since steps have theirs."""
        yield from ("", rf"\section*{{{title}}}")

    def subsection(self, title: str) -> Iterator[str]:
        """A subsection without a number."""
        yield from ("", rf"\subsection*{{{title}}}")

    def paragraph(self, text: str) -> Iterator[str]:
        """Between empty lines."""
        yield from ("", text)

    def listing(self, lines: Sequence[str]) -> Iterator[str]:
        r"""Line by line, with numbers: a comment in a program could end a ``verbatim``."""
        if not lines:
            return  # an environment with nothing in it is an error
        gutter = len(str(len(lines)))
        shown = [code(f"{n:>{gutter}}  {line}".rstrip()) for n, line in enumerate(lines, start=1)]
        yield from ("", r"\begin{flushleft}")
        yield from (rf"{line}\\" for line in shown[:-1])
        yield from (shown[-1], r"\end{flushleft}")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """One that may be longer than a page."""
        columns = "r" + "l" * (len(head) - 3) + _COLUMN + "l"
        yield from ("", rf"\begin{{longtable}}{{{columns}}}", _row(head), r"\hline", r"\endhead")
        for cells in rows:
            yield _row(cells)
        yield r"\end{longtable}"

    def display(self, formulas: Sequence[str]) -> Iterator[str]:
        """A line each."""
        yield from (rf"\[ {formula} \]" for formula in formulas)

    def step(self, k: int, formulas: Sequence[str]) -> Iterator[str]:
        """Its number, then the formulas, broken between them where they do not fit."""
        joined = r",\quad ".join(f"${formula}$" for formula in formulas)
        yield ""
        yield rf"\textbf{{{k}.}}" + (rf"\quad {joined}" if joined else "")

    def note(self, paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
        """A quotation with the writer's own line breaks."""
        yield r"\begin{quote}"
        for number, lines in enumerate(paragraphs):
            if number:
                yield ""
            yield from (rf"{line} \newline" for line in lines[:-1])
            yield lines[-1]
        yield r"\end{quote}"

    def closing(self) -> Iterator[str]:
        """The end of the document."""
        yield from ("", r"\end{document}")


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
