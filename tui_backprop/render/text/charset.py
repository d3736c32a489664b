"""The glyphs that have an ASCII stand-in, chosen once for a screen or a file."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from tui_backprop.dataclass import dataclass
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.pattern import pattern
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from tui_backprop.language.catalogue import Language


@dataclass(frozen=True, slots=True)
class Charset:
    """Glyphs with a meaning of their own; drawings keep their line characters to themselves.

    Attributes:
        is_ascii: whether everything must be ASCII.
        minus: the sign of a number.
        unknown: not computed yet.
        ellipsis: something left out of a line.
        elided_rows: rows left out of a column.
        times: between the lengths of a shape.
        dot: between the factors of a product.
        pointer: marks an entry or a row under the cursor.
        back: marks what is pulled back, and what comes of it.
        reads: in front of what is read from further up.
        is_read: what is read from further down.
        breakpoint: marks a row where a breakpoint stands.
        conditional: the same for one that stops only where a condition holds.
        disabled: the same for one that is switched off.
        other: marks a number that is not what it was before another was set.
        partial: the sign of a partial derivative.
        more_left: a picture goes on at the left.
        more_right: the same at the right.
    """

    is_ascii: bool
    minus: str
    unknown: str
    ellipsis: str
    elided_rows: str
    times: str
    dot: str
    pointer: str
    back: str
    reads: str
    is_read: str
    breakpoint: str
    conditional: str
    disabled: str
    other: str
    partial: str
    more_left: str
    more_right: str


UNICODE: Final = Charset(
    is_ascii=False,
    minus="−",
    unknown="·",
    ellipsis="…",
    elided_rows="⋮",
    times="×",
    dot="·",
    pointer="▸",
    back="◂",
    reads="←",
    is_read="→",
    breakpoint="◆",
    conditional="◈",
    disabled="◇",
    other="*",
    partial="∂",
    more_left="‹",
    more_right="›",
)

ASCII: Final = Charset(
    is_ascii=True,
    minus="-",
    unknown=".",
    ellipsis="...",
    elided_rows=":",
    times="x",
    dot="*",
    pointer=">",
    back="<",
    reads="<-",
    is_read="->",
    breakpoint="B",
    conditional="C",
    disabled="-",
    other="*",
    partial="d",
    more_left="<",
    more_right=">",
)

_SPELLED: Final = str.maketrans(
    {
        "ᵀ": "^T", "·": "*", "−": "-", "∂": "d", "Σ": "sum ", "…": "...", "×": "x", "²": "^2",
        "³": "^3", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~=", "→": "->", "√": "sqrt ",
        "∞": "inf", "’": "'", "½": "1/2", "¼": "1/4", "¾": "3/4", "ⁿ": "^n",
    }
)  # fmt: skip


def spelled(text: str, charset: Charset) -> str:
    """A sentence of the product in the glyphs that the charset has."""
    return text.translate(_SPELLED) if charset.is_ascii else text


_LOOKS: Final = {
    "·": "*", "×": "x", "−": "-", "–": "-", "—": "-", "∂": "d", "Σ": "S", "→": ">", "←": "<",
    "≤": "<", "≥": ">", "≠": "#", "≈": "~", "…": ".", "‘": "'", "’": "'", "“": '"', "”": '"',
}  # fmt: skip


_NEGATIVE: Final = pattern(r"(?<![\w.)\]}'\"*/+@%-])-(?=[\d.]|inf\b)|(?<=\de)-(?=\d)")


def with_minus(text: str, charset: Charset) -> str:
    """A text in which numbers have the sign that they have on all panes."""
    return text if charset.is_ascii else _NEGATIVE.sub(charset.minus, text)


def shown_languages(charset: Charset) -> tuple[str, ...]:
    """The codes of the languages whose own name the charset has; English is always among them."""
    return tuple(
        code for code in languages() if not charset.is_ascii or language_of(code).name.isascii()
    )


def told(text: str, spoken: Language, charset: Charset) -> str:
    """A sentence in a language; in English where there is ASCII only, which would not show it."""
    found = spoken.retold(text)
    return text if charset.is_ascii and not found.isascii() else found


def ascii_text(text: str) -> str:
    """The text with every character that is not ASCII replaced by one as wide.

    ``x₂`` becomes ``x2`` and ``é`` becomes ``e``; what looks like nothing in ASCII becomes ``?``.
    """
    return text if text.isascii() else "".join(map(_character, text))


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    if character.isascii():
        return character
    cells = width(character)
    if character in _LOOKS:
        return _LOOKS[character]
    base = normalize("NFKD", character)[0]
    return base if cells == 1 and base.isascii() and base.isprintable() else "?" * cells
