"""Numbers that a person can read, alone and in columns, written alike by panes and exports."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.naming import decimal
from tui_backprop.graph.rounding import equality
from tui_backprop.render.text.charset import ASCII, UNICODE, Charset, spelled
from tui_backprop.render.text.spans import pad, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True)
class Numerals:
    """How numbers are written.

    Attributes:
        digits: significant digits at most, from 1; 17 gives every bit of a float64.
        charset: the minus sign and the glyph for what is not known.
        is_zero_signed: whether −0.0 is told from 0.0. Off, because every product of 0 with a
            negative number would say so.
    """

    digits: int = 6
    charset: Charset = UNICODE
    is_zero_signed: bool = False


DEFAULT: Final = Numerals()
_ASCII: Final = Numerals(charset=ASCII)

FEWEST: Final = 2
"""Digits below which a number is left out instead."""

FEWEST_ROUNDED: Final = 3
"""Digits from which a number looks like what it is, a rounded one."""

_SPARE: Final = 2
"""Digits more than there should be that a whole number costs no more than an ellipsis would."""


def numerals_in(charset: Charset) -> Numerals:
    """The numerals in a terminal's signs."""
    return _ASCII if charset.is_ascii else DEFAULT


_decimal: Final = lru_cache(maxsize=4096)(decimal)
"""The numbers of a picture are those of the one before, but for a few."""


def number(
    value: float | np.floating, numerals: Numerals = DEFAULT, digits: int | None = None
) -> str:
    """One number with as many digits as it needs: ``2``, ``0.1``, ``1.5e−07``, ``nan``, ``−inf``.

    Read back, it differs from ``value`` by at most half a unit in the last of ``digits``
    significant digits; whole numbers with one digit more are still exact. It never looks exact
    where it is not, see `decimal`, and has more digits where that takes more. A float32 is written
    by its own shortest decimal, without the noise of the float64 it would become.

    Args:
        value: a Python or NumPy number.
        numerals: how numbers are written.
        digits: instead of those of ``numerals``, where room is short.
    """
    exact = float(str(value)) if isinstance(value, np.float32) else float(value)
    text = _decimal(exact, digits or numerals.digits)
    if exact == 0 and numerals.is_zero_signed and math.copysign(1, exact) < 0:
        text = f"-{text}"
    return text.replace("-", numerals.charset.minus)


def sign_and_size(text: str, minus: str) -> tuple[str, str]:
    """A number that is written already, as a summand behind others: ``−4``, ``+4``."""
    return (minus, text[len(minus) :]) if text.startswith(minus) else ("+", text)


def factor(text: str, minus: str) -> str:
    """A number that is written already, as a factor beside others: ``(−4)``, ``4``."""
    return f"({text})" if text.startswith(minus) else text


def equals(charset: Charset, result: str, *summands: Sequence[str]) -> str:
    """The sign before a product or a sum that is written already, see `equality`: ``=``, ``≈``."""
    return spelled(equality(result, *summands), charset)


def shortened(value: float | np.floating, numerals: Numerals, digits: int) -> str:
    """One number where room is short: ``0.143``, ``−2.5…`` for −2.58687, never ``−3``.

    Rounding to three digits or more is silent where all of them are there to show it; otherwise
    the digits that are there are the number's own, and an ellipsis says that it goes on.

    Args:
        value: a Python or NumPy number.
        numerals: how numbers are written where there is room.
        digits: significant digits, at most those of ``numerals``.
    """
    whole = number(value, numerals)
    rounded = number(value, numerals, digits)
    most = digits + _SPARE if rounded == whole else digits if digits >= FEWEST_ROUNDED else 0
    if _significant(rounded) <= most:
        return rounded
    going_on = _cut(whole, digits, numerals.charset.ellipsis)
    return going_on if width(going_on) < width(whole) else whole


def _cut(text: str, digits: int, ellipsis: str) -> str:
    """A number up to so many significant digits, all those before the point at the least."""
    mantissa, exponent_sign, exponent = text.partition("e")
    before, _, after = mantissa.partition(".")
    zeros = len(after) - len(after.lstrip("0")) if before.strip("−-0") == "" else 0
    room = zeros + digits - _significant(before)
    kept = f".{after[: max(room, 0)]}" if after else ""
    return before + kept + ellipsis + exponent_sign + exponent


def _significant(text: str) -> int:
    """How many significant digits a text shows; the zeros of a whole number count."""
    return len([c for c in text.partition("e")[0].lstrip("−-0.") if c.isdigit()])


def number_within(cells: int, value: float | np.floating, numerals: Numerals = DEFAULT) -> str:
    """One number with as many digits as fit into ``cells``; an ellipsis where not even two do.

    What is left out is said, because half a number is another number.
    """
    whole = number(value, numerals)
    if width(whole) <= cells:
        return whole
    for digits in range(numerals.digits, FEWEST - 1, -1):
        text = shortened(value, numerals, digits)
        if width(text) <= cells:
            return text
    return numerals.charset.ellipsis[: max(cells, 0)]


def role_of(value: float | np.floating, *, is_known: bool = True) -> SpanRole:
    """The role of a number on screen when nothing else marks it."""
    if not is_known:
        return "unknown"
    return "" if math.isfinite(value) else "error"


def distinct(values: Array) -> Array:
    """Every number of an array once, in ascending order and NaN last, as ``np.unique`` has them.

    For this alone NumPy would import `numpy.ma`, which takes as long as drawing the first screen.
    """
    ordered = np.sort(values, axis=None, kind="stable")
    before, after = ordered[:-1], ordered[1:]
    is_new = np.ones(ordered.shape, dtype=bool)
    is_new[1:] = (before != after) & ((before == before) | (after == after))  # noqa: PLR0124 - NaN
    return ordered[is_new]


def aligned(
    values: Array,
    known: Array | None = None,
    numerals: Numerals = DEFAULT,
    cells: int | None = None,
) -> tuple[str, ...]:
    """Numbers of one width with their decimal points in one column.

    Args:
        values: the visible entries, of any shape; the texts come in C order.
        known: where False, of the same shape, the glyph for "not yet" stands instead.
        numerals: how numbers are written.
        cells: the widest that the column may be; digits are dropped until it fits, and where two
            digits each do not fit aligned, each number stands for itself, to the right.
    """
    flat = list(values.ravel())
    mask = [True] * len(flat) if known is None else known.ravel().tolist()
    for digits in range(numerals.digits, FEWEST - 1, -1):
        column = _on_the_point(
            [
                shortened(value, numerals, digits) if is_known else numerals.charset.unknown
                for value, is_known in zip(flat, mask, strict=True)
            ]
        )
        if cells is None or not column or width(column[0]) <= cells:
            return column
    assert cells is not None  # noqa: S101 - without a limit the first round has returned
    singles = (
        number_within(cells, value, numerals) if is_known else numerals.charset.unknown[:cells]
        for value, is_known in zip(flat, mask, strict=True)
    )
    return tuple(pad(text, cells, "right") for text in singles)


def _on_the_point(texts: list[str]) -> tuple[str, ...]:
    """Pad each text on both sides; without a point the last whole digit stands before it."""
    heads = [_head(text) for text in texts]
    before = max(heads, default=0)
    after = max((width(t) - h for t, h in zip(texts, heads, strict=True)), default=0)
    return tuple(" " * (before - h) + pad(t, h + after) for t, h in zip(texts, heads, strict=True))


def _head(text: str) -> int:
    """Cells before the decimal point, the exponent or an ellipsis. Words have none."""
    for k, character in enumerate(text):
        if character in ".e…" and k:
            return width(text[:k])
    return width(text)
