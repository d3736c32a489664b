"""What `/` looks for: nodes, ops and notes with a text, from a step on."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tui_backprop.language.message import said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.panes.note import first_step_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.scenario.model import Note
    from tui_backprop.timeline.timeline import Timeline


class Found(NamedTuple):
    """A step of the walk, and where that is in words."""

    step: int
    where: str


def find_text(timeline: Timeline, notes: Sequence[Note], text: str, after: int) -> Found | None:
    """The next place with a text, whatever its case.

    Args:
        timeline: where to look; a node stands at the step that builds it.
        notes: the scenario's, in all its languages; each stands at the first step it is told at.
        text: what to look for.
        after: the step to start behind; behind the last comes the first again, ``after`` itself
            comes last.
    """
    wanted = text.casefold()
    found = chain(_in_nodes(timeline, wanted, after), _in_notes(timeline, notes, wanted))
    return min(found, key=lambda f: (f.step - after - 1) % timeline.length, default=None)


def _in_nodes(timeline: Timeline, wanted: str, after: int) -> Iterator[Found]:
    """The nearest one, if there is any."""
    nodes = timeline.nodes
    start = min(max(after + 1 - timeline.steps.start, 0), len(nodes))
    for node in chain(nodes[start:], nodes[:start]):
        if _contains(node, wanted):
            yield Found(timeline.built(node.id), node.label)
            return


def _contains(node: Node, wanted: str) -> bool:
    return any(wanted in part.casefold() for part in (node.name, node.text, node.op, node.module))


def _in_notes(timeline: Timeline, notes: Sequence[Note], wanted: str) -> Iterator[Found]:
    for note in notes:
        if any(wanted in text.casefold() for text in note.text.by_language.values()):
            step = first_step_at(timeline, note.place)
            if step is not None:
                yield Found(step, said("the note at {place}", place=note.at))
