"""Texts and bytes with something changed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

WILD = (
    "", " ", "\n", "\t", "\r", "\x00", "\x1b[31m", "\u202e", "\u2028", "\ufeff", "\x85", "é",
    "中文",
    "🎉", "\u0301", "0", "-1", "1e999", "9" * 25, "nan", "inf", ".inf", ".nan", "'", '"', "`", "\\",
    "(", ")", "[", "]", "{", "}", ",", ":", ";", "#", "=", "==", "<", "@", "%", "&", "*", "!", "|",
    ">", "?", "~", "-", "--", "$", "/", "..", "null", "true", "no", "None", "_",
)  # fmt: skip
"""What means something somewhere, or is met nowhere."""


@st.composite
def changed(draw: st.DrawFn, text: str, pieces: Sequence[str] = WILD, most: int = 4) -> str:
    """A text in which a few places were edited: cut, moved, doubled, or filled with a piece."""
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 12)))
        kind = draw(st.integers(0, 5))
        if kind == 0:
            text = text[:start] + text[stop:]
        elif kind == 1:
            text = text[:start] + draw(st.sampled_from(pieces)) + text[start:]
        elif kind == 2:
            text = text[:start] + draw(st.sampled_from(pieces)) + text[stop:]
        elif kind == 3:
            text = text[:stop] + text[start:]
        elif kind == 4:
            lines = text.split("\n")
            taken = lines.pop(draw(st.integers(0, len(lines) - 1)))
            lines.insert(draw(st.integers(0, len(lines))), taken)
            text = "\n".join(lines)
        else:
            text = text[:start] + draw(st.text(max_size=3)) + text[stop:]
    return text


@st.composite
def damaged(draw: st.DrawFn, raw: bytes, most: int = 6) -> bytes:
    """Bytes of which a few were exchanged, cut out, cut off or put in."""
    found = bytearray(raw)
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, len(found)))
        kind = draw(st.integers(0, 3))
        if kind == 0 and at < len(found):
            found[at] = draw(st.integers(0, 255))
        elif kind == 1:
            del found[at : at + draw(st.integers(1, 20))]
        elif kind == 2:
            found[at:at] = draw(st.binary(max_size=8))
        elif not draw(st.integers(0, 5)):
            del found[at:]
    return bytes(found)
