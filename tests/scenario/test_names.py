"""Passes, expectations and notes speak of the program by name."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scenario.support import DOUBLE, message, problem, problems
from tui_backprop.errors import ScenarioError
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.load import loads
from tui_backprop.scenario.model import Place


def starts(program: str) -> str:
    """The name of the value that the only pass starts from."""
    model = loads(f"format: 1\ninputs: {{X: [1, 2]}}\nprogram: |\n  {program}\n")
    (only,) = model.passes
    assert isinstance(only, Backward)
    assert only.v is None
    return model.graph.nodes[only.of].label


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("Y = 2 * X", "Y"),
        ("Y = 2 * X\n  Z = Y + X", "Z"),
        ("h = 2 * X\n  Y = h\n  h = h + Y", "h@2"),
        ("n = 3\n  h = X\n  for t in range(n):\n    h = h * t", "h@4"),
        ("def f(a):\n    z = a + a\n    return z * z\n  Y = f(X)", "Y"),
        ("Y = X", "X"),
        ("X = X * X", "X@2"),
    ],
)
def test_default_pass(program: str, name: str) -> None:
    """Without ``backward`` one pass starts from the last name, with v left out."""
    assert starts(program) == name


def test_passes_in_order() -> None:
    """A list is kept as it is; v may have every form of a leaf."""
    model = loads(
        DOUBLE
        + "backward:\n- {of: Y, v: {shape: [3], fill: 2}}\n- {zero_grad: true}\n- {of: X}\n"
        + "- {of: Y, v: {shape: [3], random: normal, seed: 1}}\n"
    )
    first, zero, second, third = model.passes
    assert isinstance(first, Backward)
    assert isinstance(zero, ZeroGrad)
    assert isinstance(second, Backward)
    assert isinstance(third, Backward)
    np.testing.assert_array_equal(first.v, [2, 2, 2])
    assert (first.of, second.of, second.v) == (model.graph.names["Y"], 0, None)
    np.testing.assert_array_equal(third.v, np.random.default_rng(1).standard_normal(3))


def test_one_number_seeds_one_entry() -> None:
    """A single number is v for anything of one entry."""
    text = (
        "format: 1\ninputs: {X: [[1, 2]]}\nprogram: Y = sum(X, axis=1)\nbackward: {of: Y, v: 5}\n"
    )
    (only,) = loads(text).passes
    assert isinstance(only, Backward)
    assert only.v is not None
    assert only.v.shape == (1,)


def test_seed_of_another_shape() -> None:
    """The message shows both shapes."""
    assert message(f"{DOUBLE}backward: {{of: Y, v: [1, 2]}}\n") == (
        "t.yaml:6:22: expected shape (3,), as 'Y' has, found (2,)\n"
        "    6 | backward: {of: Y, v: [1, 2]}\n"
        "      |                      ^^^^^^"
    )


@pytest.mark.parametrize(
    ("rest", "column", "text", "hint"),
    [
        ("backward: {of: Z}", 16, "unknown name 'Z'", "known: X, Y"),
        ("backward: {of: tanh}", 16, "unknown name 'tanh'", "known: X, Y"),
        ("expect: {values: {y: 1}}", 19, "unknown name 'y'", "did you mean 'Y'?"),
        ("expect: {grad: {Y: [1, 2, 3]}}", 17, "unknown input 'Y'", "known: X"),
        ("expect: {values: {Y: 1}}", 22, "expected shape (3,), as 'Y' has, found ()", ""),
        ("expect: {grad: {X: [1]}}", 20, "expected shape (3,), as 'X' has, found (1,)", ""),
        ("expect: {rtol: -1}", 16, "expected a number of at least 0, found the number -1", ""),
        ("notes: [{at: Q.grad, text: t}]", 14, "unknown name 'Q'",
         "known: X, Y, build, seed, backward, zero_grad, update, end"),
        ("notes: [{at: 'X.grad[3]', text: t}]", 14, "'X' has shape (3,), it has no entry [3]", ""),
        ("notes: [{at: 'X.grad[0, 0]', text: t}]", 14,
         "'X' has shape (3,), it has no entry [0, 0]", ""),
        ("notes: [{at: 'X.grad[,]', text: t}]", 14,
         "expected whole numbers between the brackets, found ','", ""),
        ("notes: [{at: sead, text: t}]", 14, "unknown name 'sead'", "did you mean 'seed'?"),
        ("notes: [{at: 'a b', text: t}]", 14, "'a b' is no place of the walk",
         "a name, X.grad, X.grad[1], or one of build, seed, backward, zero_grad, update, end"),
    ],
)  # fmt: skip
def test_what_does_not_fit(rest: str, column: int, text: str, hint: str) -> None:
    """Unknown names come with the nearest, shapes with both sides."""
    found = problem(f"{DOUBLE}{rest}\n")
    assert (found.line, found.column, found.message, found.hint) == (6, column, text, hint)


def test_all_at_once() -> None:
    """Passes, expectations and notes are looked at whatever the others are."""
    rest = "backward: {of: Q}\nexpect: {values: {Q: 1}}\nnotes: [{at: Q, text: t}]\nview: {x: 1}\n"
    assert [p.line for p in problems(DOUBLE + rest)] == [6, 7, 8, 9]


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("build", Place("build")), ("seed", Place("seed")), ("backward", Place("backward")),
        ("zero_grad", Place("zero_grad")), ("end", Place("end")),
        ("Y", Place("node", "Y")), ("'Y[2]'", Place("node", "Y", (2,))),
        ("h@1", Place("node", "h@1")),
        ("X.grad", Place("grad", "X")), ("'X.grad[1]'", Place("grad", "X", (1,))),
        ("'X.grad[-1]'", Place("grad", "X", (2,))), ("' Y.grad [ 0 ] '", Place("grad", "Y", (0,))),
        ("'W.grad[1, 0]'", Place("grad", "W", (1, 0))), ("'W.grad[1]'", Place("grad", "W", (1,))),
    ],
)  # fmt: skip
def test_places(at: str, place: Place) -> None:
    """Phases, nodes, gradients, their entries and rows; negative indices count from the end."""
    text = (
        "format: 1\ninputs: {X: [1, 2, 3], W: [[1, 2], [3, 4]]}\nprogram: |\n  h = X\n  h = 2 * h\n"
    )
    model = loads(f"{text}  Y = h\nnotes: [{{at: {at}, text: {{en: a, zh: 甲}}}}]\n")
    (note,) = model.notes
    assert note.place == place
    assert (note.text.get("en"), note.text.get("zh"), note.text.get("fr")) == ("a", "甲", "a")


def test_a_gradient_is_that_of_the_input() -> None:
    """Its entries are those of the leaf, though the program binds the name to another shape."""
    text = "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: |\n  X = sum(X * X)\nnotes: "
    model = loads(text + "[{at: 'X.grad[2]', text: t}]\n")
    assert model.notes[0].place == Place("grad", "X", (2,))
    assert problem(text + "[{at: 'X[2]', text: t}]\n").message.endswith("it has no entry [2]")


def test_a_name_comes_before_a_phase() -> None:
    """A value that is called like a phase can have a note."""
    model = loads("format: 1\ninputs: {X: 1}\nprogram: end = X + X\nnotes: [{at: end, text: t}]\n")
    assert model.notes[0].place == Place("node", "end")


@pytest.mark.parametrize(
    ("limit", "allowed", "count", "fits"),
    [
        # X, the number 2 and Y have 7 entries; each pass has the adjoints of all of them.
        ("total_elements", 14, 3, True),
        ("total_elements", 13, 3, False),
        ("instructions", 60, 40, True),
        ("instructions", 59, 40, False),
    ],
)
def test_each_pass_has_its_adjoints(limit: str, allowed: int, count: int, *, fits: bool) -> None:
    """Many passes over a large graph are refused before any of them runs."""
    text = DOUBLE + "backward:\n" + "- {of: Y}\n" * count
    limits = DEFAULT_LIMITS.raised(**{limit: allowed})
    if fits:
        assert len(loads(text, limits=limits).passes) == count
        return
    with pytest.raises(ScenarioError, match=f"of {count} passes|{count} passes") as caught:
        loads(text, limits=limits)
    assert f"--limit {limit}=" in str(caught.value)
