"""What a document is made of, whatever it is written in.

It stands apart so that `document` tells the walk once, and Markdown and LaTeX only say how a
heading, a table or a note is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Markup(Protocol):
    """A way to write documents.

    Blocks are lines without newlines; the first is empty where a block must stand apart. ``text``
    and ``code`` take anything; every other argument is already marked up by them, or LaTeX of ours
    between ``$`` signs.
    """

    def text(self, words: str) -> str:
        """Words as they stand, whatever they hold, on one line."""

    def code(self, words: str) -> str:
        """A piece of a program, likewise."""

    def opening(self, title: str, words: Iterable[str]) -> Iterator[str]:
        """What stands before all else.

        Args:
            title: of the document.
            words: every text of a person in it, raw: a document may need to know its letters.
        """

    def section(self, title: str) -> Iterator[str]:
        """A heading."""

    def subsection(self, title: str) -> Iterator[str]:
        """A lesser one."""

    def paragraph(self, text: str) -> Iterator[str]:
        """Some text."""

    def listing(self, lines: Sequence[str]) -> Iterator[str]:
        """A program, raw."""

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """Rows as they come; the first column holds numbers of ours."""

    def display(self, formulas: Sequence[str]) -> Iterator[str]:
        """LaTeX on lines of its own."""

    def step(self, k: int, formulas: Sequence[str]) -> Iterator[str]:
        """One step, with its number."""

    def note(self, paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
        """Narration: paragraphs of lines, each marked up."""

    def closing(self) -> Iterator[str]:
        """What stands after all else."""
