"""What was said of steps, kept for a while: a walk goes to and fro over the same ones.

It stands apart from what is said because transcripts for the eye and for the ear both tell steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.graph.cache import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Timeline

    _Lines: TypeAlias = tuple[str, ...]

_MOST: Final = 256
"""Steps: more than a person goes back at once."""


class Told:
    """The lines about each step, by its timeline; of views that differ in nothing else."""

    def __init__(self, tell: Callable[[View], _Lines]) -> None:
        self._tell = tell
        self._kept: Kept[tuple[Timeline, int], _Lines] = Kept(_MOST, most=_MOST)

    def of(self, view: View) -> _Lines:
        """The lines about the step of a view."""
        key = view.frame.timeline, view.frame.k
        found = self._kept.get(key)
        return self._kept.put(key, self._tell(view), 1) if found is None else found
