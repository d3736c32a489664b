"""Numbers as a person reads them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.numbers import (
    Numerals,
    aligned,
    distinct,
    number,
    number_within,
    role_of,
    shortened,
)
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.types import Array

FINITE = st.floats(allow_nan=False, allow_infinity=False)
COLUMNS = hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats())


def read(text: str) -> float:
    """The number that a text says."""
    return float(text.strip().replace(UNICODE.minus, "-"))


def significant(text: str) -> str:
    """The significant digits of a number, without zeros at either end."""
    return "".join(c for c in text.partition("e")[0] if c.isdigit()).strip("0")


@given(FINITE, st.integers(1, 17))
def test_reading_back_is_within_the_shown_digits(value: float, digits: int) -> None:
    """Half a unit in the last significant digit, and the rounding of a float."""
    back = read(number(value, Numerals(digits)))
    if math.isinf(back):
        back = math.copysign(np.finfo(np.float64).max, back)
    assert abs(back - value) <= abs(value) * (0.5 * 10 ** (1 - digits) + 1e-15) + 5e-324


@given(FINITE)
def test_seventeen_digits_give_every_bit(value: float) -> None:
    """And no more of them than needed."""
    text = number(value, Numerals(17))
    assert read(text) == value
    assert len(significant(text)) <= len(significant(repr(value)))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_is_its_own_shortest_decimal(value: float) -> None:
    """Read back as a float32 it is the same number."""
    assert np.float32(read(number(np.float32(value), Numerals(9)))) == np.float32(value)


@given(st.floats())
def test_numbers_are_ascii_where_asked_for(value: float) -> None:
    """The minus sign is the only other character there is."""
    assert number(value, Numerals(charset=ASCII)).isascii()
    assert number(value).replace("−", "-") == number(value, Numerals(charset=ASCII))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.1, "0.1"),
        (np.float32(0.1), "0.1"),
        (1.5e-7, "1.5e−07"),
        (-3.25, "−3.25"),
        (1 / 3, "0.333333"),
        (1e6, "1000000"),
        (1234567.0, "1234567"),
        (123456789.0, "1.23457e+08"),
        (100000001.0, "100000001"),
        (123456.7, "123456.7"),
        (0.9999999, "0.9999999"),
        (0.2999996, "0.300000"),
        (0.1 + 0.2, "0.3"),
        (1 - 1e-16, "1"),
        (1 - 1e-11, "0.99999999999"),
        (1e-9, "1e−09"),
        (np.float32(0.1) + np.float32(0.2), "0.3"),
        (-0.0, "0"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "−inf"),
    ],
)
def test_numbers_read_as_one_writes_them(value: float, text: str) -> None:
    """As many digits as needed, up to six."""
    assert number(value) == text


def test_the_sign_of_zero_shows_where_asked_for() -> None:
    """1/x at −0.0 is a different story from 1/x at 0.0."""
    assert number(-0.0, Numerals(is_zero_signed=True)) == "−0"


@given(st.floats(), st.integers(0, 14))
def test_a_number_in_a_tight_place_fits_or_is_not_shown(value: float, cells: int) -> None:
    """Never a part of a number."""
    text = number_within(cells, value)
    assert width(text) <= cells
    shown = text.replace("…", "")
    if shown and math.isfinite(read(shown)):
        assert read(shown) == pytest.approx(value, rel=0.1)


@given(FINITE, st.integers(2, 6), st.sampled_from([UNICODE, ASCII]))
def test_a_short_number_never_looks_exact(value: float, digits: int, charset: Charset) -> None:
    """It is what it is with room, or shows all of its three digits, or says that it goes on."""
    numerals = Numerals(charset=charset)
    text, whole = shortened(value, numerals, digits), number(value, numerals)
    shown, mark, _ = text.partition(charset.ellipsis)
    if mark:
        assert whole.startswith(shown)
        assert len(significant(whole)) > len(significant(shown))
    elif text != whole:
        assert "." in text
        assert digits >= 3
        assert sum(c.isdigit() for c in text.partition("e")[0].lstrip("−-0.")) == digits
        assert text.partition("e")[0].partition(".")[2].strip("0")
        back = read(text.replace("-", "−"))  # a rounded number may be beyond all doubles
        assert math.isinf(back) or back == pytest.approx(value, rel=0.5e-2)


@given(FINITE, st.integers(2, 9))
def test_a_rounded_number_never_looks_exact(value: float, digits: int) -> None:
    """It has as many digits as it was rounded to, and not only zeros behind its point.

    Unless a few roundings lie between it and what is shown: nobody is told that 0.1 + 0.2 is not
    0.3.
    """
    text = number(value, Numerals(digits))
    noise = 2.0**-20 if float_of_32(value) else 2.0**-40
    is_exact = abs(read(text) - value) <= noise * abs(value)
    mantissa = text.partition("e")[0].lstrip("−0.")
    assert is_exact or sum(c.isdigit() for c in mantissa) >= digits
    assert is_exact or text.partition("e")[0].partition(".")[2].strip("0"), text


def float_of_32(value: float) -> bool:
    """Whether a number may have been a float32."""
    with np.errstate(over="ignore"):
        return float(np.float32(value)) == value


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-2.58687, 2, "−2.5…"),
        (-2.58687, 3, "−2.59"),
        (2.99961, 3, "2.99…"),
        (0.31976, 3, "0.320"),
        (0.3, 3, "0.3"),
        (0.1 + 0.2, 3, "0.3"),
        (2.0000003, 3, "2.00…"),
        (2.0000000003, 6, "2.00000…"),
        (1.0000000001e-7, 6, "1.00000…e−07"),
        (0.999961, 3, "0.999…"),
        (123.456, 2, "123.…"),
        (0.000123456, 2, "0.00012…"),
        (1.23456e-7, 2, "1.2…e−07"),
        (0.5, 2, "0.5"),
        (1234567.0, 2, "1234567"),
        (0.25, 1, "0.25"),
    ],
)
def test_numbers_in_tight_places(value: float, digits: int, text: str) -> None:
    """The digits that stand are the number's own where fewer than three are left."""
    assert shortened(value, Numerals(), digits) == text


