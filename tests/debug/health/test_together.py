"""Nodes measured together have what each has that is measured by itself, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attach.tapes import recorded
from tests.debug.health.plain import plain
from tests.debug.why.test_nonfinite import spoiled_traces
from tests.rules.cases import Case, each_case_if
from tests.strategies import GraphMaker, traces
from tui_backprop.attach import thinned as thinning
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.record import Thresholds
from tui_backprop.graph.model import Backward
from tui_backprop.graph.sizes import norm, norms
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

LIMITS = st.sampled_from([Thresholds(), Thresholds(0.5, 2.0, 0.1, 1.5, 0.3)])
NUMBERS = st.floats(width=32) | st.sampled_from([0.0, -0.0, 1e-30, -1e30, 1e38, np.inf, np.nan])
OPS = sorted(name for name, rule in RULES.items() if rule.elementwise and not rule.parameters)


def assert_plain(trace: Trace, limits: Thresholds) -> None:
    """What is measured together is what is measured one by one."""
    found = health(trace, limits).nodes
    assert [repr(node) for node in found] == [repr(node) for node in plain(trace, limits)]
    assert repr(found) == repr(tuple(found))


@given(traces() | traces(dtype="float32"), LIMITS)
def test_any_graph(trace: Trace, limits: Thresholds) -> None:
    """Over the whole op table."""
    assert_plain(trace, limits)


@given(spoiled_traces(), LIMITS)
def test_a_graph_with_what_is_not_finite(trace: Trace, limits: Thresholds) -> None:
    """NaN, infinities and zeros, in values and adjoints."""
    assert_plain(trace, limits)


@st.composite
def chains(draw: st.DrawFn) -> Trace:
    """A few ops repeated on numbers and small arrays, so that many nodes are alike."""
    maker = GraphMaker(draw(st.sampled_from(["float64", "float32"])))
    with np.errstate(all="ignore"):
        rows = [maker.input(draw(st.lists(NUMBERS, min_size=6, max_size=6)))]
        matrices = [
            maker.input(np.reshape(draw(st.lists(NUMBERS, min_size=6, max_size=6)), (1, 6)))
        ]
        numbers = [maker.input(draw(NUMBERS)), maker.number(draw(NUMBERS))]
    ops = draw(st.lists(st.sampled_from(OPS), min_size=1, max_size=3))
    for _ in range(draw(st.integers(1, 6))):
        for op in ops:
            for made in (rows, matrices, numbers):
                others = draw(st.sampled_from([made, rows, numbers]))
                operands = [made[-1], draw(st.sampled_from(others)), *made[:1] * 4]
                made.append(maker.op(op, *operands[: len(RULES[op].operands)]))
    maker.op("sum", maker.op("add", maker.op("add", rows[-1], matrices[-1]), numbers[-1]))
    return maker.trace()


@given(chains(), LIMITS)
def test_ops_that_are_alike(trace: Trace, limits: Thresholds) -> None:
    """Numbers, and arrays whose operands are repeated along an axis or not."""
    assert_plain(trace, limits)


def test_ops_that_differ_in_a_static_argument() -> None:
    """They are not alike: each has its own slopes, and its own Jacobian."""
    maker = GraphMaker()
    x = maker.input([[-1.0, 2.0], [-3.0, 0.5]])
    slopes = [maker.op("leaky_relu", x, negative_slope=a) for a in (0.1, 0.2, 0.1)]
    sums = [maker.op("sum", y, axis=axis) for y, axis in zip(slopes, (0, 1, None), strict=True)]
    maker.op("sum", maker.op("add", maker.op("add", sums[0], sums[1]), sums[2]))
    assert_plain(maker.trace(), Thresholds())


def test_more_nodes_than_are_measured_at_once() -> None:
    """Of ten thousand numbers each has its own measurements."""
    maker = GraphMaker()
    x, w = maker.input(0.5), maker.input(0.999)
    for _ in range(5000):
        x = maker.op("tanh", maker.op("multiply", w, x))
    trace = maker.trace()
    found = health(trace).nodes
    adjoints = trace.runs[0].cotangents if trace.runs[0] is not None else {}
    for n in (0, 1, 2, 4095, 4096, 8191, 8192, 8193, 10001):
        assert found[n].value == abs(float(trace.value(n)))
        assert found[n].adjoint == abs(float(adjoints[n]))
    assert found[-1].jacobian == 1 - float(trace.value(10001)) ** 2
    assert found[0].depth == 10000


@given(st.integers(0, 40), st.integers(1, 9), st.integers(0, 2**32 - 1), st.sampled_from("fd"))
def test_norms_are_those_of_each(size: int, count: int, seed: int, dtype: str) -> None:
    """However large or small the numbers are, NaN and infinities among them."""
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        scale = 10.0 ** random.integers(-320, 308, size=(count, 1))
        x = (random.normal(size=(count, size)) * scale).astype(dtype)
    x[random.random(x.shape) < 0.05] = random.choice([0.0, np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(norms(x), [norm(row) for row in x])


def test_passes_before_the_last() -> None:
    """Their gradients are not in the adjoints that are measured."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0])
    y = maker.op("sum", maker.op("exp", x))
    assert_plain(maker.trace(Backward(y), Backward(y, np.array(3.0))), Thresholds())


@each_case_if(lambda case: not case.rule.elementwise and RULES.get(case.rule.name) is case.rule)
def test_other_ops_that_are_alike(case: Case) -> None:
    """Every row with each of its examples, on several operands."""
    maker = GraphMaker()
    random = np.random.default_rng(11)
    for _ in range(4):
        samples = [
            domain.sample(random, shape)
            for domain, shape in zip(case.rule.domains, case.example.shapes, strict=True)
        ]
        operands = [maker.input(np.round(x, 1)) for x in samples]
        maker.op(case.rule.name, *operands, **case.example.params)
    assert_plain(maker.trace(), Thresholds(steep=0.5))


@given(traces(most_passes=1), LIMITS, st.integers(1, 3), st.booleans())
def test_a_recorded_walk(trace: Trace, limits: Thresholds, every: int, refuses: bool) -> None:
    """Some values of it nobody kept, and some Jacobians cannot be had."""
    walk = recorded(trace, lambda node: node.id % every == 0, refuses=refuses)
    assert_plain(walk, limits)


@given(traces(most_passes=1), LIMITS, st.sampled_from([0, 2]))
def test_a_walk_of_which_only_norms_are_kept(trace: Trace, limits: Thresholds, small: int) -> None:
    """They are what is measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "SMALL", small)
        walk = RecordedTrace(thinning.thinned(recorded(trace).tape))
        assert_plain(walk, limits)
