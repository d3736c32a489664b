"""Every bug at every node where it can be: what it makes wrong, and which accusation is right."""

from __future__ import annotations

import numpy as np
import pytest

from tests.debug.hunt.walks import called, leaves, model, plants, right, wrong
from tui_backprop.debug.hunt.accusing import Verdict, guilty, judged
from tui_backprop.debug.hunt.faults import are_near, faults
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Backward
from tui_backprop.graph.planted import Plant, places
from tui_backprop.rules.planted.kinds import BUGS, OF_SUMS
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.trace import Trace

each = pytest.mark.parametrize("plant", tuple(plants()), ids=called)


def test_there_is_a_node_for_every_bug() -> None:
    """So that the laws below are about all of them."""
    assert {plant.bug for plant in plants()} == {*BUGS}


@each
@pytest.mark.parametrize("seed", [1, 2])
def test_a_plant_makes_its_node_wrong_and_no_other(plant: Plant, seed: int) -> None:
    """Values stay, and each node by itself does as it should but the one."""
    trace, truth = wrong(plant, seed), right(seed)
    assert faults(truth, truth.graph) == frozenset()
    assert faults(trace, truth.graph) == plant.nodes
    pairs = zip(trace.node_values, truth.node_values, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@each
def test_partials_change_at_the_plant_alone(plant: Plant) -> None:
    """A bug of sums or of v leaves all partials, any other those of all nodes but its own."""
    trace, truth = wrong(plant, 1), right(1)
    run = truth.runs[0]
    assert run is not None
    differ = {
        edge.node
        for edge in run.walk.edges(truth.graph.nodes)
        if not np.array_equal(
            LocalJacobian(trace, edge).toarray(), LocalJacobian(truth, edge).toarray()
        )
    }
    stays = plant.bug in OF_SUMS or plant.bug == "forgotten-v"
    assert differ == (frozenset() if stays else plant.nodes)


@pytest.mark.few(6)
@each
def test_the_steps_add_up_to_what_the_walk_leaves(plant: Plant) -> None:
    """A planted walk is wrong and not inconsistent: partials, sums and adjoints tell one story."""
    trace = wrong(plant, 1)
    timeline, last = trace.timeline, {}
    for k in range(timeline.length):
        frame = timeline[k]
        p = frame.partial
        if frame.phase is not Phase.PARTIAL or p is None or frame.edge is None:
            continue
        assert p.after == pytest.approx((p.before or 0.0) + p.contribution, rel=1e-9, abs=1e-12)
        parts = [term.value for term in frame.terms(frame.edge.parent, p.i, 50)]
        assert sum(parts) == pytest.approx(p.after, rel=1e-9, abs=1e-12)
        last[frame.pass_number, frame.edge.parent, p.i] = p.after
    for (number, node, i), after in last.items():
        run = trace.runs[number]
        assert run is not None
        assert run.cotangents[node].ravel()[i] == pytest.approx(after, rel=1e-9, abs=1e-12)


@pytest.mark.few(2)
@each
def test_the_right_accusation_is_confirmed_and_every_other_refused(plant: Plant) -> None:
    """Of all bugs at all nodes where they can be, and of all nodes without a bug named."""
    trace, graph = wrong(plant, 2), model().graph
    assert guilty(trace) == plant.nodes
    found = {
        (node, bug)
        for bug in BUGS
        for node in places(graph, bug)
        if judged(trace, node, bug) is Verdict.FOUND
    }
    assert found == {(node, plant.bug) for node in plant.nodes}
    named = {n for n in range(len(graph.nodes)) if judged(trace, n, None) is Verdict.NODE}
    assert named == plant.nodes


def test_what_cannot_be_told_apart_is_confirmed() -> None:
    """With v = −1 a forgotten v and a turned sign are the same numbers."""
    graph = model().graph
    last = max(places(graph, "sign"))
    trace = wrong(Plant("sign", frozenset({last})), 3)
    assert judged(trace, last, "forgotten-v") is Verdict.OTHER_BUG
    seed = np.array(-1.0)
    passes = [Backward(p.of, seed) if isinstance(p, Backward) else p for p in model().passes]
    same = Trace(trace.graph, leaves(3), passes, provenance=trace.provenance)
    assert judged(same, last, "forgotten-v") is Verdict.FOUND


def test_near_is_near() -> None:
    """Rounding is nothing; NaN is NaN; a sign is something."""
    one = np.array([1.0, np.nan, 3.0])
    assert are_near(one, one * (1 + 1e-14))
    assert not are_near(one, -one)
    assert not are_near(one, np.array([1.0, 2.0, 3.0]))
