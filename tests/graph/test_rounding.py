"""The sign before a product or a sum of rounded numbers."""

from __future__ import annotations

from decimal import Context, Decimal
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.graph.naming import decimal
from tui_backprop.graph.rounding import equality

_EXACT = Context(prec=4000, Emin=-9999, Emax=9999)
numbers = st.one_of(
    st.integers(-40, 40).map(float),
    st.integers(-400, 400).map(lambda n: n / 8),
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(numbers, numbers, st.integers(2, 17))
def test_whoever_multiplies_and_adds_the_digits_finds_those_behind_an_equals_sign(
    a: float, b: float, digits: int
) -> None:
    """And others behind the other sign, whatever the numbers and however many digits."""
    written = [decimal(x, digits) for x in (a, b)]
    x, y = map(Decimal, written)
    for result, exact, summands in (
        (a * b, _EXACT.multiply(x, y), [written]),
        (a + b, _EXACT.add(x, y), [[text] for text in written]),
    ):
        shown = decimal(result, digits)
        is_same = not isfinite(result) or exact == Decimal(shown)
        assert equality(shown, *summands) == ("=" if is_same else "≈")


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(0, 3), st.integers(0, 3))
def test_what_is_exact_in_decimals_has_the_equals_sign(a: int, b: int, m: int, n: int) -> None:
    """Though a binary number has no exact 0.1: ``0.1·3 = 0.3``."""
    x, y = a / 10**m, b / 10**n
    factors = decimal(x, 9), decimal(y, 9)
    assert equality(decimal(x * y, 9), factors) == "="
    assert equality(decimal(x + y, 9), factors[:1], factors[1:]) == "="


@pytest.mark.parametrize(
    ("result", "summands", "sign"),
    [
        ("8.13777", [("4.06888", "2")], "≈"),
        ("0.222326", [("0.222326", "1")], "="),
        ("−1.36771", [("2.17727", "(−0.628174)")], "≈"),
        ("1", [("0.333333", "3")], "≈"),
        ("0", [("1e-200", "1e-200")], "≈"),
        ("inf", [("1e+300", "1e+300")], "="),
        ("nan", [("0", "-inf")], "="),
        ("2.5…", [("1.25",), ("1.33",)], "="),
        ("1.5e−07", [("3", "5e−08")], "="),
        ("6", [("1", "2"), ("2", "2"), ("3", "0")], "="),
    ],
)
def test_of_numbers_as_they_are_shown(
    result: str, summands: list[tuple[str, ...]], sign: str
) -> None:
    """With the sign and the brackets that they have on the screen."""
    assert equality(result, *summands) == sign
