"""Signs as words."""

from __future__ import annotations

import pytest

from tests.render.speech.alphabet import strangers
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.render.speech.words import constants, greek, operators, raised


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_sign_has_words(code: str) -> None:
    """In both languages, and nothing but words."""
    language = language_of(code)
    for said in (*operators(language).values(), *constants(language).values()):
        assert said
        assert strangers(said, code) == set()


@pytest.mark.parametrize(
    ("sign", "said"),
    [("'", "prime"), ("²", "squared"), ("ᵀ", "transposed"), ("₁₂", "12"), ("ⱼ", "j"),
     ("⁻¹", "to the power minus 1"), ("ⁿ", "to the power n"), ("⁺", "plus")],
)  # fmt: skip
def test_what_hangs_on_a_name(sign: str, said: str) -> None:
    """Raised or lowered."""
    assert raised(sign, ENGLISH) == said


@pytest.mark.parametrize(
    ("letter", "name"), [("σ", "sigma"), ("Φ", "Phi"), ("ς", "sigma"), ("ή", "eta")]
)
def test_greek(letter: str, name: str) -> None:
    """By the letter's own name, its size kept."""
    assert greek(letter) == name
