"""What other frameworks give at a partial whose slope is a choice, in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.kinks import convention_at, followed_at, special_points_at
from tui_backprop.language.message import joined, said
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


def slope_choice(trace: Evaluation, edge: Edge, j: int, v: float) -> str:
    """That the slope in row j is a choice, whose it is, and who makes another; else empty."""
    if told := choice_at(trace, edge, j, v):
        return told
    convention = convention_at(trace, edge, j)
    if not convention:
        return ""
    specials = special_points_at(trace, edge, j, v)
    if not specials:
        return said("the slope is a choice there: {way}", way=said(convention))
    follows = followed_at(trace, edge, j)
    way = way_words(specials[0], specials[0].way_of_walk(follows))
    return said(
        "the slope is a choice there: {way}",
        way=joined(", ", filter(None, [way, compared(specials[0], follows)])),
    )
