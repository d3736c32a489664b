"""Numbers as words where they have signs: ``minus 3``, ``1.5 times ten to the minus 7``.

They stand apart from arrays and sentences because formulas hold numbers as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import number, numerals_in

if TYPE_CHECKING:
    import numpy as np

    from tui_backprop.language.catalogue import Language

_NUMERALS: Final = numerals_in(ASCII)
_PARTS: Final = re.compile(r"(-?)(.*?)(?:[eE]([-+]?)0*(\d+))?")


def spoken(value: float | np.floating, language: Language) -> str:
    """A number to as many digits as the screen shows."""
    return numeral(number(value, _NUMERALS), language)


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
