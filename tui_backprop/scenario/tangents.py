"""The tangent of a scenario in forward mode: which inputs move, and how."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.language.message import joined, said
from tui_backprop.scenario.report import UNKNOWN_INPUT, shown
from tui_backprop.timeline.frame import Tangents

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.fields import Document
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.leaves import Arrays
    from tui_backprop.scenario.report import Report


def resolved(
    document: Document, graph: Graph, arrays: Arrays, report: Report, program: Word
) -> Tangents | None:
    """The tangents of a document, in the order of the inputs; None with every problem reported."""
    declared = document.tangent
    if document.mode != "forward":
        for name in declared or {}:
            report.at(
                name, said("'tangent' belongs to forward mode"), said("write 'mode: forward'")
            )
        return None
    if not graph.inputs:
        return None
    if declared is None:
        return _assumed(graph, report, program)
    made: dict[int, Array] = {}
    for name, leaf in declared.items():
        node = graph.inputs.get(name.text)
        if node is None:
            report.unknown(UNKNOWN_INPUT, name.text, name.span, graph.inputs)
        elif leaf is not None:
            array = arrays.make(leaf, graph.nodes[node].shape, shown(name.text))
            if array is not None:
                made[node] = array
    ordered = {n: made[n] for n in graph.inputs.values() if n in made}
    return Tangents(MappingProxyType(ordered)) if ordered else None


def _assumed(graph: Graph, report: Report, program: Word) -> Tangents | None:
    """Ones, of the only input."""
    if len(graph.inputs) > 1:
        names = joined(", ", list(graph.inputs))
        report.span(
            program.span,
            said("forward mode has several inputs to begin at: {names}", names=names),
            said("say with 'tangent' which of them move, and how"),
        )
        return None
    (node,) = graph.inputs.values()
    ones = np.ones(graph.nodes[node].shape, dtype=graph.dtype)
    ones.setflags(write=False)
    return Tangents(MappingProxyType({node: ones}), is_assumed=True)
