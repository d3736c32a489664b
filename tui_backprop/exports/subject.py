"""What is exported, as every format is given it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_backprop.dataclass import dataclass
from tui_backprop.timeline.trace import NO_PROVENANCE, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Graph
    from tui_backprop.render.view import View
    from tui_backprop.replays import Replay
    from tui_backprop.scenario.model import Model
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Provenance


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

    def traced(self, graph: Graph, provenance: Provenance = NO_PROVENANCE) -> Trace:
        """Another trace of the same leaves and passes, of the first iteration where one trains.

        Args:
            graph: with the same nodes.
            provenance: where its numbers come from.
        """
        first = self.timeline.at(0).trace
        trace = Trace(graph, first.leaves, first.passes, provenance=provenance)
        trace.update = self.model.update
        return trace
