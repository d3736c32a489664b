"""Sentences that remember their message and its values, so that they can be translated.

The debugger speaks English and knows no other language; a sentence is a `str` to all other code.
"""

from __future__ import annotations

from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Said(str):
    """A sentence in English.

    Attributes:
        message: with ``{fields}``; of several forms the one for a single thing.
        plural: the form for several; empty where there is one form only.
        number: of the things that decide the form.
        values: what the fields stand for; some are sentences themselves.
    """

    __slots__ = ("message", "number", "plural", "values")
    message: str
    plural: str
    number: int
    values: Mapping[str, object]

    @classmethod
    def made(
        cls, message: str, values: Mapping[str, object], plural: str = "", number: int = 1
    ) -> Self:
        """A sentence with its fields filled in."""
        form = plural if plural and number != 1 else message
        text = super().__new__(cls, form.format_map(values))
        text.message, text.plural, text.number = message, plural, number
        text.values = MappingProxyType(dict(values))
        return text


def said(message: str, /, **values: object) -> str:
    """A sentence; its message is found by its name when catalogues are drawn from the code."""
    return Said.made(message, values)


def said_many(number: int, one: str, many: str, /, **values: object) -> str:
    """A sentence that depends on how many there are, which is its ``{count}``."""
    return Said.made(one, {"count": f"{number:,}", **values}, many, number)


def joined(separator: str, parts: Iterable[str]) -> str:
    """The parts in a row; those that are sentences stay such."""
    held = list(parts)
    if len(held) == 1:
        return held[0]
    named = {f"part{k}": part for k, part in enumerate(held)}
    return Said.made(separator.join(f"{{{name}}}" for name in named), named)


def clauses(parts: Iterable[str]) -> str:
    """The parts as one sentence; a language that has another comma in lists knows which it is."""
    return reduce(
        lambda before, after: said("{before}, {after}", before=before, after=after), parts
    )


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line.

    Attributes:
        text: what it says.
        step: where choosing it goes to; None where it stands for no step.
        heard: the same for ears, where the text is part of a table or of a picture; it may be
            empty. None where the text will do.
    """

    text: str
    step: int | None = None
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Some lines."""

    lines: tuple[AnswerLine, ...]

    @property
    def text(self) -> str:
        """All of them, one under the other."""
        return "\n".join(line.text for line in self.lines)


NO_ANSWER: Final = Answer(())
"""Of what has nothing to say."""


def answer_of(text: str) -> Answer:
    """A sentence as an answer; none where it is empty."""
    return Answer((AnswerLine(text),)) if text else NO_ANSWER
