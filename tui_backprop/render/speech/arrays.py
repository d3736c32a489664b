"""Arrays as words: the size, then the entries, of a long one the first and the last.

They stand apart because a value, a seed and a gradient are all spoken alike. Only the entries that
are said are read, but for counting those of a long array that are not finite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.speech.numerals import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.language.catalogue import Language
    from tui_backprop.rules.types import Array, Shape

_MOST: Final = 16
"""Entries that are all said; more than an ear keeps."""
_FIRST: Final = 3
"""Entries of a longer array that are said before the last."""


def array(values: Array, language: Language, first: int = 1) -> str:
    """A number alone, else the size and the entries.

    Args:
        values: of any shape.
        language: in which it is said.
        first: what the first row is counted as.
    """
    if not values.shape:
        return spoken(values.flat[0], language)
    return language.say("{size}: {entries}", size=_size(values.shape, language),
                        entries=_entries(values, language, first))  # fmt: skip


def _size(shape: Shape, language: Language) -> str:
    """``a vector of 3``, ``a 3 by 2 matrix``, ``an array of 2 by 3 by 4``."""
    size = f" {language.say('by')} ".join(map(str, shape))
    if len(shape) == 1:
        return language.say("a vector of {size}", size=size)
    if len(shape) == 2:
        return language.say("a {size} matrix", size=size)
    return language.say("an array of {size}", size=size)


def _entries(values: Array, language: Language, first: int) -> str:
    if not values.size:
        return language.say("no entries")
    if values.size > _MOST:
        return _ends(values, language)
    if values.ndim != 2:
        return _run(values.flat, language)
    rows = [
        language.say("row {number} is {entries}", number=first + k, entries=_run(row, language))
        for k, row in enumerate(values)
    ]
    return language.say("; ").join(rows)


def _ends(values: Array, language: Language) -> str:
    """The first entries in C order, the last, and how many are not finite."""
    head = _run(values.flat[:_FIRST], language)
    last = spoken(values.flat[values.size - 1], language)
    said = language.say("{first} and so on, the last is {last}", first=head, last=last)
    wrong = int(values.size - np.count_nonzero(np.isfinite(values)))
    if not wrong:
        return said
    counted = language.count(
        "{number} of them is not finite", "{number} of them are not finite", wrong, number=wrong
    )
    return language.say("; ").join([said, counted])


def _run(values: Iterable[np.floating], language: Language) -> str:
    return language.say(", ").join(spoken(value, language) for value in values)
