"""What other frameworks give at a partial whose slope is a choice, in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.why.composed import whole_choice
from tui_backprop.graph.kinks import convention_at, followed_at, special_points_at
from tui_backprop.language.message import joined, said
from tui_backprop.rules.conventions.words import compared, most_disputed, way_words

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge


def others_at(trace: Evaluation, edge: Edge, j: int, i: int) -> str:
    """``as in PyTorch; JAX: 1``; nothing where they agree."""
    follows = followed_at(trace, edge, j, i)
    special = most_disputed(special_points_at(trace, edge, j, i=i), follows, edge.argument)
    return "" if special is None else compared(special, follows, edge.argument)


def choice_at(trace: Evaluation, edge: Edge, j: int, i: int, v: float) -> str:
    """``frameworks differ there: 0, as in PyTorch; JAX: 1``; nothing where they agree."""
    follows = followed_at(trace, edge, j, i)
    special = most_disputed(special_points_at(trace, edge, j, v, i), follows, edge.argument)
    if special is None:
        return ""
    return said(
        "frameworks differ there: {way}, {others}",
        way=way_words(special, special.way_of_walk(follows), edge.argument),
        others=compared(special, follows, edge.argument),
    )


def slope_choice(trace: Evaluation, edge: Edge, j: int, i: int, v: float) -> str:
    """That the slope is a choice, whose it is, and who makes another; else empty."""
    if told := choice_at(trace, edge, j, i, v):
        return told
    convention = convention_at(trace, edge, j, i)
    if not convention:
        return ""
    if whole := whole_choice(trace.graph, trace.graph.nodes[edge.node]):
        return said("the slope is a choice there, that of {op}: {way}", op=whole.op, way=whole.told)
    specials = special_points_at(trace, edge, j, v, i)
    if not specials:
        return said("the slope is a choice there: {way}", way=said(convention))
    follows = followed_at(trace, edge, j, i)
    way = way_words(specials[0], specials[0].way_of_walk(follows), edge.argument)
    return said(
        "the slope is a choice there: {way}",
        way=joined(", ", filter(None, [way, compared(specials[0], follows, edge.argument)])),
    )
