"""What a speaker wants to read of the present step, in every language, and how it is laid out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import UnknownError
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.render.panes.note import first_step_at, notes_at
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.spans import Span, lines_of, width, wrap
from tui_backprop.render.view import may_take_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import Line, Lines
    from tui_backprop.render.view import View
    from tui_backprop.scenario.model import Note
    from tui_backprop.timeline.timeline import Timeline

Text: TypeAlias = "Mapping[str, str]"
"""A text by language; empty where there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of one step.

    Attributes:
        scenario: its name.
        title: its title.
        step: where the walk is.
        last: its last step.
        note: what is to be said now: what a replay says, and the notes of this step.
        upcoming: what is to be said next.
        upcoming_step: where that is; None where nobody knows, as in a replay.
        words: the step in plain words.
        elapsed: seconds since the presentation began.
    """

    scenario: str
    title: Text
    step: int
    last: int
    note: Text
    upcoming: Text
    upcoming_step: int | None
    words: Text
    elapsed: float


def facts_of(
    view: View,
    scenario: str,
    title: Text,
    coming: Mapping[int, Sequence[Note]],
    narration: Sequence[Text] = (),
    elapsed: float = 0.0,
) -> Facts:
    """The facts of a view.

    Args:
        view: of the step.
        scenario: the name of what is walked.
        title: its title.
        coming: the notes by the first step that they are told at; see `by_step`.
        narration: of a replay, what was said last and what is said next, each empty for nothing.
        elapsed: seconds since the presentation began.
    """
    frame, codes = view.frame, languages()
    now, after = (*narration, {}, {})[:2]
    notes = [note.text for note in notes_at(frame, view.notes)]
    step = None if narration else min((k for k in coming if k > frame.k), default=None)
    later = [note.text for note in coming[step]] if step is not None else []
    return Facts(
        scenario=scenario,
        title=title,
        step=frame.k,
        last=frame.length - 1,
        note={
            code: _paragraphs((now.get(code, ""), *(text.get(code) for text in notes)))
            for code in codes
        },
        upcoming={
            code: _paragraphs((after.get(code, ""), *(text.get(code) for text in later)))
            for code in codes
        },
        upcoming_step=step,
        words={} if may_take_long(view) else {code: _words(view, code) for code in codes},
        elapsed=elapsed,
    )


def by_step(timeline: Timeline, notes: Iterable[Note]) -> Mapping[int, Sequence[Note]]:
    """The notes that the walk comes to, by the first step that each is told at."""
    found: dict[int, list[Note]] = {}
    for note in notes:
        step = first_step_at(timeline, note.place)
        if step is not None:
            found.setdefault(step, []).append(note)
    return found


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _words(view: View, code: str) -> str:
    try:
        return _sentences(view.namer, code).event(view.frame)
    except UnknownError as error:
        return language_of(code).retold(str(error))


@lru_cache(maxsize=8)
def _sentences(namer: Namer, code: str) -> Sentences:
    """One for a walk: it looks at every node first."""
    return Sentences(namer, language_of(code))


@dataclass(frozen=True, slots=True)
class SpeakerState:
    """What a terminal of notes shows.

    Attributes:
        facts: of the present step; None where nobody presents.
        status: why there are none, or that these are old; may be empty.
        elapsed: seconds since the presentation began.
        language: the code of one that there is.
        charset: Unicode or ASCII.
    """

    facts: Facts | None
    status: str
    elapsed: float
    language: str
    charset: Charset

    def heard(self, facts: Facts) -> SpeakerState:
        """With other facts."""
        return replace(self, facts=facts, status="", elapsed=facts.elapsed)


_MARGIN: Final = 2


def speaker_content(state: SpeakerState, cells: int, height: int) -> Lines:
    """What is to be said now, then next, then the step in words; the time above."""
    del height
    spoken, room = language_of(state.language), max(cells - 2 * _MARGIN, 2)
    if state.facts is None:
        return lines_of([(), *_block("", state.status, state.charset, room)])
    facts = state.facts
    lines: list[Line] = [(), _head(state, facts, spoken, room), ()]
    if state.status:
        lines += [*_block("", state.status, state.charset, room), ()]
    parts = (
        (
            spoken.say("to be said now"),
            _in(facts.note, state.language) or spoken.say("(no note here)"),
        ),
        (_next_title(facts, spoken), _in(facts.upcoming, state.language)),
        (spoken.say("in plain words"), _in(facts.words, state.language)),
    )
    for nth, (title, text) in enumerate(parts):
        if text:
            lines += [*_block(title, text, state.charset, room, is_large=nth == 0), ()]
    return lines_of(lines)


def _head(state: SpeakerState, facts: Facts, spoken: Language, room: int) -> Line:
    """Where the walk is, and how long it has taken; what it is called where that fits."""
    where = spoken.say("step {k} of {last}", k=facts.step, last=facts.last)
    time = _clock(state.elapsed)
    title = spelled(_in(facts.title, state.language), state.charset)
    left = f"{title}   {where}"
    if width(left) + width(time) + 2 > room:
        left = where
    gap = " " * max(room - width(left) - width(time), 2)
    return Span(" " * _MARGIN), Span(left, "dim"), Span(gap), Span(time, "title")


def _next_title(facts: Facts, spoken: Language) -> str:
    if facts.upcoming_step is None:
        return spoken.say("to be said next")
    return spoken.say("to be said next, at step {k}", k=facts.upcoming_step)


def _block(
    title: str, text: str, charset: Charset, room: int, *, is_large: bool = False
) -> list[Line]:
    margin = Span(" " * _MARGIN)
    head: list[Line] = [(margin, Span(title, "marker"))] if title else []
    rows = wrap(spelled(text, charset), room)
    return [*head, *((margin, Span(row, "title" if is_large else "")) for row in rows)]


def _in(text: Text, language: str) -> str:
    """In a language, else in English, else in any."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def _clock(seconds: float) -> str:
    whole = max(int(seconds), 0)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
