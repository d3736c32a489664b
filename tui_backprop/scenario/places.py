"""Where in the walk a note hangs: phases, nodes, gradients and their entries.

It stands apart because a place is a small language of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, get_args

from tui_backprop.scenario.model import PhaseName, Place
from tui_backprop.scenario.report import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Shape
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.report import Report

PHASES: Final[tuple[PhaseName, ...]] = get_args(PhaseName)

_PLACE = re.compile(
    r"(?P<name>[\w.@]+?)(?P<grad>\.grad)?\s*(?:\[(?P<index>[-+0-9, ]*)\])?", re.ASCII
)
_LONGEST = 200


def parse_place(
    at: Word, graph: Graph, report: Report, nodes: Mapping[str, int] | None = None
) -> Place | None:
    """The place, or None with the problem reported.

    A name of the program comes before a phase of the same name.

    Args:
        at: as the file has it: ``Y``, ``Y[0]``, ``X.grad``, ``X.grad[1, 2]``, ``seed``.
        graph: knows the names and their shapes.
        report: receives what does not exist.
        nodes: whose shapes the names have, where that is not what the program bound last.
    """
    text = at.text.strip()
    if text in graph.names:
        return Place("node", text)
    for phase in PHASES:
        if text == phase:
            return Place(phase)
    match = _PLACE.fullmatch(text) if len(text) < _LONGEST else None
    if match is None:
        hint = "a name, X.grad, X.grad[1], or one of " + ", ".join(PHASES)
        report.span(at.span, f"{shown(text)} is no place of the walk", hint)
        return None
    name = match["name"]
    if name not in graph.names:
        report.unknown("name", name, at.span, (*graph.names, *PHASES))
        return None
    shape = graph.nodes[(nodes or graph.names)[name]].shape
    index = _index(match["index"], name, shape, at, report)
    return None if index is None else Place("grad" if match["grad"] else "node", name, index)


def _index(
    written: str | None, name: str, shape: Shape, at: Word, report: Report
) -> tuple[int, ...] | None:
    """Coordinates from 0; counted from the end where they are negative."""
    if written is None:
        return ()
    try:
        index = tuple(int(part) for part in written.split(","))
    except ValueError:
        report.span(at.span, f"expected whole numbers between the brackets, found '{written}'")
        return None
    fits = len(index) <= len(shape) and all(-n <= k < n for k, n in zip(index, shape, strict=False))
    if not fits:
        report.span(at.span, f"{shown(name)} has shape {shape}, it has no entry [{written}]")
        return None
    return tuple(k % n for k, n in zip(index, shape, strict=False))
