"""The language in which the product speaks: its messages, translated.

It stands apart so that a sentence knows neither catalogues nor files. The messages in the code are
English, marked by being given to `Language.say` or `Language.count` here, in the debugger to
`said` or `said_many`, which remember what they were made of; every other language has a
catalogue beside the template that Babel draws from the code (the README says how). Catalogues are
kept as text only: English needs none, and another is compiled when it is asked for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import Answer, AnswerLine, Said

if TYPE_CHECKING:
    from gettext import NullTranslations

_MARK: Final = re.compile(r"(?<=\})[,;:] (?=\{)")
_JOINS: Final = re.compile(r"\{part0\}(?:[,;:] \{part\d+\})+")
"""What `joined` makes of parts and the mark between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language.

    Attributes:
        code: ``en`` or ``zh``.
        catalogue: the translations; None for English, which needs none.
    """

    code: str = "en"
    catalogue: NullTranslations | None = None

    def say(self, message: str, /, **values: object) -> str:
        """A message with its ``{fields}`` filled in."""
        return self.translated(message).format_map(values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The same for a message that depends on how many there are."""
        if self.catalogue is None:
            found = one if number == 1 else many
        else:
            found = self.catalogue.ngettext(one, many, number)
        return found.format_map(values)

    def retold(self, text: str) -> str:
        """A sentence of the debugger in this language; any other text as it is."""
        if self.catalogue is None or not isinstance(text, Said):
            return text
        values = {k: self.retold(v) if isinstance(v, str) else v for k, v in text.values.items()}
        if text.plural:
            return self.count(text.message, text.plural, text.number, **values)
        return self._separated(text.message).format_map(values)

    def _separated(self, message: str) -> str:
        """A message; where it only joins others, with this language's own marks between them."""
        if not _JOINS.fullmatch(message):
            return self.translated(message)
        comma, semicolon, colon = self.say(", "), self.say("; "), self.say(": ")
        marks = {", ": comma, "; ": semicolon, ": ": colon}
        return _MARK.sub(lambda found: marks[found.group()], message)

    def answered(self, answer: Answer) -> Answer:
        """An answer of the debugger in this language."""
        if self.catalogue is None:
            return answer
        return Answer(tuple([self._line(line) for line in answer.lines]))

    def _line(self, line: AnswerLine) -> AnswerLine:
        heard = None if line.heard is None else self.retold(line.heard)
        return AnswerLine(self.retold(line.text), line.step, heard)

    def translated(self, text: str) -> str:
        """A text of the op table, as it stands: its braces are no fields."""
        if self.catalogue is None or not text:
            return text
        return self.catalogue.gettext(text)


ENGLISH = Language()


@lru_cache(maxsize=4)
def language_of(code: str) -> Language:
    """The language of a code, read once; English where there is no catalogue for it."""
    if code == ENGLISH.code:
        return ENGLISH
    # Both wait for someone to ask: Babel takes longer to load than a short walk to tell.
    from importlib.resources import files

    text = files("tui_backprop") / "locale" / code / "LC_MESSAGES" / "tui_backprop.po"
    if not text.is_file():
        return ENGLISH
    return Language(code, _compiled(text.read_bytes()))


def _compiled(text: bytes) -> NullTranslations:
    """A catalogue as `gettext` wants it. Messages that are not sure (fuzzy) stay English."""
    from gettext import GNUTranslations
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text)))
    compiled.seek(0)
    return GNUTranslations(compiled)
