from __future__ import annotations

import math

import pytest

from tui_backprop.scenario.yaml_tree import NUMBER, Plain, Scalar, number, real, resolve


def scalar(text: str, *, is_plain: bool = True) -> Scalar:
    """A scalar somewhere."""
    return Scalar(text, is_plain, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("12:30:45", "12:30:45"),
        ("1_000", "1_000"), ("2026-11-22", "2026-11-22"), ("0b11", "0b11"), ("١", "١"),
        ("inf", "inf"), ("nan", "nan"), ("1e", "1e"), (".", "."), ("0o8", "0o8"), ("-0x1", "-0x1"),
        ("true", True), ("False", False), ("tRUE", "tRUE"),
        ("", None), ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("0", 0), ("-12", -12), ("+12", 12), ("012", 12), ("0o17", 15), ("0xfF", 255),
        ("1e-3", 0.001), ("1.", 1.0), (".5", 0.5), ("-.5E+2", -50.0), ("1.5", 1.5),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf),
    ],
)  # fmt: skip
def test_core_schema(text: str, expected: Plain) -> None:
    """Plain words mean what YAML 1.2's core schema says, not what YAML 1.1 said."""
    found = resolve(scalar(text))
    assert found == expected
    assert type(found) is type(expected)


def test_nan() -> None:
    """NaN is a number too."""
    assert all(math.isnan(real(text)) for text in (".nan", ".NaN", ".NAN"))


@pytest.mark.parametrize("text", ["1", "true", "", "null", "1e3"])
def test_quotes_make_words(text: str) -> None:
    """What is in quotes is text, whatever it looks like."""
    assert resolve(scalar(text, is_plain=False)) == text


@pytest.mark.parametrize("text", ["0", "-7", "0o17", "0x1F", "1e-3", ".inf", "-.5", "12345678901"])
def test_real_agrees_with_number(text: str) -> None:
    """The short cut to a float gives what the long way gives."""
    assert NUMBER.fullmatch(text)
    assert real(text) == float(number(text))


def test_numbers_beyond_floats_become_infinite() -> None:
    """No number raises, however long; the caller says that it is too large."""
    assert real("9" * 4001) == math.inf
    assert real("0x" + "f" * 4001) == math.inf
    assert number("-" + "9" * 4001) == -math.inf
