"""Every sign of a formula as a word, in English and in Chinese."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.rounding import equality
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import number, numerals_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_backprop.language.catalogue import Language
    from tui_backprop.rules.types import Array, Shape


_LOWERED = frozenset("ᵢᵣᵤᵥᵦᵧᵨᵩᵪⱼ")


def operators(language: Language) -> Mapping[str, str]:
    """The words of operators between operands, or in front of one."""
    say = language.say
    most, least, differs = say("is at most"), say("is at least"), say("is not equal to")
    minus, times, equals, to = say("minus"), say("times"), say("equals"), say("to")
    so_on = say("and so on")
    return {
        "+": say("plus"), "-": minus, "−": minus, "*": times, "·": times, "×": say("by"),
        "/": say("divided by"), "@": say("matrix times"), "=": equals,
         "==": equals, "!=": differs, "≠": differs, "≈": say("is about"),
        "<": say("is less than"), ">": say("is greater than"),
        "<=": most, "≤": most, ">=": least, "≥": least, "→": to, "->": to,
        "…": so_on, "...": so_on, "√": say("the square root of"), "Σ": say("the sum of"),
        "∂": say("d"), ":": ":",
    }  # fmt: skip


def constants(language: Language) -> Mapping[str, str]:
    """The words of signs that mean a number."""
    infinite = language.say("infinity")
    return {"nan": language.say("not a number"), "inf": infinite, "∞": infinite,
            "½": language.say("one half")}  # fmt: skip


def raised(text: str, language: Language) -> str:
    """The words of marks on a name: ``'``, ``²``, ``₁``, ``ᵀ``."""
    say = language.say
    if text in "'′":
        return say("prime")
    known = {"²": say("squared"), "³": say("cubed"), "ᵀ": say("transposed")}
    if text in known:
        return known[text]
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    if text[0] in _LOWERED or "₀" <= text[0] <= "ₜ":
        return plain
    if not plain.lstrip("-").isalnum():
        return operators(language).get(plain, plain)
    return power(numeral(plain, language), language)


def power(exponent: str, language: Language) -> str:
    """The words of a power, said after its base."""
    return language.say("to the power {exponent}", exponent=exponent)


def greek(letter: str) -> str:
    """The name of a Greek letter: ``sigma``, ``Phi``."""
    described = unicodedata.name(letter).partition(" WITH ")[0]
    name = described.rpartition(" ")[2].lower()
    return name.capitalize() if "CAPITAL" in described else name


_MOST: Final = 16
"""Entries that are all said; more than an ear keeps."""
_FIRST: Final = 3
"""Entries of a longer array that are said before the last."""


def array(values: Array, language: Language, first: int = 1) -> str:
    """A number alone, else the size of an array and its entries; rows count from ``first``."""
    if not values.shape:
        return spoken(values.flat[0], language)
    return language.say("{size}: {entries}", size=_size(values.shape, language),
                        entries=_entries(values, language, first))  # fmt: skip


def _size(shape: Shape, language: Language) -> str:
    """``a vector of 3``, ``a 3 by 2 matrix``, ``an array of 2 by 3 by 4``."""
    size = f" {language.say('by')} ".join(map(str, shape))
    if len(shape) == 1:
        return language.say("a vector of {size}", size=size)
    if len(shape) == 2:
        return language.say("a {size} matrix", size=size)
    return language.say("an array of {size}", size=size)


def _entries(values: Array, language: Language, first: int) -> str:
    if not values.size:
        return language.say("no entries")
    if values.size > _MOST:
        return _ends(values, language)
    if values.ndim != 2:
        return _run(values.flat, language)
    rows = [
        language.say("row {number} is {entries}", number=first + k, entries=_run(row, language))
        for k, row in enumerate(values)
    ]
    return language.say("; ").join(rows)


