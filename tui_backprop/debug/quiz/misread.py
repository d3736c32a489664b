"""Why an answer is no formula of a question: what is advised is right there and then.

The reader of programs knows every name of the walk; a question allows few, and many functions.
"""

from __future__ import annotations

import re
from keyword import kwlist
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import brief
from tui_backprop.debug.conditions.evaluation import VOCABULARY
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.names import NUMBERS
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD: Final = r"(?<![\w.#@])([^\W\d]\w*)(\s*\()?"
_USUAL: Final = ("exp", "log", "sqrt", "tanh", "sigmoid", "sin", "cos", "sinh", "cosh", "abs",
                 "sign", "where")  # fmt: skip
"""The functions that partials are written with."""
_KEPT: Final = frozenset({*kwlist, *NUMBERS})
_SPEECH: Final = 2
"""Unknown words from which on it is speech and no formula."""


def misread(text: str, names: Sequence[str], error: CommandError) -> CommandError:
    """The error to tell for a formula that could not be read.

    Args:
        text: the answer, in plain characters.
        names: of the values that may stand in it.
        error: what the reader of programs said.
    """
    told = _told(text, names)
    return CommandError(said("{why}", why=told)) if told else error


def is_function(word: str) -> bool:
    """Whether a word is a function of the program's language."""
    return word in VOCABULARY or word in ALIASES or word in definitions()


def _told(text: str, names: Sequence[str]) -> str:
    return _of_signs(text, names) or _of_words(text, names) or _of_products(text)


def _of_signs(text: str, names: Sequence[str]) -> str:
    """Powers and entries in signs that could mean several things."""
    if "^" in text:
        return said("a power is written **, as in {example}", example=f"{names[0]}**2")
    if re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]", text):
        return said("a power is written **, behind what it raises, as in {example}",
                    example="tanh(x)**2")  # fmt: skip
    if re.search("[₀-₉]", text):
        return said("an entry is written in brackets, counted from 0: {example}",
                    example=f"{names[0]}[0]")  # fmt: skip
    return ""


def _of_words(text: str, names: Sequence[str]) -> str:
    """Words that mean nothing here, and functions of nothing."""
    known = {*_KEPT, *(part for name in names for part in re.findall(r"\w+", name))}
    words = [(m[1], bool(m[2])) for m in re.finditer(_WORD, text) if m[1] not in known]
    strange = [(word, is_called) for word, is_called in words if not is_function(word)]
    allowed = joined(", ", names)
    if len(strange) >= _SPEECH and not re.search(r"[-+*/]", text):
        return _no_formula(text, allowed)
    for word, is_called in strange:
        if is_called:
            return _no_function(word)
        if word == text.strip() or not word.isascii():
            return _no_formula(text, allowed)
        return said("'{name}' is not in this partial: write it in {names}", name=word,
                    names=allowed)  # fmt: skip
    bare = next((word for word, is_called in words if not is_called), "")
    if not bare:
        return ""
    return said("'{name}' is a function: write what it is of in brackets, as in {example}",
                name=bare, example=f"{bare}(…)")  # fmt: skip


def _of_products(text: str) -> str:
    found = re.search(r"(?<![\w.])(\d+(?:\.\d*)?)\s*(?:\(|(?=[^\W\d]))", text)
    return said("a product needs its sign, as in {example}", example=f"{found[1]} * …"
                ) if found else ""  # fmt: skip


def _no_formula(text: str, names: str) -> str:
    return said("'{text}' is no formula in {names}; ? gives a hint, an empty line skips",
                text=brief(text.strip()), names=names)  # fmt: skip


def _no_function(word: str) -> str:
    there = joined(", ", [*_USUAL, "…"])
    guess = near(word, _USUAL)
    if guess:
        return said("there is no function '{name}'; did you mean '{guess}'? There are {there}",
                    name=word, guess=guess[0], there=there)  # fmt: skip
    return said("there is no function '{name}'; there are {there}", name=word, there=there)
