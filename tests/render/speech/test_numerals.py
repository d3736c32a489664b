"""Numbers as words."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.speech.heard import heard
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.render.speech.words import numeral, spoken


@given(st.floats())
def test_what_is_heard_is_the_number(value: float) -> None:
    """To the six digits that the screen shows; NaN and infinities by their words."""
    said = spoken(value, ENGLISH)
    assert heard(said) == pytest.approx(value, rel=5e-6, nan_ok=True)
    assert re.fullmatch(r"[a-z0-9. ]+", said)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_sign_is_a_word_in_every_language(value: float) -> None:
    """And only where the number is below zero."""
    said = spoken(value, language_of("zh"))
    assert said.startswith("负 ") == (value < 0)
    assert heard(spoken(abs(value), ENGLISH)) == pytest.approx(abs(value), rel=5e-6)


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (2.0, "2", "2"),
        (-0.628174, "minus 0.628174", "负 0.628174"),
        (2.5e-7, "2.5 times ten to the minus 7", "2.5 乘以 10 的负 7 次方"),
        (-1e300, "minus 1 times ten to the 300", "负 1 乘以 10 的 300 次方"),
        (math.inf, "infinity", "无穷大"),
        (-math.inf, "minus infinity", "负无穷大"),
        (math.nan, "not a number", "非数"),
        (-0.0, "0", "0"),
    ],
)
def test_numbers(value: float, english: str, chinese: str) -> None:
    """Whole, broken, small, large, and what is none."""
    assert spoken(value, ENGLISH) == english
    assert spoken(value, language_of("zh")).replace("的 负", "的负") == chinese


def test_a_float32_is_said_by_its_own_decimal() -> None:
    """Without the noise of the float64 it would become."""
    assert spoken(np.float32(0.1), ENGLISH) == "0.1"


def test_what_is_written_already_keeps_its_digits() -> None:
    """A constant of a program is said as it was typed."""
    assert numeral("0.123456789", ENGLISH) == "0.123456789"
    assert numeral("1e-3", ENGLISH) == "1 times ten to the minus 3"