def _ends(values: Array, language: Language) -> str:
    """The first entries in C order, the last, and how many are not finite."""
    head = _run(values.flat[:_FIRST], language)
    last = spoken(values.flat[values.size - 1], language)
    said = language.say("{first} and so on, the last is {last}", first=head, last=last)
    wrong = int(values.size - np.count_nonzero(np.isfinite(values)))
    if not wrong:
        return said
    counted = language.count(
        "{number} of them is not finite", "{number} of them are not finite", wrong, number=wrong
    )
    return language.say("; ").join([said, counted])


def _run(values: Iterable[np.floating], language: Language) -> str:
    return language.say(", ").join(spoken(value, language) for value in values)


_ENDINGS: Final = frozenset({"th", "st", "nd", "rd", "D", "d"})
"""What a number, or a letter for one, has behind a hyphen."""


def joins(sign: str, left: str, right: str) -> bool:
    """Whether a hyphen or a slash joins two words: ``log-probabilities``, ``input/output``."""
    if sign == "-":
        return _hyphenates(left, right)
    return sign == "/" and _is_word(left) and _is_word(right)


def _hyphenates(left: str, right: str) -> bool:
    """Whether it is no minus: ``k-th``, ``x-axis``, ``2-D``, ``2-3-1``, but not ``x-1``."""
    if not (left[-1:].isalnum() and right[:1].isalnum()):
        return False
    return (
        _is_word(left)
        or _is_word(right)
        or (left.isdecimal() and right.isdecimal())
        or (left.isalnum() and right in _ENDINGS)
    )


def _is_word(text: str) -> bool:
    """Whether it is longer than the names in formulas."""
    return len(text) > 2 and text.isalpha()


_NUMERALS: Final = numerals_in(ASCII)
_PARTS: Final = re.compile(r"(-?)(.*?)(?:[eE]([-+]?)0*(\d+))?")


def spoken(value: float | np.floating, language: Language) -> str:
    """A number to as many digits as the screen shows."""
    return numeral(number(value, _NUMERALS), language)


def spoken_product(result: float, factors: Sequence[float], language: Language) -> str:
    """What a product of numbers is; ``about 8.13777`` where those that are said give another."""
    shown = number(result, _NUMERALS)
    said = numeral(shown, language)
    if equality(shown, [number(x, _NUMERALS) for x in factors]) == "=":
        return said
    return language.say("about {number}", number=said)


def numeral(text: str, language: Language) -> str:
    """A number that is written already: ``-1.5e-07``, ``inf``, ``nan``."""
    found = _PARTS.fullmatch(text)
    if found is None:
        return text
    sign, size, exponent_sign, exponent = found.groups()
    said = {"nan": language.say("not a number"), "inf": language.say("infinity")}.get(size, size)
    if exponent:
        power = _signed(exponent_sign, exponent, language)
        said = language.say("{number} times ten to the {exponent}", number=said, exponent=power)
    return _signed(sign, said, language)


def _signed(sign: str, size: str, language: Language) -> str:
    return language.say("minus {number}", number=size) if sign == "-" else size


_HAN: Final = "\u2e80-\u9fff\uff00-\uffef"
_WIDE: Final = "，。；：、（）"
_NARROW: Final = re.compile(rf"(?<=[{_HAN}]), (?=\S)")
"""A comma of a formula whose words have become Chinese."""
_LOOSE: Final = re.compile(
    rf"\s+(?=[],.;:)?!{_WIDE}]|$)|(?<=[(\[{_WIDE}])\s+|^\s+|(?<=[{_HAN}])\s+(?=[{_HAN}])"
)
"""Spaces that no line has: at its ends, in front of a comma, between two Chinese characters."""


def tidied(text: str) -> str:
    """With single spaces, and only where a line has them."""
    return _LOOSE.sub("", re.sub(r"\s+", " ", text))


def with_comma(text: str, comma: str) -> str:
    """With a language's own comma behind its words that took the place of a formula's."""
    return _NARROW.sub(comma, text)
