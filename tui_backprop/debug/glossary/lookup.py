"""From what a person typed to a word of the field, and from the word to its explanation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.glossary.example import Example
from tui_backprop.debug.glossary.words import WORDS
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.language.message import Answer, AnswerLine, Cells, joined, one_of, said
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.glossary.words import Word
    from tui_backprop.debug.session import Session

_LONGEST: Final = 40
"""Characters of what was typed that a message repeats."""
_NAMES: Final = {word.name: word.name for word in WORDS}
"""The name of each word, which other languages set their own beside."""


def meant(text: str) -> Word | None:
    """The word that a text is: by its name, or by another; ``X.grad`` is ``grad``.

    A capital letter matters only where two words differ by nothing else.
    """
    wanted = _plain(text)
    if wanted.endswith(".grad") or re.search(r"\.grad *\[", wanted):
        wanted = "grad"
    for ways in (str, str.casefold):
        for word in WORDS:
            if ways(wanted) in {ways(_plain(name)) for name in (word.name, *word.aliases)}:
                return word
    return next((word for word in WORDS if wanted and wanted in _elsewhere(word)), None)


def begun(text: str) -> Word | None:
    """The one word that begins with a text; None where none does, or several."""
    wanted = _plain(text).casefold()
    found = [w for w in WORDS if any(n.casefold().startswith(wanted) for n in (w.name, *w.aliases))]
    if wanted and not found:
        found = [w for w in WORDS if any(n.startswith(wanted) for n in _elsewhere(w))]
    return found[0] if wanted and len(found) == 1 else None


def _elsewhere(word: Word) -> set[str]:
    """What other languages call a word: what they set beside the English one, and all of it."""
    told = (language_of(code).retold(word.name) for code in languages()[1:])
    return {_plain(name) for text in told for name in (text, text.removeprefix(word.name))} - {""}


def _plain(text: str) -> str:
    return " ".join(text.replace("-", " ").strip("'\"?").split())


def explained(session: Session, word: Word) -> Answer:
    """What a word means, and what it is at the step where we are."""
    return Answer(tuple(AnswerLine(text) for text in _sentences(session, word)))


def _sentences(session: Session, word: Word) -> Iterator[str]:
    yield said("{word}: {gist}", word=word.name, gist=word.gist)
    yield word.more
    try:
        if session.timeline.is_forward:
            raise UnknownError(said("in reverse mode it is told here what it is in this walk"))
        yield from word.here(Example(session))
    except UnknownError as error:
        yield error.args[0]
    yield said("see also: {words}", words=joined(", ", [_NAMES[name] for name in word.see]))


def all_words() -> Answer:
    """Every word with the shortest that can be said about it."""
    widest = max(len(word.name) for word in WORDS)
    return Answer(
        tuple(
            AnswerLine(
                joined("  ", [f"{word.name:<{widest}}", word.gist]),
                cells=Cells((word.name, word.gist)),
            )
            for word in WORDS
        )
    )


def explained_word(session: Session, text: str) -> Answer:
    """The word that was typed; without one, all of them.

    Raises:
        CommandError: there is no such word; the message says which there are.
    """
    if not text.strip():
        return all_words()
    word = meant(text) or begun(text)
    if word is None:
        raise CommandError(
            said("there is no word '{text}'; {hint}", text=_brief(text), hint=there_are(text))
        )
    return explained(session, word)


def there_are(text: str, commands: tuple[str, ...] = ()) -> str:
    """The nearest of what can be asked about, or where all of it is listed."""
    names = [name for word in WORDS for name in (word.name, *word.aliases)]
    guess = near(_plain(text), (*commands, *names))
    if guess:
        return said("did you mean {names}?", names=one_of(guess[:1]))
    return said("there are: {names}", names=joined(", ", [word.name for word in WORDS]))


def unknown(text: str, commands: tuple[str, ...]) -> CommandError:
    """The error for what is neither a command nor a word."""
    return CommandError(
        said(
            "no command and no word is called '{text}'; {hint}; 'help' lists the commands, 'help "
            "word' the words",
            text=_brief(text),
            hint=there_are(text, commands),
        )
    )


def _brief(text: str) -> str:
    stripped = text.strip()
    return stripped if len(stripped) <= _LONGEST else f"{stripped[:_LONGEST]}…"
