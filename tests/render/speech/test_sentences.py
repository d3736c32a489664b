"""A step in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.render.speech.heard import heard
from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.api import load
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.text.names import Namer
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace

ARRIVED = re.compile(
    r"(?P<y>.+) depends on (?P<x>.+) with slope (?P<slope>.+?)\. (?P<vj>v.*?) is (?P<v>.+), so "
    r".+ receives .+, which is (?P<product>.+?); (it had (?P<before>.+), and )?"
    r"its gradient is now (?P<after>.+?)\.( At a kink .*| From here on .*)?"
)


def _told(trace: Trace) -> list[str]:
    sentences = Sentences(Namer(trace.graph), ENGLISH)
    return [sentences.event(frame) for frame in trace.timeline]


@given(traces())
def test_the_numbers_that_are_said_are_the_step_s(trace: Trace) -> None:
    """Slope, v, product, what was there and what is: understood again, they are the frame's."""
    sentences = Sentences(Namer(trace.graph), ENGLISH)
    for frame in trace.timeline:
        partial = frame.partial
        if partial is None:
            continue
        said = sentences.event(frame)
        found = ARRIVED.fullmatch(said)
        if found is None:
            assert partial.contribution == 0
            assert "nothing arrives" in said
            stands = re.search(r"The gradient of .+ (?:is now|stays) (.+?)\.(?: |$)", said)
            assert stands is not None
            assert heard(stands[1]) == pytest.approx(partial.after, rel=5e-6, nan_ok=True)
            continue
        expected = (partial.value, partial.v, partial.contribution, partial.after)
        numbers = [heard(found[name]) for name in ("slope", "v", "product", "after")]
        assert numbers == pytest.approx(expected, rel=5e-6, nan_ok=True)
        assert (found["before"] is None) == (partial.before is None)
        if partial.before is not None:
            assert heard(found["before"]) == pytest.approx(partial.before, rel=5e-6, nan_ok=True)


def test_the_words_of_a_partial() -> None:
    """The slope, v, the product, the sum; what was there already is said too."""
    told = _told(seed_example())
    assert told[4] == (
        "y 1 depends on x 1 with slope 2. v 1 is 1, so x 1 receives 1 times 2, which is 2; its "
        "gradient is now 2."
    )
    assert told[8].endswith("which is 4; it had 0, and its gradient is now 4.")


def test_a_structural_zero_is_not_a_slope_that_happens_to_be_zero() -> None:
    """One does not read the entry, the other is flat there."""
    told = _told(seed_example())
    assert told[5].startswith("y 2 does not read x 1: the slope is 0 whatever the numbers are")
    assert told[5].endswith("The gradient of x 1 stays 2.")
    maker = GraphMaker()
    maker.op("relu", maker.input([-1.0], "X"), name="Y")
    told = _told(maker.trace())
    assert told[-1] == (
        "The slope of y 1 in x 1 is 0 here, so nothing arrives. The gradient of x 1 is now 0."
    )


def test_what_data_leave_out_is_not_said_to_hold_whatever_the_numbers_are() -> None:
    """Another number picks another row."""
    maker = GraphMaker()
    table = maker.input([[1.0], [2.0]], "T")
    maker.op("embedding", maker.constant([1.0]), table, name="y")
    told = _told(maker.trace(zeros=True))
    assert any("does not read" in text and "the data of embedding pick other" in text
               for text in told)  # fmt: skip
    assert not any("whatever the numbers are" in text for text in told)


def test_zero_times_infinity_is_said_to_arrive() -> None:
    """It is NaN, so it would be wrong that nothing arrives; the first of them is pointed out."""
    maker = GraphMaker()
    y = maker.op("multiply", maker.number(0.0), maker.input(1.0, "X"), name="Y")
    told = _told(maker.trace(Backward(y, np.array(np.inf))))
    assert "receives infinity times 0, which is not a number" in told[-1]
    assert told[-1].endswith("From here on it is not finite.")


