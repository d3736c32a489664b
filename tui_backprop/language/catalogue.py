"""The languages there are, and a message in each of them.

The messages in the code are English, marked by being given to `Language.say`, `Language.say_in` or
`Language.count` here, in the debugger to `said` or `said_many`, which remember what they were made
of. Every other language is a folder of ``locale/``, beside the template that Babel draws from the
code: its catalogue as text, which people write, and compiled, which is what is read.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import Answer, AnswerLine, Cells, Said, Written, laid_out
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping
    from gettext import NullTranslations

LOCALE: Final = Path(__file__).parents[1] / "locale"
"""A folder for each language but English."""

_CODE: Final = pattern(r"[a-z]{2,3}(?:_[A-Za-z]+)?")
_MARK: Final = pattern(r"(?<=\})[,;:] (?=\{)")
_BLANK: Final = pattern(r"(?<=[，。；：、！？（）]) (?=\S)")
"""What no full-width mark has behind it; a part of a sentence may begin with one for others."""
_HAN: Final = pattern(r"[\u2e80-\u9fff]")
_BESIDE: Final = pattern(rf"((?<={_HAN.pattern}) )?(\{{(\w+)[^{{}}]*\}})( (?={_HAN.pattern}))?")
"""A field, with a blank on either side that stands between it and Chinese."""
_JOINS: Final = pattern(r"\{part0\}(?:[,;:] \{part\d+\})+")
"""What `joined` makes of parts and the mark between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language.

    Attributes:
        code: ``en``, ``zh`` or the folder of another.
        catalogue: the translations; None for English, which needs none.
    """

    code: str = "en"
    catalogue: NullTranslations | None = None

    @property
    def name(self) -> str:
        """What its own speakers call it; the code where its catalogue does not say."""
        name = self.say("English")  # translators: what your language calls itself
        return self.code if self.catalogue is not None and name == "English" else name

    @property
    def english_name(self) -> str:
        """What English calls it: the ``Language-Team`` of its catalogue, else the code."""
        if self.catalogue is None:
            return "English"
        team: str = self.catalogue.info().get("language-team", "")
        return team.partition("<")[0].strip() or self.code

    def say(self, message: str, /, **values: object) -> str:
        """A message with its ``{fields}`` filled in."""
        if self.catalogue is None:
            return message.format_map(values)
        return _filled(self.translated(message), message, values)

    def say_in(self, context: str, message: str, /, **values: object) -> str:
        """A message that is another one elsewhere, though English says both by the same words."""
        if self.catalogue is None:
            return message.format_map(values)
        return _filled(self.catalogue.pgettext(context, message), message, values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The same for a message that depends on how many there are."""
        english = one if number == 1 else many
        if self.catalogue is None:
            return english.format_map(values)
        return _filled(self.catalogue.ngettext(one, many, number), english, values)

    def retold(self, text: str) -> str:
        """A sentence of the debugger in this language; any other text as it is."""
        if isinstance(text, Written):
            return text.texts.get(self.code, text)
        if self.catalogue is None or not isinstance(text, Said):
            return text
        values = {k: self.retold(v) if isinstance(v, str) else v for k, v in text.values.items()}
        if text.plural:
            return self.count(text.message, text.plural, text.number, **values)
        if text.context:
            return self.say_in(text.context, text.message, **values)
        return _filled(self._separated(text.message), text.message, values)

    def _separated(self, message: str) -> str:
        """A message; where it only joins others, with this language's own marks between them."""
        if not _JOINS.fullmatch(message):
            return self.translated(message)
        comma, semicolon, colon = self.say(", "), self.say("; "), self.say(": ")
        marks = {", ": comma, "; ": semicolon, ": ": colon}
        return _MARK.sub(lambda found: marks[found.group()], message)

    def answered(self, answer: Answer) -> Answer:
        """An answer of the debugger in this language, each of its lines by itself."""
        if self.catalogue is None and not any("\n" in line.text for line in answer.lines):
            return answer
        tables = groupby(answer.lines, lambda line: len(line.cells.texts))
        return Answer(tuple(chain.from_iterable(self._lines([*some]) for _, some in tables)))

    def _lines(self, lines: list[AnswerLine]) -> Iterator[AnswerLine]:
        """Lines that are all rows of one table, or none."""
        rows = [Cells(tuple(map(self.retold, x.cells.texts)), x.cells.numbers) for x in lines]
        texts = [self.retold(line.text) for line in lines]
        if rows[0].texts:
            texts = laid_out(rows, _width)
        for line, text in zip(lines, texts, strict=True):
            heard = line.heard and self.retold(line.heard)
            for part in text.split("\n"):
                yield AnswerLine(part, line.step, heard, is_code=line.is_code)

    def translated(self, text: str) -> str:
        """A text of the op table, as it stands: its braces are no fields."""
        if self.catalogue is None or not text:
            return text
        return self.catalogue.gettext(text)


