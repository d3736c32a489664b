"""Why a journey stopped, in one line.

It stands apart from the session because only words are made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug import format as shown
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.timeline.frame import Frame
    from tui_backprop.timeline.timeline import Timeline


def reason_of(stopped: Sequence[Breakpoint], timeline: Timeline, frame: Frame) -> str:
    """All that stopped at a frame: a watchpoint with the value before and after."""
    return joined("; ", [_one(b, timeline, frame) for b in stopped])


def _one(breakpoint_: Breakpoint, timeline: Timeline, frame: Frame) -> str:
    complaint = breakpoint_.complaint(frame)
    if complaint:
        return said("{breakpoint}: {said}", breakpoint=breakpoint_.label, said=complaint)
    watched = breakpoint_.watched
    if watched is None:
        return breakpoint_.label
    before = shown.sample(watched.told(timeline[frame.k - 1])) if frame.k else shown.UNKNOWN
    now = shown.sample(watched.told(frame))
    return said("{breakpoint}: {before} → {now}", breakpoint=breakpoint_.label,
                before=before, now=now)  # fmt: skip
