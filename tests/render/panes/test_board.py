"""The board: what is written on it is the multiplication, and it stays where it is."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.marks import few
from tests.render.views import NAMES, text_of, titled_view, views
from tui_backprop.api import load
from tui_backprop.render.panes.board import board_content, edge_on_board, is_on_board, rows_needed
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import plain, width
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.timeline.trace import Trace

SIZES = ((40, 5), (56, 7), (76, 6), (96, 9), (156, 14), (400, 40))
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)")


def board(view: View, cells: int, height: int) -> list[str]:
    """Its lines, with a hyphen for every minus."""
    return [
        line.replace("−", "-")
        for line in text_of(board_content(view, cells, height), cells, height)
    ]


def steps(name: str) -> list[View]:
    """Every step of a scenario that pulls back, a few of a long walk."""
    found = [view for view in views(name, symbolic=False) if view.frame.edge is not None]
    return found[:: max(1, len(found) // 60)]


@pytest.mark.parametrize("name", few(NAMES, 6))
def test_it_fits(name: str) -> None:
    """Wherever it is said to: no line is wider than the pane, and none is left out."""
    for view in steps(name):
        for cells, height in SIZES:
            if not is_on_board(view, cells, height):
                continue
            content = board_content(view, cells, height)
            assert content.size[1] <= height
            widths = [width(text) for text in text_of(content, 10_000, height)]
            assert max(widths) <= cells


@pytest.mark.parametrize("name", few(NAMES, 6))
def test_products_add_up_to_the_gradient(name: str) -> None:
    """The terms under the column are what this edge has added to the entry so far."""
    for view in steps(name):
        if not is_on_board(view, 400, 40):
            continue
        frame = view.frame
        edge, p = frame.edge, frame.partial
        assert edge is not None
        assert p is not None
        lines = [line for line in board(view, 400, 40) if line.strip()]
        terms = next(line for line in lines if "↓" in line).replace("↓", "").strip()
        terms = terms.removesuffix("…").strip().removesuffix("+").strip()
        products = [term.strip("() ").split("·") for term in terms.split(" + ")]
        added = [float(a.strip("()")) * float(b.strip("()")) for a, b in products]
        earlier = frame.adjoint_before_edge
        before = 0.0 if earlier is None else float(earlier.ravel()[frame.column])
        if np.isfinite(p.after) and np.isfinite(added).all():
            scale = max(map(abs, [*added, before, p.after, 1e-300]))
            assert abs(before + sum(added) - p.after) <= 3e-5 * scale * len(added), (name, frame.k)
        shown = NUMBER.findall(lines[-1].rpartition("[")[2])
        known = frame.adjoint(edge.parent)
        every = [known.entry(i) for i in range(known.size)]
        wanted = [x for x in every if x is not None]
        assert np.allclose([float(x) for x in shown], wanted, rtol=1e-4, equal_nan=True)


@pytest.mark.few(6)
@pytest.mark.parametrize("name", few(NAMES, 6))
@pytest.mark.parametrize("size", SIZES)
def test_nothing_jumps_within_an_edge(name: str, size: tuple[int, int]) -> None:
    """The board is there for the whole edge or for none of it, its columns at the same cells."""
    for _, of_edge in groupby(
        steps(name), key=lambda view: (view.frame.edge, view.frame.pass_number)
    ):
        group = list(of_edge)
        assert len({is_on_board(view, *size) for view in group}) == 1
        if is_on_board(group[0], *size):
            assert len({board(view, *size)[0] for view in group}) == 1
            brackets = {tuple(line.find("[") for line in board(view, *size)[-1:]) for view in group}
            assert len(brackets) == 1


@pytest.mark.parametrize("name", few(NAMES, 6))
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_the_arrow_leads_from_the_column_into_the_entry(name: str, charset: Charset) -> None:
    """From the last whole digit of the marked entry of J to that of the gradient that grows."""
    for view in (in_charset(view, charset) for view in steps(name)):
        if not is_on_board(view, 156, 14):
            continue
        content = board_content(view, 156, 14)
        lines = [content.line(y, 0, 156) for y in range(content.size[1])]
        arrow = "|" if charset.is_ascii else "↓"
        below = next(y for y, line in enumerate(lines) if arrow in plain(line))
        at = plain(lines[below]).index(arrow)
        marked = next(x for x in lines[1:below] if at in cells_of(x, "current"))
        for line in (marked, lines[-1]):
            role: SpanRole = "changed" if line is lines[-1] else "current"
            cells = cells_of(line, role) & set(range(at - 12, at + 12))
            assert at in cells
            text = "".join(plain(line)[x] for x in sorted(cells)).strip("▐▌[] *")
            if re.fullmatch(r"[-−]?\d+", text):
                assert plain(line)[at] == text[-1]


def in_charset(view: View, charset: Charset) -> View:
    """The same, in other glyphs."""
    namer = Namer(view.namer.graph, view.namer.subscripts, charset)
    return replace(view, charset=charset, namer=namer)


def cells_of(line: Line, role: SpanRole) -> set[int]:
    """The cells of a line that have a role."""
    cells: set[int] = set()
    x = 0
    for span in line:
        cells |= set(range(x, x + len(span.text))) if span.role == role else set()
        x += len(span.text)
    return cells


def test_before_the_first_partial_it_shows_what_comes() -> None:
    """A sentence while the graph is built; then v, and a dot for all that is not computed."""
    for view in views("vector-double", symbolic=False):
        lines = "\n".join(board(view, 76, 8))
        if view.frame.phase is Phase.BUILD:
            assert lines.startswith("J comes with the backward pass")
        if view.frame.phase is not Phase.SEED:
            continue
        assert lines.count("·") == 12
        assert "[ 1 2 3 ]" in lines
        assert not NUMBER.search(re.sub(r"\[ 1 2 3 \]|[₁₂₃]", "", lines))


def test_what_had_arrived_before_is_told_apart(tmp_path: Path) -> None:
    """The gradient is not vᵀJ of this edge alone; the line for it is there from the start."""
    path = tmp_path / "square.yaml"
    path.write_text(
        "format: 1\ninputs: {X: [1, 2]}\nprogram: Y = X * X\nbackward: {of: Y, v: [1, -1.5]}\n",
        "utf-8",
    )
    trace = load(path).trace()
    for frame in trace.timeline:
        if frame.edge is None:
            continue
        view = at_step(trace, frame.k)
        lines = [" ".join(line.split()) for line in board(view, 76, 9)]
        assert any(line.startswith("+ vᵀJ =") for line in lines) is (frame.edge.argument == 1)
    assert [" ".join(x.split()) for x in board(at_step(trace, 6), 76, 9)][-3:] == [
        "there before [ 1 -3 ]",
        "+ vᵀJ = [ 1 -3 ]",
        "X.grad = [ 2 -6 ]",
    ]


def at_step(trace: Trace, k: int) -> View:
    """One step of any trace."""
    return replace(titled_view(trace), frame=trace.timeline[k])


@pytest.mark.parametrize("name", few(NAMES, 4))
def test_in_ascii(name: str) -> None:
    """Every glyph; in as many lines."""
    for view in steps(name):
        in_ascii = in_charset(view, ASCII)
        if is_on_board(in_ascii, 156, 20):
            content = board_content(in_ascii, 156, 20)
            text = [*text_of(content, 156, 20), content.title]
            assert not [line for line in text if not line.isascii()]


def test_large_matrices_do_not_stand_on_it() -> None:
    """Told by their shapes alone."""
    assert rows_needed(24, 40) == 27
    assert rows_needed(25, 1) == rows_needed(1, 41) == rows_needed(0, 3) == 0
    view = titled_view(load("vector-double").trace())
    assert edge_on_board(view.frame) is not None
    assert not is_on_board(view, 76, 5)
    assert not is_on_board(view, 20, 8)
