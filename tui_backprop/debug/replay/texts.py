"""Texts in quotes, one for all languages or one for each, as replays have them and people type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.language.catalogue import languages
from tui_backprop.language.message import one_of, said
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    import re

    from tui_backprop.debug.replay.script import Text

_PART: Final = pattern(r'(?:(\w+)\s+)?"((?:[^"\\]|\\.)*)"\s*')
_ESCAPED: Final = pattern(r"\\(.)")
_BEGUN: Final = pattern(r'(?:[a-z]{2,3}\s+)?"')


class TextError(Exception):
    """What is wrong with a text; the column counts from 0."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


def narrated(text: str) -> Text:
    """What somebody typed after ``say``: texts in quotes as in a file, else all of it as it is.

    Raises:
        TextError: it begins as texts in quotes do, and goes on otherwise.
    """
    return quoted(text) if _BEGUN.match(text) else {"": text}


def quoted(rest: str) -> Text:
    """``"…"``, or ``en "…" zh "…"``.

    Raises:
        TextError: it is neither.
    """
    found: dict[str, str] = {}
    at = len(rest) - len(rest.lstrip())
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            message = said('expected a text in quotes, as in say "…" or say en "…" zh "…"')
            raise TextError(message, at)
        language = part.group(1) or ""
        if language and language not in languages():
            message = said(
                "unknown language '{language}': {known}",
                language=language,
                known=one_of(languages()),
            )
            raise TextError(message, at)
        if language in found or (found and "" in {*found, language}):
            raise TextError(said("a second text for the same language"), at)
        found[language] = _ESCAPED.sub(_unescaped, part.group(2))
        at = part.end()
    if not found:
        raise TextError(said('expected a text in quotes, as in say "…"'), at)
    return found


def _unescaped(escaped: re.Match[str]) -> str:
    return "\n" if escaped.group(1) == "n" else escaped.group(1)
