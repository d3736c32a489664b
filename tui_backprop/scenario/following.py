"""A scenario as another framework differentiates it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.program import build
from tui_backprop.rules.conventions.following import rules_of

if TYPE_CHECKING:
    from tui_backprop.limits import Limits
    from tui_backprop.scenario.model import Model


def following(model: Model, framework: str, limits: Limits) -> Model:
    """The model with a graph of the same nodes, whose ops are as a framework has them.

    Raises:
        ArgumentError: nobody measured a framework of that name.
    """
    graph = model.graph
    inputs = {name: model.leaves[name] for name in graph.inputs}
    constants = {name: model.leaves[name] for name in graph.constants}
    rules = rules_of(framework)
    made = build(graph.program, inputs, constants, graph.dtype, limits, rules)
    return replace(model, graph=replace(made, files=graph.files), conventions=framework)
