"""What is exported, as every format is given it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.render.view import View
    from tui_backprop.replays import Replay
    from tui_backprop.scenario.model import Model
    from tui_backprop.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A walk, in a language, with what was asked of its format.

    Attributes:
        view: of the step that is meant, or of the first where the whole walk is.
        model: the scenario.
        name: what its file is called, without the ending.
        replay: the recorded walk that is played; None where a scenario or a saved walk is exported.
        options: by the names of the format's options, those that were given.
        color: whether what shows colours may.
    """

    view: View
    model: Model
    name: str
    replay: Replay | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    color: bool = True

    @property
    def timeline(self) -> Timeline:
        """Every step."""
        return self.view.frame.timeline
