"""The laws of the timeline, against a walk that is written out and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.walker import Event, Walker
from tests.strategies import seed_example, traces
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.timeline import Frame, Timeline

if TYPE_CHECKING:
    from random import Random

    from tui_backprop.timeline.trace import Trace


def is_tame(trace: Trace) -> bool:
    """Whether every number is finite and of a size where sums can be compared."""
    cotangents = [x for run in trace.runs if run is not None for x in run.cotangents.values()]
    partials = [
        trace.timeline.jacobian(edge).toarray()
        for run in trace.runs
        if run is not None
        for edge in run.walk.edges(trace.graph.nodes)
    ]
    found = [*trace.node_values, *cotangents, *partials]
    return all(bool(np.all(np.abs(x) < 1e30)) for x in found)


@given(traces())
def test_length_is_the_number_of_steps_of_the_naive_walk(trace: Trace) -> None:
    """``len`` is arithmetic, and counts what a walk would have visited."""
    assume(is_tame(trace))
    walked = Walker(trace, zeros=trace.zeros).events
    assert len(trace.timeline) == trace.timeline.length == len(walked)


@pytest.mark.exhaustive
@given(traces())
def test_every_frame_is_the_state_that_the_naive_walk_was_in(trace: Trace) -> None:
    """Place, partial and every adjoint entry agree, and the same entries are known."""
    assume(is_tame(trace))
    for frame, event in zip(
        trace.timeline, Walker(trace, zeros=trace.zeros).events, strict=True
    ):  # fmt: skip
        assert_same_place(frame, event)
        assert_same_product(frame, event)
        for node in trace.graph.nodes:
            assert_same_adjoint(frame, event, node.id)


def assert_same_place(frame: Frame, event: Event) -> None:
    """Phase, pass, node, edge and entry."""
    argument = -1 if frame.edge is None else frame.edge.argument
    found = frame.phase.value, frame.pass_number, frame.node.id, argument, frame.row, frame.column
    expected = event.phase, event.pass_number, event.node, event.argument, event.j, event.i
    assert found == expected


def assert_same_product(frame: Frame, event: Event) -> None:
    """∂y/∂x, v and their product."""
    if frame.partial is None:
        assert event.phase != "partial"
        return
    found = frame.partial.value, frame.partial.v, frame.partial.contribution
    expected = event.partial, event.v, event.contribution
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert (frame.partial.j, frame.partial.i) == (frame.row, frame.column)


def assert_same_adjoint(frame: Frame, event: Event, node: int) -> None:
    """The entries that are known, and what they are."""
    values, known = frame.adjoint(node).toarray()
    expected = [event.adjoints.get((node, i)) for i in range(values.size)]
    assert known.ravel().tolist() == [x is not None for x in expected], (frame.k, node)
    sums = [x for x in expected if x is not None]
    scale = max([1.0, *map(abs, sums)])
    np.testing.assert_allclose(values[known], sums, rtol=1e-9, atol=1e-12 * scale)


@given(traces())
def test_partials_chain_from_before_to_after(trace: Trace) -> None:
    """What an entry is before a step is what it was after the step that wrote it last."""
    state: dict[tuple[int, int, int], float] = {}
    for frame in trace.timeline:
        if frame.partial is None or frame.edge is None:
            continue
        at = frame.pass_number, frame.edge.parent, frame.column
        before = frame.adjoint(frame.edge.parent)
        if at in state:
            assert frame.partial.before is not None
            np.testing.assert_equal(frame.partial.before, state[at])
        state[at] = frame.partial.after
        np.testing.assert_equal(before.entry(frame.column), frame.partial.after)


@given(traces())
def test_the_walk_ends_at_the_gradient_of_the_trace(trace: Trace) -> None:
    """The last frame's adjoints are ``trace.grad``, to the last bit."""
    last = trace.timeline[-1]
    for name, node in trace.graph.inputs.items():
        values, known = last.adjoint(node).toarray()
        if known.all():
            np.testing.assert_array_equal(values, trace.grad[name])
        else:
            assert not known.any()
            np.testing.assert_array_equal(trace.grad[name], np.zeros(values.shape))


@given(traces())
def test_showing_zeros_changes_the_walk_and_not_its_end(trace: Trace) -> None:
    """Structural zeros contribute nothing; each of them is one more step."""
    shown, skipped = Timeline(trace, zeros=True), Timeline(trace, zeros=False)
    assert len(shown) >= len(skipped)
    visited = [f for f in shown if f.partial is None or f.partial.is_structural]
    assert [place(f) for f in visited] == [place(f) for f in skipped]
    for node in trace.graph.inputs.values():
        found, expected = shown[-1].adjoint(node), skipped[-1].adjoint(node)
        np.testing.assert_array_equal(found.toarray(), expected.toarray())


