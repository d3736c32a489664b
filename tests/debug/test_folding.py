"""``next`` goes over modules, ``step`` into them: the laws of moving where modules are folded."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.modules import INSIDES, MODULES, in_modules, modular_traces
from tests.strategies import GraphMaker, traces
from tui_backprop.debug.commands.saved import commands_in_force
from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.session import restore_state, state_of
from tui_backprop.errors import CommandError
from tui_backprop.graph.modules import common_module, is_within
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace


def module_of(frame: Frame) -> str:
    """Of the node that a step is about."""
    return "" if frame.phase is Phase.ZERO_GRAD else frame.node.module


def ends_of_rows(session: Debugger) -> list[int]:
    """Steps after which a row, or an edge of a node in a row of its own, is complete."""
    folding = session.modules.seen_from("")
    keys: list[object] = []
    for f in session.timeline:
        row = folding.row_of(f.node.id)
        is_one = folding.is_group(row) and f.phase in {Phase.BUILD, Phase.PARTIAL}
        apart = (f.pass_number, f.edge) if f.edge else f.k
        keys.append((f.phase, f.pass_number, row) if is_one else apart)
    return [k for k, key in enumerate(keys) if k + 1 == len(keys) or keys[k + 1] != key]


def walked(session: Debugger, move: str) -> list[int]:
    """Where a move stops, again and again until it stays."""
    found: list[int] = []
    while not found or found[-1] != session.cursor:
        found.append(session.cursor)
        session.execute(move)
        assert session.inside == ""
    return found[1:]


@given(modular_traces())
def test_next_from_outside_visits_the_ends_of_rows_both_ways(trace: Trace) -> None:
    """It only goes forward, comes to the end, and comes back over the same places."""
    session = Debugger(trace)
    stops = sorted({0, *ends_of_rows(session)})
    assert [0, *walked(session, "next")] == stops
    assert session.cursor == session.last
    session.execute("end")
    assert [session.last, *walked(session, "reverse-next")] == stops[::-1]


@given(modular_traces(), st.data())
def test_so_many_nexts_at_once_are_so_many(trace: Trace, data: st.DataObject) -> None:
    """From wherever one stands and is in."""
    one, other = Debugger(trace), Debugger(trace)
    start, inside = data.draw(st.integers(0, one.last)), data.draw(st.sampled_from(INSIDES))
    count = data.draw(st.integers(1, 6))
    for name in ("next", "reverse_next"):
        for session in (one, other):
            session.goto(start)
            session.inside = inside
        getattr(one, name)(count)
        for _ in range(count):
            getattr(other, name)()
        found = [(s.cursor, s.reason, s.inside, s.direction) for s in (one, other)]
        assert found[0] == found[1]


@given(modular_traces(), st.data())
def test_next_never_goes_in_and_leaves_what_it_leaves(trace: Trace, data: st.DataObject) -> None:
    """It stays in its module, or is in what that has in common with the next step's."""
    session = Debugger(trace)
    k, inside = data.draw(st.integers(0, session.last)), data.draw(st.sampled_from(INSIDES))
    for name, event in (("next", k + 1), ("reverse_next", k)):
        session.goto(k)
        session.inside = inside
        getattr(session, name)()
        if session.cursor == k:
            assert session.inside == inside
            continue
        module = module_of(session.timeline[event])
        is_still_in = is_within(module, inside)
        assert session.inside == (inside if is_still_in else common_module([module, inside]))


@given(modular_traces(), st.data())
def test_any_other_move_goes_into_where_it_lands(trace: Trace, data: st.DataObject) -> None:
    """Only the ends of the walk are reached without having gone in."""
    session = Debugger(trace)
    lines = ["step", "reverse-step", "finish", "reverse-finish", "step 3", "until step > 3"]
    lines += [f"goto {data.draw(st.integers(0, session.last))}"]
    for line in data.draw(st.permutations(lines)):
        before = session.cursor
        session.execute(line)
        if not (line.startswith("until") and session.cursor in {before, session.last}):
            assert session.inside == module_of(session.frame), line
    for line in ("restart", "end", "continue", "reverse-continue"):
        session.inside = "enc"
        session.execute(line)
        assert session.inside == ""


@given(modular_traces())
def test_stepping_in_and_going_over_end_with_the_same_gradients(trace: Trace) -> None:
    """However one came, a step is the same state."""
    one, other = Debugger(trace), Debugger(trace)
    while one.cursor < one.last:
        one.step()
    while other.cursor < other.last:
        other.next()
    for n in trace.graph.inputs.values():
        stepped, gone_over = (session.frame.adjoint(n) for session in (one, other))
        every = np.arange(trace.graph.nodes[n].size)
        np.testing.assert_array_equal(stepped.known(every), gone_over.known(every))
        np.testing.assert_array_equal(stepped.at(every), gone_over.at(every))


@given(modular_traces(), st.data())
def test_breakpoints_stop_within_a_module(trace: Trace, data: st.DataObject) -> None:
    """As in any debugger, and then one is inside."""
    session = Debugger(trace)
    node = data.draw(st.sampled_from(trace.graph.nodes))
    session.execute(f"break node {node.id}")
    plain = Debugger(trace)
    k = data.draw(st.integers(0, session.last))
    for each in (session, plain):
        each.goto(k)
        each.inside = ""
        each.next()
    stops = [
        f.k for f in session.timeline[k + 1 : plain.cursor + 1] if _arrives(session, f, node.id)
    ]
    assert session.cursor == (stops[0] if stops else plain.cursor)
    assert session.inside == (module_of(session.frame) if stops else plain.inside)


