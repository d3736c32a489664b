"""Formulas read aloud."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marks import together
from tests.render.speech.alphabet import strangers
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.render.speech.reader import Reader
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
        "(" * 70,
        "f(" * 70 + "x" + ")" * 70,
        "x[" * 70 + "0" + "]" * 70,
        "x**" * 70,
        "**" * 70,
        "-" * 70,
    ],
)
def test_depth_is_no_matter(text: str) -> None:
    """Brackets in brackets are told apart up to a depth, then they stand as they are."""
    assert READ(text)


@pytest.mark.parametrize("code", READERS)
@together("name", RULES)
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
            (
                "x to the power open bracket a plus b close bracket "
                "to the power open bracket f of y close bracket at index 0"
            ),
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
        ("value  [1, -2], see [1]", "value 1 and minus 2, see 1"),
        ("v₁·∂y₁/∂x[0] = 2", "v 1 times d y 1 by d x at index 0 equals 2"),
        ("∂y/∂#2 and #2[0]", "d y by d number 2 and number 2 at index 0"),
        ("f'(0)²", "open bracket f prime of 0 close bracket squared"),
        ("x₁[0]²", "open bracket x 1 at index 0 close bracket squared"),
        ("|grad|/|v|", "the norm of grad divided by the norm of v"),
        ("dead 75.5%", "dead 75.5 percent"),
        ("x[1:4]", "x at index 1 up to 4"),
        ("|x − t| ≤ 1", "the absolute value of open bracket x minus t close bracket is at most 1"),
        ("2X = y₁₂ + θ", "2 X equals y 12 plus theta"),
        ("10⁻³ of vᵀJ", "10 to the power minus 3 of v transposed J"),
        ("½(y − t)²", "one half open bracket y minus t close bracket squared"),
        ("½ (y − t)", "one half open bracket y minus t close bracket"),
        ("(-2)**2", "open bracket minus 2 close bracket to the power 2"),
        ("(−3)²", "open bracket minus 3 close bracket squared"),
        ("-3 ** 2", "minus 3 to the power 2"),
        ("sum(x) ** 2", "open bracket sum of x close bracket to the power 2"),
        ("x[0]²", "open bracket x at index 0 close bracket squared"),
        ("x₁²", "x 1 squared"),
        ("w₁₂ᵀ²", "w 12 transposed squared"),
        ("h₁'(0) + y'²", "h 1 prime of 0 plus y prime squared"),
        ("x-1, a-b, 0.5-0.5", "x minus 1, a minus b, 0.5 minus 0.5"),
        ("1e-9-x", "1 times ten to the minus 9 minus x"),
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
        "the k-th of a 2-D array, on the x-axis, by GPT-2",
        "the point (x, y), between [sic], see (1)",
        "It ends here. So it does: twice; (at least)!",
    ],
)
def test_words_stay_words(text: str) -> None:
    """Hyphens, apostrophes, remarks in brackets, the marks between sentences."""
    assert READ(text) == text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("grad-norm", "grad minus norm"),
        ("node (a+b)*2", "node open bracket a plus b close bracket times 2"),
        ("if f(x)", "if f of x"),
    ],
)
def test_code_has_no_hyphens_and_no_remarks(written: str, said: str) -> None:
    """What is given to a command is a formula, whatever stands in front of a bracket."""
    assert Reader(ENGLISH, is_code=True).read(written) == said


def _grown(formulas: list[str]) -> list[str]:
    """Every formula with one operation more."""
    wholes = [
        text
        for a in formulas
        for text in (f"-{a}", f"f({a})", f"{a}**2", f"2**{a}", f"{a}[0]", f"({a})")
    ]
    sums = [
        text
        for a in formulas
        for b in ("x", "-x", "(y)")
        for sign in "-*"
        for text in (f"{a}{sign}{b}", f"{b}{sign}{a}")
    ]
    return [*wholes, *sums]


@pytest.mark.parametrize("code", READERS)
def test_formulas_that_differ_sound_different(code: str) -> None:
    """Of all small formulas: brackets are left out only where nothing else could be meant."""
    reader = Reader(language_of(code), is_code=True)
    leaves = ["x", "x₁", "y[1]"]
    once = _grown(leaves)
    meant: dict[str, tuple[str, str]] = {}
    for text in dict.fromkeys([*leaves, *once, *_grown(once)]):
        tree = ast.dump(ast.parse(text.replace("₁", "_1"), mode="eval"))
        said = reader.read(text)
        assert meant.setdefault(said, (tree, text))[0] == tree, (said, meant[said][1], text)


def test_chinese_says_the_same_in_its_own_order() -> None:
    """The exponent stands inside; a sign is not a difference; no spaces between characters."""
    read = READERS["zh"].read
    assert read("x ** 2 - y") == "x 的 2 次方减 y"
    assert read("斜率是 −1 − x") == "斜率是负 1 减 x"
    assert read("sum(x, axis=0)") == "sum 作用于 x，参数 axis 取 0"
    assert read("|x − 1| 与 f(x)") == "左括号 x 减 1 右括号的绝对值与 f 作用于 x"
    assert read("全部 ∂y/∂x 之和") == "全部 y 对 x 的偏导数之和"
    assert read("75% − x") == "百分之 75 减 x"
    assert read("a[0], b[0]") == "a 的下标 0 处、b 的下标 0 处"
