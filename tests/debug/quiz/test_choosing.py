"""What a walk is asked, and where a scenario's own questions are asked."""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tui_backprop as tb
from tests.debug.quiz.rounds import only, session
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import mark, shown
from tui_backprop.debug.quiz.places import posed, spot_of
from tui_backprop.debug.quiz.question import NumberAnswer
from tui_backprop.errors import CommandError
from tui_backprop.timeline.trace import PosedQuestion

if TYPE_CHECKING:
    from tui_backprop.debug.quiz.question import KindName

NET = "h = tanh(W @ x)\ny = sum(h * h)"
INPUTS = "W: [[1, 2], [3, -1]], x: [0.5, 0.25]"


def test_a_stretched_operand_is_asked_for_the_shape() -> None:
    """And a scalar program is not."""
    found = only("y = X + b", "X: [[1, 2, 3], [4, 5, 6]], b: [1, 2, 3]", "shape")
    assert found.about == "y"
    assert not any(q.kind == "shape" for q in chosen(session("y = a * b", "a: 2, b: 3").timeline))


def test_the_first_sum_is_where_paths_meet() -> None:
    """All contributions are in it."""
    found = only("y = x * x + x", "x: 3", "sum")
    assert (found.about, shown(found)) == ("x.grad", "7")
    assert mark(found, "6").slips == () or "= for +=" in mark(found, "1").slips


def test_a_product_of_a_chain_is_asked() -> None:
    """Where v is more than 1."""
    asked = chosen(session("u = x * x\ny = exp(u)", "x: 0.5").timeline)
    products = [q for q in asked if q.kind == "sum" and q.about == "x.grad"]
    assert products or any(q.about == "u.grad" for q in asked)


def test_a_zero_is_asked_where_there_is_one() -> None:
    """It is one, and not only at these numbers."""
    found = only("y = 2 * x", "x: [1, 2]", "zero")
    assert shown(found) == "yes"
    relu = session("y = relu(x)", "x: [-1, 2]")
    dead = posed(relu, PosedQuestion("dy[0]/dx[0]", "zero", {}))
    assert shown(dead) == "no"
    assert "it is 0 at these numbers" in mark(dead, "yes").text


def test_nothing_to_ask_is_no_question() -> None:
    """Of a walk with one leaf."""
    assert len(chosen(session("y = 1 * x", "x: 2").timeline, 1)) == 1
    assert chosen(session("y = 1 * x", "x: 2").timeline, 0) == ()


@pytest.mark.parametrize(
    ("at", "kind", "about"),
    [
        ("h", "value", "h[1]"),
        ("h[0]", "value", "h[0]"),
        ("h", "shape", "h"),
        ("op tanh", "value", "h[1]"),
        ("line 2", "shape", "#4"),
        ("h", "partial", "dh[0]/d#2[0]"),
        ("h[1]", "expression", "dh[1]/d#2[1]"),
        ("W.grad[0, 1]", "sum", "W.grad[0,1]"),
        ("W.grad[0, 1]", "partial", "d#2[0]/dW[0,1]"),
        ("write W.grad[1, 1]", "sum", "W.grad[1,1]"),
        ("d#2[0]/dW[1, 0]", "zero", "d#2[0]/dW[1,0]"),
        ("d#2[0]/dW[0, 1]", "partial", "d#2[0]/dW[0,1]"),
        ("step 3", "value", "h[1]"),
        ("3", "shape", "h"),
    ],
)
def test_places_are_the_words_of_commands(at: str, kind: KindName, about: str) -> None:
    """And a partial as answers write it."""
    found = posed(session(NET, INPUTS), PosedQuestion(at, kind, {}))
    assert found.about == about
    assert mark(found, shown(found)).is_right


@pytest.mark.parametrize(
    ("at", "kind"),
    [("nowhere", "value"), ("W.grad", "shape"), ("W", "value"), ("h[7]", "value"), ("seed", "sum"),
     ("step 3", "partial"), ("step 99", "value"), ("h if step > 3", "value"), ("x" * 500, "value"),
     ("dh/dy", "partial"), ("dW/dh", "partial"), ("", "value"), ("W[0, 0]", "partial")],
)  # fmt: skip
def test_a_place_that_is_none_is_an_error(at: str, kind: KindName) -> None:
    """Said in a sentence, before anything is asked."""
    with pytest.raises(CommandError):
        posed(session(NET, INPUTS), PosedQuestion(at, kind, {}))


