"""``differences`` and ``accuse``: what a student is told, and what not yet."""

from __future__ import annotations

import pytest

import tui_backprop as tb
from tests.debug.hunt.walks import right
from tui_backprop.api import Scenario
from tui_backprop.debug.hunt.differences import Objective
from tui_backprop.errors import CommandError
from tui_backprop.rules.planted.kinds import BUGS
from tui_backprop.scenario.load import loads

TEXT = """\
format: 1
inputs: {x: [0.5, -1]}
program: |
  z = 2 * x
  h = tanh(z)
  y = sum(h * h)
plant: {op: tanh, bug: missing-square}
"""


def session(text: str = TEXT) -> tb.Session:
    """A session over the hunt."""
    return Scenario(loads(text)).session()


def test_differences_tell_right_from_wrong() -> None:
    """At h all is well, and from z on nothing is."""
    own = session()
    assert own.execute("differences h").count("they agree") == 2
    assert own.execute("differences z").count("they differ") == 2
    one = own.execute("differences x.grad[1]")
    assert "-0.272437" in one
    assert "x.grad[0]" not in one


def test_differences_of_a_right_walk_agree_everywhere() -> None:
    """For inputs over all passes since the last zero_grad, for the others over the last pass."""
    trace = right(4)
    run = trace.runs[-1]
    assert run is not None
    for node in trace.graph.nodes:
        if node.id not in run.cotangents:
            continue
        objective = Objective(trace, node.id)
        for flat in range(node.size):
            slopes = objective.slopes(flat)
            if not slopes.is_kinked:
                found = float(run.cotangents[node.id].ravel()[flat])
                assert slopes.central == pytest.approx(found, rel=1e-5, abs=1e-6)


def test_a_kink_is_called_one() -> None:
    """Both slopes are told, and none is judged."""
    own = session("format: 1\ninputs: {x: 0}\nprogram: |\n  y = relu(x)\n")
    assert "a kink: 0 from the left, 1 from the right" in own.execute("differences x")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("differences", "differences of what?"),
        ("differences 1", "is a constant"),
        ("differences g", "there is no 'g'"),
        ("accuse g", "there is no 'g'"),
        ("accuse h[0]", "a whole node is accused"),
        ("accuse h sing", "did you mean 'sign'?"),
        ("accuse h everything", "there are: missing-square"),
    ],
)
def test_what_means_nothing_is_refused(line: str, message: str) -> None:
    """And counts as no accusation."""
    own = session()
    with pytest.raises(CommandError) as error:
        own.execute(line)
    assert message in str(error.value)
    assert not own.hunt.wrong


def test_nothing_can_be_accused_where_nothing_is_planted() -> None:
    """It says so."""
    own = tb.load("chain").session()
    with pytest.raises(CommandError, match="nothing is planted"):
        own.execute("accuse y")


def test_the_bugs_are_listed() -> None:
    """All ten, with what they do, and none of them as the one."""
    told = session().execute("accuse")
    assert all(bug in told for bug in BUGS)


def test_a_node_is_confirmed_before_its_bug() -> None:
    """And that is no wrong accusation."""
    own = session()
    assert own.execute("accuse h").startswith("yes: something is wrong at h")
    assert not own.hunt.wrong


def test_wrong_accusations_are_counted_once_each_and_hinted_after_a_few() -> None:
    """First which side to look, then which line."""
    own = session()
    first = own.execute("accuse z")
    assert "hands on what it should" in first
    assert "wrong accusations so far: 1" in first
    assert "wrong accusations so far: 1" in own.execute("accuse z")
    assert "a hint" not in own.execute("accuse y")
    assert "look nearer to the output" in own.execute("accuse z sign")
    assert "look further back" in own.execute("accuse y sign")
    own.execute("accuse h sign")
    told = own.execute("accuse h at-output")
    assert "look at line 2 of the program" in told
    assert "missing-square" not in told


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("hunt-09", ("p", "k", "e transposed", "e forgotten-sum", "e sign")),
        ("hunt-03", ("a", "k", "b", "x forgotten-sum", "x sign")),
    ],
)
def test_no_hint_leads_away_from_the_right_node(name: str, lines: tuple[str, ...]) -> None:
    """Whatever bug was named there: that it is wrong is said, and no side to look at."""
    own = tb.load(name).session()
    *_, told = [own.execute(f"accuse {line}") for line in lines]
    node = lines[-1][0]
    assert f"something is wrong at {node}, but not" in told
    assert "so look" not in told


def test_a_hint_names_no_side_on_which_nothing_is() -> None:
    """Behind an input there is nothing to look at."""
    own = tb.load("hunt-04").session()
    for line in ("Z", "L", "W sign"):
        told = own.execute(f"accuse {line}")
    assert "nothing lies further back, so look beside it" in told


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_that_cannot_be_there_says_where_it_can_be(bug: str) -> None:
    """And does not read as if it were there."""
    own = session()
    told = own.execute(f"accuse x {bug}").splitlines()[0]
    assert told.startswith("no: ")
    assert ("it can be only at" in told) is (bug != "stale")


def test_another_bug_at_the_right_node_is_told_apart_by_a_number() -> None:
    """What it would have given, beside what the walk has."""
    told = session().execute("accuse h sign")
    assert "something is wrong at h, but not that" in told
    assert "z.grad[1] would be 0.136219, and the walk has -3.78675" in told


def test_what_is_found_stands_beside_what_is_right() -> None:
    """Formula by formula and number by number; after that nothing is counted."""
    own = session()
    own.execute("accuse x")
    told = own.execute("accuse h missing-square")
    assert "confirmed: missing-square at h" in told
    assert "wrong accusations before: 1" in told
    assert "1 - y_0   1 - y_0**2" in told
    assert "0.238406  0.419974" in told
    assert own.hunt.is_over
    assert "so far: 1" in own.execute("accuse y")


@pytest.mark.parametrize("name", [f"hunt-{n:02}" for n in range(1, 11)])
def test_every_shipped_hunt_ends_with_two_columns(name: str) -> None:
    """At least one number differs between what was planted and what is right."""
    own = tb.load(name).session()
    planted = own.trace.provenance.planted
    assert planted is not None
    (node,) = planted.plant.nodes
    lines = own.execute(f"accuse #{node} {planted.plant.bug}").splitlines()
    assert lines[2].split() == ["entry", "planted", "right"]
    assert len(lines) > 3
    assert len(set(lines)) == len(lines)  # a formula that is a number is no row of its own
