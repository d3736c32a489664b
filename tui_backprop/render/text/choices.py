"""What a step says of a slope that is a choice: which one, and who else makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.why.composed import whole_choice
from tui_backprop.graph.kinks import followed_at
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.timeline.timeline import Frame


def choice(frame: Frame) -> str:
    """One sentence with its stop; nothing where the slope of a step is no choice."""
    if specials := frame.special_points:
        return _at(frame, specials)
    convention = frame.convention
    if convention and (whole := whole_choice(frame.timeline.trace.graph, frame.node)):
        return said(
            "At a kink the slope is a choice, here that of {op}: {convention}.",
            op=whole.op, convention=whole.told,
        )  # fmt: skip
    return said(
        "At a kink the slope is a choice, the same as PyTorch's: {convention}.",
        convention=said(convention),
    ) if convention else ""  # fmt: skip


def _at(frame: Frame, specials: Sequence[SpecialPoint]) -> str:
    """The sentence at special points of the measured table, which is read only there."""
    from tui_backprop.rules.conventions.measured import title
    from tui_backprop.rules.conventions.words import (
        compared,
        most_disputed,
        release_note,
        way_words,
    )

    follows = _follows(frame)
    argument = None if frame.edge is None else frame.edge.argument
    special = most_disputed(specials, follows, argument)
    if special is None and not follows and not frame.convention:
        return ""
    special = special or specials[0]
    way = way_words(special, special.way_of_walk(follows), argument)
    told = [compared(special, follows, argument), release_note(special, argument)]
    others = joined("; ", filter(None, told))
    if follows:
        return said(
            "The slope is a choice here, and the walk follows {framework}: {way}; {others}.",
            framework=title(follows), way=way, others=others,
        )  # fmt: skip
    if frame.convention:
        return said("At a kink the slope is a choice: {way}, {others}.", way=way, others=others)
    return said("Frameworks differ here: {way}, {others}.", way=way, others=others)


def _follows(frame: Frame) -> str:
    """The framework whose slope a step shows; empty where it is the op table's."""
    if frame.edge is None:
        return ""
    return followed_at(frame.timeline.trace, frame.edge, frame.row, frame.column)
