"""Which edges are looked at: what whole arrays say of all edges is what each says by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given

from tests.strategies import traces
from tui_backprop.graph.arrays import entries_of
from tui_backprop.verify.sampling import WalkedEdges

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces())
def test_every_edge_of_every_pass_once(trace: Trace) -> None:
    """In walking order, with the last edge of each op and argument, and all partials counted."""
    nodes = trace.graph.nodes
    walks = {run.of: run.walk for run in trace.runs if run is not None}
    plain = list(dict.fromkeys(edge for walk in walks.values() for edge in walk.edges(nodes)))
    found = WalkedEdges(trace)
    assert [found[k] for k in range(len(found))] == plain
    kinds = {(nodes[e.node].op, e.argument): k for k, e in enumerate(plain)}
    assert found.kinds() == {*kinds.values()}
    assert found.partials() == sum(nodes[e.node].size * nodes[e.parent].size for e in plain)


@given(traces())
def test_every_entry_of_many_arrays(trace: Trace) -> None:
    """Each once, of adjoints too."""
    plain = sorted(repr(x) for value in trace.node_values for x in value.ravel().tolist())
    found = [x for part in entries_of([*trace.node_values]) for x in part.ravel().tolist()]
    assert sorted(map(repr, found)) == plain
    for run in trace.runs:
        if run is not None:
            entries = sum(np.size(c) for c in run.cotangents.values())
            assert sum(part.size for part in run.cotangents.entries()) == entries
