"""Paths that are followed many nodes at a time are those that are followed entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import traces
from tui_backprop.debug.why.paths import Paths

if TYPE_CHECKING:
    from tui_backprop.debug.why.trails import Hop
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace


@given(traces(), st.data())
def test_a_strongest_path_is_that_of_the_largest_contributions(
    trace: Trace, data: st.DataObject
) -> None:
    """The same partials with the same digits, the same product, forks and entries."""
    number = data.draw(st.sampled_from([n for n, run in enumerate(trace.runs) if run is not None]))
    node = data.draw(st.sampled_from(trace.graph.nodes))
    together, alone = (Paths(trace.timeline, number) for _ in range(2))
    for flat in range(node.size):
        found = alone.gathered(node.id, flat)
        for k in range(len(found.steps)):
            last = alone.hop(found, k)
            hops = [*_up(alone, last), last]
            path = together.strongest(last)
            assert repr(list(path.hops)) == repr(hops)
            expected = alone.path(tuple(hops))
            assert repr(path.product) == repr(expected.product)
            assert (path.seed, path.others) == (expected.seed, expected.others)
            assert repr(path.fork) == repr(expected.fork)
            assert list(path.entries) == list(expected.entries)


def _up(paths: Paths, last: Hop) -> list[Hop]:
    """The largest contribution to each entry, up to where nothing contributes."""
    hops: list[Hop] = []
    at = last
    while at.edge.node != paths.of:
        found = paths.gathered(at.edge.node, at.j)
        if not len(found.steps):
            break
        sizes: Array = np.abs(found.values)
        at = paths.hop(found, int(np.argmax(np.where(np.isnan(sizes), np.inf, sizes))))
        hops.insert(0, at)
    return hops
