"""``continue`` searches; stepping and asking at every step stops at the same one."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.debug.conditions.conditions import arrays, conditions
from tests.debug.test_stops import is_stop, stops
from tests.strategies import seed_example, traces
from tui_backprop import Session
from tui_backprop.debug.breakpoints import Breakpoint
from tui_backprop.debug.conditions.expression import Expression, is_same
from tui_backprop.errors import CommandError, ScenarioError
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.debug.session import Direction
    from tui_backprop.timeline.landmarks import Unit
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace


@st.composite
def breakpoints(draw: st.DrawFn, trace: Trace, number: int) -> Breakpoint:
    """A place, a condition, both, or something watched; some of them passed by at first."""
    kind = draw(st.integers(0, 3))
    place = draw(stops(trace)) if kind in {0, 2} else None
    condition = watched = None
    with suppress(CommandError):
        if kind in {1, 2}:
            asked = Expression(draw(conditions(trace) | arrays(trace)), trace.graph)
            asked.check_condition()
            condition = asked
        if kind == 3:
            watched = Expression(draw(arrays(trace)), trace.graph)
    if place is None and condition is None and watched is None:
        place = draw(stops(trace))
    ignore = draw(st.sampled_from([0, 0, 1, 2]))
    return Breakpoint(number, "drawn", place, condition, watched, ignore=ignore)


def stopping(b: Breakpoint, session: Session) -> list[int]:
    """Every step at which one stops, found by asking each of them."""
    frames = list(session.timeline)
    found = []
    for before, frame in zip([None, *frames], frames, strict=False):
        if b.watched is not None:
            was = None if before is None else b.watched.displayed(before)
            is_met = before is not None and not is_same(was, b.watched.displayed(frame))
        else:
            is_met = b.place is None or is_stop(b.place, before, frame)
            is_met = is_met and (b.condition is None or holds(b.condition, frame))
            if b.place is None and b.condition is not None and before is not None:
                is_met = is_met and answer(b.condition, before) != answer(b.condition, frame)
        if is_met:
            found.append(frame.k)
    return found


def holds(condition: Expression, frame: Frame) -> bool:
    """Whether a condition stops: it is true, or cannot be computed."""
    return answer(condition, frame) is not False


def answer(condition: Expression, frame: Frame) -> bool | None:
    """Whether a condition holds; None where it cannot be computed."""
    try:
        return condition.holds(frame)
    except CommandError:
        return None


@given(traces(), st.data())
def test_continue_is_repeated_step_to_the_same_stop(trace: Trace, data: st.DataObject) -> None:
    """Any breakpoints together, forward and backward, with their counts."""
    session = Session(trace)
    drawn = tuple(data.draw(breakpoints(trace, n + 1)) for n in range(data.draw(st.integers(1, 3))))
    start = data.draw(st.integers(0, session.last))
    everywhere = [stopping(b, session) for b in drawn]
    for reverse in (False, True):
        session.breakpoints = drawn
        session.goto(start)
        ahead = [
            [k for k in reversed(steps) if k < start]
            if reverse
            else [k for k in steps if k > start]
            for steps in everywhere
        ]
        stopped = [steps[b.ignore] for b, steps in zip(drawn, ahead, strict=True)
                   if len(steps) > b.ignore]  # fmt: skip
        nearest = max if reverse else min
        expected = nearest(stopped) if stopped else (0 if reverse else session.last)
        frame = session.reverse_continue() if reverse else session.continue_()
        assert frame.k == expected
        if stopped:
            passed = [sum(k >= expected if reverse else k <= expected for k in s) for s in ahead]
            assert [b.hits for b in session.breakpoints] == passed


UNITS: tuple[Unit, ...] = ("step", "edge", "node")
WAYS: tuple[tuple[Direction, int], ...] = (("forward", 1), ("reverse", -1))


@given(traces(), st.data())
def test_what_goes_over_many_steps_stops_at_a_breakpoint_inside(
    trace: Trace, data: st.DataObject
) -> None:
    """Steps, edges and nodes, both ways: as far as without breakpoints, or to the nearest stop."""
    drawn = tuple(data.draw(breakpoints(trace, n + 1)) for n in range(data.draw(st.integers(1, 3))))
    free, session = Session(trace), Session(trace)
    start = data.draw(st.integers(0, session.last))
    unit, count = data.draw(st.sampled_from(UNITS)), data.draw(st.integers(1, 4))
    everywhere = [stopping(b, session) for b in drawn]
    for direction, sign in WAYS:
        session.goto(start)
        free.goto(start)
        session.breakpoints = drawn
        target = run_to_end(free.walk(unit, direction, count)).k
        between = [[k for k in steps if sign * start < sign * k <= sign * target][::sign]
                   for steps in everywhere]  # fmt: skip
        stopped = [k for b, steps in zip(drawn, between, strict=True) for k in steps[b.ignore :]]
        expected = min(stopped, key=lambda k: sign * k, default=target)
        assert run_to_end(session.walk(unit, direction, count)).k == expected


def play(session: Session) -> bool:
    """One step; whether there is another one to play."""
    session.step()
    return session.may_go_on


def test_playing_stops_where_a_breakpoint_is() -> None:
    """And counts it, like every way of coming there."""
    session = Session(seed_example())
    session.execute("break step 2")
    assert play(session)
    assert not play(session)
    assert session.reason == "breakpoint 1: step 2"
    assert session.breakpoints[0].hits == 1


def test_a_condition_alone_stops_where_it_becomes_true() -> None:
    """Not again while it stays true; backward at the same step."""
    session = Session(seed_example())
    session.execute("break if any(X.grad > 3)")
    assert [session.continue_().k for _ in range(2)] == [8, 12]
    assert session.reverse_continue().k == 8
    assert session.reason == "breakpoint 1: if any(X.grad > 3)"


def test_a_watchpoint_shows_before_and_after() -> None:
    """It stops where the value changes, not where it is written: 0 + 0 changes nothing."""
    session = Session(seed_example())
    session.execute("watch X.grad[1]")
    assert [session.continue_().k for _ in range(3)] == [7, 8, 12]
    assert session.reverse_continue().k == 8
    assert session.reason == "watchpoint 1: X.grad[1]: 0 → 4"


def test_a_condition_that_cannot_be_computed_stops_and_says_so() -> None:
    """Where v has no entry 5, nothing can be known of it."""
    session = Session(seed_example())
    session.execute("break Y if v[5] > 0")
    assert session.continue_().k == 3
    assert session.reason.startswith("breakpoint 1: Y if v[5] > 0: cannot index 'v' of shape (3,)")


def test_a_condition_alone_stops_where_it_is_no_single_answer() -> None:
    """Wherever v has another shape: though no bound says that it may hold, and at each such run."""
    session = tb.load("where-sqrt").session()
    session.execute("break if v > 1")
    assert "has shape (3,): a condition is one answer" in session.execute("continue")
    assert session.frame.v is not None
    assert session.frame.v.shape == (3,)


@pytest.mark.parametrize(
    "line",
    ["break if {}", "break x if {}", "tbreak if {}", "condition 1 {}", "until {}", "watch y if {}"],
)
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("isnan(x.grad)", "has shape (3,): a condition is one answer; ask for any(…) or all(…)"),
        ("3", "'3' never changes"),
        ("op", "'op' is a word: compare it"),
    ],
)
def test_what_is_a_condition_at_no_step_is_refused(line: str, condition: str, message: str) -> None:
    """By every command that takes one, and nothing is set."""
    session = tb.load("where-sqrt").session()
    session.execute("break x")
    before = session.breakpoints
    with pytest.raises(CommandError, match=re.escape(message)):
        session.execute(line.format(condition))
    assert session.breakpoints == before


def test_a_temporary_breakpoint_stops_once() -> None:
    """Then it is gone; others keep their numbers."""
    session = Session(seed_example())
    session.execute("tbreak step 5")
    session.execute("break step 7")
    assert [session.continue_().k for _ in range(2)] == [5, 7]
    assert [b.number for b in session.breakpoints] == [2]


def test_a_disabled_breakpoint_is_passed_by_and_not_counted() -> None:
    """Until it is enabled again."""
    session = Session(seed_example())
    session.execute("break step 5")
    session.execute("disable")
    assert session.continue_().k == 12
    assert session.breakpoints[0].hits == 0
    session.execute("enable 1")
    assert session.reverse_continue().k == 5


def test_who_gives_up_a_search_has_not_moved() -> None:
    """Nothing of a session changes before a journey has come to its end."""
    session = Session(seed_example())
    session.execute("break if step > 8")
    journey = session.travel("forward")
    next(journey)
    journey.close()
    assert (session.cursor, session.breakpoints[0].hits, session.reason) == (0, 0, "")


def test_playing_goes_to_the_end() -> None:
    """The last step says that there is none to come."""
    session = Session(seed_example())
    steps = 1
    while play(session):
        steps += 1
    assert session.cursor == session.last == steps


@pytest.mark.parametrize("zeros", [True, False])
def test_playing_pauses_where_continue_stops(zeros: bool) -> None:
    """Step by step on its own: the same stops."""
    played, walked = Session(seed_example(zeros)), Session(seed_example(zeros))
    for session in (played, walked):
        session.execute("watch X.grad[1]")
        session.execute("break if step == 2")
    while played.cursor < played.last:
        while play(played):
            pass
        assert (played.cursor, played.reason) == (walked.continue_().k, walked.reason)


ONE_LINE = (
    "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: |\n  Y = 2 * X\n"
    "backward: {of: Y, v: [1, 2, 3]}\nview: {zeros: show}\n"
)


@pytest.mark.parametrize(
    ("asked", "told", "steps"),
    [
        ("break 2", "step 2", [2]), ("break :1", "line 1", [1, 2, 3, 4]),
        ("break line 1", "line 1", [1, 2, 3, 4]),
        ("break a-scenario.yaml:4", "a-scenario.yaml:4", [1, 2, 3, 4]),
        ("tbreak 7", "step 7", [7]), ("break 5 if X[0] > 0", "step 5 if X[0] > 0", [5]),
        ("break node 2", "node 2", [2, 3, 4]), ("break :1 seed", "line 1 seed", [3]),
    ],
)  # fmt: skip
def test_the_answer_says_what_was_set(
    tmp_path: Path, asked: str, told: str, steps: list[int]
) -> None:
    """A number alone is a step, one behind a colon a line of the program, of a file its line."""
    path = tmp_path / "a-scenario.yaml"
    path.write_text(ONE_LINE, encoding="utf-8")
    session = tb.load(path).session()
    assert session.execute(asked).startswith(f"breakpoint 1: {told}: set")
    kept = tmp_path / "kept"
    session.execute(f"save {kept}")
    again = tb.load(path).session()
    again.execute(f"source {kept}")
    assert [(b.text, b.place) for b in again.breakpoints] == [
        (b.text, b.place) for b in session.breakpoints
    ]
    found = []
    while session.cursor < session.last:
        session.execute("continue")
        found += [session.cursor] if "breakpoint" in session.reason else []
    assert found == steps


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("break h", "h: set; first at step 8, line 2: h = tanh(z)"),
        ("tbreak :2", "line 2: set for one stop; first at step 8, line 2: h = tanh(z)"),
        (
            "break mlp-2-3-1.yaml:15",
            "mlp-2-3-1.yaml:15: set; first at step 8, line 2: h = tanh(z)",
        ),
        ("break 20", "step 20: set; line 3: y = W2 @ h + b2"),
        ("break 0", "step 0: set; W1"),
        ("break W1", "W1: set; first at step 0"),
        ("break op tanh partial", "op tanh partial: set; first at step 27, line 2: h = tanh(z)"),
        (
            "break write h if step > 3",
            "write h if step > 3: set; first at step 24, line 3: y = W2 @ h + b2",
        ),
        ("break if step > 3", "if step > 3: set"),
    ],
)
def test_the_answer_says_where_that_is(asked: str, answer: str) -> None:
    """The first step there, and the line of the program with its text."""
    session = tb.load("mlp-2-3-1").session()
    assert session.execute(asked) == f"breakpoint 1: {answer}"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        *((word, "which? The number of a breakpoint") for word in ("ignore", "condition")),
        *((f"{word} h", "expected the number of a breakpoint, as 'info b' lists them: 'h'")
          for word in ("ignore", "condition", "delete", "enable", "disable")),
        ("delete 7", "there is no breakpoint 7; there are: none"),
        ("until :3", "a line is a place to stop at: break :3"),
        ("until line 3", "a line is a place to stop at: break :3"),
        ("break x[0]", "'x[0]' is an entry: break write x.grad[0], or watch x.grad[0]"),
        ("break #0[0]", "'#0[0]' is an entry: break write #0.grad[0], or watch #0.grad[0]"),
        ("break x.grad[0]", "is a gradient: break write x.grad[0], or watch x.grad[0]"),
        ("break :14", "no node was made on line 14: list shows the program; there are: 1, 2, 3"),
        ("set #2 = 3", "'#2' is the number 0, which the program states: it is changed there"),
        ("exit", "'exit' is about the screen, and there is none here"),
        ("frobnicate", "unknown command 'frobnicate'; 'help' lists them"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_answered_with_what_can(asked: str, message: str) -> None:
    """By what was typed, and never by what nobody typed."""
    with pytest.raises(CommandError, match=re.escape(message)):
        tb.load("where-sqrt").session().execute(asked)


def test_who_comes_to_an_end_of_the_walk_is_told() -> None:
    """Also where a condition was waited for in vain; not where something stops there."""
    session = tb.load("where-sqrt").session()
    assert session.execute("until step > 999") == "end of the walk: it held at no step on the way"
    assert session.execute("reverse-continue") == "start of the walk"
    assert session.execute("continue") == "end of the walk"
    session.execute(f"break {session.last}")
    session.execute("restart")
    assert session.execute("continue").startswith("breakpoint 1")
    session.execute("restart")
    assert session.execute("until step > 999").startswith("breakpoint 1")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("break line2", "a line is written :2: 'line2'"),
        ("break l 2", "a line is written :2: 'l 2'"),
        ("break L2", "a line is written :2: 'L2'"),
        ("break line :2", "a line is written :2: 'line 2'"),
        ("break 2:", "a line is written :2: '2:'"),
        ("break line", r"line what\? Such as: break line 3"),
        ("break 99", "there is no step 99: they count from 0 to 41; a line is written :99"),
        ("break step 99", "there is no step 99: they count from 0 to 41"),
        ("break tanh", "'tanh' is an op: break op tanh"),
        ("break h when step > 3", "a condition stands behind 'if', as in break if step > 3"),
        ("break step = 3", "there is no step =: they count from 0 to 41"),
        ("break h == 3", "a condition stands behind 'if'"),
    ],
)
def test_what_other_debuggers_call_a_place_is_told_how_to_write(asked: str, message: str) -> None:
    """By their words, or by a word of our own in the wrong place."""
    session = tb.load("mlp-2-3-1").session()
    with pytest.raises(CommandError, match=message):
        session.execute(asked)
    assert not session.breakpoints


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("break :7", "no node was made on line 7"), ("break a-scenario.yaml:1", "there are: 4, 6"),
        ("break other.yaml:4", "there are: a-scenario.yaml"), ("break 99", "0 to"),
        ("break :x", "there is no|expected a name"), ("break :", "expected a name"),
    ],
)  # fmt: skip
def test_a_line_that_computes_nothing_is_refused(tmp_path: Path, asked: str, message: str) -> None:
    """With the lines that do."""
    path = tmp_path / "a-scenario.yaml"
    program = "h = 2 * X\n\n  Y = h * h"
    path.write_text(ONE_LINE.replace("Y = 2 * X", program), encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        tb.load(path).session().execute(asked)


def test_a_file_that_does_not_show_the_lines_has_none(tmp_path: Path) -> None:
    """Where they are written by escapes; the lines of the program are there all the same."""
    path = tmp_path / "a-scenario.yaml"
    escaped = '"h = 2 * X\\nY = h * h"'
    path.write_text(ONE_LINE.replace("|\n  Y = 2 * X", escaped), encoding="utf-8")
    session = tb.load(path).session()
    assert not session.trace.graph.files
    assert session.execute("break :2").startswith("breakpoint 1: line 2: set; first at step ")


def test_a_scenario_sets_breakpoints_by_the_same_words(tmp_path: Path) -> None:
    """At a step and at a line, checked before there are numbers and set when it is opened."""
    path = tmp_path / "a-scenario.yaml"
    path.write_text(f"{ONE_LINE}breakpoints: [break 3, 'break :1', break 99]\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="there is no step 99"):
        tb.load(path).session()
    path.write_text(f"{ONE_LINE}breakpoints: [break 3, 'break :1']\n", encoding="utf-8")
    session = tb.load(path).session()
    assert [b.text for b in session.breakpoints] == ["step 3", "line 1"]


def test_a_step_keeps_its_event_when_zeros_come_and_go() -> None:
    """It would stop somewhere else; its number is that of the walk there is."""
    session = tb.load("vector-double").session()
    session.execute("break 8")
    session.execute("tbreak 12 if X.grad[0] > 0")
    before = session.timeline[8].node.id, session.timeline[8].row, session.timeline[8].column
    session.toggle_zeros()
    session.execute("continue")
    frame = session.frame
    assert (frame.node.id, frame.row, frame.column) == before
    assert [b.text for b in session.breakpoints] == ["step 5", "step 6 if X.grad[0] > 0"]
    session.toggle_zeros()
    assert [b.text for b in session.breakpoints] == ["step 8", "step 12 if X.grad[0] > 0"]


def test_a_step_beyond_the_walk_stays_where_it_is() -> None:
    """A saved walk may hold one of a walk that visits more; toggling zeros must not look there."""
    session = tb.load("vector-double").session()
    session.toggle_zeros()
    session.execute("restore break 1: step 11")
    session.toggle_zeros()
    assert [b.text for b in session.breakpoints] == ["step 11"]
    session.execute("continue")
    assert session.cursor == 11
