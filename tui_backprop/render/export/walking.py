"""A walk at the granularity of edges, for what is printed.

It stands apart from the printers because both skip the same steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import next_boundary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.timeline.frame import Frame
    from tui_backprop.timeline.timeline import Timeline

Level: TypeAlias = Literal["partial", "node"]
"""Whether every partial is printed, or every edge's VJP as one."""


def edge_ends(timeline: Timeline) -> Iterator[Frame]:
    """Every step but those partials that do not end an edge's VJP."""
    for section in timeline.sections:
        if section.phase is not Phase.PARTIAL:
            yield from timeline[section.start : section.stop]
            continue
        k = section.start - 1
        while k < section.stop - 1:
            k = next_boundary(timeline, k)
            yield timeline[k]
