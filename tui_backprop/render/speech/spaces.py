"""Spaces and commas where a line has them, in either script.

They stand apart because phrases are put together from pieces that know nothing of each other.
"""

from __future__ import annotations

import re
from typing import Final

_HAN: Final = "\u2e80-\u9fff\uff00-\uffef"
_WIDE: Final = "，。；：、（）"
_NARROW: Final = re.compile(rf"(?<=[{_HAN}]), (?=\S)")
"""A comma of a formula whose words have become Chinese."""
_LOOSE: Final = re.compile(
    rf"\s+(?=[],.;:)?!{_WIDE}]|$)|(?<=[(\[{_WIDE}])\s+|^\s+|(?<=[{_HAN}])\s+(?=[{_HAN}])"
)
"""Spaces that no line has: at its ends, in front of a comma, between two Chinese characters."""


def tidied(text: str) -> str:
    """With single spaces, and only where a line has them."""
    return _LOOSE.sub("", re.sub(r"\s+", " ", text))


def with_comma(text: str, comma: str) -> str:
    """With a language's own comma behind its words that took the place of a formula's."""
    return _NARROW.sub(comma, text)
