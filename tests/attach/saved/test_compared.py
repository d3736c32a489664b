"""Two recorded walks side by side: the first event that differs, J known or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.attach.tapes import recorded
from tests.debug.test_compare import walked
from tests.render.views import opened
from tests.strategies import traces
from tui_backprop.attach import thinned as thinning
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.dataclass import replace
from tui_backprop.debug.compare import compare, comparison_answer
from tui_backprop.graph.sizes import norm
from tui_backprop.graph.tolerance import Tolerance

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace


def _others(trace: Trace, data: st.DataObject) -> Trace:
    """The same graph on other numbers, or the same ones."""
    leaves = dict(trace.leaves)
    for name in data.draw(st.sets(st.sampled_from(sorted(leaves)), max_size=1)):
        changed = np.array(leaves[name])
        if changed.size:
            changed.flat[data.draw(st.integers(0, changed.size - 1))] += 0.5
        leaves[name] = changed
    return trace.rerun(leaves)


@given(traces(most_passes=1), st.data())
def test_the_first_difference_is_the_one_that_every_step_finds(
    trace: Trace, data: st.DataObject
) -> None:
    """As of walks that are computed here."""
    assume(all(np.isfinite(x).all() for x in trace.node_values))
    other = _others(trace, data)
    left, right = recorded(trace), recorded(other)
    found = compare(left.timeline, right.timeline)
    expected = walked(left.timeline, right.timeline, 0.0)
    if expected is None:
        assert found.difference is None
    else:
        assert found.difference is not None
        assert (found.difference.steps[0], found.difference.aspect) == expected


@given(traces(most_passes=1), st.data())
def test_without_values_and_j_what_edges_add_is_compared(trace: Trace, data: st.DataObject) -> None:
    """Found wherever a gradient differs; nothing is said of what nobody knows."""
    other = _others(trace, data)
    left, right = (recorded(t, lambda _n: False, refuses=True) for t in (trace, other))
    found = compare(left.timeline, right.timeline)
    is_leaf_other = any(
        not np.array_equal(x, other.leaves[name], equal_nan=True)
        for name, x in trace.leaves.items()
    )
    is_grad_other = any(
        not np.array_equal(x, other.grad[name], equal_nan=True) for name, x in trace.grad.items()
    )
    assert (found.difference is not None) or not (is_leaf_other or is_grad_other)
    if not is_leaf_other:
        assert found.difference is None
    assert found.unknown == len(left.unknown)


def _one_contribution_other(walk: RecordedTrace) -> tuple[RecordedTrace, int]:
    """A walk in which one edge adds something else, as a hook or a race might make it."""
    tape = walk.tape
    edges = walk.runs[0].walk.edges(walk.graph.nodes)  # type: ignore[union-attr]  # it has a pass
    chosen = max(edges, key=lambda e: edges.index(e) if e in tape.contributions else -1)
    changed = tape.contributions[chosen] + 1
    cotangents = list(tape.cotangents)
    cotangents[chosen.parent] = np.asarray(cotangents[chosen.parent]) + 1
    made = replace(
        tape, contributions={**tape.contributions, chosen: changed}, cotangents=cotangents
    )
    return RecordedTrace(made, zeros=walk.zeros), chosen.node


@pytest.mark.parametrize("refuses", [True, False])
def test_an_edge_that_adds_something_else_is_found(refuses: bool) -> None:
    """Also where every value, and all that is known of J, is the same."""
    left = recorded(opened("mlp-2-3-1")[1], refuses=refuses)
    right, node = _one_contribution_other(left)
    found = compare(left.timeline, right.timeline)
    assert found.difference is not None
    step = found.difference.steps[0]
    assert step is not None
    assert left.timeline[step].node.id == node
    assert found.difference.aspect == "adjoint"
    assert compare(left.timeline, left.timeline).difference is None


def test_another_graph_is_found_where_it_begins() -> None:
    """Up to the node that the other walk has in its place."""
    left, right = (recorded(opened(name)[1]) for name in ("chain", "mlp-2-3-1"))
    found = compare(left.timeline, right.timeline).difference
    expected = walked(left.timeline, right.timeline, 0.0)
    assert found is not None
    assert (found.steps[0], found.aspect) == expected


def test_values_that_one_walk_does_not_know_are_told() -> None:
    """They are no difference."""
    trace = opened("mlp-2-3-1")[1]
    left, right = recorded(trace), recorded(trace, lambda _n: False)
    found = compare(left.timeline, right.timeline)
    assert found.difference is None
    assert f"the values of {found.unknown} nodes were not saved" in comparison_answer(found).text


@given(traces(most_passes=1), st.data())
def test_sizes_are_compared_where_arrays_are_not_there(trace: Trace, data: st.DataObject) -> None:
    """What differs by more than roundings is found, whether one walk is thin or both."""
    other = _others(trace, data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(thinning, "SMALL", 0)
        walks = [recorded(t) for t in (trace, other)]
        thin = [RecordedTrace(thinning.thinned(walk.tape)) for walk in walks]
    for left, right in ((thin[0], thin[1]), (thin[0], walks[1]), (walks[0], thin[1])):
        found = compare(left.timeline, right.timeline)
        assert not found.unknown
        is_other = any(
            _norms_differ(trace.leaves[name], other.leaves[name]) for name in trace.leaves
        ) or any(_norms_differ(trace.grad[name], other.grad[name]) for name in trace.grad)
        if is_other:
            assert found.difference is not None
        if other.leaves.keys() == trace.leaves.keys() and all(
            np.array_equal(x, other.leaves[name], equal_nan=True)
            for name, x in trace.leaves.items()
        ):
            assert found.difference is None


def _norms_differ(a: Array, b: Array) -> bool:
    x, y = norm(a), norm(b)
    return Tolerance(1e-5).excess(x, y) > 1
