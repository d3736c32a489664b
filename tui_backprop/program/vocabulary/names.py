"""Which names a program may bind, and which known name an unknown one is nearest to."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop import spelling
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NUMBERS: Final[Mapping[str, float]] = MappingProxyType(
    {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
)
"""The names that stand for numbers, wherever a program does not give them another meaning."""

LONGEST_NAME: Final = 100
"""A loop repeats a name once per binding, so its length has a bound."""

_RESERVED: Final = frozenset({"range", "None", "True", "False"})
_MOST_CANDIDATES: Final = 500


def name_problem(name: str) -> str:
    """Why a name cannot be bound in a program, in words; empty if it can."""
    if not name.isascii():
        return said("'{name}': names are written with ASCII letters, digits and '_'", name=name)
    if not name.isidentifier() or (keyword.iskeyword(name) and name not in _RESERVED):
        return said("'{name}' cannot be a name", name=name)
    if name in _RESERVED:
        return said("'{name}' has a fixed meaning and cannot be bound", name=name)
    if name.startswith("__"):
        return said("'{name}': names that begin with '__' are Python's own", name=name)
    if len(name) > LONGEST_NAME:
        return said(
            "a name of {count} characters: the longest has {longest_name}",
            count=len(name),
            longest_name=LONGEST_NAME,
        )
    return ""


def rebound_numbers(plain: str) -> frozenset[str]:
    """The names of `NUMBERS` that a program may assign somewhere: those whose place allows it.

    ``plain`` is its text without comments.
    """
    return frozenset(match[1] for match in re.finditer(_ASSIGNED, plain))


_ASSIGNED: Final = (
    rf"(?<![\w.])({'|'.join(NUMBERS)})[ \t\n]*(?:[,)\]]|(?:\*\*|//|[-+*/%@])?=(?!=)|in\b)"
)
# Text, compiled when a program is read.


def nearest(name: str, known: Iterable[str]) -> str:
    """`spelling.nearest`, of those of many known names that are about as long."""
    candidates = [k for k in islice(known, 20 * _MOST_CANDIDATES) if abs(len(k) - len(name)) <= 3]
    del candidates[_MOST_CANDIDATES:]
    return spelling.nearest(name, candidates)


def ascii_reading(word: str) -> str:
    """The ASCII word that one in other letters probably means: ``ﬁ`` is fi, ``π`` is pi."""
    plain = unicodedata.normalize("NFKC", word)
    for letter, spelled in _SPELLED.items():
        plain = plain.replace(letter, spelled)
    return plain if plain.isascii() and plain.isidentifier() else ""


_SPELLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "π": "pi",
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "δ": "delta",
        "ε": "eps",
        "η": "eta",
        "θ": "theta",
        "λ": "lam",
        "μ": "mu",
        "ρ": "rho",
        "σ": "sigma",
        "φ": "phi",
        "ω": "omega",
        "Σ": "Sigma",
        "∞": "inf",
    }
)