@given(COLUMNS)
def test_a_column_has_one_width_and_one_point(values: Array) -> None:
    """Decimal points and exponents start in one column; whole numbers end before it."""
    texts = aligned(values)
    assert len({width(text) for text in texts}) == 1
    points = set()
    for text in texts:
        body = text.rstrip()
        mark = min((body.find(c) for c in ".e…" if c in body), default=len(body))
        points.add(mark)
    assert len(points) == 1


@given(COLUMNS)
def test_a_column_says_the_numbers(values: Array) -> None:
    """Each to six digits, in order."""
    assert [text.strip() for text in aligned(values)] == [number(value) for value in values]


@given(COLUMNS, st.integers(0, 16))
def test_a_column_is_never_wider_than_asked(values: Array, cells: int) -> None:
    """Digits go before alignment does."""
    texts = aligned(values, cells=cells)
    assert all(width(text) <= cells for text in texts)
    assert len({width(text) for text in texts}) == 1


def test_a_column_with_entries_not_computed_yet() -> None:
    """The dot of the unknown stands where a digit would."""
    values = np.array([2.0, -10.25, 0.0])
    known = np.array([True, True, False])
    assert aligned(values, known) == ("  2   ", "−10.25", "  ·   ")


@given(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_]).flatmap(
        lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0))
    )
)
def test_distinct_numbers_are_those_that_numpy_finds(values: Array) -> None:
    """NaN once, at the end; of 0 and −0 one."""
    found, known = distinct(values), np.unique(values)
    assert found.dtype == known.dtype
    np.testing.assert_array_equal(found, known)


def test_an_empty_column_is_empty() -> None:
    """Nothing to align."""
    assert aligned(np.empty(0)) == ()


def test_roles_of_numbers() -> None:
    """Unknown and not finite are worth a look."""
    assert role_of(1.0) == ""
    assert role_of(math.nan) == "error"
    assert role_of(math.nan, is_known=False) == "unknown"
