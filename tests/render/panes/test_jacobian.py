"""The pane of J: its title, its labels, and what it shows of a matrix that does not fit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.attach.tapes import recorded
from tests.marks import MANY, spread, together
from tests.render.views import NAMES, opened, text_of, view_at, views
from tui_backprop import trace
from tui_backprop.language.catalogue import languages
from tui_backprop.render.matrix.labels import (
    edge_title,
    short_labels,
    subscript,
    total_title,
    whole_labels,
)
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import width
from tui_backprop.render.view import View


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_a_title_has_shorter_ways(name: str, count: int, language: str) -> None:
    """Words are left out as a whole, the less important first, and the name stays."""
    for view in spread(views(name, language=language), count):
        edge = view.frame.edge
        if edge is None:
            continue
        named = view.namer.quotient(edge.node, edge.parent)
        for title in (edge_title(view, edge), total_title(view, edge.node, edge.parent)):
            ways = title.split("\n")
            assert ways[-1] == named
            assert all(named in way for way in ways)
            assert all(width(a) > width(b) for a, b in pairwise(ways))
            parts = {part for way in ways for part in way.split("  ")}
            assert parts == {named, *ways[0].split("  ")}


@pytest.mark.few(3)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("cells", [28, 35])
@together("name", NAMES, most=8)
def test_the_whole_graph_is_named(name: str, cells: int, language: str) -> None:
    """On screens of 80 and of 100 columns, where a title has so many cells."""
    for view in views(name, total=True, language=language)[::3]:
        if view.frame.edge is not None:
            ways = jacobian_content(view, cells, 6).title.split("\n")
            fitting = next(way for way in ways if width(way) <= cells)
            assert view.spoken.say("whole graph") in fitting


def test_words_go_before_the_shape() -> None:
    """From all of it to the name alone."""
    view = view_at("vector-double", 8)
    assert view.frame.edge is not None
    assert edge_title(view, view.frame.edge).split("\n") == [
        "J = ∂Y/∂X  (3×3)  rows Y, columns X",
        "J = ∂Y/∂X  (3×3)",
        "J = ∂Y/∂X",
        "∂Y/∂X",
    ]
    assert total_title(view, 2, 0).split("\n")[:4] == [
        "J = ∂Y/∂X  (3×3)  whole graph  rows Y, columns X",
        "J = ∂Y/∂X  (3×3)  whole graph",
        "J = ∂Y/∂X  whole graph",
        "∂Y/∂X  whole graph",
    ]


@pytest.mark.parametrize("language", languages())
def test_what_is_read_twice_says_which_argument_is_meant(language: str) -> None:
    """``∂a/∂x`` of ``a = x * x`` would be taken for the derivative, which both make together."""
    found = [
        edge_title(view, view.frame.edge).split("\n")[0]
        for view in views("fan-out", language=language)
        if view.frame.edge is not None
    ]
    assert len({*found}) == len(found)


@pytest.mark.parametrize(
    ("charset", "first", "texts"),
    [
        (UNICODE, 1, ("₁₁", "₁₂", "₂₁")),
        (UNICODE, 0, ("₀₀", "₀₁", "₁₀")),
        (ASCII, 1, ("1,1", "1,2", "2,1")),
        (ASCII, 0, ("[0,0]", "[0,1]", "[1,0]")),
    ],
    ids=["unicode", "unicode from 0", "ascii", "ascii from 0"],
)
def test_subscripts_stand_alone(charset: Any, first: Any, texts: tuple[str, ...]) -> None:
    """As the scenario counts, in what the terminal has; of a scalar there is only the name."""
    _, walked, _ = opened("mlp-2-3-1")
    namer = Namer(walked.graph, first, charset)
    matrix = next(n.id for n in walked.graph.nodes if n.shape == (3, 2))
    scalar = walked.graph.names["loss"]
    assert tuple(subscript(namer, matrix, flat) for flat in range(3)) == texts
    assert subscript(namer, scalar, 0) == namer.entry(scalar, 0)
    short, whole = short_labels(namer, scalar, matrix), whole_labels(namer, scalar, matrix)
    assert short.corner == f"{charset.partial}loss/{charset.partial}W1"
    assert whole.column(1).endswith(namer.index((3, 2), 1))


def test_a_wide_matrix_is_whole_on_a_small_screen() -> None:
    """A 3 × 6 J shows its zeros and numbers in the pane of an 80 × 24 screen."""
    assert text_of(jacobian_content(view_at("mlp-2-3-1", -5), 31, 6), 31, 6) == [
        "   ₁₁  ₁₂  ₂₁  ₂₂  ₃₁  ₃₂",
        "₁   1 ▐ 2▌  ·   ·   ·   ·",
        "₂   0   ·   ·   ·   ·   ·",
        "₃   0   ·   ·   ·   ·   ·",
    ]


def test_a_small_matrix_has_its_names() -> None:
    """As on a board."""
    header, *rows = text_of(jacobian_content(view_at("vector-double", 8), 31, 6), 31, 6)
    assert header.split() == ["x₁", "x₂", "x₃"]
    assert [row.split()[0] for row in rows] == ["y₁", "y₂", "y₃"]


def test_empty_lines_are_filled_before_digits_are_dropped() -> None:
    """A long row of numbers goes on below itself."""
    view = view_at("mlp-classifier", -1, total=True)
    lines = text_of(jacobian_content(view, 62, 8), 62, 8)
    found = [word for line in lines for word in line.split() if "." in word]
    assert found == ["0.0144754", "0.548578", "−0.0396582", "0.158633",
                     "−0.206321", "−0.412643", "−0.426970", "0.555780"]  # fmt: skip


def test_a_large_matrix_has_a_picture() -> None:
    """Beside the part around the cursor, with the window and the entry marked on it."""
    view = view_at("conv2d-edges", 40)
    assert text_of(jacobian_content(view, 31, 7), 31, 7) == [
        "    … ₁₃₂ ₁₃₃ ₁₃₄ …   ───━↓───",
        "₁₁₁ …   0▐ −1▌  · …  ▸▲▲▼▲▼   │",
        "₁₁₂ …   1   ·   · …  ┃▲▼▲▼·   │",
        "₁₁₃ …   0   ·   · …  ┃ ▲▼▲··  │",
        "₁₂₁ …   0   ·   · …  │  ▲▲··· │",
        "  ⋮                  │   ▲····│",
        "₁₃₃ …   0   ·   · …  ┃   ▲····│",
    ]


def test_a_picture_stays_where_it_is() -> None:
    """Through all steps of an edge, whatever the numbers in sight take."""
    found: dict[int, set[tuple[int, int]]] = {}
    for view in views("conv2d-edges"):
        edge = view.frame.edge
        if edge is not None:
            line = text_of(jacobian_content(view, 39, 9), 39, 9)[1]
            start = max(line.rfind(mark, 0, 38) for mark in "▸┃│")
            found.setdefault(edge.argument, set()).add((start, len(line)))
    assert found == {0: {(26, 39)}, 1: {(28, 39)}}


def test_a_maximized_matrix_uses_its_room() -> None:
    """A small one is drawn larger in the middle; of a big one the picture is large."""
    content = jacobian_content(view_at("vector-double", 8), 156, 36)
    lines = text_of(content, 156, 36)
    header = next(line for line in lines if line)
    start, stop = header.index("x₁"), header.index("x₃") + 2
    assert abs(start - (156 - stop)) < 20
    assert stop - start > 20
    rng = np.random.default_rng(0)
    walked = trace(lambda w: (w @ w.T).sum(), rng.normal(size=(20, 30)))
    big = jacobian_content(View(walked.timeline[-1], Namer(walked.graph), symbolic=False), 156, 36)
    assert max(len(line) for line in text_of(big, 156, 36)) > 150
    assert big.size[1] > 30


def test_without_a_pattern_there_is_no_picture() -> None:
    """Of somebody else's op it may not be known which entries can be other than 0."""
    walked = trace(lambda x: np.tanh(x).sum(), np.linspace(0, 1, 30))
    for knows in (True, False):
        foreign = recorded(walked, knows_pattern=knows)
        frames = (f for f in foreign.timeline if f.J is not None and f.J.shape == (30, 30))
        view = View(next(frames), Namer(foreign.graph), symbolic=False)
        text = " ".join(text_of(jacobian_content(view, 40, 9), 40, 9))
        assert ("│" in text) is knows
        assert ("no picture: it is not known which" in text) is not knows


def test_a_click_on_the_picture_leads_to_the_first_partial_of_the_block() -> None:
    """And a blank nowhere."""
    view = view_at("conv2d-edges", 40)
    content = jacobian_content(view, 31, 7)
    lines = text_of(content, 31, 7)
    start = lines[1].rindex("▸") + 1
    for y, line in enumerate(lines[1:], start=1):
        for x, glyph in enumerate(line[start:-1], start=start):
            step = content.step_at(x, y)
            assert (step is None) is (glyph == " "), (x, y)
            if step is not None:
                assert view.frame.timeline[step].edge == view.frame.edge
