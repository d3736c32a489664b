"""What other numbers have made different."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.render.views import opened, text_of
from tui_backprop import Session, load
from tui_backprop.dataclass import replace
from tui_backprop.debug.commands import perform
from tui_backprop.progress import run_to_end
from tui_backprop.render.panes.graph import graph_content
from tui_backprop.render.panes.node_state import is_other_entry, is_other_value
from tui_backprop.render.panes.note import note_content, notes_at
from tui_backprop.render.panes.timeline import header_line, phase_text, status_line
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
    """With a glyph: in the drawing, on the tape, and behind an entry, where it is no factor."""
    for graph_view in ("drawing", "tape"):
        for lines, count in ((("set X[0] = 5",), 2), ((), 0)):
            view = tried(*lines, k=2)
            shown = View(view.frame, view.namer, before=view.before, graph_view=graph_view)
            rows = text_of(graph_content(shown, 90, 30), 90, 30)
            assert sum("*[" in row for row in rows) == count, rows
    rows = text_of(gradient_content(tried("set v = [1, 0, 3]", k=12), 60, 5), 60, 5)
    assert rows[1] == "X.grad₂  0 + 0 + 0 = 0*"
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


WARNED = {
    "en": "Numbers from before 'set':",
    "zh": "set 之前的数：",
}


@pytest.mark.parametrize("language", WARNED)
@pytest.mark.parametrize(
    ("lines", "is_warned"),
    [
        (("set v = [0, 1, 0]",), True),
        (("set X = [4, 5, 6]", "set v = [1, 0, 0]", "undo"), True),
        (("set v = [0, 1, 0]", "undo"), False),
        ((), False),
    ],
)
def test_a_note_says_that_its_numbers_are_those_of_before(
    language: str, lines: tuple[str, ...], *, is_warned: bool
) -> None:
    """First and dimmed at each step that has a note, while something is set; no note, no word."""
    notes = load("vector-double").model.notes
    for k in range(13):
        view = replace(tried(*lines, k=k), notes=notes, language=language)
        content = note_content(view, 60, 9)
        assert bool(content.size[1]) is bool(notes_at(view.frame, notes))
        found = [plain(content.line(y, 0, 60)).strip() for y in range(content.size[1])]
        assert (WARNED[language] in found) is (is_warned and bool(found))
        without = note_content(replace(view, notes=()), 60, 9)
        assert not any(plain(without.line(y, 0, 60)).strip() for y in range(without.size[1]))
        if is_warned and found:
            assert found[0] == WARNED[language]
            assert content.line(0, 0, 60)[0].role == "dim"
            flat = note_content(view, 60, 1).line(0, 0, 60)
            assert plain(flat).startswith(f"{WARNED[language]} {found[1][:5]}")
            assert flat[0].role == "dim"


def test_what_was_set_is_said_once() -> None:
    """Not beside the message that says so, and the title stays; then again by itself."""
    view = replace(tried("set v = [0, 1, 0]", k=4), title="Y = 2X, v = (1, 2, 3)")
    just_set = replace(view, reason="set v = [0, 1, 0]")
    for cells in (80, 100, 160):
        line = plain(header_line(just_set, cells))
        assert line.count("v = [0, 1, 0]") == 1
        assert "Y = 2X" in line
    assert plain(header_line(view, 80)).count("v = [0, 1, 0]") == 1


def test_a_place_that_was_gone_to_is_named_once() -> None:
    """Not as where the walk is, and again as what was asked for."""
    there = replace(tried("set v = [0, 1, 0]", k=2), reason="Y", direction="reverse")
    for cells in (40, 60, 80, 160):
        line = plain(header_line(replace(there, title="a title", trials=()), cells))
        assert line.count("Y") == 1, line
        assert line.rstrip().endswith("Y"), line
    assert plain(header_line(replace(there, reason="Y = 2"), 80)).count("Y") == 2


def test_passes_are_counted_from_one_and_no_zero_grad_is_one() -> None:
    """As in the notes: a first and a second, and between them a step of neither."""
    _, trace, namer = opened("vector-double-slip")
    for section in trace.timeline.sections:
        for k in (section.start, section.stop - 1):
            found = re.findall(r"pass (\d of \d)", phase_text(View(trace.timeline[k], namer)))
            expected = {0: ["1 of 2"], 2: ["2 of 2"]}.get(section.pass_number, [])
            assert found == expected
    last = perform(Session(trace), "health")
    assert "backward pass 2" in run_to_end(last).lines[0].text
