"""Every sign of a formula as a word, in one table.

It stands apart from the reader so that a new sign is one line here.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from tui_backprop.render.speech.numerals import numeral

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.language.catalogue import Language

_LOWERED = frozenset("ᵢᵣᵤᵥᵦᵧᵨᵩᵪⱼ")


def operators(language: Language) -> Mapping[str, str]:
    """What stands between operands, or in front of one."""
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
    """Words and signs that stand for a number."""
    infinite = language.say("infinity")
    return {"nan": language.say("not a number"), "inf": infinite, "∞": infinite,
            "½": language.say("one half")}  # fmt: skip


def raised(text: str, language: Language) -> str:
    """What hangs on a name: ``'``, ``²``, ``₁``, ``ᵀ``."""
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
    """What follows the base."""
    return language.say("to the power {exponent}", exponent=exponent)


def greek(letter: str) -> str:
    """The name of a Greek letter: ``sigma``, ``Phi``."""
    described = unicodedata.name(letter).partition(" WITH ")[0]
    name = described.rpartition(" ")[2].lower()
    return name.capitalize() if "CAPITAL" in described else name
