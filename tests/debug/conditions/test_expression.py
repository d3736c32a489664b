"""An expression over the state at a step: what it reads, what is known, what it refuses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.debug import format as shown
from tui_backprop.debug.conditions.expression import Expression
from tui_backprop.debug.conditions.references import Known
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.graph.model import Backward, Role, ZeroGrad
from tui_backprop.limits import Limits

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def told(text: str, k: int) -> str:
    """The value on the walk of the seed, as it is printed."""
    trace = seed_example()
    return shown.sample(Expression(text, trace.graph).sample(trace.timeline[k]))


@pytest.mark.parametrize(
    ("text", "k", "value"),
    [
        ("X", 0, "[1, 2, 3]"), ("Y", 0, "·"), ("Y", 2, "[2, 4, 6]"), ("X.grad", 3, "·"),
        ("X.grad", 7, "[2, 0, ·]"), ("X.grad[0]", 7, "2"), ("X.grad[2]", 7, "·"),
        ("X.grad.T", 12, "[2, 4, 6]"), ("Y.value + 1", 5, "[3, 5, 7]"), ("v", 2, "·"),
        ("v", 3, "[1, 2, 3]"), ("J", 5, "[[2, 0, 0], [0, 2, 0], [0, 0, 2]]"),
        ("J[1, 1] * v[1]", 5, "4"),
        ("step", 9, "9"), ("step * 2 + 1", 9, "19"), ("op", 9, "multiply"), ("phase", 3, "seed"),
        ("node", 0, "X"), ('op == "multiply"', 9, "1"), ("op != 'multiply'", 9, "0"),
        ('phase == "build" or phase == "seed"', 3, "1"), ("not phase == 'build'", 3, "1"),
        ("norm(X.grad)", 7, "·"), ("norm(X.grad)", 12, "7.48331477"), ("sum(X.grad)", 12, "12"),
        ("any(X.grad > 1)", 4, "1"), ("any(X.grad > 3)", 4, "·"), ("all(X.grad > 3)", 4, "0"),
        ("any(X.grad > 3) or X[0] == 1", 4, "1"), ("any(X.grad > 3) and X[0] == 2", 4, "0"),
        ("isnan(X.grad)", 7, "[0, 0, ·]"), ("count_nonzero(X)", 0, "3"), ("max(abs(v))", 3, "3"),
        ("isinf(X / 0)", 0, "[1, 1, 1]"), ("isfinite(log(X - 1))", 0, "[0, 1, 1]"),
        ("min(X) <= 1 and not any(isnan(v))", 3, "1"), ("2 ** 3", 0, "8"), ("pi", 0, "3.14159265"),
        ("nan", 0, "nan"), ("[1, 2]", 0, "[1, 2]"), ("[X, Y].sum()", 2, "18"),
        ("X % 2", 0, "[1, 0, 1]"),
        ("X.sum()", 0, "6"), ("X.grad.sum()", 7, "·"), ("X.grad.T.max(axis=0)", 12, "6"),
        ("v.max()", 3, "3"), ("J.sum(axis=0)", 5, "[2, 2, 2]"), ("len(X) + X.size", 0, "6"),
        ("X.shape", 0, "[3]"), ("[1, 2, 3] @ X // 3", 0, "4"),
    ],
)  # fmt: skip
def test_the_state_at_a_step(text: str, k: int, value: str) -> None:
    """Values, gradients in progress, v, J and words; what is not computed yet is a point."""
    assert told(text, k) == value


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "expected an expression", None), ("X.grd", "has no '.grd'", 1), ("Z", "no 'Z'", 0),
        ("1 + nrm(X)", "did you mean 'norm'", 4), ("X +", "invalid syntax", 3),
        ("X.grad[7]", "out of bounds", 0), ("sum(X, axis=2)", "axis 2 is out of range", 0),
        ("op > 1", "is a word", 0), ('op == "rleu"', "'relu'", 7),
        ("phase == 'bild'", "'build'", 10), ("node == 'Q'", "no node is called 'Q'", 9),
        ("0 < step < 3", "two sides", 9), ("X if Y else 1", "'if' is not part", 0),
        ("lambda: X", "'lambda' is not", 0), ("[1, None]", "no array holds it", 0),
        ("__import__('os')", "Python's own", 0),
        ("X; Y", "expected one expression", 3), ("X = 3", "expected one expression", 0),
        ("X; _ = Y", "expected one", 3), ("X.grad @ X @ X", "cannot", 0), ("(" * 99, "nested", 64),
        ("norm(J) > 3 and", "invalid syntax", None), ("v.value", "there is no 'v'", 0),
        ("X" + " + X" * 5_000, "at most 20,000", None), ("X\x00", "U.0000", 1),
        ("'X'", "quoted text", 0),
    ],
)  # fmt: skip
def test_what_is_no_expression_says_where(text: str, message: str, column: int | None) -> None:
    """The column of the culprit in the text as typed."""
    with pytest.raises(CommandError, match=message) as caught:
        Expression(text, seed_example().graph)
    if column is not None:
        assert caught.value.column == column


@pytest.mark.parametrize("text", ["op", "X\n+ 1"])
def test_what_looks_like_none_and_is_one(text: str) -> None:
    """A word alone, and a line that goes on."""
    assert Expression(text, seed_example().graph).displayed(seed_example().timeline[2])


@given(st.text(max_size=30) | st.text("X.gradvJ[]()01+*<=!@ \"'andorstep", max_size=30))
def test_no_text_breaks_anything(text: str) -> None:
    """It is an expression, with an answer at every step, or it is refused as none."""
    trace = seed_example()
    with suppress(CommandError):
        expression = Expression(text, trace.graph)
        for k in (0, 2, 3, 7, 12):
            assert expression.displayed(trace.timeline[k]) is not None


@given(traces(), st.data())
def test_names_mean_what_the_frame_says(trace: Trace, data: st.DataObject) -> None:
    """A value and a gradient of any node at any step, entry by entry."""
    frame = trace.timeline[data.draw(st.integers(0, len(trace.timeline) - 1))]
    node = data.draw(st.sampled_from([n for n in trace.graph.nodes if n.name]))
    value = Expression(node.name, trace.graph).at(frame)
    assert value is not None
    assert value.is_complete == (frame.value(node.id) is not None or not node.size)
    if node.role is Role.CONSTANT:
        with pytest.raises(CommandError, match="no gradient is kept"):
            Expression(f"{node.name}.grad", trace.graph)
        return
    gradient = Expression(f"{node.name}.grad", trace.graph).at(frame)
    assert gradient is not None
    values, known = frame.adjoint(node.id).toarray()
    mask = np.broadcast_to(True if gradient.mask is None else gradient.mask, node.shape)
    np.testing.assert_array_equal(mask, known)
    np.testing.assert_array_equal(gradient.values[mask], values[known])


def test_versions_and_names_inside_functions_are_names() -> None:
    """``h@2`` is a version and no product; ``f.z`` is what f calls z."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "h")
    y = maker.op("square", x, name="h@2")
    maker.op("negative", y, name="f.z")
    trace = maker.trace()
    last = trace.timeline[len(trace.timeline) - 1]
    for text, value in (("h@2", "[1, 4]"), ("h@2.grad", "[-1, -1]"), ("f.z + h", "[0, -2]"),
                        ("f.z.grad", "[1, 1]"), ("h@2 @ h", "9")):  # fmt: skip
        assert shown.sample(Expression(text, trace.graph).sample(last)) == value


