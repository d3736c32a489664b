"""What other frameworks give at a partial whose slope is a choice, in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.kinks import followed_at, special_points_at
from tui_backprop.language.message import said
from tui_backprop.rules.conventions.words import compared, most_disputed, way_words

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge


def others_at(trace: Evaluation, edge: Edge, j: int) -> str:
    """``as in PyTorch; JAX: 1``; nothing where they agree."""
    follows = followed_at(trace, edge, j)
    special = most_disputed(special_points_at(trace, edge, j), follows)
    return "" if special is None else compared(special, follows)


def choice_at(trace: Evaluation, edge: Edge, j: int, v: float) -> str:
    """``frameworks differ there: 0, as in PyTorch; JAX: 1``; nothing where they agree."""
    follows = followed_at(trace, edge, j)
    special = most_disputed(special_points_at(trace, edge, j, v), follows)
    if special is None:
        return ""
    return said(
        "frameworks differ there: {way}, {others}",
        way=way_words(special, special.way_of_walk(follows)), others=compared(special, follows),
    )  # fmt: skip
