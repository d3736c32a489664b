"""Text in roles, and lines of it that are made when they are looked at: what every pane shows.

A pane asks for the lines in its window, a transcript for all of them. Nothing here knows colours:
``tui`` maps roles to a theme, the plain commands drop them. Nothing that a file holds reaches a
terminal except through `printable`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, get_args

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


SpanRole: TypeAlias = Literal[
    "", "dim", "current", "changed", "title", "marker", "error", "unknown", "negative"
]
"""What a piece of text is. A closed set, so that a theme can be complete:

=============  ===================================================================
``""``         plain text
``dim``        context: rules, lanes, labels, structural zeros
``current``    the entry, edge or node under the cursor
``changed``    what the step under the cursor changed
``title``      a name or heading
``marker``     breakpoints, and what other numbers have made different
``error``      a message that something is wrong; NaN and infinities
``unknown``    not computed yet: ``·``
``negative``   a glyph that stands for a number below 0
=============  ===================================================================

A role is never the only sign of anything: glyphs carry the same, for screens without colour.
"""

ROLES: Final[tuple[SpanRole, ...]] = get_args(SpanRole)
"""All of them, in the order above."""

Align: TypeAlias = Literal["left", "right"]


class Span(NamedTuple):
    """A run of text in one role; the text has passed through `printable`."""

    text: str
    role: SpanRole = ""


Line: TypeAlias = tuple[Span, ...]
"""One line of the screen, from left to right."""


# Spares most texts a look-up per character: Latin, punctuation, subscripts, mathematics, boxes.
_NARROW: Final = pattern("[ -~¡-¬®-ʷ‐-‧‰-⁞⁰⁴-₎Α-Ρα-ω←-⌙─-▟■-◼ᴀ-ᶿⱠ-Ɀ]*")


@lru_cache(maxsize=4096)
def cells_of(character: str) -> int:
    """Cells of one character; 0 for what combines, hides or controls."""
    if _NARROW.fullmatch(character):
        return 1
    # Not before a character asks for it: importing it takes as long as drawing the first screen.
    from wcwidth import wcwidth

    return max(wcwidth(character), 0)


def width(text: str) -> int:
    """Terminal cells that ``text`` takes: 2 for 中, 1 for x.

    It adds up over characters, so that any cut of a text has the width of its parts.
    """
    if text.isascii():
        return len(text)
    return _kept_width(text) if len(text) <= _KEPT else _width(text)


_KEPT: Final = 200
"""Characters of a text whose width is remembered."""


def _width(text: str) -> int:
    return len(text) if _NARROW.fullmatch(text) else sum(cells_of(c) for c in text)


_kept_width = lru_cache(maxsize=4096)(_width)


def is_plain(text: str) -> bool:
    """Whether every character is shown as it is, one cell wide; few texts are not so."""
    return text.isprintable() if text.isascii() else _NARROW.fullmatch(text) is not None


def printable(text: str) -> str:
    """The text with everything replaced that could move a cursor or hide itself.

    Control characters become their pictures (``␛`` for escape, ``␊`` for a newline); format,
    bidirectional, zero-width, unassigned and private characters become ``�``. Accents are
    composed first. Every character of the result is one or two cells wide.
    """
    if is_plain(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join(c if c.isascii() and c.isprintable() else _visible(c) for c in composed)


def printable_lines(text: str) -> str:
    """Printable, with the writer's own line breaks kept."""
    return "\n".join(printable(line) for line in text.strip().splitlines())


_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_PRESENTATION: Final = "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"


def _visible(character: str) -> str:
    """One character, or what stands for it; empty for the hints that choose an emoji's look."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if character in _PRESENTATION:
        return ""
    if unicodedata.category(character) == "Zs":
        return character if cells_of(character) == 2 else " "
    joins = 0x1F1E6 <= code <= 0x1F1FF or 0x1F3FB <= code <= 0x1F3FF  # flags, skin tones
    if joins or not character.isprintable() or cells_of(character) < 1:
        return _REPLACEMENT
    return character


def cut(text: str, cells: int) -> str:
    """The longest start of ``text`` that is at most ``cells`` wide."""
    if text.isascii() or _NARROW.fullmatch(text):
        return text[: max(cells, 0)]
    used = 0
    for k, character in enumerate(text):
        used += cells_of(character)
        if used > cells:
            return text[:k]
    return text


def clip(text: str, cells: int, ellipsis: str = "…") -> str:
    """``text`` at most ``cells`` wide; what was cut off is replaced by ``ellipsis``."""
    if width(text) <= cells:
        return text
    room = cells - width(ellipsis)
    return cut(text, room) + ellipsis if room >= 0 else cut(ellipsis, cells)


def clip_start(text: str, cells: int, ellipsis: str = "…") -> str:
    """The end of ``text``, at most ``cells`` wide; ``ellipsis`` stands for what came before."""
    if width(text) <= cells:
        return text
    end = cut(text[::-1], max(cells - width(ellipsis), 0))[::-1]
    return clip(ellipsis + end, cells, ellipsis)


def pad(text: str, cells: int, align: Align = "left") -> str:
    """``text`` with spaces until it is ``cells`` wide; a wider text is left as it is."""
    missing = " " * (cells - width(text))
    return missing + text if align == "right" else text + missing


def plain(line: Line) -> str:
    """The line's text without its roles."""
    return "".join(span.text for span in line)


