"""A walk, or a replay, in spoken sentences: one line for each step, as they come.

A step says what depends on what, how steeply, and what arrives; it is told from its row and its
numbers alone, whatever came before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.replay.script import Claim, Do, Mark, Say, text_in
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.export.text import StepCache, named_tangents, steps_of
from tui_backprop.render.panes.note import new_notes
from tui_backprop.render.speech.reader import Reader
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.speech.words import tidied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.replay.player import Event
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.view import View


def plain_transcript(view: View, source: str = "", level: Level = "partial") -> Iterator[str]:
    """The lines of the transcript, without newlines; see `text.trace_text`."""
    language = language_of(view.language)
    sentences = Sentences(view.namer, language)
    timeline = view.frame.timeline
    yield sentences.reader.read(view.title)
    if source:
        yield language.say("Source: {text}", text=sentences.reader.read(source))
    told: set[int] = set()
    for frame in steps_of(timeline, level):
        yield sentences.event(frame, level)
        for text in new_notes(replace(view, frame=frame), told):
            yield language.say("Note: {text}", text=sentences.reader.read(text))
    if timeline.is_forward:
        for node, tangent in named_tangents(timeline):
            yield sentences.tangent(node, tangent)
        return
    last = timeline.at(timeline.length - 1)
    for name, gradient in last.trace.grad.items():
        yield sentences.gradient(name, gradient)
    for why in timeline.trace.untold.values():
        yield sentences.unknown(why)
    yield from sentences.trained(last)


_UNKNOWN: Final = re.compile(r"(?:(?<=\[)|(?<=\s))·(?=[,\]]|$| →)")
"""An entry that is not computed yet; between two numbers the same dot multiplies."""
_LONE: Final = re.compile(r"\((\d+),\)")
"""The shape of a vector."""
_LOGICAL: Final = re.compile(r"\b(?:and|or|not)\b")


class SpokenReplay:
    """Tells the lines of one replay."""

    def __init__(self, namer: Namer, language: str) -> None:
        self._language = language_of(language)
        self._sentences = Sentences(namer, self._language)
        self._read = self._sentences.reader.read
        self._code = Reader(self._language, is_code=True).read
        self._say = self._language.say
        self._steps = StepCache(lambda view: (self._sentences.event(view.frame),))

    def title(self, text: str) -> str:
        """The title of the scenario."""
        return self._read(text)

    def lines_about(self, event: Event, view: View) -> Iterator[str]:
        """The spoken lines about one line of the replay; the view is of the walk after it."""
        act = event.line.act
        if isinstance(act, Mark):
            yield self._say("Chapter: {text}.", text=self._read(text_in(act.name, view.language)))
        elif isinstance(act, Say):
            yield self._read(text_in(act.text, view.language))
        elif isinstance(act, Claim):
            yield tidied(self._claimed(event, act))
        elif isinstance(act, Do):
            word, _, argument = act.command.partition(" ")
            argument = argument.strip()
            spoken = " ".join(filter(None, (word, self._formula(argument))))
            yield self._say("Command: {text}.", text=spoken)
            answer = event.answer.lines
            lines = (line.text if line.heard is None else line.heard for line in answer)
            yield from (self._heard(text) for text in lines if text.strip() not in {"", argument})
            if event.has_moved:
                yield from self._steps.of(view)

    def _formula(self, text: str) -> str:
        """What a command is given, or is claimed: the words that join conditions are no names."""
        words = {"and": self._say("and"), "or": self._say("or"), "not": self._say("not")}
        return self._code(_LOGICAL.sub(lambda found: words[found.group()], text))

    def _heard(self, answer: str) -> str:
        """A line that was written for eyes: what stands for a number is put into words first."""
        total = self._say("the sum")
        words = self._language.retold(answer).replace("Σ =", f"{total} =")
        words = words.replace("▸", self._say("here:")).replace("()", self._say("one number"))
        return self._read(_UNKNOWN.sub(self._say("not known yet"), _LONE.sub(r"\1", words)))

    def _claimed(self, event: Event, act: Claim) -> str:
        text = self._formula(act.expression)
        if not event.failure:
            return self._say("It is true that {text}.", text=text)
        return self._say(
            "Line {line} fails: expected {text}, found {found}.",
            line=event.line.number,
            text=text,
            found=self._heard(event.failure),
        )
