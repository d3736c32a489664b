r"""Text, code and numbers as LaTeX."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.hostile import texts
from tests.render.latex import read_text, shown
from tui_backprop.render.formulas.latex_names import code, escaped, is_number, numeral
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import Numerals, number

ascii_texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))


@given(texts)
def test_no_text_leaves_its_place(text: str) -> None:
    """Whatever it holds: groups close, nothing special is bare, no command is added."""
    read_text(rf"\section*{{{escaped(text)}}}")
    read_text(code(text))


@given(ascii_texts)
def test_what_is_printed_is_what_was_written(text: str) -> None:
    """Character by character."""
    assert shown(escaped(text)) == text
    assert shown(code(text)[len(r"\texttt{") : -1]) == text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50% of $x_1 & #2", r"50\% of \$x\_1 \& \#2"),
        (r"\end{x}", r"\textbackslash{}end\{x\}"),
        ("yⱼ = 2·xⱼ", r"y$_{j}$ = 2$\cdot$x$_{j}$"),
        ("vᵀJ", "v$^{T}$J"),
        ("σ ≈ λ", r"$\sigma$ $\approx$ $\lambda$"),
        ("Σ ο", r"$\Sigma$ ο"),
        ("™", r"$^{TM}$"),
        ("中文 é", "中文 é"),
        ("a\nb", "a␊b"),
    ],
)
def test_text_is_set_as_it_stands(text: str, latex: str) -> None:
    """Signs that fonts of text lack are set as mathematics; letters stay."""
    assert escaped(text) == latex


def test_code_keeps_blanks_and_quotes() -> None:
    """TeX would join blanks, bend quotes, and make one dash of two."""
    assert code("x  - 'a'") == (r"\texttt{x\ \ {-}\ \textquotesingle{}a\textquotesingle{}}")
    assert code("") == ""


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("2", "2"),
        ("−0.5", "-0.5"),
        ("1.5e-07", r"1.5 \times 10^{-7}"),
        ("−1e+20", r"-1 \times 10^{20}"),
        ("inf", r"\infty"),
        ("−inf", r"-\infty"),
        ("nan", r"\text{NaN}"),
        ("x}", r"\text{x\}}"),
    ],
)
def test_numbers(text: str, latex: str) -> None:
    """As the product writes them; anything else is text."""
    assert numeral(text) == latex


@given(st.floats())
def test_every_number_of_the_product_is_one(value: float) -> None:
    """No number falls through to text."""
    text = number(value, Numerals(charset=ASCII))
    assert is_number(text)
    assert r"\text" not in numeral(text).replace(r"\text{NaN}", "")
