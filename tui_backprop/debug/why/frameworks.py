"""What other frameworks give at a partial whose slope is a choice, in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.kinks import follows_at, special_points_at
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.conventions.ways import SpecialPoint


def disputed_at(trace: Evaluation, edge: Edge, j: int, v: float) -> tuple[SpecialPoint, str] | None:
    """A point at which frameworks differ for this v, and the one followed there, or None.

    The framework is empty where the slope is the op table's own.
    """
    specials = special_points_at(trace, edge, j, v)
    if not specials:
        return None
    from tui_backprop.rules.conventions.words import is_disputed

    rule = trace.graph.nodes[edge.node].rule
    follows = rule.follows if rule is not None and follows_at(trace, edge, j) else ""
    found = next((special for special in specials if is_disputed(special, follows)), None)
    return None if found is None else (found, follows)


def others_at(trace: Evaluation, edge: Edge, j: int, v: float = 0.0) -> str:
    """``as in PyTorch; JAX: 1``; nothing where they agree."""
    from tui_backprop.rules.conventions.words import compared

    found = disputed_at(trace, edge, j, v)
    return "" if found is None else compared(*found)


def choice_at(trace: Evaluation, edge: Edge, j: int, v: float) -> str:
    """``frameworks differ there: 0, as in PyTorch; JAX: 1``; nothing where they agree."""
    from tui_backprop.rules.conventions.words import compared, way_words

    found = disputed_at(trace, edge, j, v)
    if found is None:
        return ""
    special, follows = found
    way = (special.way(follows) if follows else None) or special.ways[0]
    return said(
        "frameworks differ there: {way}, {others}",
        way=way_words(special, way), others=compared(special, follows),
    )  # fmt: skip