def _arrives(session: Debugger, frame: Frame, node: int) -> bool:
    before = session.timeline[frame.k - 1]
    is_new = (before.phase, before.pass_number, before.node) != (
        frame.phase, frame.pass_number, frame.node
    )  # fmt: skip
    return frame.phase is not Phase.ZERO_GRAD and frame.node.id == node and is_new


@given(traces())
def test_without_modules_one_is_never_in_any(trace: Trace) -> None:
    """And what goes in and out says so."""
    session = Debugger(trace)
    for line in ("next", "step", "finish", "end", "next", "goto 0"):
        session.execute(line)
        assert (session.inside, "over" in session.reason) == ("", False)
    for line in ("fold", "unfold", "unfold encoder"):
        with pytest.raises(CommandError, match=r"no node here belongs to a module: 'with tb\.rec"):
            session.execute(line)


def encoder() -> Trace:
    """Two layers of two ops between an op before and an op behind; their parameters come first."""
    maker = GraphMaker()
    w = maker.input([1.0, 2.0], "w")
    b = maker.input([0.5, 0.5], "b")
    x = maker.op("negative", maker.constant([3.0, 4.0]))
    h = maker.op("tanh", maker.op("multiply", w, x))
    h = maker.op("exp", maker.op("add", b, h))
    maker.op("sum", h)
    modules = ["enc.layers.0", "enc.layers.1", "", "", *["enc.layers.0"] * 2,
               *["enc.layers.1"] * 2, ""]  # fmt: skip
    return in_modules(maker.trace(), modules)


def test_a_walk_over_an_encoder() -> None:
    """What one sees of it, from outside, from the encoder, and from a layer."""
    session = Debugger(encoder())
    found = [(session.execute("next"), session.cursor, session.inside) for _ in range(7)]
    assert found == [
        ("over enc: 2 parameters", 1, ""),
        ("", 2, ""),
        ("", 3, ""),
        ("over enc: 4 ops", 7, ""),
        ("", 8, ""),
        ("", 9, ""),
        ("", 11, ""),
    ]
    assert session.execute("unfold") == "in enc.layers"
    assert [(session.execute("next"), session.inside) for _ in range(2)] == [
        ("over enc.layers.1: 2 ops", "enc.layers"),
        ("over enc.layers.0: 2 ops", "enc.layers"),
    ]
    assert session.execute("rn") == "over enc.layers.0: 2 ops"
    session.execute("step")
    assert session.inside == "enc.layers.0"
    assert session.execute("fold") == "in enc.layers"
    assert session.execute("next") == "over enc.layers.0: 2 ops"
    assert session.execute("fold") == "outside of all modules"
    assert session.cursor == session.last
    for line, message in (
        ("fold", "this is outside of all modules: 'unfold' goes into one"),
        ("unfold decoder", "there is no layer 'decoder'; there are: enc.layers.0"),
    ):
        with pytest.raises(CommandError, match=message):
            session.execute(line)
    session.execute("goto 8")
    with pytest.raises(CommandError, match="no module is folded here: 'unfold MODULE' goes"):
        session.execute("unfold")
    assert session.execute("unfold enc.layers.1") == "in enc.layers.1"
    assert session.execute("unfold enc.*") == "in enc.layers"


def test_a_module_that_is_left_is_folded_again() -> None:
    """As ``next`` at the end of a function returns to its caller."""
    session = Debugger(encoder())
    session.execute("goto node 7")
    assert session.inside == "enc.layers.1"
    session.execute("next")
    assert (session.cursor, session.inside) == (8, "")
    session.execute("rn")
    session.execute("rn")
    assert (session.cursor, session.inside) == (3, "")


def test_undoing_and_giving_up_leave_one_where_one_was() -> None:
    """The module is part of what a session is."""
    session = Debugger(encoder())
    session.execute("goto node 7")
    state = state_of(session)
    session.execute("fold")
    restore_state(session, state)
    assert session.inside == "enc.layers.1"
    for line in ("set w = [2, 2]", "undo", "zeros"):
        session.execute(line)
        assert session.inside == "enc.layers.1"


LINES = (
    *("next", "rn", "step", "rs", "finish", "fold", "unfold", "next 3", "break phase seed"),
    *("continue", *(f"unfold {module}" for module in MODULES if module)),
)


@given(modular_traces(), st.lists(st.sampled_from(LINES), max_size=12))
def test_a_file_of_commands_leads_into_the_same_module(trace: Trace, lines: list[str]) -> None:
    """Not only to the step: the next one goes on from there."""
    session, found = Debugger(trace), Debugger(trace)
    for line in lines:
        with suppress(CommandError):
            session.execute(line)
    for line in commands_in_force(session):
        found.execute(line)
    assert (found.cursor, found.inside) == (session.cursor, session.inside)


@given(modular_traces(), st.lists(st.sampled_from(LINES), max_size=12))
def test_the_same_lines_lead_to_the_same_place(trace: Trace, lines: list[str]) -> None:
    """So that a replay of them is one."""
    seen = []
    for _ in range(2):
        session = Debugger(trace)
        told: list[tuple[str, int, str]] = []
        for line in lines:
            try:
                answer = session.execute(line)
            except CommandError as error:
                answer = str(error)
            told.append((answer, session.cursor, session.inside))
        seen.append(told)
    assert seen[0] == seen[1]


def test_layers_are_their_ops() -> None:
    """A breakpoint in a layer does not stop where its parameters appear."""
    session = Debugger(encoder())
    session.execute("break layer enc")
    assert session.execute("continue")
    assert session.cursor == 4
