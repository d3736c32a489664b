"""A cure in words, beside the mechanism that it breaks.

It stands apart from finding one so that what is said can change without what is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.answer import AnswerLine
from tui_backprop.debug.said import said
from tui_backprop.debug.why.cures import Way, cure
from tui_backprop.debug.why.names import indented

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.cures import Cure
    from tui_backprop.debug.why.origins import Origin


def cure_lines(
    timeline: Timeline, found: Sequence[Origin | None], told: Sequence[AnswerLine]
) -> Iterator[AnswerLine]:
    """The first cure that holds for one of these; nothing where none is known.

    Args:
        timeline: the walk.
        found: what went wrong first, and what after it.
        told: what was said before.
    """
    cures = (cure(timeline.trace, one) for one in found if one is not None)
    holds = next((one for one in cures if one is not None), None)
    if holds is None:
        return
    texts = {line.text for line in told}
    for line in _told(timeline, holds):
        if line.text not in texts:
            yield line


def _told(timeline: Timeline, holds: Cure) -> Iterator[AnswerLine]:
    """Why, what to write, and where; each line leads to the node that it is written for."""
    if "where" in holds.by:
        text = said("where passes 0 to the branch not taken, and 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    if holds.by & {"multiply", "divide"}:
        text = said("a factor of 0 does not leave it out: 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    first, *others = holds.changes
    op = timeline.nodes[first.node].op
    if holds.way is Way.TWICE:
        text = said("the cure is to choose twice, before {op} as well: {safe}", op=op,
                    safe=first.text)  # fmt: skip
    elif holds.way is Way.SAME:
        text = said("the cure is a function that means the same: {safe}", safe=first.text)
    elif holds.way is Way.ZERO:
        text = said("the cure, where 0/0 is to count as 0: {safe}", safe=first.text)
    else:
        text = said("the cure is a small number, which moves results by up to {moved}: {safe}",
                    moved=f"{holds.moved:.1g}", safe=first.text)  # fmt: skip
    yield AnswerLine(indented(text), first.node)
    for change in others:
        old = timeline.nodes[change.node].text
        text = said("and for {old} this: {safe}", old=old, safe=change.text)
        yield AnswerLine(indented(text), change.node)