def test_a_name_that_means_something_else_here_has_a_value() -> None:
    """``step`` is the step's number; the node that is called so is ``step.value``."""
    maker = GraphMaker()
    maker.op("exp", maker.input([0.0], "v"), name="step")
    trace = maker.trace()
    frame = trace.timeline[0]
    assert shown.sample(Expression("v", trace.graph).at(frame)) == "[0]"
    assert shown.sample(Expression("v.value", trace.graph).at(frame)) == "[0]"
    assert shown.sample(Expression("step", trace.graph).at(frame)) == "0"
    assert shown.sample(Expression("step.value", trace.graph).at(trace.timeline[1])) == "[1]"


def test_zeroing_gradients_makes_them_known() -> None:
    """0 is a number that was set; another node's adjoint is gone with its pass."""
    maker = GraphMaker()
    y = maker.op("exp", maker.input([0.0], "x"), name="y")
    maker.op("exp", y, name="z")
    trace = maker.trace(Backward(2), ZeroGrad(), Backward(2))
    k = next(f.k for f in trace.timeline if f.phase.value == "zero_grad")
    frame = trace.timeline[k]
    answers = [shown.sample(Expression(t, trace.graph).at(frame)) for t in ("x.grad", "y.grad")]
    assert answers == ["[0]", "·"]
    assert Expression("op", trace.graph).sample(frame) == ""


def test_a_condition_is_one_answer() -> None:
    """Of several it is asked which of them is meant."""
    trace = seed_example()
    with pytest.raises(CommandError, match=r"shape \(3,\): a condition is one answer; ask for any"):
        Expression("X > 1", trace.graph).holds(trace.timeline[0])


def test_a_jacobian_that_nobody_could_write_out_is_refused() -> None:
    """The message names the limit; nothing of that size is made."""
    maker = GraphMaker()
    maker.op("exp", maker.input(np.zeros(100), "x"))
    trace = maker.trace()
    asked = Expression("norm(J)", trace.graph, Limits(elements=9_999))
    with pytest.raises(TuiBackpropError, match=r"J is 100 × 100: more than the limit of 9,999"):
        asked.at(trace.timeline[len(trace.timeline) - 1])


def test_numbers_keep_the_scenario_s_precision() -> None:
    """In float32 a product rounds as the program's own does."""
    maker = GraphMaker("float32")
    maker.op("exp", maker.input([0.1], "x"))
    trace = maker.trace()
    found = Expression("x * 3", trace.graph).at(trace.timeline[0])
    assert isinstance(found, Known)
    assert found.values.dtype == np.float32
