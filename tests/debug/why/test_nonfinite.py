"""Where NaN and infinities first appear: by whole arrays, against a walk over every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, traces
from tui_backprop.debug.why import nonfinite_backward as origins_backward
from tui_backprop.debug.why.nonfinite import Origin, What, origin, origins
from tui_backprop.debug.why.nonfinite_backward import Manner
from tui_backprop.graph.model import Backward
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.timeline.timeline import Frame, Timeline
    from tui_backprop.timeline.trace import Trace

WHATS: tuple[What, ...] = ("nan", "inf")
SPOILERS = ([0.0], [0.0, np.inf], [np.nan], [-np.inf, 0.0, 1e30], [0.0, 800.0])


def walked(timeline: Timeline, what: What, ignored: frozenset[int]) -> Iterator[Origin]:
    """Every frame, entry by entry."""
    for frame in timeline:
        if frame.node.id in ignored or frame.phase is Phase.ZERO_GRAD:
            continue
        if frame.phase is Phase.BUILD:
            found = _built(frame, what)
        elif frame.phase is Phase.SEED:
            found = _seeded(frame, what)
        else:
            found = _pulled(frame, what)
        if found is not None:
            yield found


def is_bad(value: float, what: What) -> bool:
    """Whether one number is what is looked for."""
    return bool(np.isnan(value) if what == "nan" else np.isinf(value))


def reads(trace: Evaluation, node: int, j: int) -> Iterator[float]:
    """The operand entries that y_j is computed from; all of an operand without a pattern."""
    found = trace.graph.nodes[node]
    assert found.rule is not None
    shapes = tuple(trace.graph.nodes[p].shape for p in found.parents)
    for argument, parent in enumerate(found.parents):
        value = trace.value(parent)
        derivative = found.rule.derivatives[argument]
        if found.rule.elementwise:
            yield float(np.broadcast_to(value, found.shape).ravel()[j])
        elif derivative is None:
            yield from value.ravel().tolist()
        else:
            pattern = derivative.sparsity(found.shape, shapes, found.params)
            yield from value.ravel()[pattern.columns(j)].tolist()


def _built(frame: Frame, what: What) -> Origin | None:
    trace, node = frame.timeline.trace, frame.node
    for j, y in enumerate(trace.value(node.id).ravel().tolist()):
        if not is_bad(y, what):
            continue
        if node.rule is None:
            return Origin(what, Manner.LEAF, frame.k, node.id, j)
        if not any(is_bad(x, what) for x in reads(trace, node.id, j)):
            return Origin(what, Manner.VALUE, frame.k, node.id, j)
    return None


def _seeded(frame: Frame, what: What) -> Origin | None:
    assert frame.v is not None
    before = frame.timeline[frame.k - 1].adjoint(frame.node.id)
    after = frame.adjoint(frame.node.id)
    is_kept = frame.timeline.trace.is_input(frame.node.id)
    for j, v in enumerate(frame.v.ravel().tolist()):
        old = before.entry(j) if is_kept else None
        new = after.entry(j)
        assert new is not None
        if is_bad(v, what) or (is_bad(new, what) and not is_bad(old or 0.0, what)):
            return Origin(what, Manner.SEED, frame.k, frame.node.id, j,
                          pass_number=frame.pass_number)  # fmt: skip
    return None


def _pulled(frame: Frame, what: What) -> Origin | None:
    p, edge, trace = frame.partial, frame.edge, frame.timeline.trace
    assert p is not None
    assert edge is not None
    y = float(trace.value(edge.node).ravel()[p.j])
    read = [y, *reads(trace, edge.node, p.j)]
    if is_bad(p.value, what) and not any(is_bad(x, what) for x in read):
        manner = Manner.PARTIAL
    elif is_bad(p.contribution, what) and not is_bad(p.v, what) and not is_bad(p.value, what):
        manner = Manner.PRODUCT
    elif (
        is_bad(p.after, what)
        and not is_bad(p.before or 0.0, what)
        and not is_bad(p.contribution, what)
    ):
        number = trace.graph.dtype.type
        with np.errstate(all="ignore"):
            added = number(p.before or 0.0) + number(p.contribution)
        if not is_bad(float(added), what) and not is_pulled_fresh(frame, what):
            return None
        manner = Manner.SUM if is_bad(float(added), what) else Manner.WHOLE
    else:
        return None
    return Origin(what, manner, frame.k, edge.node, p.j, edge, p.i, frame.pass_number)


def is_pulled_fresh(frame: Frame, what: What) -> bool:
    """Whether neither v, nor y, nor an operand holds what is looked for."""
    trace, node = frame.timeline.trace, frame.node
    assert frame.v is not None
    arrays = [frame.v, trace.value(node.id), *(trace.value(p) for p in node.parents)]
    return not any(is_bad(x, what) for array in arrays for x in array.ravel().tolist())


@st.composite
def spoiled_traces(draw: st.DrawFn) -> Trace:
    """Random graphs whose leaves and seeds are sprinkled with what breaks arithmetic."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    trace = draw(traces(most_passes=2, dtype=dtype))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = draw(st.sampled_from(SPOILERS))
    share = draw(st.sampled_from([0.1, 0.4]))

    def sprinkled(array: Any) -> Any:
        chosen = random.random(np.shape(array)) < share
        return np.where(chosen, random.choice(numbers, np.shape(array)), array)

    leaves = {name: np.asarray(sprinkled(x), dtype=dtype) for name, x in trace.leaves.items()}
    is_seeded = draw(st.booleans())
    passes = [
        Backward(p.of, sprinkled(np.ones(trace.value(p.of).shape)))
        if isinstance(p, Backward) and is_seeded
        else p
        for p in trace.passes
    ]
    return trace.again(leaves, passes)