def place(frame: Frame) -> tuple[object, ...]:
    """Which event a frame is, whatever its number."""
    return frame.phase, frame.pass_number, frame.node.id, frame.edge, frame.row, frame.column


@given(traces(), st.randoms(use_true_random=False))
def test_a_frame_does_not_depend_on_how_one_came(trace: Trace, random: Random) -> None:
    """Forward, backward and at random: the same frames, from the same or from a new timeline."""
    order = list(range(len(trace.timeline)))
    forward = [snapshot(trace.timeline[k]) for k in order]
    random.shuffle(order)
    again = trace.rerun().timeline
    for k in [*order, *reversed(range(len(again)))]:
        assert snapshot(again[k]) == forward[k]


def snapshot(frame: Frame) -> tuple[object, ...]:
    """Everything that a frame says, as text, so that NaN equals NaN."""
    nodes = frame.timeline.nodes
    adjoints = [str([a.tolist() for a in frame.adjoint(n.id).toarray()]) for n in nodes]
    terms = [str(frame.terms(n.id, i)) for n in nodes for i in range(min(n.size, 2))]
    return place(frame), str(frame.partial), str(frame.v), frame.convention, adjoints, terms


@given(traces(most_ops=3))
def test_slices_and_negative_addresses_are_those_of_a_list(trace: Trace) -> None:
    """A timeline is a sequence like any other, and a slice is as virtual as the whole."""
    timeline = trace.timeline
    numbers = list(range(len(timeline)))
    for part in (slice(None), slice(1, None, 2), slice(None, None, -1), slice(-3, -1)):
        assert [f.k for f in timeline[part]] == numbers[part]
    assert [f.k for f in timeline[1:][::2]] == numbers[1:][::2]
    assert timeline[-1].k == numbers[-1]


@pytest.mark.parametrize("k", [13, -14, 10**30])
def test_an_address_outside_raises(k: int) -> None:
    """There is no step 13 in a walk of 13 steps, and the message says which there are."""
    with pytest.raises(IndexError, match="0 … 12"):
        seed_example().timeline[k]


@given(traces())
def test_frames_and_their_arrays_are_read_only(trace: Trace) -> None:
    """Nobody who looks at a frame can change it, nor what another frame shows."""
    for frame in trace.timeline:
        arrays = [frame.v, frame.changed.entries]
        for node in trace.graph.nodes:
            adjoint = frame.adjoint(node.id)
            arrays += [frame.value(node.id), adjoint.before, adjoint.after, *adjoint.toarray()]
        if frame.J is not None:
            arrays += [frame.J.toarray(), frame.J.row(0) if frame.J.shape[0] else None]
        assert not any(a.flags.writeable for a in arrays if a is not None)
        with pytest.raises(AttributeError):
            type(frame).__setattr__(frame, "k", 0)


@given(traces())
def test_a_value_is_there_once_its_node_is_built(trace: Trace) -> None:
    """While building, later nodes have no value yet; afterwards all have."""
    for frame in trace.timeline:
        for node in trace.graph.nodes:
            is_built = frame.phase is not Phase.BUILD or node.id <= frame.k
            assert (frame.value(node.id) is not None) == is_built


@given(traces(most_passes=1))
def test_visited_entries_of_J_are_those_of_earlier_steps(trace: Trace) -> None:
    """Within an edge an entry shows once its step has come, in the order columns, then rows."""
    seen: dict[object, set[tuple[int, int]]] = {}
    for frame in Timeline(trace, zeros=True):
        if frame.edge is None or frame.J is None:
            continue
        visited = seen.setdefault(frame.edge, set())
        visited.add((frame.row, frame.column))
        m, n = frame.J.shape
        found = frame.is_visited(np.arange(m)[:, None], np.arange(n)[None, :])
        assert {(int(j), int(i)) for j, i in np.argwhere(found)} == visited


@pytest.mark.exhaustive
@given(traces())
def test_terms_add_up_to_the_entry(trace: Trace) -> None:
    """The sum as it is written out has the value of the adjoint entry, however it is cut."""
    assume(is_tame(trace))
    for frame in trace.timeline:
        for node in trace.graph.nodes:
            values, known = frame.adjoint(node.id).toarray()
            for i, (value, is_known) in enumerate(zip(values.flat, known.flat, strict=True)):
                for most in (1, 8):
                    total = sum(t.value for t in frame.terms(node.id, i, most))
                    assert is_known or total == 0
                    if is_known:
                        scale = 1e-9 * max(1.0, abs(value))
                        np.testing.assert_allclose(total, value, rtol=1e-9, atol=scale)
