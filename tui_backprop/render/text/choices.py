"""What a step says of a slope that is a choice: which one, and who else makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.kinks import follows_at
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.timeline.timeline import Frame


def choice(frame: Frame) -> str:
    """One sentence with its stop; nothing where the slope of a step is no choice."""
    specials = frame.special_points
    if not specials:
        convention = frame.convention
        return said(
            "At a kink the slope is a choice, the same as PyTorch's: {convention}.",
            convention=said(convention),
        ) if convention else ""  # fmt: skip
    from tui_backprop.rules.conventions.words import is_disputed

    follows = _follows(frame)
    disputed = [special for special in specials if is_disputed(special, follows)]
    if follows or frame.convention or disputed:
        return _told(frame, (disputed or specials)[0], follows)
    return ""


def _told(frame: Frame, special: SpecialPoint, follows: str) -> str:
    from tui_backprop.rules.conventions.measured import title
    from tui_backprop.rules.conventions.words import compared, release_note

    others = joined("; ", filter(None, [compared(special, follows), release_note(special)]))
    way = _way(special, follows)
    if follows:
        return said(
            "The slope is a choice here, and the walk follows {framework}: {way}; {others}.",
            framework=title(follows), way=way, others=others,
        )  # fmt: skip
    if frame.convention:
        return said("At a kink the slope is a choice: {way}, {others}.", way=way, others=others)
    return said("Frameworks differ here: {way}, {others}.", way=way, others=others)


def _way(special: SpecialPoint, follows: str) -> str:
    from tui_backprop.rules.conventions.words import way_words

    return way_words(special, special.way(follows) or special.ways[0])


def _follows(frame: Frame) -> str:
    """The framework whose slope a step shows; empty where it is the op table's."""
    if frame.edge is None or not follows_at(frame.timeline.trace, frame.edge, frame.row):
        return ""
    rule = frame.timeline.trace.graph.nodes[frame.edge.node].rule
    return "" if rule is None else rule.follows