@pytest.mark.parametrize(
    ("program", "inputs", "at", "said"),
    [
        ("y = x / r", "x: 0, r: 0", "y", "as 0 divided by 0 has none"),
        ("q = x / r\ny = sum(q)", "x: [1, 0], r: [1, 0]", "y", "is no number already"),
        ("q = x / r\ny = q - q", "x: 1, r: 0", "y", "an infinity is among"),
        ("y = log(x)", "x: -1", "y", "has no result"),
    ],
)
def test_the_hint_about_no_number_is_true(program: str, inputs: str, at: str, said: str) -> None:
    """No infinity is spoken of where there is none."""
    found = posed(session(program, inputs), PosedQuestion(at, "value", {}))
    assert said in found.hints[1]()


@pytest.mark.parametrize("value", [1, 2, -3, 9, 10, 27, -99, 100, 243, 1234])
def test_the_last_hint_is_not_the_answer(value: int) -> None:
    """Of a whole number at least three are left to choose from, with it among them."""
    found = posed(session("y = 1 * x", f"x: {value}"), PosedQuestion("y", "value", {}))
    low, high = map(int, re.findall(r"-?\d+", found.hints[2]()))
    assert low <= value <= high
    assert high - low >= 2


def test_a_constant_partial_is_not_told_as_a_formula() -> None:
    """That would be the answer."""
    own = session("y = 3 * x", "x: 2")
    found = posed(own, PosedQuestion("dy/dx", "partial", {}))
    assert found.hints[1]() == "it is positive, from 1 to 10"


def test_a_partial_of_0_is_no_forgotten_sum() -> None:
    """One partial has no sum: who answers 0 takes it that nothing depends on it."""
    own = session("Y = X + b", "X: [[1, 2], [3, 4]], b: [1, 2]")
    found = posed(own, PosedQuestion("dY[1, 0]/db[0]", "partial", {}))
    assert mark(found, "0").slips == ("no dependence",)
    assert "does not change with b" in mark(found, "0").text


def test_no_sign_of_an_addition_is_named() -> None:
    """Nobody turns it: a number that it would give is there by chance."""
    found = posed(session("y = x * x + x", "x: 3"), PosedQuestion("x.grad", "sum", {}))
    assert not any(slip.name == "sign of a factor" and "add" in slip.text
                   for slip in found.slips())  # fmt: skip


def test_one_slip_is_not_named_twice() -> None:
    """Of a chain of one factor the sign of it is the sign of all."""
    found = posed(session("y = x**2", "x: 3"), PosedQuestion("x.grad", "sum", {}))
    assert mark(found, "-6").slips == ("sign",)
    assert mark(posed(session("y = x**2", "x: 3"), PosedQuestion("dy/dx", "partial", {})),
                "-6").slips == ("sign",)  # fmt: skip


@pytest.mark.parametrize(
    ("program", "answer", "slip"),
    [("y = tanh(x)", "1 - y", "missing square"), ("y = tanh(x)", "1 - tanh(x)", "missing square"),
     ("y = sigmoid(x)", "1 - y", "missing factor"), ("y = sigmoid(x)", "y", "missing factor")],
)  # fmt: skip
def test_a_square_or_a_factor_left_out_is_named(program: str, answer: str, slip: str) -> None:
    """As a formula, and as the number that it gives."""
    own = session(program, "x: 0.5")
    formula = posed(own, PosedQuestion("dy/dx", "expression", {}))
    assert slip in mark(formula, answer).slips
    partial = posed(own, PosedQuestion("dy/dx", "partial", {}))
    y = float(own.trace.values["y"])
    assert slip in mark(partial, repr(y if answer == "y" else 1 - y)).slips


@pytest.mark.parametrize(
    ("program", "inputs"),
    [("Y = 2 * X", "X: [1, 2, 3]"), ("y = sum(W @ x)", "W: [[1, 0], [0, 3]], x: [2, 5]"),
     ("y = x / r\nz = sum(y) + sum(y * x)", "x: [1, 0], r: [1, 0]")],
)  # fmt: skip
def test_a_sum_does_not_print_its_answer(program: str, inputs: str) -> None:
    """Where the last contribution is 0, or nothing changes any more, the others are products."""
    walk = session(program, inputs, "view: {zeros: show}\n")
    name = next(iter(walk.trace.graph.inputs))
    for flat in range(walk.trace.grad[name].size):
        index = ", ".join(map(str, np.unravel_index(flat, walk.trace.grad[name].shape)))
        found = posed(walk, PosedQuestion(f"{name}.grad[{index}]", "sum", {}))
        head = found.given[0].partition(" = ")[2].split(" + ")
        numbers = [float(part.strip("()")) for part in head if "·" not in part]
        assert not numbers or sum(numbers) != float(shown(found))
        named = " ".join(found.given[1:])
        assert all(part.split(" · ")[0] in named for part in head if "·" in part)


