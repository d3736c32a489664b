"""Which known words a mistyped one may have been.

It stands apart, and below everything, so that a file, a program, a command and a command line all
guess alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def near(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Known words like this one, the likeliest first; none where none is like it.

    Args:
        word: what was typed.
        known: what it may have been.
        most: how many to name at most.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    words = list(known)
    letters = sorted(word)  # letters that changed places are the commonest slip
    same = [w for w in words if sorted(w) == letters]
    others = (w for w in get_close_matches(word, words, n=most + len(same)) if w not in same)
    return [*same, *others][:most]
