"""Regular expressions that are compiled when they are first asked.

Python compiles them in Python: each takes as long as importing a small module, and most belong to
what a walk seldom meets, such as an odd file, another language or an error.
"""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """``re.compile(text, flags)``, but for the moment at which that is done.

    What is returned has the methods of a compiled expression, and is none: functions of `re` do
    not take it.
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))


class _Pattern:
    """Compiles when a method is first asked for, and keeps that method."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # `re` keeps what it has compiled: the second method of one expression costs little.
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found
