from __future__ import annotations

import numpy as np
from hypothesis import given

from tests.render.layout.dags import Dag, dags
from tui_backprop.render.layout.layers import BOX


@given(dags(most=45))
def test_wires_of_different_nodes_never_meet_in_a_column(dag: Dag) -> None:
    """Starts are two columns apart, ends are apart, and no end is under a stranger's start."""
    layout = dag.layout()
    wiring, layer = layout.wiring, layout.layered.layer
    for channel in range(wiring.tracks.size):
        first, last = wiring.links_of(channel)
        links = np.arange(first, last)
        nets = np.unique(wiring.net[links])
        assert (np.diff(wiring.start[nets]) >= 2).all()
        assert np.unique(wiring.end[links]).size == links.size
        owner = {int(wiring.start[n]): n for n in nets}
        for link in links.tolist():
            assert owner.get(int(wiring.end[link]), wiring.net[link]) == wiring.net[link]
    assert (np.diff(layer) >= 0).all()


@given(dags(most=45))
def test_ports_are_on_their_boxes(dag: Dag) -> None:
    """Wires start and end between the corners of a box."""
    layout = dag.layout()
    layered, wiring = layout.layered, layout.wiring
    ends = np.concatenate([layered.top, layered.bottom])
    columns = np.concatenate([wiring.start[wiring.net], wiring.end])
    is_box = layered.kind[ends] == BOX
    inside = columns[is_box] - layout.column[ends[is_box]]
    assert (inside >= 1).all()
    assert (inside <= layered.width[ends[is_box]] - 2).all()
