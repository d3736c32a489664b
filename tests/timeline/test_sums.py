"""Sums of leading contributions: the same however they are asked for, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.strategies import GraphMaker
from tui_backprop.graph.model import Backward

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline


def fan_out(edges: int, size: int) -> Timeline:
    """A node x read by so many nodes, its entries integers, so that sums are exact."""
    maker = GraphMaker()
    x = maker.input(np.arange(size) + 1.0)
    total = maker.input(np.zeros(size))
    for _ in range(edges):
        total = maker.op("add", total, maker.op("square", x))
    return maker.trace().timeline


@pytest.mark.parametrize("edges", [1, 2, 3, 10, 101, 200])
def test_a_sum_does_not_depend_on_what_was_asked_before(edges: int) -> None:
    """In order, in reverse and at random: after k edges the sum is k times one of them."""
    orders = [list(range(edges + 1)), list(range(edges, -1, -1))]
    orders.append(np.random.default_rng(7).permutation(edges + 1).tolist())
    for order in orders:
        sums = fan_out(edges, 3).walk(0).sums
        for count in order:
            found = sums.after(0, count)
            if count == 0:
                assert found is None
            else:
                assert found is not None
                assert found.tolist() == [2.0 * count * k for k in (1, 2, 3)]


def test_memory_does_not_grow_with_the_edges_of_a_large_node() -> None:
    """200 sums of a megabyte each are looked at; far fewer are held."""
    timeline = fan_out(200, 1 << 17)
    sums = timeline.walk(0).sums
    for count in range(1, 200):
        assert sums.after(0, count) is not None
    held = len(sums._checkpoints) + len(sums._recent) + len(sums._contributions)
    assert held <= 128


def test_infinities_that_cancel_in_the_middle_are_data() -> None:
    """Warnings are errors here: a sum that is NaN on its way warns nobody."""
    maker = GraphMaker()
    x = maker.input(0.0, "x")
    last = maker.op("square", x)
    one = maker.number(1.0)
    up = maker.op("divide", one, x)
    down = maker.op("divide", maker.op("negative", one), x)
    maker.op("add", maker.op("add", last, up), down)
    sums = maker.trace().timeline.walk(0).sums
    found = [sums.after(x, count) for count in (1, 2, 3)]
    assert str([None if a is None else float(a) for a in found]) == "[inf, nan, nan]"


def test_a_seed_may_cancel_what_a_gradient_held() -> None:
    """A second pass adds to the first, whatever either is."""
    maker = GraphMaker()
    x = maker.input(1.0, "x")
    passes = (Backward(x, np.array(v)) for v in (np.inf, -np.inf))
    assert np.isnan(maker.trace(*passes).grad["x"])
