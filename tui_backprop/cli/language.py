"""Which language the command line speaks, known before its arguments are parsed.

``--lang`` decides; else the environment, in gettext's order: ``LANGUAGE``, a list in the order of
preference, then the first of ``LC_ALL``, ``LC_MESSAGES`` and ``LANG`` that says anything. A locale
of ``C`` or ``POSIX`` is English whatever ``LANGUAGE`` says, and so is any language that there is no
catalogue of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import VALUE_OPTIONS
from tui_backprop.language.catalogue import ENGLISH, language_of, languages
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.language.catalogue import Language

_OPTION: Final = "--lang"
_NONE: Final = pattern(r"(C|POSIX)(\..*)?")
"""A locale of no language: what programs wrote before there were catalogues."""


def spoken(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of these arguments; of this environment where they name none that there is."""
    named = [code for code in _named(argv) if code in languages()]
    return language_of(named[-1]) if named else spoken_in(environment)


def spoken_in(environment: Mapping[str, str]) -> Language:
    """The language of an environment."""
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if _NONE.fullmatch(locale):
        return ENGLISH
    for wanted in (*environment.get("LANGUAGE", "").split(":"), locale):
        name = re.split("[.@]", wanted)[0]
        for code in (name, name.partition("_")[0]):
            if code in languages():
                return language_of(code)
    return ENGLISH


def _named(argv: Sequence[str]) -> Iterator[str]:
    """What each ``--lang`` says, as far as the words are ours and not those of a program to run."""
    option, plain = "", 0
    is_run = False
    for word in argv:
        if option:
            if option == _OPTION:
                yield word
            option = ""
        elif word.startswith(f"{_OPTION}="):
            yield word.removeprefix(f"{_OPTION}=")
        elif word.startswith("-") and word not in {"-", "--"}:
            option = word if word in VALUE_OPTIONS else ""
        else:
            is_run = is_run or (not plain and word == "run")
            plain += 1
            if word == "--" or (is_run and plain > 1):
                return
