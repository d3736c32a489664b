"""Two walks side by side: what a difference is, the first step that has one, and its wording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.lockstep import Difference, Lockstep, Side
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    Cells,
    clauses,
    joined,
    laid_out,
    said,
    said_many,
)
from tui_backprop.progress import run_to_end
from tui_backprop.timeline.landmarks import counterpart
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from tui_backprop.progress import Resumable

_ASPECTS: Final = {
    aspect: aspect
    for aspect in (
        said("node"), said("value"), said("seed"), said("partial"), "v", said("contribution"),
        said("adjoint"), said("event"), said("norm of value"), said("norm of v"),
        said("norm of contribution"),
    )
}  # fmt: skip
"""What may differ, each as a sentence, by itself."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of walking two timelines in step.

    Attributes:
        alike: how many steps from the start on are alike.
        difference: the first step that is not; None where the walks are equal.
        graphs: the first node that is another one in the second graph, where that comes later.
        rtol: how far apart numbers may be and still be called equal, relative to the larger.
        unknown: nodes whose values were not compared: one of the walks does not know them.
    """

    alike: int
    difference: Difference | None
    graphs: Difference | None
    rtol: float
    unknown: int = 0

    @property
    def verdict(self) -> Literal["equal", "different"]:
        """The result in one word."""
        return "equal" if self.difference is None else "different"


def compare(left: Timeline, right: Timeline, rtol: float = 0.0) -> Comparison:
    """Walk two timelines in step until the first event that differs.

    Events are nodes built (op, parents, shape, name and value), seeds placed, and partials with
    their product and the sum it is added to. NaN equals NaN. Both are walked as the first one is:
    with its structural zeros, or without.

    Args:
        left: the one.
        right: the other; of another trace, on the same graph or another.
        rtol: how far apart two numbers may be and still be called equal, relative to the larger.
    """
    return run_to_end(comparing(left, right, rtol))


def comparing(left: Timeline, right: Timeline, rtol: float = 0.0) -> Resumable[Comparison]:
    """`compare`, in pieces.

    Yields:
        Steps up to which the walks are alike.
    """
    walked = right if right.zeros == left.zeros else _walked(right, zeros=left.zeros)
    found, lockstep = None, Lockstep(left, walked, rtol)
    for one, _ in left.parts(range(left.length)):
        k = one.steps.start
        if k >= walked.length:
            found = lockstep.ended(k)
        else:
            lockstep = Lockstep(one, walked.at(k), rtol)
            found = yield from lockstep.first()
        if found is not None:
            break
    if found is None and walked.length > left.length:
        found = lockstep.ended(left.length)
    later = None if found is None or found.aspect == "node" else lockstep.first_other_node()
    own = found.steps[0] if found is not None else None
    return Comparison(
        alike=left.length if own is None else own,
        difference=_shown(found, walked, right),
        graphs=_shown(later, walked, right),
        rtol=rtol,
        unknown=sum(
            any(t.trace.value_size(n) is None for t in (left, right))
            for n in left.trace.unknown | right.trace.unknown
        ),
    )


def _walked(timeline: Timeline, *, zeros: bool) -> Timeline:
    """Another walk over the same trace."""
    trace, tangents = timeline.trace, timeline.tangents
    if isinstance(trace, Trace):
        return trace.walked_with(tangents, zeros=zeros)
    return Timeline(trace, zeros=zeros, tangents=tangents)


def _shown(found: Difference | None, walked: Timeline, right: Timeline) -> Difference | None:
    """A difference with the second timeline's own step number."""
    if found is None or found.steps[1] is None or walked is right:
        return found
    return replace(found, steps=(found.steps[0], counterpart(right, walked[found.steps[1]])))


def comparison_answer(
    found: Comparison, names: tuple[str, str] | None = None, shown: int = 0
) -> Answer:
    """What to tell a person.

    Args:
        found: the result.
        names: what the two are called; without, this one is here and the other there.
        shown: which of the two the person is looking at; steps are its own.
    """
    if found.difference is None:
        alike = said_many(found.alike, "no event differs: {count} step",
                          "no event differs: {count} steps")  # fmt: skip
    else:
        alike = said_many(found.alike, "{count} step alike", "{count} steps alike")
    parts = [alike]
    if found.rtol:
        parts.append(said("numbers within {share} of the larger", share=f"{found.rtol:g}"))
    if found.unknown:
        parts.append(said_many(found.unknown, "the value of {count} node was not saved",
                               "the values of {count} nodes were not saved"))  # fmt: skip
    return Answer(
        (AnswerLine(clauses(parts)), *_told(found, names or (said("here"), said("there")), shown))
    )


def _told(found: Comparison, names: tuple[str, str], shown: int) -> list[AnswerLine]:
    lines: list[AnswerLine] = []
    titles = said("first difference"), said("graphs")
    for title, difference in zip(titles, (found.difference, found.graphs), strict=True):
        if difference is None:
            continue
        step = difference.steps[shown]
        at = said("after the last step") if step is None else said("at step {k}", k=step)
        what = joined(" ", filter(None, [_ASPECTS[difference.aspect], difference.place]))
        head = said("{title} {at}: {what}", title=title, at=at, what=what)
        lines.append(AnswerLine(head, step))
        texts = [_text(side) for side in difference.sides]
        rows = [Cells(("", *row)) for row in zip(names, texts, strict=True)]
        for row, text in zip(rows, laid_out(rows), strict=True):
            lines.append(AnswerLine(text, step, joined(": ", row.texts[1:]), row))
    return lines


def _text(side: Side) -> str:
    return side if isinstance(side, str) else repr(side)
