"""What is said of steps, as templates with their fields still open, in every language.

The writers of the step pane and of speech are given a language that remembers what it was asked to
say. What the page can tell by itself (an entry's name, a number of the step) is left out of what is
kept, so that the steps of an edge mostly share one saying.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.language.catalogue import Language, language_of
from tui_backprop.language.message import joined
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.speech.naming import Naming
from tui_backprop.render.speech.reader import Reader
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.speech.words import array, spoken, spoken_product
from tui_backprop.render.text.numbers import number
from tui_backprop.render.view import View
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled, why_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.timeline.timeline import Frame

Part: TypeAlias = "str | list[Any]"
"""A text, or ``[template, {field: parts}]`` with the fields that the page cannot tell."""

_HANDLE: Final = re.compile("\ue000(\\d+)\ue001")


class Remembering(Language):
    """A language that gives a handle for each sentence with fields, and can say what it is.

    Equal sentences have equal handles, and handles may be fields of other sentences.
    """

    __slots__ = ("_handles", "sentences")
    _handles: dict[tuple[object, ...], str]
    sentences: list[tuple[str, Mapping[str, object]]]

    @classmethod
    def of(cls, language: Language) -> Remembering:
        """The same language with nothing remembered."""
        made = cls(language.code, language.catalogue)
        object.__setattr__(made, "_handles", {})
        object.__setattr__(made, "sentences", [])
        return made

    def say(self, message: str, /, **values: object) -> str:
        """A handle; a message without fields is said at once."""
        text = self.translated(message)
        return self._remembered(text, values) if values else text

    def say_in(self, context: str, message: str, /, **values: object) -> str:
        """Likewise of a message with a context."""
        if self.catalogue is None:
            return self.say(message, **values)
        text = self.catalogue.pgettext(context, message)
        return self._remembered(text, values) if values else text

    def retold(self, text: str) -> str:
        """A sentence of the debugger, said at once: who reads formulas aloud knows no handles."""
        return Language(self.code, self.catalogue).retold(text)

    def _remembered(self, text: str, values: Mapping[str, object]) -> str:
        key = (text, *values.items())
        handle = self._handles.get(key)
        if handle is None:
            handle = self._handles[key] = f"\ue000{len(self.sentences)}\ue001"
            self.sentences.append((text, values))
        return handle


class _Told(View):
    """A view that is told in a language that remembers."""

    __slots__ = ("language_itself",)
    language_itself: Remembering

    @classmethod
    def of(cls, view: View, frame: Frame, language: Remembering) -> _Told:
        """The same view of another frame."""
        made = cls(
            frame, view.namer, language=language.code, charset=view.charset, symbolic=view.symbolic
        )
        object.__setattr__(made, "language_itself", language)
        return made

    @property
    def spoken(self) -> Language:
        """The language that remembers."""
        return self.language_itself


class Sayings:
    """Collects the sayings of a walk, those that are alike once.

    Attributes:
        templates: of each language, sentences with ``{fields}``.
        patterns: parts, as `Part` says.
        each: for each saying, for each language, the pattern that is read on the page, sentence by
            sentence, and the one that is heard.
    """

    def __init__(self, view: View, codes: Sequence[str]) -> None:
        self._writers = [_Writer(view, Remembering.of(language_of(code))) for code in codes]
        self._patterns: dict[str, int] = {}
        self._each: dict[tuple[tuple[int, int], ...], int] = {}

    @property
    def templates(self) -> list[list[str]]:
        """Of each language, by number."""
        return [list(writer.templates) for writer in self._writers]

    @property
    def patterns(self) -> list[Any]:
        """By number."""
        return [json.loads(text) for text in self._patterns]

    @property
    def each(self) -> list[list[list[int]]]:
        """By number."""
        return [[list(pair) for pair in saying] for saying in self._each]

    def number(self, frame: Frame) -> int:
        """The saying of a step."""
        found = tuple(
            (self._pattern(writer.read(frame)), self._pattern(writer.heard(frame)))
            for writer in self._writers
        )
        return self._each.setdefault(found, len(self._each))

    def _pattern(self, parts: list[Any]) -> int:
        text = json.dumps(parts, ensure_ascii=False)
        return self._patterns.setdefault(text, len(self._patterns))


class _Writer:
    """The sayings of one language."""

    def __init__(self, view: View, language: Remembering) -> None:
        self.templates: dict[str, int] = {}
        self._view = view
        self._language = language
        self._sentences = Sentences(view.namer, language)
        self._naming = Naming(view.namer, self._sentences.reader)
        # Whoever reads formulas aloud knows no handles: names in them are told at once.
        self._plainly = Naming(view.namer, Reader(Language(language.code, language.catalogue)))
        self._of_nodes = Sentences(view.namer, language, self._plainly)

    def read(self, frame: Frame) -> list[list[Part]]:
        """The parts of each sentence of the step pane."""
        known = self._known_to_read(frame)
        told = sentences(_Told.of(self._view, frame, self._language))
        return [self._parts(sentence, known) for sentence in told]

    def heard(self, frame: Frame) -> list[Part]:
        """The parts of what is spoken."""
        if frame.phase is not Phase.PARTIAL:
            return self._parts(self._of_nodes.event(frame), self._known_of_node(frame))
        return self._parts(self._sentences.event(frame), self._known_to_hear(frame))

    def _known_to_read(self, frame: Frame) -> dict[str, str]:
        """The fields that `words.js` fills in by itself; the two must agree."""
        namer = self._view.namer
        parents = dict.fromkeys(namer.label(p) for p in frame.node.parents)
        known = {
            "name": namer.label(frame.node.id),
            "parents": self._language.retold(joined(", ", parents)),
        }
        if frame.edge is None or why_unknown(frame):
            return known
        edge, p = pulled(frame)
        return {
            **known,
            "adjoint": namer.adjoint(edge.node),
            "parent": namer.label(edge.parent),
            "y": namer.entry(edge.node, p.j),
            "x": namer.entry(edge.parent, p.i),
            "v": namer.cotangent(edge.node, p.j),
            "v_value": number(p.v),
            "t": number(p.v),
            "slope": number(p.value),
            "contribution": number(p.contribution),
        }

    def _known_of_node(self, frame: Frame) -> dict[str, str]:
        """Likewise of what is spoken of a node; the value of an array is told as it stands."""
        node, trace = frame.node, frame.timeline.trace
        known = {"name": self._plainly.label(node.id)}
        if not node.shape and frame.phase is Phase.BUILD and trace.is_known(node.id):
            known["value"] = array(trace.value(node.id), self._language)
        return known

    def _known_to_hear(self, frame: Frame) -> dict[str, str]:
        """Likewise of what is spoken."""
        language, naming = self._language, self._naming
        known = {"name": naming.label(frame.node.id)}
        if why_unknown(frame):
            return known
        edge, p = pulled(frame)
        if p.before is not None:
            known["before"] = spoken(p.before, language)
        return {
            **known,
            "y": naming.entry(edge.node, p.j),
            "x": naming.entry(edge.parent, p.i),
            "v": naming.cotangent(edge.node, p.j),
            "slope": spoken(p.value, language),
            "number": spoken(p.v, language),
            "product": spoken_product(p.contribution, (p.v, p.value), language),
            "after": spoken(p.after, language),
        }

    def _parts(self, text: str, known: Mapping[str, str]) -> list[Part]:
        """A text with handles as parts; fields that are known are left out."""
        found: list[Part] = []
        for at, piece in enumerate(_HANDLE.split(text)):
            if at % 2:
                template, values = self._language.sentences[int(piece)]
                told = {
                    field: self._parts(str(value), known)
                    for field, value in values.items()
                    if known.get(field) != value
                }
                found.append([self.templates.setdefault(template, len(self.templates)), told])
            elif piece:
                found.append(piece)
        return found
