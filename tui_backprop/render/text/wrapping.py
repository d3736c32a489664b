"""Breaking notes into lines, English between words and Chinese between characters.

It stands apart from `spans` because only running text needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.render.text.spans import cut, printable, width

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOSING: Final = frozenset("。，、；：？！）」』】》〉”’…—·,.;:?!)]}%")
"""Never at the start of a line."""

_OPENING: Final = frozenset("（「『【《〈“‘([{")
"""Never at the end of a line."""


def wrap(text: str, cells: int) -> list[str]:
    """The lines of a note, each at most ``cells`` wide, printable, without trailing spaces.

    Newlines of the text stay line breaks. A word longer than a line is cut. Closing punctuation
    does not start a line and opening punctuation does not end one, where the width allows.

    Raises:
        ValueError: ``cells`` is below 2, where 中 cannot be shown.
    """
    if cells < 2:
        raise ValueError(f"cannot wrap to {cells} cells; at least 2 are needed")
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines.extend(_wrap_paragraph(printable(paragraph.expandtabs(4)), cells))
    return lines


def _wrap_paragraph(text: str, cells: int) -> list[str]:
    """Greedy filling: each line takes as many unbreakable pieces as fit."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if width(line) + width(piece.rstrip()) <= cells:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        *heads, line = _cut_up(piece, cells)
        lines.extend(heads)
    return [*lines, line.rstrip()]


def _cut_up(piece: str, cells: int) -> Iterator[str]:
    """Pieces of a word that fit, the last with the spaces behind it; one where all of it fits."""
    at, end = 0, len(piece.rstrip())
    # Every character takes a cell or two, so that no more than `cells` of them can fit.
    while end - at > cells or width(piece[at:end]) > cells:
        head = cut(piece[at : at + cells], cells)
        yield head
        at += len(head)
    yield piece[at:]


def _pieces(text: str) -> Iterator[str]:
    """What a line break may not divide: words and wide characters, with their punctuation.

    A piece carries the spaces that follow it.
    """
    start = 0
    for k in range(1, len(text)):
        if _may_break(text[k - 1], text[k]):
            yield text[start:k]
            start = k
    if text:
        yield text[start:]


def _may_break(last: str, character: str) -> bool:
    """Whether a line may end between two characters."""
    if character.isspace() or character in _CLOSING or last in _OPENING:
        return False
    return last.isspace() or width(last) == 2 or width(character) == 2
