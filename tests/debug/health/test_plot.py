"""The norm of the gradient along the depth, as a picture of text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker
from tui_backprop.api import load
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.plot import health_plot
from tui_backprop.debug.health.record import Health, NodeHealth, Thresholds
from tui_backprop.render.text.spans import width


def reached(norms: list[tuple[int, float]]) -> Health:
    """Nodes of these depths and norms, and nothing else."""
    nodes = tuple(
        NodeHealth(k, f"n{k}", "exp", (), depth, 1.0, size, None, None, None, None, ())
        for k, (depth, size) in enumerate(norms)
    )
    return Health(nodes, "n0", 0, 1.0, 0, Thresholds())


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(0) | st.just(np.nan)), max_size=20),
    st.integers(1, 300),
    st.booleans(),
)
def test_every_norm_can_be_drawn(
    norms: list[tuple[int, float]], cells: int, is_ascii: bool
) -> None:
    """0, NaN, infinities, numbers below all others, one node, a million deep: lines that fit."""
    found = reached(norms)
    lines = health_plot(found, cells, is_ascii=is_ascii)
    assert all(line.isprintable() for line in lines)
    assert not is_ascii or all(line.isascii() for line in lines)
    picture = [line for line in lines if "|" in line]
    assert all(width(line) <= max(cells, 44) for line in picture)
    marks = sum(line.count("*" if is_ascii else "•") for line in picture)
    assert (marks > 0) == any(0 < x < np.inf for _, x in norms)


def test_the_picture_falls_where_the_gradient_vanishes() -> None:
    """A mark for each of eleven nodes, further down the deeper it is."""
    lines = health_plot(health(load("vanishing-sigmoids").trace()), 80, is_ascii=True)
    marks = [(row, column) for row, line in enumerate(lines)
             for column, c in enumerate(line) if c == "*"]  # fmt: skip
    assert len(marks) == 11
    assert [column for _, column in marks] == sorted(column for _, column in marks)
    assert lines[-1].split() == ["|", "0", "5", "10", "15"]
    assert any(line.startswith("      1e-6 |") for line in lines)


def test_what_has_no_logarithm_is_listed_below() -> None:
    """With the first eight names."""
    zeros: list[tuple[int, float]] = [(k, 0.0) for k in range(10)]
    lines = health_plot(reached([*zeros, (1, np.inf), (2, np.nan), (3, 1.0)]), 80, is_ascii=True)
    assert lines[-3:] == [
        "0 at 10 nodes: n0, n1, n2, n3, n4, n5, n6, n7, ...",
        "infinite at 1 node: n10",
        "NaN at 1 node: n11",
    ]
    assert health_plot(reached(zeros[:1])) == ["no gradient to draw", "0 at 1 node: n0"]


def test_a_graph_with_ten_thousand_nodes_is_one_line_of_dots() -> None:
    """Places are drawn, not nodes."""
    maker = GraphMaker()
    x = maker.input(1.0)
    for _ in range(10):
        x = maker.op("add", x, maker.input(1.0))
    lines = health_plot(health(maker.trace()), 60)
    marks = [c for line in lines for c in line if c == "•"]
    assert len(marks) == pytest.approx(11, abs=1)
