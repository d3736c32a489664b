"""What a replay holds: which scenario, and line by line what is done, said and claimed.

It stands apart from reading and writing it so that both mean the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    Text: TypeAlias = Mapping[str, str]
    """By language; a text without one stands under the empty string."""


@dataclass(frozen=True, slots=True)
class Do:
    """A command of the debugger."""

    command: str


@dataclass(frozen=True, slots=True)
class Say:
    """Narration."""

    text: Text


@dataclass(frozen=True, slots=True)
class Mark:
    """A chapter begins."""

    name: Text


@dataclass(frozen=True, slots=True)
class Claim:
    """An expression that must hold here."""

    expression: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Some time in which nothing happens."""

    seconds: float


Act: TypeAlias = Do | Say | Mark | Claim | Wait


class Line(NamedTuple):
    """One line that does something; a tuple, because there may be a hundred thousand.

    Attributes:
        number: in the file, from 1.
        act: what it does.
        at: seconds after the beginning, where the line says so.
    """

    number: int
    act: Act
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole replay.

    Attributes:
        scenario: a shipped name, or a path relative to the replay.
        sha256: of the scenario's file when it was recorded; empty where the header does not say.
        lines: in order.
        dropped: the last line, where it was cut short and means nothing.
    """

    scenario: str
    sha256: str
    lines: tuple[Line, ...]
    dropped: str = ""


def text_in(text: Text, language: str) -> str:
    """A text in a language, else without one, else in English, else in any there is."""
    for wanted in (language, "", "en"):
        if wanted in text:
            return text[wanted]
    return next(iter(text.values()), "")
