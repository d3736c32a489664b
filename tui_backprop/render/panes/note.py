"""The note pane: the scenario's notes on a step, and the step that a note is about.

The transcript tells the same notes at the same steps.
"""

from __future__ import annotations

from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.stops import Stop, Write, first_step
from tui_backprop.graph.naming import node_called
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.spans import Span, lines_of, printable_lines, wrap
from tui_backprop.render.view import put_away
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.render.text.spans import Content
    from tui_backprop.render.view import View
    from tui_backprop.scenario.model import Note, Place
    from tui_backprop.timeline.timeline import Frame, Timeline

_PHASES: Final = {
    "build": Phase.BUILD,
    "seed": Phase.SEED,
    "backward": Phase.PARTIAL,
    "zero_grad": Phase.ZERO_GRAD,
    "update": Phase.UPDATE,
}
_MOST: Final = 256
_RANKS: Final = ("grad", "end", "seed", "zero_grad", "update", "node", "backward", "build")
"""The more a place singles out, the earlier its note stands."""


def note_content(view: View, cells: int, height: int) -> Content:
    """The notes of this step, the most particular first; before them, whose numbers they have."""
    if view.hidden:
        return put_away(view, cells)
    texts = [
        spelled(printable_lines(note.text.get(view.language)), view.charset)
        for note in notes_at(view.frame, view.notes)
    ]
    cells = max(2, cells)
    warning = _of_before(view) if texts else ""
    if not warning or height >= 2:
        lines = [(Span(line, "dim"),) for line in of_before(view, cells)] if warning else []
        return lines_of([*lines, *((Span(line),) for text in texts for line in wrap(text, cells))])
    # The only line of a flat pane has both.
    first, *more = wrap(" ".join((warning, *texts)), cells)
    head, tail = first[: len(warning)], first[len(warning) :]
    return lines_of([(Span(head, "dim"), Span(tail)), *((Span(line),) for line in more)])


def of_before(view: View, cells: int) -> list[str]:
    """That notes were written for the numbers before any was set; no lines where none is."""
    return wrap(_of_before(view), max(2, cells)) if view.trials else []


def _of_before(view: View) -> str:
    return (
        spelled(view.spoken.say("Numbers from before 'set':"), view.charset) if view.trials else ""
    )


def notes_at(frame: Frame, notes: Sequence[Note]) -> list[Note]:
    """Every note that hangs on a frame, the most particular first."""
    found = [note for note in notes if is_at(frame, note.place)]
    return sorted(found, key=lambda n: (_RANKS.index(n.place.kind), -len(n.place.index)))


def new_notes(view: View, told: set[int]) -> Iterator[str]:
    """The texts of a step's notes that were not told yet; they are from now on."""
    for note in notes_at(view.frame, view.notes):
        if id(note) not in told:
            told.add(id(note))
            yield note.text.get(view.language)


def first_step_at(timeline: Timeline, place: Place) -> int | None:
    """The first step at a place; None where the walk never comes there."""
    if not _is_of(timeline, place):
        return None
    if place.kind == "end":
        return timeline.length - 1
    # Of a training, iterations are alike from the second on, which may begin with a zero_grad.
    few = islice(timeline.parts(range(timeline.length)), 2)
    return next((k for one, _ in few if (k := _first_of(one, place)) is not None), None)


def _is_of(timeline: Timeline, place: Place) -> bool:
    """Whether a place is one of this walk, or of the walk in the other mode."""
    return place.is_of_both_modes or place.is_forward is timeline.is_forward


def _first_of(timeline: Timeline, place: Place) -> int | None:
    """The first step at a place in one iteration."""
    if place.kind in _PHASES:
        phase = _PHASES[place.kind]
        return next((s.start for s in timeline.sections if s.phase is phase), None)
    graph = timeline.trace.graph
    if place.kind == "node":
        built = graph.names.get(place.name)
        return None if built is None else timeline.built(built)
    node = node_called(place.name, graph, is_gradient=True)
    if node is None:
        return None
    found = (_first_write(timeline, node, flat) for flat in _entries(timeline, node, place.index))
    return min((k for k in found if k is not None), default=None)


def _entries(timeline: Timeline, node: int, index: tuple[int, ...]) -> Iterable[int | None]:
    """The entries of a row or a block, the first of a very large one; None for all there are."""
    if not index:
        return (None,)
    shape = timeline.nodes[node].shape
    size = prod(shape[len(index) :])
    start = int(np.ravel_multi_index(index, shape[: len(index)])) * size
    return range(start, start + min(size, _MOST))


def _first_write(timeline: Timeline, node: int, flat: int | None) -> int | None:
    stop = Stop(phases=frozenset({Phase.PARTIAL}), write=Write(node, flat))
    return first_step(stop, timeline, timeline.steps)


def is_at(frame: Frame, place: Place) -> bool:
    """Whether a frame is at a place."""
    if not _is_of(frame.timeline, place):
        return False
    if place.kind == "end":
        return frame.k == frame.length - 1
    if place.kind in _PHASES:
        return frame.phase is _PHASES[place.kind]
    graph = frame.timeline.trace.graph
    if place.kind == "node":
        return frame.phase in {Phase.BUILD, Phase.PARTIAL} and (
            graph.names.get(place.name) == frame.node.id
        )
    node = node_called(place.name, graph, is_gradient=True)
    if node is None or frame.edge is None or frame.target != node:
        return False
    shape = graph.nodes[node].shape
    at = np.unravel_index(frame.entry, shape) if shape else ()
    return tuple(int(c) for c in at[: len(place.index)]) == place.index
