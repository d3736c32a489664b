"""A cure in words, beside the mechanism that it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.why.cures import Way, cure
from tui_backprop.debug.why.format import indented
from tui_backprop.language.message import AnswerLine, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.why.cures import Cure
    from tui_backprop.debug.why.nonfinite import Origin
    from tui_backprop.timeline.timeline import Timeline

_UNMOVED: Final = "0"
"""How far results move that all were infinite or NaN before."""


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
    """The lines of a cure: why, what to write, and where."""
    if "where" in holds.by:
        text = said("where passes 0 to the branch not taken, and 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    if holds.by & {"multiply", "divide"}:
        text = said("a factor of 0 does not leave it out: 0 times infinity is NaN")
        yield AnswerLine(indented(text))
    for number, (change, way) in enumerate(zip(holds.changes, holds.ways, strict=True)):
        node, moved = timeline.nodes[change.node], f"{holds.moved:.1g}"
        if number:
            text = _further(way, node.text, change.text, moved)
        else:
            text = _first(way, node.op, change.text, moved)
        yield AnswerLine(indented(text), change.node)


def _first(way: Way, op: str, safe: str, moved: str) -> str:
    if way is Way.TWICE:
        return said("the cure is to choose twice, before {op} as well: {safe}", op=op, safe=safe)
    if way is Way.SAME:
        return said("the cure is a function that means the same: {safe}", safe=safe)
    if way is Way.ZERO:
        return said("the cure, where 0/0 is to count as 0: {safe}", safe=safe)
    if moved == _UNMOVED:
        return said("the cure is a small number, which moves nothing that was finite: {safe}",
                    safe=safe)  # fmt: skip
    return said("the cure is a small number, which moves results by up to {moved}: {safe}",
                moved=moved, safe=safe)  # fmt: skip


def _further(way: Way, old: str, safe: str, moved: str) -> str:
    """The further changes that a cure needs."""
    if way is Way.ZERO:
        return said("and for {old}, where 0/0 is to count as 0, this: {safe}", old=old, safe=safe)
    if way is Way.SMALL and moved == _UNMOVED:
        return said("and for {old}, which moves nothing that was finite, this: {safe}", old=old,
                    safe=safe)  # fmt: skip
    if way is Way.SMALL:
        return said("and for {old}, which moves results by up to {moved}, this: {safe}", old=old,
                    moved=moved, safe=safe)  # fmt: skip
    return said("and for {old} this: {safe}", old=old, safe=safe)
