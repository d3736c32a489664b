"""A trace as a scenario file: what reads it gets the same walk, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tui_backprop as tb
from tests.attach.numpy.differences import same_bits
from tests.attach.numpy.functions import NAMES, examples
from tui_backprop.cli import main
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.attach.numpy.function import FunctionTrace
    from tui_backprop.scenario.model import Model
    from tui_backprop.timeline.trace import Trace


def _walked(model: Model) -> Trace:
    return tb.Trace(model.graph, model.leaves, model.passes)


def _check_equal(trace: FunctionTrace, read: Trace) -> None:
    assert list(read.values) == list(trace.values)
    assert [n.op for n in read.graph.nodes] == [n.op for n in trace.graph.nodes]
    for name, value in trace.values.items():
        assert read.values[name].dtype == value.dtype
        assert same_bits(read.values[name], value)
    for name, grad in trace.grad.items():
        assert same_bits(read.grad[name], grad)


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_the_text_reads_back(number: int) -> None:
    """Through the ordinary reader."""
    function, given_arrays, settings = examples(np.random.default_rng(3))[number]
    trace = tb.trace(function, *given_arrays, **settings)
    model = loads(trace.scenario())
    assert model.title.get("en") == function.__name__
    _check_equal(trace, _walked(model))
    assert [note.text.get("en") for note in model.notes] == (
        [". ".join(trace.remarks)] if trace.remarks else []
    )


@given(
    arrays(np.float64, array_shapes(min_dims=0, min_side=0, max_side=4),
           elements=st.floats(width=64)),
    st.floats(),
)  # fmt: skip
def test_any_numbers_read_back(x: Any, factor: float) -> None:
    """Infinities, NaN, −0 and what is hardly there; arrays without entries."""
    with np.errstate(all="ignore"):
        trace = tb.trace(lambda x: x * factor, x, v=x)
    _check_equal(trace, _walked(loads(trace.scenario())))


@given(arrays(np.float32, 3, elements=st.floats(width=32)))
def test_single_precision_reads_back(x: Any) -> None:
    """By the digits of the number as a double."""
    with np.errstate(all="ignore"):
        trace = tb.trace(lambda x: x * x, x)
    _check_equal(trace, _walked(loads(trace.scenario())))


def test_large_arrays_go_into_a_file_beside_it(tmp_path: Path) -> None:
    """And are found there; a text without a file has a limit."""
    data = np.random.default_rng(0).normal(size=(60, 1000))

    def f(x: Any) -> Any:
        return np.sum(np.tanh(data.T @ x.T) ** 2)

    trace = tb.trace(f, np.linspace(-1, 1, 1200).reshape(20, 60))
    text = trace.scenario(tmp_path / "f.yaml")
    assert (tmp_path / "f.yaml").read_text("utf-8") == text
    assert len(text) < 1000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.npz", "f.yaml"]
    scenario = tb.load(tmp_path / "f.yaml")
    _check_equal(trace, scenario.trace())
    with pytest.raises(tb.TuiBackpropError, match="puts them into a file"):
        trace.scenario()


def test_check_accepts_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The witnesses look at a traced function as at any scenario."""
    function, given_arrays, settings = examples(np.random.default_rng(3))[NAMES.index("rosenbrock")]
    tb.trace(function, *given_arrays, **settings).scenario(tmp_path / "valley.yaml")
    assert main(["check", str(tmp_path / "valley.yaml")]) == 0
    assert "valley" in capsys.readouterr().out


def test_a_name_in_another_script() -> None:
    """A title is any text."""

    def größe(x: Any) -> Any:  # noqa: PLC2401 - as people write them
        return x * 2

    model = loads(tb.trace(größe, 1.0).scenario())
    assert model.title.get("en") == "größe"


def test_other_numbers_are_written() -> None:
    """Those of the trace at hand."""
    trace = tb.trace(lambda x: np.sum(x**2), np.ones(2)).rerun({"x": [3.0, 4.0]})
    assert _walked(loads(trace.scenario())).leaves["x"].tolist() == [3.0, 4.0]
