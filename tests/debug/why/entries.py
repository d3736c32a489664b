"""Every adjoint entry at some step of a drawn walk: what most laws of a question are said of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from tests.timeline.test_timeline import is_tame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.timeline.trace import Trace


def every_entry(trace: Trace, data: st.DataObject) -> Iterator[tuple[int, int, int]]:
    """(cursor, node, flat position), the cursor drawn once; walks of wild numbers are left out."""
    assume(is_tame(trace))
    cursor = data.draw(st.integers(0, len(trace.timeline) - 1))
    for node in trace.timeline.nodes:
        for flat in range(node.size):
            yield cursor, node.id, flat