def test_a_convention_is_said_where_it_is_used() -> None:
    """Translated, and in words."""
    maker = GraphMaker()
    maker.op("relu", maker.input([0.0, 1.0], "X"))
    told = _told(maker.trace())
    assert told[-2].endswith("the same as PyTorch's: relu prime of 0 equals 0.")
    assert "kink" not in told[-1]


def test_a_leaf_a_number_and_an_op_are_built() -> None:
    """Named, with the value; of an op what it does to its operands."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "X")
    c = maker.constant(3.0)
    product = maker.op("multiply", maker.number(2.0), x, name="Y")
    maker.op("multiply", product, c, name="Z")
    assert _told(maker.trace())[:5] == [
        "X is an input, a vector of 2: 1, 2.",
        "c1 is a constant, 3; no gradient flows into it.",
        "The number 2.0 is a constant: no gradient flows into it.",
        "Y is computed as 2.0 times X. Its value is a vector of 2: 2, 4.",
        "Z is computed as Y times c1. Its value is a vector of 2: 6, 12.",
    ]


def test_an_op_is_explained_where_the_program_uses_it_first() -> None:
    """By its own operands; not where its sign has said all."""
    maker = GraphMaker()
    x = maker.input(0.0, "X")
    one = maker.op("tanh", x, name="T")
    maker.op("add", maker.op("tanh", one, name="U"), x, name="S")
    told = _told(maker.trace())
    assert told[1].endswith(" In general, tanh of x is the hyperbolic tangent of x.")
    assert told[2].endswith("Its value is 0.")
    assert told[3].endswith("Its value is 0.")


def test_an_op_of_many_operands_is_explained_without_their_names(tmp_path: Path) -> None:
    """A list that is joined may have dozens."""
    file = tmp_path / "many.yaml"
    file.write_text(
        "format: 1\ntitle: t\ninputs: {x: [1, 2]}\nbackward: {of: y}\n"
        "program: |\n  y = concatenate([x, x, x, x, x])\n"
    )
    told = _told(load(file).trace())
    assert told[1].startswith("y is computed as concatenate of x, x, x, x and x.")
    assert told[1].endswith("In general, concatenate is arrays one after the other along an axis.")


def test_seeds() -> None:
    """Given, left out for many entries, left out for one, and where nothing goes back."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "X")
    total = maker.op("sum", x, name="S")
    flat = maker.constant(1.0)
    trace = maker.trace(
        Backward(x, np.array([3.0, 4.0])), Backward(x), Backward(total), Backward(flat)
    )
    sentences = Sentences(Namer(trace.graph), ENGLISH)
    seeds = [sentences.event(f) for f in trace.timeline if f.phase is Phase.SEED]
    assert seeds[0].startswith("The backward pass starts from X: v is a vector of 2: 3, 4.")
    assert "PyTorch would raise here, since X has 2 entries." in seeds[1]
    assert seeds[2].endswith("v was left out; S is one number, so v is 1.")
    assert seeds[3].endswith("Nothing reaches an input from here: no step goes backward.")


def test_zero_grad() -> None:
    """Every gradient is set to 0, and said to be."""
    maker = GraphMaker()
    maker.op("negative", maker.input(1.0, "X"))
    told = _told(maker.trace(Backward(1), ZeroGrad()))
    assert told[-1] == "Every gradient is set to 0; what comes next does not add to it."


def test_an_edge_at_once() -> None:
    """Its VJP and the sum; which operand, where a node reads its parent twice; only zeros."""
    maker = GraphMaker()
    x = maker.input(3.0, "X")
    square = maker.op("multiply", x, x, name="S")
    trace = maker.trace(Backward(square, np.array(2.0)), Backward(square, np.array(0.0)))
    sentences = Sentences(Namer(trace.graph), ENGLISH)
    told = [sentences.event(f, "node") for f in trace.timeline if f.phase is Phase.PARTIAL]
    nothing = "nothing arrives at X: every entry is 0. Its gradient is now 12."
    assert told == [
        "From S through its operand number 1, X receives 6. That is its gradient so far.",
        "From S through its operand number 2, X receives 6. Its gradient is now 12.",
        f"From S through its operand number 1, {nothing}",
        f"From S through its operand number 2, {nothing}",
    ]
