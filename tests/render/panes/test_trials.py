"""What other numbers have made different."""

from __future__ import annotations

import numpy as np

from tests.render.views import opened, text_of
from tui_backprop import Session
from tui_backprop.render.panes.graph import graph_content
from tui_backprop.render.panes.node_state import is_other_entry, is_other_value
from tui_backprop.render.panes.timeline import status_line
from tui_backprop.render.panes.vectors import gradient_content
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.spans import plain
from tui_backprop.render.view import View
from tui_backprop.timeline.timeline import Timeline


def tried(*lines: str, k: int, name: str = "vector-double") -> View:
    """A step after some commands, with the same step before anything was set."""
    _, trace, namer = opened(name)
    session = Session(trace)
    for line in lines:
        session.execute(line)
    baseline = session.history.baseline
    before = None if baseline is None else Timeline(baseline, zeros=session.timeline.zeros)[k]
    return View(session.timeline[k], namer, before=before, trials=session.history.in_force)


def test_values_that_differ_are_those_that_differ() -> None:
    """X was set, so Y is another one; the constant is not; another v changes no value."""
    for lines, expected in (
        (("set X[0] = 5",), [True, False, True]),
        (("set v = [1, 0, 0]",), [False] * 3),
        (("set X[0] = 5", "undo"), [False] * 3),
        (("set X[0] = 5", "set X[0] = 1"), [False] * 3),
        ((), [False] * 3),
    ):
        view = tried(*lines, k=12)
        assert [is_other_value(view, node) for node in range(3)] == expected


def test_entries_differ_once_they_are_summed() -> None:
    """At each event, against the same event of the walk before."""
    for k in range(4, 13):
        view = tried("set v = [1, 0, 3]", k=k)
        for flat in range(3):
            now = view.frame.adjoint(0).entry(flat)
            assert is_other_entry(view, 0, flat) is (flat == 1 and now is not None and k >= 8)


def test_nan_is_what_it_was() -> None:
    """Not different from itself."""
    view = tried("set X[0] = nan", "set X[1] = 7", k=2)
    assert is_other_value(view, 0)
    again = tried("set X[0] = nan", k=2)
    trace = again.frame.timeline.trace
    assert not is_other_value(
        View(again.frame, again.namer, before=Timeline(trace.rerun(dict(trace.leaves)))[2]), 0
    )
    assert np.isnan(trace.values["X"][0])


def test_the_panes_mark_them() -> None:
    """With a glyph: in the drawing, on the tape, and before a gradient entry."""
    for graph_view in ("drawing", "tape"):
        for lines, count in ((("set X[0] = 5",), 2), ((), 0)):
            view = tried(*lines, k=2)
            shown = View(view.frame, view.namer, before=view.before, graph_view=graph_view)
            rows = text_of(graph_content(shown, 90, 30), 90, 30)
            assert sum("*[" in row for row in rows) == count, rows
    rows = text_of(gradient_content(tried("set v = [1, 0, 3]", k=12), 60, 5), 60, 5)
    assert rows[1] == "X.grad₂ *0 + 0 + 0 = 0"
    assert not any("*" in row for row in (rows[0], rows[2]))


def test_the_status_says_what_was_set() -> None:
    """The last of it, and how much more; nothing where nothing is."""
    assert "*" not in plain(status_line(tried(k=4), 120))
    assert "  * X[0] = 5  " in plain(status_line(tried("set X[0] = 5", k=4), 120))
    both = tried("set X[0] = 5", "set v = [0.00001, 0.00002, 0.00003]", k=4)
    assert "  * v = [0.00001, 0.00002, … (+1)" in plain(status_line(both, 120))
    view = tried("set X[0] = 5", k=4)
    assert "* X[0] = 5" in plain(
        status_line(View(view.frame, view.namer, trials=view.trials, charset=ASCII), 120)
    )
