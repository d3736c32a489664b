"""Formulas as answers: equal ones in any form, others at other numbers, and nothing is executed."""

from __future__ import annotations

import builtins
import math
import os
import re
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.quiz.rounds import formula, session
from tests.fuzz.effort import effort
from tui_backprop.debug.format import number
from tui_backprop.debug.quiz.comparing import compare
from tui_backprop.debug.quiz.formulas import Evidence, LocalFormula
from tui_backprop.debug.quiz.marking import Verdict, mark
from tui_backprop.debug.quiz.places import posed
from tui_backprop.debug.quiz.proof import written
from tui_backprop.errors import CommandError
from tui_backprop.timeline.trace import PosedQuestion

EQUAL = [
    ("y = a * b", "a: 2, b: 3", ["b", "b*(a + 1) - a*b", "y / a", "2*b - b"]),
    ("y = a * (b + c)", "a: 2, b: 3, c: 4", []),
    ("y = tanh(x)", "x: 0.5", ["1 - tanh(x)**2", "1 - y*y", "(1 - y)*(1 + y)", "1/cosh(x)**2",
                               "4/(exp(x) + exp(-x))**2"]),
    ("y = relu(x)", "x: 0.5", ["where(x > 0, 1, 0)", "x > 0", "where(x <= 0, 0, 1)", "y/x",
                               "heaviside(x, 0)", "(sign(x) + 1)/2", "1*(x > 0)"]),
    ("y = sigmoid(x)", "x: 0.5", ["y*(1 - y)", "y - y**2", "exp(-x)/(1 + exp(-x))**2",
                                  "sigmoid(x)*sigmoid(-x)"]),
    ("y = x**3", "x: 2", ["3*x**2", "3*x*x", "3*y/x", "x**2 + x**2 + x**2", "3x**2"[1:] + "*3"]),
    ("y = sqrt(x)", "x: 4", ["1/(2*sqrt(x))", "0.5*x**-0.5", "0.5/y", "y/(2*x)"]),
    ("y = log(x)", "x: 1.5", ["1/x", "x**-1", "exp(-y)"]),
    ("y = mean(x)", "x: [1, 2, 3]", ["1/3", "2/6", "0.333333333"]),
    ("y = x / b", "x: 1, b: 7", ["1/b", "y/x", "b**-1"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "inputs", "answer"),
    [(p, i, a) for p, i, answers in EQUAL for a in answers],
)
def test_equal_formulas_are_right(program: str, inputs: str, answer: str) -> None:
    """However they are written: in the operand, in the value itself, in another function."""
    assert compare(formula(program, inputs), answer).evidence is not None


@pytest.mark.parametrize("off", ["1e-9", "1e-12", "1e-15", "0.00001"])
def test_a_formula_that_is_off_by_a_little_is_another(off: str) -> None:
    """And both numbers are shown with digits that tell them apart."""
    question = posed(session("y = x**2", "x: 3"), PosedQuestion("dy/dx", "expression", {}))
    made = mark(question, f"2*x + {off}")
    assert made.verdict is Verdict.WRONG
    if "everywhere" in made.text:
        assert f"off by {number(float(off))} everywhere" in made.text
    else:
        theirs, right = re.findall(r"-?\d+\.\d+", made.text.partition(" it gives ")[2])
        assert theirs != right


def test_it_is_said_where_a_formula_differs() -> None:
    """So that whoever answered can put the numbers in."""
    question = posed(session(NET, NET_INPUTS), PosedQuestion("dh[1]/dz[1]", "expression", {}))
    told = mark(question, "1/(1 + z[1]**2)").text
    found = re.fullmatch(r"not right: at z\[1\] = (\S+) it gives (\S+) where (\S+) is right", told)
    assert found is not None, told
    z, theirs, right = map(float, found.groups())
    assert theirs == pytest.approx(1 / (1 + z * z), rel=1e-4)
    assert right == pytest.approx(1 - math.tanh(z) ** 2, rel=1e-4)


def test_e_to_the_x_is_exp() -> None:
    """It is decided, and not only tried."""
    assert compare(formula("y = exp(x)", "x: 0.5"), "e**x").evidence in {
        Evidence.IDENTICAL, Evidence.SIMPLIFIED
    }  # fmt: skip


def test_it_is_said_how_it_was_found() -> None:
    """The same, simplified to the same, or equal at every point that was tried."""
    asked = formula("y = tanh(x)", "x: 0.5")
    assert compare(asked, "1 - y**2").evidence is Evidence.IDENTICAL
    assert compare(asked, "1/cosh(x)**2").evidence is Evidence.SIMPLIFIED
    kink = formula("y = abs(x)", "x: 1.5")
    assert compare(kink, "x/abs(x)").evidence is Evidence.POINTS


@pytest.mark.parametrize(
    ("program", "inputs", "answer", "slips", "is_here"),
    [
        ("y = a * b", "a: 2, b: 3", "a", ["own factor"], False),
        ("y = a * b", "a: 2, b: 3", "3", [], True),
        ("y = x**3", "x: 2", "x**2", ["forgotten exponent"], False),
        ("y = x**3", "x: 2", "3*x**3", ["exponent not lowered"], False),
        ("y = tanh(x)", "x: 0.5", "1 - x**2", ["derivative at the input"], False),
        ("y = tanh(x)", "x: 0.5", "y**2 - 1", ["sign"], False),
        ("y = mean(x)", "x: [1, 2, 3]", "1", ["forgotten 1/n"], False),
        ("y = relu(x)", "x: 0.5", "1", ["forgotten factor"], True),
        ("y = W @ x", "W: [[1, 2], [3, 5]], x: [1, 1]", "x[1]", [], True),
        ("y = log(x)", "x: 1.5", "1/x + 1e-5", [], False),
    ],
)
def test_others_are_wrong(
    program: str, inputs: str, answer: str, slips: list[str], is_here: bool
) -> None:
    """With the slip that gives the formula at all numbers; right by chance here is not right."""
    found = compare(formula(program, inputs), answer)
    assert found.evidence is None
    assert [name for name, _ in found.slips][: len(slips)] == slips
    assert found.is_here is is_here


@effort(2)
@given(st.sampled_from([(p, i) for p, i, _ in EQUAL]), st.data())
def test_a_formula_stays_right_when_it_is_rewritten(
    scenario: tuple[str, str], data: st.DataObject
) -> None:
    """a·(b + c) = a·b + a·c, 0 added, 1 multiplied; one more than it is wrong."""
    asked = formula(*scenario)
    right = text = written(asked)
    for _ in range(data.draw(st.integers(1, 3))):
        c = data.draw(st.integers(2, 9))
        way = data.draw(st.sampled_from(["({t}) + 0", "1*({t})", "({t})*({c} - {d})", "-(-({t}))",
                                         "{c}*({t}) - {d}*({t})", "({t})/{c}*{c}"]))  # fmt: skip
        text = way.format(t=text, c=c, d=c - 1)
    assert compare(asked, text).evidence is not None
    assert compare(asked, f"{text} + ({right})/8 + 1/8").evidence is None


HOSTILE = [
    "__import__('os').system('true')", "().__class__.__bases__[0]", "lambda: 1", "x" * 10**6,
    "(" * 10**5, "9**9**9**9**9", "exec('1')", "eval('1')", "open('/etc/x')",
    "x.__class__", "[x for x in (1,)]", "x := 3", "f'{x}'", "x; y", "x\ny", "х", "x\u0661", "①",
    "x if x else y", "print(x)", "sum(ones(9999999))", "zeros((10000, 10000))[0, 0]", "step", "v",
    "J", "x.grad", "#0.grad", "nothing", "", "  ", "y = 3", "x[0]", "ones(3)", "rand(3)", "@", "\0",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_formula_is_refused_and_never_executed(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence, within a moment."""
    asked = formula("y = tanh(x)", "x: 0.5")
    with suppress(CommandError):
        compare(asked, text)  # an import executes a module, so all there is to import comes first
    for name in ("eval", "exec", "open"):
        monkeypatch.setattr(builtins, name, _refuse)
    monkeypatch.setattr(os, "system", _refuse)
    began = perf_counter()
    with pytest.raises(CommandError) as refused:
        compare(asked, text)
    assert perf_counter() - began < 5
    assert len(str(refused.value)) < 700


NET = "z = W @ x\nh = tanh(z)\ny = sum(h)"
NET_INPUTS = "W: [[1, 2], [3, -1]], x: [0.5, 0.25]"


def of_tanh(more: str = "") -> LocalFormula:
    """∂h[1]/∂z[1] in a small net."""
    trace = session(NET, NET_INPUTS, more).trace
    h = trace.graph.nodes[trace.graph.names["h"]]
    return LocalFormula(trace, h.edges[0], 1, 1)


@pytest.mark.parametrize(
    "text",
    ["1 − tanh²(z₂)", "1 - tanh²(z[1])", "1-tanh（z[1]）**2", "1－h［1］＊＊2", "1 - h₂²",
     "1 － ｈ【１】²", "1 − h₂·h₂", "1 – h₂×h₂", "(1 - h₂)(1 + h₂)".replace(")(", ")×("),
     "(cosh(z₂))⁻²", "1 - (h[1])²", "1 - tanh²(z₂)·1", "1 - tanh²((z₂))", "1 ÷ cosh²(z[1])",
     "1 - H₂²"],
)  # fmt: skip
def test_a_formula_is_read_as_the_screen_writes_it(text: str) -> None:
    """With raised powers, lowered entries, and what a Chinese keyboard gives."""
    assert compare(of_tanh(), text).evidence is not None


def test_subscripts_count_as_the_screen_does() -> None:
    """From 1, and where the scenario says so from 0; beyond the last entry there is none."""
    from_0 = of_tanh("view: {subscripts: 0}\n")
    assert compare(from_0, "1 - h₁²").evidence is not None
    assert compare(of_tanh(), "1 - h₁²").evidence is None
    with pytest.raises(CommandError, match="an entry is written in brackets"):
        compare(of_tanh(), "1 - h₃²")


def test_a_matrix_has_two_subscripts() -> None:
    """One digit each."""
    trace = session("y = X * X * X", "X: [[1, 2], [3, 4]]").trace
    squared = trace.graph.nodes[1]
    asked = LocalFormula(trace, squared.edges[0], 2, 2)
    assert compare(asked, "x₂₁").evidence is not None
    assert compare(asked, "x₁₂").evidence is None


def test_sigma_before_a_bracket_is_sigmoid() -> None:
    """No name has that letter."""
    asked = formula("y = sigmoid(x)", "x: 0.5")
    assert compare(asked, "σ(x)(1 − σ(x))".replace(")(", ")·(")).evidence is not None


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1 - tanh^2(z[1])", "a power is written **"),
        ("1 - h^2", "a power is written **"),
        ("1 - tanh⁻¹(z[1])", "a power is written **, behind"),
        ("1 - h₁₂", "an entry is written in brackets, counted from 0: z[0]"),
        ("1 - h1**2", "'h1' is not in this partial: write it in z, h"),
        ("1 - x[1]**2", "'x' is not in this partial: write it in z, h"),
        ("sech(z[1])**2", "there is no function 'sech'; there are exp, log"),
        ("1 - tahn(z[1])**2", "did you mean 'tanh'?"),
        ("1 - tanh z[1]", "'tanh' is a function"),
        ("I don't know", "? gives a hint, an empty line skips"),
        ("hint", "? gives a hint"),
        ("help", "? gives a hint"),
        ("不知道", "? gives a hint"),
        ("2 z[1]", "a product needs its sign"),
        ("2(z[1])", "a product needs its sign"),
    ],
)
def test_what_is_advised_is_true_of_the_question(text: str, advice: str) -> None:
    """No name is proposed that the question does not know."""
    with pytest.raises(CommandError) as refused:
        compare(of_tanh(), text)
    assert advice in str(refused.value)


def _refuse(*_given: object, **_named: object) -> None:
    raise AssertionError("an answer was executed")


@pytest.mark.parametrize(
    "text",
    ["(" * 30 + "x" + ")**9" * 30, "3*x**2 + (1 + x)**900 - (1 + x)**900",
     "x**" * 300 + "1",
     "+".join(["x - x"] * 200) + " + 3*x**2", "((x + 1)**12)**12 - (x + 1)**144 + 3*x**2",
     "3*x**2 + " + "*".join([f"(x + {k})" for k in range(40)]) + "*0"],
)  # fmt: skip
def test_marking_takes_a_moment_whatever_the_formula(text: str) -> None:
    """No power is multiplied out that would not fit."""
    asked = formula("y = x**3", "x: 2")
    began = perf_counter()
    compare(asked, text)
    assert perf_counter() - began < 5


def test_sympy_gets_no_text_to_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parsers are not called for an answer, nor for the right formula."""
    import sympy

    for name in ("sympify", "parse_expr", "lambdify"):
        monkeypatch.setattr(sympy, name, _refuse)
    asked = formula("y = tanh(x)", "x: 0.5")
    assert compare(asked, written(asked)).evidence is Evidence.IDENTICAL
    assert compare(asked, "1/cosh(x)**2").evidence is Evidence.SIMPLIFIED
