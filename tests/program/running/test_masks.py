"""Conditions that pick entries: NumPy's entries at first, and the same ones ever after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.program.support import FLOAT64
from tui_backprop.api import load
from tui_backprop.cli import main
from tui_backprop.errors import ArgumentError, CommandError, ProgramError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward
from tui_backprop.program import build

if TYPE_CHECKING:
    from pathlib import Path

LEAVES = {
    "x": np.array([0.5, -1.5, 2.0, 0.0]),
    "y": np.array([3.0, 1.0, -2.0, 0.0]),
    "X": np.arange(16.0).reshape(4, 4) - 7,
}

PICKED = [
    "x[x > 0]", "x[x >= 0]", "y[x != 0]", "X[X > 2]", "X[x > 0]", "X[:, x > 0]", "X[x > 0, 1:]",
    "X[(x > 0) * (y < 5)]", "X[maximum(x > 1, y > 2)]", "x[x > 100]", "x[x * 2 > y + 1].sum()",
    "x[x > 0][y[x > 0] > 0]", "X[x > 0, [1, 2]]", "x[[True, False, False, True]]",
    "x[~(x > 0)]", "X[~((x > 0) & (y < 5))]", "X[(x > 1) | (y > 2), 1:]",
    "X[X > 2][~(X > 3)[X > 2]]", "where(~(x > 0) & ~(y > 1), x, y)",
    "X[None][:, x < 1]", "where(x > 0, x, 0)[x > 0]",
]  # fmt: skip


def evaluated(program: str, leaves: dict[str, Any], constants: tuple[str, ...] = ()) -> Evaluation:
    """A program whose ``z`` is differentiated."""
    inputs = {name: value for name, value in leaves.items() if name not in constants}
    graph = build(program, inputs, {n: leaves[n] for n in constants}, FLOAT64)
    return Evaluation(graph, leaves, [Backward(graph.names["z"])])


@pytest.mark.parametrize("constants", [(), ("x",)])
@pytest.mark.parametrize("text", PICKED)
def test_what_numpy_picks(text: str, constants: tuple[str, ...]) -> None:
    """Of inputs and of constants."""
    expected = eval(text, {"where": np.where, "maximum": np.maximum, **LEAVES})  # noqa: S307 - ours
    found = evaluated(f"z = {text}", LEAVES, constants).values["z"]
    np.testing.assert_array_equal(found, expected)


def test_only_what_was_picked_has_a_gradient() -> None:
    """The others are not read."""
    found = evaluated("z = sum(x[x > 0] ** 2)", LEAVES)
    np.testing.assert_array_equal(found.grad["x"], [1, 0, 4, 0])


def test_a_constant_of_zeros_and_ones_is_a_condition() -> None:
    """Such as a padding mask, which needs no comparison of its own."""
    leaves = {**LEAVES, "m": np.array([1.0, 0, 0, 1]), "k": np.array([1.0, 2, 0, 1])}
    found = evaluated("z = sum(x[~m]) + sum(where(~m & (x > 0), x, 0))", leaves, ("m", "k"))
    assert found.values["z"] == 0.5 + 2.0
    with pytest.raises(ProgramError, match="'~' is of conditions, and 'k' is none"):
        evaluated("z = x[~k]", leaves, ("m", "k"))


@given(
    first=arrays(np.float64, 4, elements=st.integers(-3, 3)),
    second=arrays(np.float64, 4, elements=st.integers(-3, 3)),
)
def test_other_numbers(first: Any, second: Any) -> None:
    """Where they pick the same entries they give what a new build gives; else they are refused."""
    program = "m = x > 0\nz = sum(x[m] * y[m])"
    made = evaluated(program, {**LEAVES, "x": first})
    if np.array_equal(first > 0, second > 0):
        again, fresh = made.rerun({"x": second}), evaluated(program, {**LEAVES, "x": second})
        np.testing.assert_array_equal(again.values["z"], fresh.values["z"])
        np.testing.assert_array_equal(again.grad["x"], fresh.grad["x"])
        return
    with pytest.raises(ArgumentError, match=r"'m' picked \d of 4 entries and would pick"):
        made.rerun({"x": second})


def test_in_the_debugger(tmp_path: Path) -> None:
    """What would pick other entries is refused, and the walk stays what it was; check agrees."""
    path = tmp_path / "picked.yaml"
    path.write_text(
        "format: 1\ninputs: {x: [3, 1, -2]}\nprogram: |\n  z = sum(x[x > 1] ** 2)\n"
        "backward: {of: z}\n",
        encoding="utf-8",
    )
    scenario = load(path)
    session = scenario.session()
    session.execute("end")
    with pytest.raises(CommandError, match="picked 1 of 3 entries and would pick 2"):
        session.execute("set x[2] = 5")
    assert session.trace.grad["x"].tolist() == [6, 0, 0]
    session.execute("set x[0] = 5")
    assert session.trace.grad["x"].tolist() == [10, 0, 0]
    assert main(["check", str(path)]) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x[x * 2]", "the input 'x' cannot be an index"),
        ("x[sin(x)]", "'sin(x)' is a computed array and cannot be an index"),
        ("x[1 - (x > 0)]", "'1 - (x > 0)' is a computed array and cannot be an index"),
        ("x[sum(x) > 0]", "the condition 'sum(x) > 0' cannot be an index"),
        ("x[X > 0]", "cannot index 'x' of shape (4,)"),
        ("sum(X, axis=x > 0)", "the input 'x' cannot be the argument 'axis'"),
    ],
)
def test_refused(text: str, message: str) -> None:
    """What is no condition, or a single one, or does not fit."""
    with pytest.raises(ProgramError) as caught:
        evaluated(f"z = {text}", LEAVES)
    assert caught.value.problems[0].message.startswith(message)


def test_computed_places_are_taken() -> None:
    """What to write is told, and gives those entries."""
    with pytest.raises(ProgramError) as caught:
        evaluated("z = x[argsort(x)]", LEAVES)
    assert caught.value.problems[0].hint == (
        "write take(x, argsort(x), axis=0): there the places may be computed"
    )