def test_all_that_is_needed_is_told() -> None:
    """The classes of a loss before its many numbers, and that it is a mean."""
    walk = session("E = cross_entropy(z, t)", "z: [[1, 2], [0, 1], [2, 2]]",
                   "constants: {t: [1, 0, 1]}\n")  # fmt: skip
    found = posed(walk, PosedQuestion("dE/dz[0, 0]", "partial", {}))
    told = " ".join(found.given)
    assert "t[0] = 1, t[1] = 0, t[2] = 1" in told
    assert "E is a mean over the samples" in told


def test_what_is_called_by_a_number_is_explained() -> None:
    """And of a version, which of the bindings it is."""
    own = session(NET, INPUTS)
    shape = posed(own, PosedQuestion("h", "shape", {}))
    assert "#2 = W @ x" in shape.given
    product = posed(own, PosedQuestion("W.grad[0, 1]", "sum", {}))
    assert "#2 = W @ x" in product.given
    again = session("b = x * x\nb = b * x\ny = b * b", "x: 3")
    value = posed(again, PosedQuestion("b@2", "value", {}))
    assert any(line.startswith("b@2 is b after") for line in value.given)


def test_it_is_clear_over_which_passes_a_sum_is() -> None:
    """Of a second pass what the first one left is in it."""
    twice = session("y = x * x", "x: 3", "backward: [{of: y}, {of: y, v: 2}]\n")
    found = posed(twice, PosedQuestion("x.grad", "sum", {}))
    assert found.text == "What is x.grad after pass 2, with what the passes before it left?"
    once = posed(session("y = x * x", "x: 3"), PosedQuestion("x.grad", "sum", {}))
    assert once.text == "What is x.grad when all of the pass is added?"


@pytest.mark.parametrize("name", ["where-sqrt", "log-zero", "sqrt-zero", "zero-by-zero"])
def test_a_walk_that_breaks_is_asked_where_it_breaks(name: str) -> None:
    """At least one answer is no finite number."""
    asked = chosen(tb.load(name).session().timeline)
    values = [q.answer.value for q in asked if isinstance(q.answer, NumberAnswer)]
    assert not np.isfinite(values).all()


def test_the_sum_of_a_gradient_is_its_last() -> None:
    """Over all passes that add to it."""
    twice = session("y = x * x", "x: 3", "backward: [{of: y}, {of: y, v: 2}]\n")
    found = posed(twice, PosedQuestion("x.grad", "sum", {}))
    assert shown(found) == "18"
    assert spot_of(twice, "step 3", "sum").step == 3
    assert "averaged passes" in mark(found, "9").slips


def test_an_author_has_his_own_words() -> None:
    """A text and hints in several languages; the usual hints follow."""
    declared = PosedQuestion("h", "value", {"en": "How large?", "zh": "多大？"}, ({"en": "think"},))
    found = posed(session(NET, INPUTS), declared)
    assert found.text == "How large?"
    assert found.hints[0]() == "think"
    assert len(found.hints) == 3


def test_a_large_walk_is_asked_and_marked_in_a_moment() -> None:
    """However many steps it has: here a thousand million."""
    large = "W: {shape: [1000, 1000], fill: 0.5}, x: {shape: [1000, 1000], fill: 0.25}"
    walk = session("y = tanh(W @ x)", large).timeline
    assert walk.length > 10**9
    began = perf_counter()
    for question in chosen(walk):
        mark(question, "77.5")
        assert mark(question, shown(question)).is_right
    assert perf_counter() - began < 10


def test_a_partial_between_two_ops_is_told_the_op_between() -> None:
    """By the name that a question may use for it."""
    walk = session("y = W @ x + b", "W: [[1, 2], [3, 4]], x: [1, 2], b: 1")
    with pytest.raises(CommandError, match="x is read by #3 = W @ x"):
        spot_of(walk, "dy[0]/dx[1]", "partial")
    assert walk.timeline[spot_of(walk, "d#3[0]/dx[1]", "partial").step].edge is not None
    with pytest.raises(CommandError, match="no op reads y"):
        spot_of(walk, "dx[0]/dy[1]", "partial")
