"""Whether the numbers that are shown give the number that is shown as what they come to.

Each is rounded for itself, so that ``4.06888·2`` may stand before ``8.13777``. The sign between
them says so: ``=`` is written where anybody who multiplies and adds the digits finds those behind
it, and ``≈`` where not.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST: Final = 100
"""Factors and summands that are looked at: nobody multiplies more of them."""


def equality(result: str, *summands: Sequence[str]) -> str:
    """``=``, or ``≈`` where rounded digits give others than those of the result.

    What is infinite or NaN, and what is left out with an ellipsis, has no digits to compare.

    Args:
        result: a number as it is written.
        summands: the factors of each, as they are written.
    """
    factors = [text for summand in summands for text in summand]
    if len(factors) > _MOST or not all(map(_is_whole, (result, *factors))):
        return "="
    found = [_product(summand) for summand in (*summands, (result,))]
    least = min(exponent for _, exponent in found)
    *added, shown = (mantissa * 10 ** (exponent - least) for mantissa, exponent in found)
    return "=" if sum(added) == shown else "≈"


def _product(factors: Sequence[str]) -> tuple[int, int]:
    """A mantissa and an exponent of ten, both exact."""
    found = [_decimal(text) for text in factors]
    return prod(mantissa for mantissa, _ in found), sum(exponent for _, exponent in found)


def _is_whole(text: str) -> bool:
    """Whether a text has all its digits, as neither ``nan`` nor ``2.5…`` has."""
    return text.strip("()")[-1:].isdecimal() and "…" not in text and "..." not in text


def _decimal(text: str) -> tuple[int, int]:
    """``(−1.5e−07)`` is −15 and −8."""
    mantissa, _, exponent = text.strip("()").replace("−", "-").partition("e")
    whole, _, behind = mantissa.partition(".")
    return int(whole + behind), int(exponent or 0) - len(behind)
