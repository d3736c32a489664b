"""The commands health and compare: what they answer, where they lead, what they refuse."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example, traces
from tui_backprop import Session
from tui_backprop.api import Scenario, load
from tui_backprop.debug.commands import perform
from tui_backprop.debug.compare import compare
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.report import health_answer, health_picture
from tui_backprop.errors import CommandError
from tui_backprop.limits import Limits
from tui_backprop.progress import run_to_end
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace

DOUBLE = "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: Y = 2 * X\nbackward: {of: Y, v: [1, 2, 3]}\n"


def session(text: str = DOUBLE) -> Session:
    """A session over a small scenario, with a reader of others."""
    return Session(Scenario(loads(text)).trace())


def test_health_is_that_of_the_present_numbers() -> None:
    """Of all nodes, of one, or a picture; after a set, of what was set."""
    walk = Session(load("vanishing-sigmoids").trace())
    found, h = health(walk.trace), walk.trace.graph.names["h@3"]
    one = replace(found, nodes=(found.nodes[h],), roots=())
    assert run_to_end(perform(walk, "health")) == health_answer(walk.timeline, found)
    assert run_to_end(perform(walk, "health  h@3 ")) == health_answer(walk.timeline, one)
    assert run_to_end(perform(walk, f"health {h}")) == health_answer(walk.timeline, one)
    assert run_to_end(perform(walk, "health plot")) == health_picture(found)
    before = walk.execute("health")
    walk.execute("set v = 0")
    assert walk.execute("health") != before
    assert walk.cursor == 0


def test_a_node_called_plot_has_a_health_too() -> None:
    """Behind the word node, as goto has it."""
    walk = session("format: 1\ninputs: {X: 1}\nprogram: plot = 2 * X\n")
    assert walk.execute("health node plot").startswith("plot: nothing flagged")
    assert "-> (depth)" in walk.execute("health plot")


@pytest.mark.parametrize("line", ["health", "health plot", "compare before"])
def test_who_gives_up_has_not_moved(line: str) -> None:
    """Each takes as many pieces as the walk has nodes."""
    walk = session()
    walk.execute("set X[0] = 5")
    walk.goto(4)
    journey = perform(walk, line)
    next(journey)
    journey.close()
    assert walk.cursor == 4


@given(traces(), st.data())
def test_compare_stands_on_the_first_step_that_differs(trace: Trace, data: st.DataObject) -> None:
    """From wherever one was; where none differs the cursor stays."""
    walk = Session(trace)
    name = data.draw(st.sampled_from(sorted(trace.graph.inputs)))
    other = data.draw(st.sampled_from([1.0, 0.5])) * trace.leaves[name]
    walk.apply(name, trace.rerun({name: other}))
    walk.goto(data.draw(st.integers(0, walk.last)))
    start, found = walk.cursor, compare(walk.timeline, trace.timeline).difference
    answer = run_to_end(perform(walk, "compare before"))
    if found is None:
        assert answer.text == f"no event differs: {walk.timeline.length:,} step" + (
            "s" if walk.timeline.length > 1 else ""
        )
        assert walk.cursor == start
    else:
        assert walk.cursor == found.steps[0] == answer.lines[-1].step
        ours, theirs = walk.frame, trace.timeline[walk.cursor]
        assert (ours.phase, ours.node.id) == (theirs.phase, theirs.node.id)


def test_compare_tells_both_numbers_and_the_movement() -> None:
    """What differs, in each of the two, and from where to where the cursor went."""
    walk = session()
    walk.execute("set v = [1, 5, 3]")
    walk.goto(6)
    assert walk.execute("compare before").split("\n") == [
        "3 steps alike",
        "first difference at step 3: seed v[1]",
        "  now     5.0",
        "  before  2.0",
        "the cursor went from step 6 to step 3",
    ]
    last = walk.execute("compare before").split("\n")[-1]
    assert last == "the cursor stands there already, at step 3"


def test_before_is_what_stood_before_the_last_set() -> None:
    """Not the first one; after an undo, the one before that."""
    walk = session()
    walk.execute("set X[0] = 5")
    walk.execute("set X[1] = 7")
    assert "value X[1]" in walk.execute("compare before")
    walk.execute("undo")
    assert "value X[0]" in walk.execute("compare before")
    walk.execute("set X[0] = X[0]")
    assert walk.execute("compare before").startswith("no event differs")


def test_another_scenario_is_compared_by_path_or_name(tmp_path: Path) -> None:
    """A file; a shipped one by its name; structural zeros as they are here."""
    walk = session()
    other = tmp_path / "with space.yaml"
    other.write_text(DOUBLE.replace("2 * X", "3 * X"))
    answer = walk.execute(f"compare  {other}")
    assert "first difference at step 1: value 2\n  here   2.0\n  there  3.0\n" in answer
    assert walk.cursor == 1
    assert walk.execute("compare vector-double") == "no event differs: 7 steps"
    walk.execute("zeros")
    assert walk.execute("compare vector-double") == "no event differs: 13 steps"


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As source does."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "other.yaml").write_text(DOUBLE)
    assert session().execute("compare ~/other.yaml").startswith("no event differs")


def test_a_walk_that_ends_first_has_no_step_to_go_to(tmp_path: Path) -> None:
    """The cursor stays, and the answer says so."""
    other = tmp_path / "longer.yaml"
    other.write_text(DOUBLE.replace("{of: Y, v: [1, 2, 3]}", "[{of: Y, v: [1, 2, 3]}, {of: Y}]"))
    walk = session()
    walk.goto(5)
    answer = walk.execute(f"compare {other}")
    assert "first difference after the last step" in answer
    assert answer.endswith("this walk has no such step: the cursor stays at step 5")
    assert walk.cursor == 5


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("compare", None, "compare with what"), (" compare  before", 10, "nothing was set"),
        ("compare nowhere-at-all", 8, "no such file"),
            ("compare ~nobody-at-all/x", 8, "no such home"),
        ("compare .", 8, "this is a directory"), ("compare " + "a" * 5000, 8, "cannot be read"),
        ("compare a\0b", 8, "cannot be read"), ("health Z", 7, "there is no 'Z'"),
        ("health  X.grad", 8, "whole nodes"), ("health node X[0]", 12, "whole nodes"),
        ("health node", 7, "there is no 'node'"), ("health plot X", 7, "expected a name"),
        ("health 99", 7, "there is no node 99"),
    ],
)  # fmt: skip
def test_what_cannot_be_examined_is_refused(line: str, column: int | None, message: str) -> None:
    """With its column, and the cursor stays."""
    walk = session()
    walk.goto(5)
    with pytest.raises(CommandError, match=message) as caught:
        walk.execute(line)
    assert (caught.value.column, walk.cursor) == (column, 5)


def test_a_bad_scenario_is_told_with_its_place(tmp_path: Path) -> None:
    """The whole block, as the command line says it."""
    (tmp_path / "bad.yaml").write_text(DOUBLE.replace("2 * X", "tahn(X)"))
    with pytest.raises(CommandError, match=r"bad.yaml:3:14: unknown function 'tahn'\n.*\n.*\^"):
        session().execute(f"compare {tmp_path / 'bad.yaml'}")


def test_limits_hold_for_the_other_scenario_too(tmp_path: Path) -> None:
    """Those with which the first was opened."""
    for name, size in (("small", 3), ("large", 300)):
        numbers = ", ".join(["1"] * size)
        (tmp_path / f"{name}.yaml").write_text(DOUBLE.replace("1, 2, 3", numbers))
    walk = Session(load(tmp_path / "small.yaml", Limits(elements=100)).trace())
    with pytest.raises(CommandError, match="100"):
        walk.execute(f"compare {tmp_path / 'large.yaml'}")


def test_without_a_reader_no_other_scenario_is_opened() -> None:
    """A trace that came from no file says so; what was set can be compared all the same."""
    walk = Session(seed_example())
    with pytest.raises(CommandError, match="without a reader of scenarios"):
        walk.execute("compare vector-double")
    walk.execute("set X[2] = 9")
    assert "value X[2]" in walk.execute("compare before")


@given(st.sampled_from(["health ", "compare ", "goto claim ", "health node "]), st.text())
def test_no_argument_breaks_the_session(command: str, argument: str) -> None:
    """Any text is answered or refused, and the numbers stay what they are."""
    walk = session()
    with suppress(CommandError):
        walk.execute(command + argument)
    np.testing.assert_array_equal(walk.trace.grad["X"], [2, 4, 6])
    assert 0 <= walk.cursor <= walk.last
