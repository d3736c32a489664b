"""Walks whose every number is known, and numbers that are none."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def test_passes_add_up_until_zero_grad() -> None:
    """Two passes give twice the gradient; zero_grad makes it 0, a number and not unknown."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0])
    y = maker.op("square", x)
    timeline = maker.trace(Backward(y), Backward(y), ZeroGrad(), Backward(y)).timeline
    ends = [s.stop - 1 for s in timeline.sections if s.phase in {Phase.PARTIAL, Phase.ZERO_GRAD}]
    found = [timeline[k].adjoint(x).toarray()[0].tolist() for k in ends]
    assert found == [[2, 4], [4, 8], [0, 0], [2, 4]]


def test_the_seed_walks_as_the_article_derives_it() -> None:
    """Y = 2X, v = (1, 2, 3): nine partials, column by column, zeros included."""
    frames = [f for f in seed_example().timeline if f.partial is not None]
    found = [(f.row, f.column, f.partial.contribution) for f in frames if f.partial is not None]
    assert found == [(0, 0, 2), (1, 0, 0), (2, 0, 0), (0, 1, 0), (1, 1, 4), (2, 1, 0),
                     (0, 2, 0), (1, 2, 0), (2, 2, 6)]  # fmt: skip
    unknown = [f.partial.before is None for f in frames if f.partial is not None]
    assert unknown == [True, False, False] * 3


@given(traces(dtype="float32", most_ops=3))
def test_float32_walks_in_float32(trace: Trace) -> None:
    """No sum becomes wider on the way, and the walk ends at the gradient to the last bit."""
    for frame in trace.timeline:
        for node in trace.graph.nodes:
            adjoint = frame.adjoint(node.id)
            for array in (adjoint.before, adjoint.after):
                assert array is None or array.dtype == np.float32
    for name, node_id in trace.graph.inputs.items():
        values, known = trace.timeline[-1].adjoint(node_id).toarray()
        np.testing.assert_array_equal(values[known], trace.grad[name][known])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("zeros", [True, False])
def test_nan_and_infinity_are_data(value: float, zeros: bool) -> None:
    """A structural zero next to an infinite v contributes 0, and nothing warns."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0])
    y = maker.op("multiply", x, maker.number(2.0))
    timeline = maker.trace(Backward(y, np.array([value, 1.0])), zeros=zeros).timeline
    values, _ = timeline[-1].adjoint(x).toarray()
    np.testing.assert_array_equal(values, [2 * value, 2.0])
    for frame in timeline:
        if frame.partial is not None and not frame.partial.is_structural:
            assert frame.partial.contribution == 0


def test_memory_does_not_grow_with_the_steps_that_are_looked_at() -> None:
    """A thousand frames of 10¹⁰, everywhere in the walk: no more is held than after a few."""
    maker = GraphMaker()
    maker.op("matmul", maker.input(np.ones((300, 300))), maker.input(np.ones((300, 300))))
    timeline = maker.trace(zeros=True).timeline
    assert len(timeline) > 10**10
    chance = np.random.default_rng(1)
    tracemalloc.start()
    try:
        for _ in range(1000):
            frame = timeline[int(chance.integers(len(timeline)))]
            assert frame.edge is None or frame.partial is not None
            frame.terms(0, 0)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 64 << 20


@pytest.mark.parametrize("zeros", [True, False])
def test_arrays_of_no_entries_are_walked_in_no_steps(zeros: bool) -> None:
    """Built, seeded and complete: entries that nothing contributes to are 0."""
    maker = GraphMaker()
    empty = maker.input(np.zeros((0, 3)))
    x = maker.input([1.0, 2.0, 3.0])
    total = maker.op("sum", maker.op("multiply", empty, x))
    timeline = maker.trace(Backward(total), zeros=zeros).timeline
    assert [f.phase for f in timeline] == [Phase.BUILD] * 4 + [Phase.SEED]
    assert timeline[3].adjoint(x).is_unknown
    assert timeline[-1].adjoint(x).toarray()[0].tolist() == [0, 0, 0]
