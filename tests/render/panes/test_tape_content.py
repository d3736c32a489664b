"""The tape of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tui_backprop.debug.stops import node_stop, write_stop
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.program import build
from tui_backprop.render.panes.tape import Tape
from tui_backprop.render.panes.tape_content import tape_content
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width, plain
from tui_backprop.render.view import View
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from tui_backprop.debug.stops import Stop
    from tui_backprop.render.text.spans import Content


def traced(
    program: str, of: str, v: list[float] | None = None, **inputs: float | list[float]
) -> Trace:
    """A backward pass, a zero_grad, and the same pass again."""
    leaves = {name: np.asarray(value, dtype=float) for name, value in inputs.items()}
    graph = build(program, leaves, {}, np.dtype(np.float64))
    seed = None if v is None else np.asarray(v)
    one = Backward(graph.names[of], seed)
    return Trace(graph, leaves, [one, ZeroGrad(), one], zeros=True)


def content(
    trace: Trace,
    k: int,
    cells: int = 80,
    stops: tuple[Stop, ...] = (),
    language: str = "en",
    lines: int = 40,
) -> Content:
    """The tape at step ``k``."""
    namer = Namer(trace.graph)
    view = View(trace.timeline[k], namer, stops=stops, language=language)
    return tape_content(Tape(namer), view, cells, lines)


def lines(shown: Content) -> list[str]:
    """All its rows."""
    cells, height = shown.size
    return [plain(shown.line(y, 0, cells)).rstrip() for y in range(height)]


def rows_in_focus(shown: Content) -> tuple[int, int]:
    """The first, and how many."""
    assert shown.focus is not None
    return shown.focus.y, shown.focus.height


@pytest.fixture
def double() -> Trace:
    """Y = 2X with v = (1, 2, 3)."""
    return traced("Y = 2 * X", "Y", [1.0, 2.0, 3.0], X=[1.0, 2.0, 3.0])


def test_the_walk_of_the_first_example(double: Trace) -> None:
    """Built, seeded, in the middle of a column, and set to zero."""
    assert lines(content(double, 1)) == [
        "   ○    X    input  (3,)  [1 2 3]",
        " ▸ │ ○  2    const       ▸2",
    ]
    assert lines(content(double, 3)) == [
        "   ○    X    input  (3,)  [1 2 3]             grad [· · ·]",
        "   │ ○  2    const        2",
        " ▸ ●─┘  Y    2 * X  (3,)  [2 4 6]             v   ▸[1 2 3]  ◂ v is placed here",
    ]
    assert lines(content(double, 8)) == [
        " + ○    X    input  (3,)  [1 2 3]             grad [2 ▸4 ·]",
        "   ┃ ○  2    const        2",
        " ▸ ●─┘  Y    2 * X  (3,)  [2 4 6]             v    [1 ▸2 3]  ◂ X",
    ]
    assert lines(content(double, 13)) == [
        "   ○    X    input  (3,)  [1 2 3]             grad▸[0 0 0]",
        "   │ ○  2    const        2",
        "   ●─┘  Y    2 * X  (3,)  [2 4 6]",
    ]


def test_both_edges_of_a_square_say_which_they_are() -> None:
    """``x * x`` has two edges; the second is argument 2 on a screen that counts from 1."""
    trace = traced("y = x * x", "y", x=2.0)
    assert lines(content(trace, 3))[1].endswith("◂ pulling back into x, argument 1")
    assert lines(content(trace, 4))[1].endswith("◂ pulling back into x, argument 2")
    assert lines(content(trace, 4, language="zh"))[1].endswith("◂ 向 x 反传（第 2 个操作数）")


def test_what_a_pass_has_not_reached_is_blank() -> None:
    """``v`` appears when something arrives; a gradient stands as ``·`` from the seed on."""
    trace = traced("y = sin(cos(x))", "y", x=1.0)
    seeded, last = lines(content(trace, 3)), lines(content(trace, 5))
    assert "grad ·" in seeded[0]
    assert "v " not in seeded[1]
    assert all("v " in row or "grad" in row for row in last)


def test_every_step_draws_what_it_changed(double: Trace) -> None:
    """One row at least is marked ``changed`` at each step, and every row fits."""
    for frame in double.timeline:
        shown = content(double, frame.k, 50)
        rows = [shown.line(y, 0, 50) for y in range(shown.size[1])]
        assert all(line_width(row) == 50 for row in rows)
        assert any(span.role == "changed" and span.text.strip() for row in rows for span in row)


@pytest.mark.exhaustive
@pytest.mark.exhaustive
def test_the_focus_holds_both_ends_of_an_edge(double: Trace) -> None:
    """However far the parent is: rows between give way, and a line says how many."""
    assert rows_in_focus(content(double, 8)) == (0, 3)
    assert rows_in_focus(content(double, 2)) == (2, 1)
    assert rows_in_focus(content(double, 13)) == (0, 1)
    long = traced("y = x\nfor t in range(20):\n    y = y + sin(x)", "y", x=1.0)
    namer = Namer(long.graph)
    for k in range(len(long.graph.nodes), long.timeline.length, 7):
        edge = long.timeline[k].edge
        for height in (3, 4, 7, 12):
            shown = content(long, k, lines=height)
            first, count = rows_in_focus(shown)
            assert count <= height
            if edge is None:
                continue
            seen = lines(shown)[first : first + count]
            assert namer.label(edge.parent) in seen[0].split()
            assert namer.label(edge.node) in seen[-1].split()
            left_out = edge.node - edge.parent + 1 - height
            assert any("rows between" in row for row in seen) is (left_out > 0)


def test_a_click_beyond_rows_that_are_left_out(double: Trace) -> None:
    """Goes where the same row leads with all of them; the line for them leads nowhere."""
    del double
    long = traced("y = x\nfor t in range(20):\n    y = y + sin(x)", "y", x=1.0)
    k = next(f.k for f in long.timeline if f.edge and f.edge.node - f.edge.parent > 12)
    whole, cut = content(long, k, lines=90), content(long, k, lines=7)
    texts = lines(whole)
    for y, row in enumerate(lines(cut)):
        at = cut.step_at(5, y)
        assert at == (None if "rows between" in row else whole.step_at(5, texts.index(row)))


def test_breakpoints_show_on_their_rows(double: Trace) -> None:
    """On nodes, and on gradients that are watched."""
    rows = lines(content(double, 8, stops=(node_stop(2), write_stop(0))))
    assert [row[0] for row in rows] == ["◆", " ", "◆"]


def test_a_click_goes_to_where_the_pass_touches_the_node(double: Trace) -> None:
    """While building to the build step, in a pass to its first step there."""
    assert [content(double, 1).step_at(5, y) for y in (0, 1, 2)] == [0, 1, None]
    assert [content(double, 8).step_at(5, y) for y in (0, 1, 2, 3)] == [4, 1, 3, None]
    second = next(f.k for f in double.timeline if f.pass_number == 2)
    assert double.timeline[second].phase is Phase.SEED
    assert content(double, second).step_at(5, 0) == second + 1


def test_lines_are_parts_of_rows(double: Trace) -> None:
    """A pane asks for the cells that it shows; below the last row there are none."""
    shown = content(double, 8)
    whole = plain(shown.line(0, 0, 80))
    assert plain(shown.line(0, 5, 20)) == f"{whole[5:19]}…"
    assert plain(shown.line(0, 20, 80)) == whole[20:]
    assert plain(shown.line(7, 0, 10)) == " " * 10
