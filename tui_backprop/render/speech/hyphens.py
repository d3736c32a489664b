"""Hyphens and strokes inside words, which are no signs: ``log-probabilities``, ``input/output``.

They stand apart because they are a matter of how people write, not of what formulas are made of.
"""

from __future__ import annotations

from typing import Final

_ENDINGS: Final = frozenset({"th", "st", "nd", "rd", "D", "d"})
"""What a number, or a letter for one, has behind a hyphen."""


def joins(sign: str, left: str, right: str) -> bool:
    """Whether a hyphen or a stroke joins two words: ``log-probabilities``, ``input/output``."""
    if sign == "-":
        return _hyphenates(left, right)
    return sign == "/" and _is_word(left) and _is_word(right)


def _hyphenates(left: str, right: str) -> bool:
    """Whether it is no minus: ``k-th``, ``x-axis``, ``2-D``, ``2-3-1``, but not ``x-1``."""
    if not (left[-1:].isalnum() and right[:1].isalnum()):
        return False
    return (
        _is_word(left)
        or _is_word(right)
        or (left.isdecimal() and right.isdecimal())
        or (left.isalnum() and right in _ENDINGS)
    )


def _is_word(text: str) -> bool:
    """Whether it is longer than the names in formulas."""
    return len(text) > 2 and text.isalpha()
