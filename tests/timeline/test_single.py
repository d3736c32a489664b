"""Edges between numbers: what is computed without J is what J gives, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.hunt.walks import plants, wrong
from tests.graph.test_forward_mode import seeds_of
from tests.strategies import GraphMaker, traces
from tui_backprop.rules import RULES
from tui_backprop.timeline.frame import Tangents
from tui_backprop.timeline.sums import column_terms
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

_BINARY = sorted(n for n, r in RULES.items() if r.elementwise and len(r.derivatives) == 2)
_UNARY = sorted(n for n, r in RULES.items() if r.elementwise and len(r.derivatives) == 1)
_NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -2.5, 0.3, 1e200, np.inf, -np.inf, np.nan])


@st.composite
def _of_numbers(draw: st.DrawFn) -> Trace:
    """Ops between numbers, some of them read several times."""
    maker = GraphMaker(draw(st.sampled_from(["float64", "float32"])))
    made = [maker.input(draw(_NUMBERS)), maker.input(draw(_NUMBERS)), maker.constant(2.0)]
    for _ in range(draw(st.integers(1, 8))):
        if draw(st.booleans()):
            made.append(maker.op(draw(st.sampled_from(_UNARY)), draw(st.sampled_from(made))))
        else:
            pair = draw(st.sampled_from(made)), draw(st.sampled_from(made))
            made.append(maker.op(draw(st.sampled_from(_BINARY)), *pair))
    return maker.trace()


def assert_as_columns(timeline: Timeline) -> None:
    """Every column that is asked for, against the one that is computed by J."""
    for number, walk in enumerate(timeline.walks):
        for edge in range(0 if walk is None else walk.route.edges):
            assert walk is not None
            at = walk.route.edge(edge)
            if timeline.nodes[at.node].shape or timeline.nodes[at.parent].shape:
                continue
            if not walk.route.steps(edge):
                continue
            found = timeline.column_of((number, edge, 0))
            told = column_terms(walk, edge, 0, timeline.jacobian(at), zeros=timeline.zeros)
            for name in ("rows", "partials", "v", "contributions", "sums"):
                one, other = getattr(found, name), getattr(told, name)
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other)
                assert (np.signbit(one) == np.signbit(other)).all() or np.isnan(one).any()
            np.testing.assert_array_equal([found.initial or 0.0, found.final],
                                          [told.initial or 0.0, told.final])  # fmt: skip


@given(_of_numbers())
def test_ops_between_numbers(trace: Trace) -> None:
    """NaN, infinities, overflow and signed zeros too, in both precisions and modes."""
    assert_as_columns(trace.timeline)
    assert_as_columns(Timeline(trace, tangents=Tangents(seeds_of(trace))))


@given(traces())
def test_among_other_ops(trace: Trace) -> None:
    """Where one of the two has axes nothing changes."""
    assert_as_columns(trace.timeline)


def test_planted_bugs() -> None:
    """A wrong pull of numbers is wrong in the same way."""
    for plant in plants():
        assert_as_columns(wrong(plant, 2).timeline)
