"""The walk edge by edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from tests.strategies import traces
from tui_backprop.render.export.text import steps_of
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces())
def test_an_edge_ends_where_the_next_step_has_another(trace: Trace) -> None:
    """Exactly those partials are left out that are followed by one of the same edge and pass."""
    frames = list(trace.timeline)
    ends = [
        frame.k
        for frame, after in zip(frames, [*frames[1:], None], strict=True)
        if frame.phase is not Phase.PARTIAL
        or after is None
        or (after.pass_number, after.edge) != (frame.pass_number, frame.edge)
    ]
    assert [frame.k for frame in steps_of(trace.timeline, "node")] == ends