@given(spoiled_traces(), st.sampled_from(WHATS), st.data())
def test_every_origin_is_the_one_that_a_walk_finds(
    trace: Trace, what: What, data: st.DataObject
) -> None:
    """All of them in order, the first in particular, some nodes ignored."""
    # Of a singular system LAPACK gives other NaNs for all of v than for its entries one by one.
    assume(all(node.op != "solve" for node in trace.graph.nodes))
    timeline = trace.timeline
    ids = st.sampled_from([node.id for node in timeline.nodes])
    ignored = frozenset(data.draw(st.sets(ids, max_size=3)))
    expected = list(walked(timeline, what, ignored))
    with pytest.MonkeyPatch.context() as patched:
        # However many columns are looked at together.
        patched.setattr(origins_backward, "_TOGETHER", data.draw(st.sampled_from([1, 7, 10**6])))
        found = list(origins(timeline, what, ignored))
    assert [one for one in found if one.j >= 0 or one.edge is None] == expected
    assert origin(timeline, what, ignored) == (found[0] if found else None)


@given(spoiled_traces(), st.sampled_from(WHATS))
def test_whatever_holds_one_has_an_origin(trace: Trace, what: What) -> None:
    """A value, a seed, an adjoint or a gradient that is NaN or infinite is never without one."""
    test = np.isnan if what == "nan" else np.isinf
    arrays = [*trace.node_values, *trace.grad.values()]
    for run in trace.runs:
        if run is not None:
            arrays.extend([run.seed, *run.cotangents.values()])
    assume(any(bool(test(x).any()) for x in arrays))
    assert origin(trace.timeline, what) is not None


WHOLE: dict[str, Any] = {
    "softmax": ([0.5], {}),
    "log_softmax": ([0.5], {}),
    "var": ([0.5, 0.5], {}),
    "std": ([0.5, 1.5], {}),
    "cumprod": ([0.0, 0.0, 2.0], {}),
}
"""Rows whose vᵀJ is a formula for all entries at once: operand and parameters."""


@pytest.mark.parametrize("v", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("op", WHOLE)
def test_an_infinite_v_through_a_closed_formula_is_named(op: str, v: float) -> None:
    """Where the gradient is NaN or infinite, so says `origin`, whatever the terms would add to."""
    x, params = WHOLE[op]
    maker = GraphMaker()
    y = maker.op(op, maker.input(x, "x"), name="y", **params)
    shape = maker.nodes[y].shape
    trace = maker.trace(Backward(y, np.full(shape, v)))
    for what, test in (("nan", np.isnan), ("inf", np.isinf)):
        is_held = bool(test(trace.grad["x"]).any()) or bool(test(v))
        assert (origin(trace.timeline, what) is not None) == is_held, what  # type: ignore[arg-type]  # a word drawn


def test_what_no_step_shows_stands_at_the_step_before() -> None:
    """The softmax of one entry has no partial: the NaN stands where v was placed."""
    maker = GraphMaker()
    y = maker.op("softmax", maker.input([0.5], "x"), name="y")
    found = origin(maker.trace(Backward(y, np.array([np.inf]))).timeline, "nan")
    assert found is not None
    assert found.manner in {Manner.WHOLE, Manner.PRODUCT, Manner.PARTIAL, Manner.SUM}
    assert found.step >= 2


@given(traces(), st.sampled_from(WHATS))
def test_finite_walks_have_no_origin(trace: Trace, what: What) -> None:
    """None is found where nothing is NaN or infinite."""
    timeline = trace.timeline
    arrays = [*trace.node_values]
    for run in trace.runs:
        if run is not None:
            arrays.extend(run.cotangents.values())
            edges = run.walk.edges(trace.graph.nodes)
            arrays.extend(timeline.jacobian(edge).toarray() for edge in edges)
    assume(all(bool(np.isfinite(x).all()) for x in arrays))
    assert origin(timeline, what) is None


@pytest.mark.parametrize("what", WHATS)
def test_a_leaf_that_came_so_is_the_origin(what: What) -> None:
    """Nothing made it; ignored, the next one is found, or none."""
    maker = GraphMaker()
    x = maker.input([1.0, float(what)], "x")
    maker.op("sum", maker.op("square", x))
    timeline = maker.trace().timeline
    found = origin(timeline, what)
    assert found == Origin(what, Manner.LEAF, 0, x, 1)
    assert origin(timeline, what, frozenset({x})) is None
