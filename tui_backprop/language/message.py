"""Sentences that remember their message and its values, so that they can be translated.

The debugger speaks English and knows no other language; a sentence is a `str` to all other code.
"""

from __future__ import annotations

from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class Said(str):
    """A sentence in English.

    ``str`` of it, and so of an error that was raised with it, is still a sentence.

    Attributes:
        message: with ``{fields}``; of several forms the one for a single thing.
        plural: the form for several; empty where there is one form only.
        number: of the things that decide the form.
        values: what the fields stand for; some are sentences themselves.
        context: where it stands, for words that another language says otherwise elsewhere.
    """

    __slots__ = ("context", "message", "number", "plural", "values")
    message: str
    plural: str
    number: int
    values: Mapping[str, object]
    context: str

    @classmethod
    def made(
        cls,
        message: str,
        values: Mapping[str, object],
        plural: str = "",
        number: int = 1,
        context: str = "",
    ) -> Self:
        """A sentence with its fields filled in."""
        form = plural if plural and number != 1 else message
        text = super().__new__(cls, form.format_map(values))
        text.message, text.plural, text.number = message, plural, number
        text.values, text.context = MappingProxyType(dict(values)), context
        return text

    def __str__(self) -> str:
        """Itself; `str` would make a text of it that cannot be translated."""
        return self

    def __reduce__(self) -> tuple[Callable[..., Said], tuple[object, ...]]:
        """Another process gets the sentence whole, as with an error that it is told."""
        shown = str.__str__(self)
        parts = self.message, dict(self.values), self.plural, self.number, self.context
        return _restored, (shown, *parts)

    def abridged(self, text: str) -> Said:
        """The same sentence, of which English shows another text; it is told in full elsewhere."""
        return self._with(text, self.values)

    def changed(self, change: Callable[[str], str]) -> Said:
        """The sentence with every text that it quotes changed, and those of sentences in it."""
        values = {
            k: changed(v, change) if isinstance(v, str) else v for k, v in self.values.items()
        }
        return self._with(change(str.__str__(self)), values)

    def _with(self, shown: str, values: Mapping[str, object]) -> Said:
        text = super().__new__(type(self), shown)
        text.message, text.plural, text.number = self.message, self.plural, self.number
        text.values, text.context = MappingProxyType(dict(values)), self.context
        return text


def _restored(
    shown: str, message: str, values: Mapping[str, object], plural: str, number: int, context: str
) -> Said:
    return Said.made(message, values, plural, number, context).abridged(shown)


def about(sentence: str, /, **values: object) -> str:
    """The message of a sentence, about other things."""
    if not isinstance(sentence, Said):
        return sentence.format_map(values)
    return Said.made(sentence.message, values, sentence.plural, sentence.number, sentence.context)


def changed(text: str, change: Callable[[str], str]) -> str:
    """A text changed; a sentence stays one, with what it quotes changed."""
    return text.changed(change) if isinstance(text, Said) else change(text)


def said(message: str, /, **values: object) -> str:
    """A sentence; its message is found by its name when catalogues are drawn from the code."""
    if isinstance(message, Said) and not values:
        return message  # a row's own words may be a sentence already
    return Said.made(message, values)


def said_in(context: str, message: str, /, **values: object) -> str:
    """A sentence that means something else where it stands than elsewhere, as one word may."""
    return Said.made(message, values, context=context)


def said_many(number: int, one: str, many: str, /, **values: object) -> str:
    """A sentence that depends on how many there are, which is its ``{count}``."""
    return Said.made(one, {"count": f"{number:,}", **values}, many, number)


def joined(separator: str, parts: Iterable[str]) -> str:
    """The parts in a row; those that are sentences stay such."""
    held = list(parts)
    if not held:
        return ""
    if len(held) == 1:
        return held[0]
    named = {f"part{k}": part for k, part in enumerate(held)}
    return Said.made(separator.join(f"{{{name}}}" for name in named), named)


def clauses(parts: Iterable[str]) -> str:
    """The parts as one sentence; a language that has another comma in lists knows which it is."""
    return reduce(
        lambda before, after: said("{before}, {after}", before=before, after=after), parts
    )


def all_of(names: Iterable[str]) -> str:
    """Names in a row: ``X, Y and Z``."""
    held = list(names)
    if len(held) < 2:
        return held[0] if held else ""
    return said("{names} and {last}", names=clauses(held[:-1]), last=held[-1])


def one_of(names: Iterable[str]) -> str:
    """Names to choose from, quoted: ``'X' or 'Y'``."""
    return reduce(
        lambda before, after: said("{before} or {after}", before=before, after=after),
        (said("'{text}'", text=name) for name in names),
    )


def typed(text: str) -> str:
    """What a person typed, quoted; signs that cannot be shown are written as Python does."""
    return said("'{text}'", text=repr(text)[1:-1]) if text else said("nothing")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a table.

    Attributes:
        texts: from left to right.
        numbers: the columns that are aligned to the right.
    """

    texts: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()


NO_CELLS: Final = Cells()
"""Of what is no row."""


def laid_out(rows: Sequence[Cells], width: Callable[[str], int] = len) -> list[str]:
    """The rows of one table as lines.

    Args:
        rows: of equally many cells.
        width: of a text on the screen.
    """
    widths = [max(map(width, column)) for column in zip(*(row.texts for row in rows), strict=True)]
    return ["  ".join(_padded(row, widths, width)).rstrip() for row in rows]


def _padded(row: Cells, widths: Iterable[int], width: Callable[[str], int]) -> Iterator[str]:
    for k, (text, cells) in enumerate(zip(row.texts, widths, strict=True)):
        blank = " " * (cells - width(text))
        yield blank + text if k in row.numbers else text + blank


class Written(str):
    """A text that its author wrote in several languages; the text itself is the English one.

    Attributes:
        texts: by the code of the language.
    """

    __slots__ = ("texts",)
    texts: Mapping[str, str]

    def __str__(self) -> str:
        """Itself, as a sentence is."""
        return self


def written(texts: Mapping[str, str]) -> str:
    """What its author wrote: in English where there is that, else in any language."""
    text = Written(texts.get("en") or next(iter(texts.values()), ""))
    text.texts = MappingProxyType(dict(texts))
    return text


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line.

    Attributes:
        text: what it says.
        step: where choosing it goes to; None where it stands for no step.
        heard: the same for ears, where the text is part of a table or of a picture; it may be
            empty. None where the text will do.
        cells: of the row of a table; another language, whose words are as wide as they are, lays
            the table out anew. Empty where it is none.
        is_code: whether it is part of a program, whose signs are those that are typed.
    """

    text: str
    step: int | None = None
    heard: str | None = None
    cells: Cells = NO_CELLS
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Some lines.

    Attributes:
        lines: from the first to the last.
        is_about_entries: whether they tell of entries throughout, which a screen then calls in all
            of them as its panes do.
    """

    lines: tuple[AnswerLine, ...]
    is_about_entries: bool = False

    @property
    def text(self) -> str:
        """All of them, one under the other."""
        return "\n".join(line.text for line in self.lines)


NO_ANSWER: Final = Answer(())
"""Of what has nothing to say."""


def answer_of(text: str) -> Answer:
    """A sentence as an answer; none where it is empty."""
    return Answer((AnswerLine(text),)) if text else NO_ANSWER