def _filled(translation: str, message: str, values: Mapping[str, object]) -> str:
    """A translation with its fields filled in; the message where its fields are not the message's.

    A test finds those of our catalogues. Whoever writes one sees English and not an error.
    """
    try:
        closed_up = _BESIDE.sub(lambda found: _field(found, values), translation)
        return _BLANK.sub("", closed_up.format_map(values))
    except (KeyError, ValueError, IndexError, AttributeError, TypeError):
        return message.format_map(values)


def _field(found: re.Match[str], values: Mapping[str, object]) -> str:
    """A field without the blanks beside it that Chinese has not, where it is filled with Chinese.

    A translation has them for what is mostly a name, where ``没有无穷大`` may be to be said.
    """
    before, field, name, after = found.groups()
    text = str(values.get(name, ""))
    return "".join((
        "" if _HAN.match(text[:1]) else before or "",
        field,
        "" if _HAN.match(text[-1:]) else after or "",
    ))  # fmt: skip


def _width(text: str) -> int:
    """Cells of a text on a terminal."""
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


ENGLISH = Language()


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The codes of all languages: English, then whatever ``locale/`` holds, in order."""
    try:
        found = sorted(path.name for path in LOCALE.iterdir() if _CODE.fullmatch(path.name))
    except OSError:
        found = []
    there = (code for code in found if any(path.is_file() for path in _files(code)))
    return (ENGLISH.code, *(code for code in there if code != ENGLISH.code))


def language_after(code: str, among: tuple[str, ...] = ()) -> str:
    """The next of some languages, else of all; after the last, and after one unknown, the first."""
    known = among or languages()
    return known[(known.index(code) + 1) % len(known)] if code in known else known[0]


@lru_cache(maxsize=64)
def language_of(code: str) -> Language:
    """The language of a code, read once; English where there is no catalogue for it."""
    if code == ENGLISH.code or code not in languages():
        return ENGLISH
    catalogue = _read(*_files(code))
    return ENGLISH if catalogue is None else Language(code, catalogue)


def _files(code: str) -> tuple[Path, Path]:
    """A catalogue as text and compiled."""
    folder = LOCALE / code / "LC_MESSAGES"
    return folder / "tui_backprop.po", folder / "tui_backprop.mo"


def _read(text: Path, compiled: Path) -> NullTranslations | None:
    """The catalogue as it is now: compiled here where somebody wrote in its text since.

    Only a checkout has the text, and whoever writes in it has Babel.
    """
    from gettext import GNUTranslations

    if not _is_current(text, compiled):
        try:
            return _compiled_here(text)
        except ImportError:
            from warnings import warn

            warn(
                f"{text} is newer than what was compiled of it, and Babel, which compiles, is not "
                "installed: 'pip install -e .' in the checkout compiles it",
                stacklevel=3,
            )
            if not compiled.is_file():
                return None
    with compiled.open("rb") as file:
        return GNUTranslations(file)


def _is_current(text: Path, compiled: Path) -> bool:
    if not compiled.is_file():
        return False
    return not text.is_file() or text.stat().st_mtime_ns <= compiled.stat().st_mtime_ns


def _compiled_here(text: Path) -> NullTranslations:
    """A catalogue as `gettext` wants it. Messages that are not sure (fuzzy) stay English."""
    from gettext import GNUTranslations
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text.read_bytes())))
    compiled.seek(0)
    return GNUTranslations(compiled)
