"""Which known words a mistyped one may have been, for files, programs and commands alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_COMPARED: Final = 2_000
"""Words whose letters are compared one by one: a deep graph has a million names."""


def near(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Known words like this one, the likeliest first and no more than ``most``; maybe none."""
    from difflib import get_close_matches

    # Less than half as long is not alike, and small letters may be three where there was one.
    within = range(len(word) // 7, 7 * len(word) + 1)
    words = [w for w in dict.fromkeys(known) if len(w) in within]
    small = word.casefold()
    letters = sorted(small)  # letters that changed places are the commonest slip
    # Exactly so but for capitals, such letters, and then what is alike.
    same = [w for w in words if sorted(w.casefold()) == letters]
    same.sort(key=lambda w: (w != word, w.casefold() != small))
    words = words[:_MOST_COMPARED]
    by_small: dict[str, list[str]] = {}
    for known_word in words:
        by_small.setdefault(known_word.casefold(), []).append(known_word)
    alike = get_close_matches(word, words, n=most + len(same))
    alike += [
        w for s in get_close_matches(small, by_small, n=most + len(same)) for w in by_small[s]
    ]
    return list(dict.fromkeys([*same, *alike]))[:most]


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'tanh'?``, or nothing where no known word is near."""
    found = near(word, known)
    return did_you_mean(found[0]) if found else ""


def did_you_mean(guess: str) -> str:
    """``did you mean 'tanh'?``."""
    return said("did you mean '{guess}'?", guess=guess)
