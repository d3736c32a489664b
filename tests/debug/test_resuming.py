"""Going on in a scenario that was changed on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.marks import few, spread
from tests.strategies import traces
from tui_backprop.api import Scenario
from tui_backprop.debug.commands.resuming import event_name, resume
from tui_backprop.debug.commands.saved import commands_in_force
from tui_backprop.language.catalogue import language_of
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace

TEXT: Final = """\
format: 1
inputs: {X: [1, 2, 3], w: 2}
program: |
  h = X * X
  Y = w * h + (X - 1)
backward: [{of: Y, v: [1, 2, 3]}, {zero_grad: true}, {of: Y}]
breakpoints: [break h]
"""
SAME: Final = "loaded again: at the same event"


def _session(text: str = TEXT) -> tb.Session:
    return Scenario(loads(text)).session()


@pytest.mark.parametrize("path", few(shipped(), 6), ids=lambda path: path.stem)
def test_a_file_that_is_the_same_leaves_us_where_we_are(path: Path) -> None:
    """At every step, with everything that was set."""
    scenario = tb.load(path)
    for zeros in (False, True):
        before = scenario.session()
        if before.timeline.zeros is not zeros:
            before.toggle_zeros()
        for k in spread(range(before.last + 1), 40):
            before.goto(k)
            after = scenario.session()
            assert after.resume(before) == SAME
            assert (after.cursor, after.timeline.zeros) == (k, zeros)


@given(traces(), st.data())
def test_the_same_graph_has_the_same_events(trace: Trace, data: st.DataObject) -> None:
    """Of any graph, with names or without."""
    before, after = tb.Session(trace), tb.Session(trace.rerun())
    before.goto(data.draw(st.integers(0, before.last)))
    before.execute("display step")
    assert after.resume(before) == SAME
    assert [*commands_in_force(after)] == [*commands_in_force(before)]


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  h =", "  q = 3 * X\n  h ="),
        ("inputs: {X", "inputs: {a: [[1, 2]], X"),
        ("backward", "constants: {c: 1}\nbackward"),
        ("[1, 2, 3], w", "[7, 8, 9], w"),
        ("  Y = w * h", "  p = 4 * w\n  Y = w * h"),
        ("  h = X * X\n", "  h = X * X\n  z = h + 1\n"),
    ],
)
def test_what_is_added_moves_us_along(old: str, new: str) -> None:
    """The event keeps its name, wherever it now stands."""
    for k in range(_session().last + 1):
        before, after = _session(), _session(TEXT.replace(old, new))
        before.goto(k)
        name = event_name(before.frame)
        assert after.resume(before) == SAME
        assert after.frame.phase is before.frame.phase
        if "#" not in name:
            assert event_name(after.frame) == name


def test_what_is_gone_is_named() -> None:
    """And the nearest event before it is where we are: at each step of what is gone."""
    text = TEXT.replace("  h = X * X\n", "").replace("w * h", "w * X").replace("break h", "break X")
    gone = 0
    for k in range(_session().last + 1):
        before, after = _session(), _session(text)
        before.goto(k)
        name = event_name(before.frame)
        told = after.resume(before)
        if told == SAME:
            assert "h" not in name.removeprefix("the seed")
            continue
        gone += 1
        assert told == f"loaded again: {name} is gone, this is the nearest"
        assert after.frame.pass_number == before.frame.pass_number
        if before.frame.phase is tb.Phase.BUILD:
            assert event_name(after.frame) == {"h": "w", "#3": "w"}[name]
    assert gone > 20


def test_a_pass_that_is_gone_leaves_us_at_the_end() -> None:
    """And at what is at its place, where there is another kind of pass."""
    before = _session()
    before.goto(before.last)
    after = _session(TEXT.replace(", {zero_grad: true}, {of: Y}]", "]"))
    assert "is gone" in after.resume(before)
    assert after.cursor == after.last
    after = _session(TEXT.replace("{of: Y}]", "{zero_grad: true}]"))
    assert "is gone" in after.resume(before)
    assert after.frame.phase is tb.Phase.ZERO_GRAD


def test_an_entry_that_is_gone_leaves_us_at_the_nearest() -> None:
    """Of an array that became smaller."""
    before = _session(TEXT.replace("break h", "break Y"))
    before.goto(before.last)
    after = _session(TEXT.replace("[1, 2, 3]", "[1, 2]"))
    assert "is gone, this is the nearest" in after.resume(before)
    assert event_name(after.frame) == event_name(before.frame).replace("[2]", "[1]")


def test_what_was_set_is_kept_as_far_as_it_means_something() -> None:
    """Breakpoints with their numbers and counts, watchpoints, displays; what is lost is named."""
    before = _session()
    for line in ("break Y", "watch X.grad[2]", "break #3", "display norm(h)", "display X.grad",
                 "break if h[0] > 1", "ignore 2 3", "disable 1", "set w = 5"):  # fmt: skip
        before.execute(line)
    was = [*commands_in_force(before)]
    text = TEXT.replace("h = X * X", "q = X * X").replace("w * h", "q * w").replace("k h]", "k q]")
    after = _session(text)
    told = after.resume(before).splitlines()
    assert told == [
        SAME,
        "lost: breakpoint 4: #3: there is no #3 any more",
        "lost: breakpoint 5: if h[0] > 1: there is no 'h'; there are: X, w, q, Y, v, J",
        "lost: display norm(h): there is no 'h'; there are: X, w, q, Y, v, J",
        "what was set is lost, the file's numbers are in force: w = 5",
    ]
    assert [(b.number, b.text, b.ignore) for b in after.breakpoints] == [
        (1, "q", 0), (2, "Y", 3), (3, "X.grad[2]", 0),
    ]  # fmt: skip
    assert [shown.text for shown in after.displays] == ["X.grad"]
    assert after.trace.leaves["w"] == 2
    assert [*commands_in_force(before)] == was


def test_what_the_file_sets_itself_comes_from_the_file() -> None:
    """It takes the number of one of ours, which gets another; ours that is there stays off."""
    before = _session()
    before.execute("disable 1")
    before.execute("break Y")
    after = _session(TEXT.replace("[break h]", "[break h, break w]"))
    assert after.resume(before) == SAME
    assert [(b.number, b.text, b.is_enabled) for b in after.breakpoints] == [
        (1, "h", False), (2, "w", True), (3, "Y", True),
    ]  # fmt: skip


def test_it_is_told_in_chinese() -> None:
    """Every line of it."""
    before = _session()
    before.execute("break Y")
    before.execute("display Y")
    before.execute("set w = 5")
    before.goto(before.last)
    after = _session(TEXT.replace("Y", "Z"))
    told = language_of("zh").answered(resume(after, before)).text.splitlines()
    assert told[0].startswith("已重新载入：")
    assert all("一" <= line[0] <= "鿿" for line in told)
    assert len(told) == 4
