"""Laws of every pane, over every step of every shipped scenario."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.marks import MANY, spread, together
from tests.render.views import NAMES, opened, text_of, view_at, views
from tui_backprop import trace
from tui_backprop.debug.stops import node_stop
from tui_backprop.render.panes.graph import graph_content
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.node_state import row_state
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.panes.program import program_content
from tui_backprop.render.panes.timeline import header_line, progress_content, status_line
from tui_backprop.render.panes.vectors import gradient_content, sum_text, summand_texts, v_content
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import Numerals, number
from tui_backprop.render.text.spans import line_width, plain
from tui_backprop.render.view import View
from tui_backprop.timeline.frame import Phase
from tui_backprop.tui.panes import PANES as TABLE

PANES = {row.id: row.picture for row in TABLE}
SIZES = ((1, 1), (9, 3), (30, 6), (78, 9), (158, 40))


@pytest.mark.few(3, 22)
@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_lines_are_as_wide_as_asked(name: str, count: int) -> None:
    """Every line of every pane fills exactly the cells asked for, however few."""
    for view, (pane, make) in product(spread(views(name)[1:], count), PANES.items()):
        for cells, height in SIZES:
            content = make(view, cells, height)
            for y in range(min(height, content.size[1])):
                assert line_width(content.line(y, 0, cells)) == cells, (pane, view.frame.k, cells)


@pytest.mark.parametrize("pane", [p for p in PANES if p != "note"])  # an author's own words
def test_ascii_is_ascii(pane: str) -> None:
    """With ASCII borders nothing else needs Unicode either."""
    scenario, trace, _ = opened("mlp-2-3-1")
    namer = Namer(scenario.model.graph, 1, ASCII)
    for frame in trace.timeline:
        content = PANES[pane](View(frame, namer, charset=ASCII), 100, 30)
        for line in text_of(content, 100, 30):
            assert line.isascii(), line


@pytest.mark.few(6, 38)
@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_view_is_the_same_picture(name: str, count: int) -> None:
    """A pane depends on its view only: coming back from the other side changes nothing."""
    there, back = (
        [[text_of(make(v, 60, 9), 60, 9) for make in PANES.values()] for v in met]
        for met in (spread(views(name), count), spread(views(name), count)[::-1])
    )
    assert there == back[::-1]


def test_a_gradient_shows_its_sum() -> None:
    """Each entry has its summands, what this step added, and ``·`` where nothing came yet."""
    assert text_of(gradient_content(view_at("vector-double", 8), 60, 5), 60, 5) == [
        "X.grad₁  2 + 0 + 0 = 2",
        "X.grad₂  0 + 4 = 4  ◂ +4",
        "X.grad₃  ·",
    ]


@pytest.mark.few(4)
@pytest.mark.parametrize("name", NAMES)
def test_summands_add_up_to_the_entry(name: str) -> None:
    """What is written out is what the entry is."""
    for view in views(name):
        frame = view.frame
        for node in range(frame.built):
            adjoint = frame.adjoint(node)
            for flat in range(adjoint.size):
                value = adjoint.entry(flat)
                terms = frame.terms(node, flat)
                if value is None:
                    assert not terms
                else:
                    assert sum(t.value for t in terms) == pytest.approx(value, nan_ok=True)


def test_what_a_step_added_is_whole_or_only_marked() -> None:
    """Half a number would be another number."""
    view = view_at("mlp-classifier", 16)
    for cells in range(26, 44):
        row = text_of(gradient_content(view, cells, 7), cells, 7)[1]
        assert row.endswith(("0.210077  ◂", "0.210077  ◂ +0.210077"))


def test_a_long_name_leaves_room_for_the_number() -> None:
    """A number is whole or says that it goes on: cut off by the border it would be another one."""
    w = np.array([[0.25, -1.5], [0.1234567, 3]])

    def loss(encoder_layers_0_attention_weight: Any) -> Any:
        return np.tanh(encoder_layers_0_attention_weight).sum()

    traced = trace(loss, w)
    view = View(traced.timeline[-1], Namer(traced.graph), symbolic=False)
    wanted = [number(x) for x in traced.grad["encoder_layers_0_attention_weight"].ravel()]
    for cells in range(24, 60):
        rows = text_of(gradient_content(view, cells, 4), cells, 4)
        for index, value, row in zip(("₁₁", "₁₂", "₂₁", "₂₂"), wanted, rows, strict=True):
            name, shown, *_ = row.split()
            assert (name.endswith(index), shown) == (True, value), (cells, row)
    for cells in range(18, 60):
        header, *rows = text_of(jacobian_content(view, cells, 5), cells, 5)
        assert rows[-1].split()[0].endswith("₂₂")
        assert "₂₂" in header.replace("…", " ").split()[-2:], (cells, header)


def test_a_long_index_leaves_room_for_v() -> None:
    """The last axes tell entries apart, and a number is there beside them."""
    traced = trace(lambda x: np.exp(x).sum() * 0.123456, np.ones((12, 2, 11, 11)))
    view = View(traced.timeline[-1], Namer(traced.graph), symbolic=False)
    for cells in range(15, 30):
        name, pointer, shown = text_of(v_content(view, cells, 4), cells, 4)[-1].split()
        assert (name[-3:], pointer, shown[:4]) == (",₁₁", "▸", "0.12"), cells


def test_long_sums_keep_their_latest_summands() -> None:
    """Where a sum does not fit, what was added last is still there."""
    texts = summand_texts(view_at("vector-double", 6).frame.terms(0, 0), Numerals())
    assert sum_text(texts, 40, UNICODE) == "2 + 0 + 0"
    assert sum_text(texts, 8, UNICODE) == "… + 0"
    assert sum_text(texts, 2, UNICODE) == ""


def test_a_sum_of_rounded_numbers_says_so() -> None:
    """Beside one that is exact in the digits that are shown."""
    rounded = gradient_content(view_at("attention-head", 56), 60, 9)
    assert "₁₃  −0.145708 − 0.215532 + 1.08776 ≈ 0.726519" in "\n".join(text_of(rounded, 60, 9))
    exact = gradient_content(view_at("mazur-network", 36), 60, 9)
    assert text_of(exact, 60, 9)[0] == "h.grad₁  0.0553994 − 0.0190491 = 0.0363503"
    spelled = gradient_content(view_at("attention-head", 56, charset=ASCII), 60, 9)
    assert "+ 1.08776 ~= 0.726519" in "\n".join(text_of(spelled, 60, 9))


@pytest.mark.parametrize("name", NAMES)
def test_every_note_is_told(name: str) -> None:
    """No note of a shipped scenario hangs on a place that the walk never passes."""
    notes = opened(name)[0].model.notes
    told = [note for view in views(name) for note in notes_at(view.frame, notes)]
    assert all(note in told for note in notes)


@pytest.mark.few(6)
@pytest.mark.parametrize("cells", [20, 80, 160])
@together("name", NAMES)
def test_the_bar_has_one_cursor(name: str, cells: int) -> None:
    """It moves to the right with the steps, and a click on it comes back to the step.

    Of a training each iteration has a bar of its own.
    """
    places: list[tuple[int, int]] = []
    for view in views(name):
        bar = progress_content(view, cells, 1)
        text = plain(bar.line(0, 0, cells))
        assert text.count("●") == 1
        places.append((view.frame.timeline.updates.number, text.index("●")))
        step = bar.step_at(places[-1][1], 0)
        assert step is not None
        assert step <= view.frame.k
    assert places == sorted(places)


def test_the_bar_of_a_long_walk_reaches_the_end() -> None:
    """Any cell of the bar leads to a step of the walk."""
    view = view_at("mlp-2-3-1", -1)
    bar = progress_content(view, 80, 1)
    steps = [bar.step_at(x, 0) for x in range(bar.size[0])]
    assert all(s is not None and 0 <= s < view.frame.length for s in steps)
    assert bar.step_at(10**6, 0) is None


def test_breakpoints_stand_on_the_bar_and_the_tape() -> None:
    """A marker shows where the walk will stop."""
    view = view_at("vector-double", 0, stops=(node_stop(2),), graph_view="tape")
    assert "◆" in plain(progress_content(view, 80, 1).line(0, 0, 80))
    late = view_at("vector-double", 4, stops=(node_stop(2),), graph_view="tape")
    assert any("◆" in line for line in text_of(graph_content(late, 80, 9), 80, 9))


@pytest.mark.parametrize("name", NAMES)
def test_the_status_says_where_we_are(name: str) -> None:
    """The address on screen is the one that ``goto`` takes."""
    for view in views(name):
        assert f"step {view.frame.k}/{view.frame.length - 1}" in plain(status_line(view, 120))
        assert line_width(header_line(view, 80)) == 80


def test_why_it_stopped_is_read_first() -> None:
    """Where room is short, the words for the way go, then the node; what is cut is seen to be."""
    reason = "searching: step 17,667 of 3,456,003; escape stops"
    view = view_at("vector-double", 8, reason=reason)
    for cells, seen in ((120, "▸ forward in time  Y → X  "), (90, "▸  Y → X  "), (78, "▸  ")):
        for line in (status_line(view, cells), header_line(view, cells)):
            assert f"step 8/12  {seen}{reason}" in plain(line)
    assert plain(status_line(view, 50)).endswith("…")
    assert "forward in time" in plain(status_line(view_at("vector-double", 8), 50))


def test_hostile_titles_are_text() -> None:
    """Escape sequences and markup reach the screen as what they are written with."""
    view = view_at("vector-double", 0)
    hostile = View(view.frame, view.namer, "\x1b[31m[red]hi[/red]\x07\n")
    text = plain(header_line(hostile, 160))
    assert "\x1b" not in text
    assert "\n" not in text
    assert "[red]hi[/red]" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_program_marks_the_line_of_the_node(name: str) -> None:
    """The pointer stands where the node was written; leaves were written elsewhere."""
    for view in views(name):
        lines = text_of(program_content(view, 60, 40), 60, 40)
        marked = [y + 1 for y, line in enumerate(lines) if "▸" in line]
        span = view.frame.node.span
        assert marked == ([] if span is None else list(range(span.line, span.end_line + 1)))


def test_beside_the_whole_jacobian_stands_the_seed() -> None:
    """vᵀJ can be formed from the two panes: one row of J, one number of v."""
    whole, local = (view_at("mlp-2-3-1", 39, total=total) for total in (True, False))
    beside, own = v_content(whole, 20, 8), v_content(local, 20, 8)
    assert beside.title == "v = loss.grad"
    assert [line.split() for line in text_of(beside, 20, 8)] == [["v", "1"]]
    assert own.title == "v = #6.grad"
    assert jacobian_content(whole, 60, 8).title.startswith("J = ∂loss/∂W1  (1×6)  whole graph")


def test_beside_the_whole_jacobian_stands_the_gradient_that_it_gives() -> None:
    """That of the input by which J is, whichever node the step pulls into."""
    whole, local = (view_at("mlp-2-3-1", 16, total=total) for total in (True, False))
    assert gradient_content(local, 60, 8).title == "#13.grad  (1,)"
    content = gradient_content(whole, 60, 8)
    assert content.title == "W1.grad  (3×2)"
    assert not any("◂" in line for line in text_of(content, 60, 8))


@pytest.mark.parametrize(
    ("cells", "title"), [(17, "v = loss.grad"), (15, "v=loss.grad"), (10, "v=loss.grad"), (9, "v")]
)
def test_the_title_of_v_says_what_it_was_summed_as(cells: int, title: str) -> None:
    """Closed up where that helps; where hardly a letter of it would be left, v alone."""
    assert v_content(view_at("mlp-2-3-1", 16), cells, 8).title == title


@pytest.mark.parametrize("name", NAMES)
def test_v_is_the_gradient_that_its_title_names(name: str) -> None:
    """At every step, in every pass: what was summed is what is pulled back, all of it."""
    for view in views(name):
        frame = view.frame
        node, letter = frame.node.id if frame.edge is None else frame.source, view.namer.vector(0)
        if frame.v is None or view.namer.vector_is(node) == "v":
            continue
        values, known = frame.adjoint(node).toarray()
        assert known.all()
        np.testing.assert_array_equal(values, frame.v)
        assert row_state(view, node).word == letter == ("t" if frame.is_forward else "v")


def test_total_jacobian_is_that_of_the_whole_graph() -> None:
    """J total of Y = 2X is J, all of it known at once."""
    view = view_at("vector-double", 4, total=True)
    assert [line.split() for line in text_of(jacobian_content(view, 60, 6), 60, 6)[1:]] == [
        ["y₁", "2", "0", "0"],
        ["y₂", "0", "2", "0"],
        ["y₃", "0", "0", "2"],
    ]


def test_before_the_backward_pass_j_and_v_are_announced() -> None:
    """An empty pane says what will be there."""
    view = view_at("vector-double", 0)
    assert "rows are outputs" in " ".join(text_of(jacobian_content(view, 60, 6), 60, 6))
    assert text_of(v_content(view, 60, 6), 60, 6)
    assert view.frame.phase is Phase.BUILD