def line_width(line: Line) -> int:
    """Cells that the line takes."""
    total = 0
    for text, _ in line:
        total += len(text) if text.isascii() else width(text)
    return total


def slice_line(line: Line, x0: int, x1: int) -> Line:
    """The cells ``x0`` to ``x1`` of a line, exclusive; a wide character cut in half is a space."""
    spans: list[Span] = []
    x = 0
    for span in line:
        stop = x + width(span.text)
        if stop > x0 and x < x1:
            spans.append(Span(_slice(span.text, x0 - x, x1 - x), span.role))
        x = stop
    return tuple(spans)


def _slice(text: str, x0: int, x1: int) -> str:
    """The cells of one text from ``x0`` to ``x1``, both counted from its start."""
    x0 = max(x0, 0)
    if text.isascii() or _NARROW.fullmatch(text):
        return text[x0:x1]
    kept: list[str] = []
    x = 0
    for character in text:
        stop = x + cells_of(character)
        inside = max(min(stop, x1) - max(x, x0), 0)
        if inside:
            kept.append(character if inside == stop - x else " ")
        x = stop
    return "".join(kept)


def fit_line(line: Line, cells: int, ellipsis: str = "…") -> Line:
    """The line exactly ``cells`` wide: clipped, or padded with plain spaces."""
    total = line_width(line)
    if total <= cells:
        return (*line, Span(" " * (cells - total))) if total < cells else line
    mark = cut(ellipsis, cells)
    kept = slice_line(line, 0, cells - width(mark))
    return merge((*kept, Span(mark, "dim")))


def merge(line: Line) -> Line:
    """The line with neighbours of one role joined and empty spans dropped."""
    merged: list[Span] = []
    text = ""
    role: SpanRole = ""
    for span in line:
        if span.role == role or not text:
            text, role = text + span.text, span.role if span.text else role
        elif span.text:
            merged.append(Span(text, role))
            text, role = span
    return (*merged, Span(text, role)) if text else tuple(merged)


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
    return list(_kept_lines(text, cells)) if len(text) <= _WRAPPED else _wrap(text, cells)


_WRAPPED: Final = 2000
"""Characters of a note whose lines are remembered: it stays for many steps."""


@lru_cache(maxsize=64)
def _kept_lines(text: str, cells: int) -> tuple[str, ...]:
    return tuple(_wrap(text, cells))


def _wrap(text: str, cells: int) -> list[str]:
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


class Box(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


class Content(Protocol):
    """A picture of text, as large as it likes; only what is visible costs anything."""

    @property
    def title(self) -> str:
        """The text on the pane's border, shorter ones for less room on further lines.

        Empty leaves the pane's own.
        """

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in cells."""

    @property
    def focus(self) -> Box | None:
        """What must stay in sight."""

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The cells ``x0`` to ``x1`` of line ``y``, exactly ``x1 − x0`` wide."""

    def step_at(self, x: int, y: int) -> int | None:
        """The step that a click on this cell goes to; None where it means nothing."""


def nowhere(_x: int, _y: int) -> int | None:
    """The link of cells that lead to no step."""
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A `Content` whose lines are made one by one, when they are looked at.

    Attributes:
        size: (width, height) in cells.
        row: makes a line, of any width; asked for those from 0 to the height only.
        focus: what must stay in sight.
        title: for the border; shorter ones on further lines.
        leads: where a click on a cell goes to.
        ellipsis: where a window ends before a line does.
        is_filled: whether every line is exactly as wide as the size says: none is measured then.
    """

    size: tuple[int, int]
    row: Callable[[int], Line]
    focus: Box | None = None
    title: str = ""
    leads: Callable[[int, int], int | None] = nowhere
    ellipsis: str = "…"
    is_filled: bool = False

    def line(self, y: int, x0: int, x1: int) -> Line:
        """A slice, padded with spaces; it says where it goes on to the right."""
        row = self.row(y) if 0 <= y < self.size[1] else ()
        if self.is_filled and row and x0 == 0 and x1 == self.size[0]:
            return row
        total = line_width(row)
        if x0 == 0 and total <= x1:
            return (*row, Span(" " * (x1 - total))) if total < x1 else row
        part = slice_line(row, x0, x1)
        if total > x1 and plain(slice_line(row, x1, total)).strip():
            return fit_line((*part, Span(self.ellipsis)), x1 - x0, self.ellipsis)
        return fit_line(part, x1 - x0)

    def step_at(self, x: int, y: int) -> int | None:
        """Where the cell leads, which is nowhere unless it was said."""
        return self.leads(x, y)


def lines_of(
    lines: Sequence[Line], title: str = "", leads: Callable[[int, int], int | None] = nowhere
) -> Lines:
    """A few lines that are all made already."""
    size = max(map(line_width, lines), default=0), len(lines)
    return Lines(size, lines.__getitem__, title=title, leads=leads)
