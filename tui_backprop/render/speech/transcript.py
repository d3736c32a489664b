"""The whole walk, spoken: one line for each step, as they come.

It stands apart from the sentences because it knows the order: the title, the steps with what the
author says to them, the gradients. It is made line by line, in memory that does not grow with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.language.catalogue import language_of
from tui_backprop.render.export.walking import edge_ends
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.speech.sentences import Sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.render.export.walking import Level
    from tui_backprop.render.view import View
    from tui_backprop.timeline.frame import Frame


def plain_transcript(view: View, source: str = "", level: Level = "partial") -> Iterator[str]:
    """The lines of the transcript, without newlines.

    Args:
        view: any frame of the walk, and everything that decides how it is told.
        source: where the scenario's numbers come from; may be empty.
        level: whether each partial has its line, or each edge.
    """
    language = language_of(view.language)
    sentences = Sentences(view.namer, language)
    timeline = view.frame.timeline
    yield sentences.reader.read(view.title)
    if source:
        yield language.say("Source: {text}", text=sentences.reader.read(source))
    told: set[int] = set()
    for frame in timeline if level == "partial" else edge_ends(timeline):
        yield sentences.event(frame, level)
        for text in _notes(view, frame, told):
            yield language.say("Note: {text}", text=sentences.reader.read(text))
    for name, gradient in timeline.trace.grad.items():
        yield sentences.gradient(name, gradient)


def _notes(view: View, frame: Frame, told: set[int]) -> Iterator[str]:
    """The notes of a step, each where the walk first comes to it."""
    for note in notes_at(frame, view.notes):
        if id(note) not in told:
            told.add(id(note))
            yield note.text.get(view.language)
