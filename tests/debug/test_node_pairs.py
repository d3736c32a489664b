"""Nodes compared a few thousand at a time: what is found is what looking at each one finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.test_compare import assert_found, pairs
from tests.strategies import GraphMaker
from tui_backprop.debug import node_pairs
from tui_backprop.debug.node_pairs import NodePairs, is_same_node
from tui_backprop.graph.tolerance import Tolerance, is_same
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

STRANGE = [0.0, -0.0, 1.0, -1.0, 1e-300, 1e300, np.inf, -np.inf, np.nan, -np.nan]


@st.composite
def strange_pairs(draw: st.DrawFn) -> tuple[Trace, Trace]:
    """Two walks of some hundred nodes of a few shapes, whose leaves hold NaN, infinities and zeros.

    Now and then the second one has another op, or computes with float32.
    """
    length = draw(st.integers(1, 120))
    ops = draw(st.lists(st.sampled_from(["tanh", "exp", "reciprocal", "negative"]), min_size=1))
    other = draw(st.integers(0, 2 * length))
    dtypes = draw(st.sampled_from([("float64", "float64")] * 3 + [("float64", "float32")]))
    numbers = st.lists(st.sampled_from(STRANGE), min_size=3, max_size=3)
    found = []
    leaves = [(draw(st.sampled_from(STRANGE)), draw(numbers))] * 2
    if draw(st.booleans()):
        leaves[1] = draw(st.sampled_from(STRANGE)), draw(numbers)
    for dtype, stray, (x, y) in zip(dtypes, (-1, other), leaves, strict=True):
        maker = GraphMaker(dtype)
        with np.errstate(over="ignore"):  # what a float32 cannot hold is an infinity
            scalar, vector = maker.input(x), maker.input(y)
        for k in range(length):
            op = "cos" if k == stray else ops[k % len(ops)]
            scalar = maker.op(op, scalar)
            vector = maker.op(ops[k % len(ops)], vector)
        maker.op("multiply", scalar, vector)
        found.append(maker.trace())
    return found[0], found[1]


@given(strange_pairs(), st.sampled_from([0.0, 1e-7]), st.sampled_from([1, 7, 4096]))
def test_what_may_differ_is_what_does(
    pair: tuple[Trace, Trace], rtol: float, together: int
) -> None:
    """Up to the first node that is another one, whatever the size of a block is."""
    left, right = pair
    tolerance = Tolerance(rtol)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node_pairs, "_BLOCK", together)
        found = NodePairs(left, right, tolerance)
        blocks = list(found.blocks())
        are_same = found.are_same
    nodes = list(zip(left.graph.nodes, right.graph.nodes, strict=True))
    others = [a.id for a, b in nodes if not is_same_node(a, b)]
    ends = [min([n for n in others if n in b.nodes], default=b.nodes.stop) for b in blocks]
    looked_at = [n for b, end in zip(blocks, ends, strict=True) for n in range(b.nodes.start, end)]
    values = [(n, left.value(n), right.value(n)) for n in looked_at]
    apart = [n for n, x, y in values if tolerance.apart(x, y).any()]
    first_others = [e for b, e in zip(blocks, ends, strict=True) if e < b.nodes.stop]
    assert [n for b in blocks for n in b.suspects] == sorted([*apart, *first_others])
    same = [is_same(left.value(n), right.value(n)) for n in range(len(nodes))]
    rules = all(a.rule is b.rule for a, b in nodes)
    assert are_same == (all(same) and rules and not others)
    assert [found.is_same(n) for n in looked_at] == [same[n] for n in looked_at]


@given(pairs(), st.sampled_from([1, 2, 3]))
def test_a_walk_of_several_blocks(pair: tuple[Trace, Trace, float], together: int) -> None:
    """The first difference is the one that taking every step finds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node_pairs, "_BLOCK", together)
        left, right, rtol = pair
        assert_found(Timeline(left), Timeline(right), rtol)
