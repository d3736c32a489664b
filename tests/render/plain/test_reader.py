"""Formulas read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.plain.alphabet import strangers
from tui_backprop.render.language import ENGLISH, language_of
from tui_backprop.render.plain.reader import Reader
from tui_backprop.rules import RULES
from tui_backprop.rules.text import application

READ = Reader(ENGLISH).read
READERS = {code: Reader(language_of(code)) for code in ("en", "zh")}


@given(st.text(max_size=60) | st.text("xy12 ()[],:=*+-−/·²₁'\"|√Σ∂.…ατ我", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """On one printable line with single spaces, whatever an author wrote."""
    for reader in READERS.values():
        said = reader.read(text)
        assert said.isprintable()
        assert said == " ".join(said.split())


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "f(" * 5000 + "x" + ")" * 5000,
        "x[" * 5000 + "0" + "]" * 5000,
        "x**" * 5000,
        "**" * 5000,
        "-" * 5000,
    ],
)
def test_depth_is_no_matter(text: str) -> None:
    """Brackets in brackets are told apart up to a depth, then they stand as they are."""
    assert READ(text)


@pytest.mark.parametrize("code", READERS)
@pytest.mark.parametrize("name", RULES)
def test_every_row_of_the_op_table_can_be_spoken(name: str, code: str) -> None:
    """Its summary, its convention, and its applications to its own examples."""
    rule, reader = RULES[name], READERS[code]
    translated = reader.language.translated
    texts = [translated(rule.summary), translated(rule.convention)]
    for example in rule.examples:
        params = {p.name: p.default for p in rule.parameters} | dict(example.params)
        texts.append(application(rule, ["X"] * len(rule.operands), params))
    for text in texts:
        assert strangers(reader.read(text), code) == set()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2 * X", "2 times X"),
        ("W @ x + b", "W matrix times x plus b"),
        ("-x", "minus x"),
        ("y - -3", "y minus minus 3"),
        ("x ** 2", "x to the power 2"),
        ("x ** -0.5 * y", "x to the power minus 0.5 times y"),
        (
            "x ** (a + b) ** f(y)[0]",
            "x to the power open bracket a plus b close bracket to the power f of y at index 0",
        ),
        ("x **", "x **"),
        ("x > 0", "x is greater than 0"),
        ("exp(sin(x²))", "exp of sin of x squared"),
        ("sin(x)²", "open bracket sin of x close bracket squared"),
        ("log(1 + exp(x))", "log of open bracket 1 plus exp of x close bracket"),
        ("where(c, x, 0)", "where of c, x and 0"),
        ("sum(x, axis=0)", "sum of x, with axis 0"),
        ("sum(x, axis=(0, 1), keepdims=True)", "sum of x, with axis 0 and 1, keepdims True"),
        ("reshape(x, (2, -1))", "reshape of x and open bracket 2 and minus 1 close bracket"),
        ("concatenate([a, b], axis=1)", "concatenate of a and b, with axis 1"),
        ("einsum('ij,jk->ik', a, b)", "einsum of ij,jk to ik, a and b"),
        ("table[[1, 2, 1]]", "table at index 1, 2 and 1"),
        ("x[0]", "x at index 0"),
        ("x[1:, ::2]", "x at index 1 to the end and all in steps of 2"),
        ("x[:3, None]", "x at index up to 3 and a new axis"),
        ("x[..., -1]", "x at index all other axes and minus 1"),
        ("x[1:4]", "x at index 1 up to 4"),
        ("|x − t| ≤ 1", "the absolute value of open bracket x minus t close bracket is at most 1"),
        ("2X = y₁₂ + θ", "2 X equals y 12 plus theta"),
        ("10⁻³ of vᵀJ", "10 to the power minus 3 of v transposed J"),
    ],
)
def test_formulas(written: str, said: str) -> None:
    """Each kind of sign."""
    assert READ(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "the log-probabilities, PyTorch's",
        "the inputs' sums, the outputs' means",
        "a 2-3-1 network, input/output",
        "the point (x, y), between, see [1]",
        "It ends here. So it does: twice; (at least)!",
    ],
)
def test_words_stay_words(text: str) -> None:
    """Hyphens, apostrophes, remarks in brackets, the marks between sentences."""
    assert READ(text) == text


def test_chinese_says_the_same_in_its_own_order() -> None:
    """The exponent stands inside; a sign is not a difference; no spaces between characters."""
    read = READERS["zh"].read
    assert read("x ** 2 - y") == "x 的 2 次方减 y"
    assert read("斜率是 −1 − x") == "斜率是负 1 减 x"
    assert read("sum(x, axis=0)") == "sum 作用于 x，参数 axis 取 0"
