"""A walk as the page is given it: one object, in which what is alike stands once.

What is there of every step is in `columns`; words and formulas are in `sayings` and `formulas`.
Coordinates count from 0. Every list of languages is in the order of ``languages``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.hunts import told_title
from tui_backprop.exports.page.columns import edge_columns, numbers
from tui_backprop.exports.page.formulas import Formulas
from tui_backprop.exports.page.labels import labels_in
from tui_backprop.exports.page.sayings import Sayings
from tui_backprop.graph.naming import kind
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.language.message import said
from tui_backprop.progress import reported
from tui_backprop.render.export.text import named_tangents
from tui_backprop.render.panes.equation import equations
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.speech.naming import Naming
from tui_backprop.render.speech.reader import Reader
from tui_backprop.render.text.spans import printable, printable_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.page.columns import Columns
    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Node
    from tui_backprop.timeline.timeline import Frame, Timeline

_MOST_STEPS: Final = 100_000
"""Beyond which a browser would take long to read the file, and nobody would walk it."""
_MOST_ENTRIES: Final = 4096
"""Of a value that are kept: those that the steps need are among the sums anyway."""


def walk_of(subject: Subject) -> dict[str, Any]:
    """The object that the page's scripts read.

    Raises:
        TuiBackpropError: the walk is too long for a page.
    """
    length = len(subject.timeline)
    if length > _MOST_STEPS:
        raise TuiBackpropError(
            said(
                "a page holds at most {most} steps, and this walk has {count}: make its arrays "
                "smaller, or export it as another format",
                most=f"{_MOST_STEPS:,}", count=f"{length:,}",
            )
        )  # fmt: skip
    return _Walk(subject).object()


def _other(text: str, than: str) -> str | None:
    """A text; None where it is the one that is expected."""
    return None if text == than else text


class _Walk:
    """One walk, in every language."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.view = subject.view
        self.timeline = subject.timeline
        self.codes = languages()
        self.sayings = Sayings(self.view, self.codes)
        self.formulas = Formulas(self.view.namer)
        self._namings = [Naming(self.view.namer, Reader(language_of(c))) for c in self.codes]
        self._note_runs: list[tuple[int, list[int]]] = []

    def object(self) -> dict[str, Any]:
        """All of it; the steps are looked at once, in order."""
        model, view = self.subject.model, self.view
        frames = self._frames()
        steps = range(len(self.timeline))
        iterations = [self._iteration(one, frames) for one, _ in self.timeline.parts(steps)]
        return {
            "format": 1,
            "languages": [{"code": c, "name": language_of(c).name} for c in self.codes],
            "language": self.codes.index(view.language) if view.language in self.codes else 0,
            "labels": [labels_in(code, is_forward=self.timeline.is_forward) for code in self.codes],
            "forward": self.timeline.is_forward,
            "title": [printable(told_title(self.subject, code)) for code in self.codes],
            "source": printable(model.source),
            "program": [printable(x.expandtabs(4)) for x in model.graph.program.splitlines()],
            "length": len(self.timeline),
            "start": view.frame.k if view.frame.k < len(self.timeline) - 1 else 0,
            "subscripts": view.namer.subscripts,
            "ownJ": view.namer.binds("J"),
            "ownV": view.namer.lacks_vector,
            "inputs": list(model.graph.inputs.values()),
            "results": self._results(),
            "iterations": iterations,
            "formulas": [[*template] for template in self.formulas.templates],
            "templates": self.sayings.templates,
            "patterns": self.sayings.patterns,
            "sayings": self.sayings.each,
            "notes": [self._note(note.text.get) for note in model.notes],
            "noted": self._note_runs,
        }

    def _results(self) -> list[int]:
        """The nodes of which paper tells what the walk ends with."""
        if self.timeline.is_forward:
            return [node for node, _ in named_tangents(self.timeline)]
        return list(self.subject.model.graph.inputs.values())

    def _iteration(self, one: Timeline, frames: Iterator[Frame]) -> dict[str, Any]:
        """The steps of an iteration of a training, or all of them where nothing is trained."""
        built = [self._node(frame) for _, frame in zip(one.nodes, frames, strict=False)]
        passes, edges = self._passes(one, frames)
        found: dict[str, Any] = {
            "start": one.steps.start, "nodes": built, "passes": passes, "edges": edges,
        }  # fmt: skip
        if one.trace.initial:
            found["initial"] = {n: numbers(x) for n, x in one.trace.initial.items()}
        if one.iterations is not None:
            found["loss"] = numbers([one.iterations.loss(one.updates.number)])
            found["updates"] = [self._update(next(frames)) for _ in range(one.updates.size)]
        return found

    def _update(self, frame: Frame) -> dict[str, Any]:
        """A trained entry: of which node, which, what it becomes, and how."""
        new = frame.timeline.updates.of(frame.node.id)[-1].value
        return {
            "n": frame.node.id,
            "i": frame.column,
            "after": numbers([new.flat[frame.column]]),
            **self._told(frame),
        }

    def _frames(self) -> Iterator[Frame]:
        """Every frame once; on the way the notes that hang on it."""
        notes = self.subject.model.notes
        numbers_of = {id(note): number for number, note in enumerate(notes)}
        before: list[int] = []
        for frame in reported("writing steps", self.timeline, len(self.timeline)):
            here = [numbers_of[id(note)] for note in notes_at(frame, notes)]
            if here != before:
                self._note_runs.append((frame.k, here))
                before = here
            yield frame

    def _note(self, text_in: Any) -> list[list[str]]:
        """A note in each language, as it is read and as it is heard."""
        texts = [(code, text_in(code)) for code in self.codes]
        return [[printable_lines(text), Reader(language_of(code)).read(text)]
                for code, text in texts]  # fmt: skip

    def _node(self, frame: Frame) -> dict[str, Any]:
        """What the page knows of a node; what `words.js` tells by itself is left out."""
        node, namer, trace = frame.node, self.view.namer, frame.timeline.trace
        label, adjoint = namer.label(node.id), namer.adjoint(node.id)
        first = namer.entry(node.id, 0) if node.size else label
        index = namer.index(node.shape, 0) if node.size else ""
        known = trace.is_known(node.id)
        value = numbers(trace.value(node.id).ravel()[:_MOST_ENTRIES]) if known else None
        found: dict[str, Any] = {
            "label": label,
            "shape": list(node.shape) or None,
            "adjoint": _other(adjoint, f"{label}.{namer.suffix}"),
            "symbol": _other(first.removesuffix(index), label),
            "role": _other(node.role.value, "op"),
            "text": namer.text(node.id) if node.parents else None,
            "kind": None if node.parents else self._kind(node),
            "parents": list(node.parents) or None,
            "line": node.span.line if node.span else None,
            "value": value,
            "w": self.sayings.number(frame),
            **self._names(node, label),
        }
        told = self._equation(frame)
        number = None if value is None or node.shape else value.replace("-", "−")
        whole = [label, namer.text(node.id), number] if node.parents else [label, number]
        if number is None or told != [" = ".join(dict.fromkeys(map(str, whole)))]:
            found["equation"] = told
        if node.literal is not None and not node.shape:
            found["isNumber"] = True
        return {key: x for key, x in found.items() if x is not None}

    def _kind(self, node: Node) -> list[str]:
        return [language_of(code).retold(kind(node.op)) for code in self.codes]

    def _names(self, node: Node, label: str) -> dict[str, Any]:
        """Its name aloud, and what its entries begin with, where they are not read off the label.

        ``h@2`` is version 2 of h and ``#7`` is node 7, in any language.
        """
        found: dict[str, Any] = {}
        namings = self._namings
        names = [naming.label(node.id) for naming in namings]
        read = [self._read_off(naming, label) for naming in namings]
        if names != read:
            found["name"] = names
        stems = [naming.stem(node.id) for naming in namings]
        is_plain = label[0] != "#" and "@" not in label
        if stems != [(name, is_plain) for name in names]:
            found["heard"] = [list(stem) for stem in stems]
        if namings[0].has_own_v:
            found["heardV"] = [list(naming.vector_stem(node.id)) for naming in namings]
        return found

    def _read_off(self, naming: Naming, label: str) -> str:
        """As `words.js` has it."""
        base, _, version = label.partition("@")
        language = naming.reader.language
        if label.startswith("#"):
            return language.say("node {number}", number=label[1:])
        if version:
            return language.say("{name} version {number}", name=base, number=version)
        return label

    def _equation(self, frame: Frame) -> list[str]:
        """The formula of a step that is no partial; one where all languages write the same."""
        told = [equations(replace(self.view, frame=frame, language=code)) for code in self.codes]
        texts = ["\n".join(texts) for texts in told]
        return texts[:1] if len(set(texts)) == 1 else texts

    def _passes(
        self, one: Timeline, frames: Iterator[Frame]
    ) -> tuple[list[dict[str, Any]], list[Columns]]:
        passes: list[dict[str, Any]] = []
        edges: list[Columns] = []
        formulas = self.formulas if self.view.symbolic else None
        for number, walk in enumerate(one.walks):
            if walk is None:
                frame = next(frames)
                passes.append({"zero": True, "k": frame.k, **self._told(frame)})
                continue
            seeds = [self._seed(next(frames)) for _ in walk.seeds]
            passes.append({
                "k": walk.start - len(seeds),
                "seeds": seeds,
                "initial": {n: numbers(x) for n, x in walk.run.initial.items()},
                "edges": [len(edges), len(edges) + walk.route.edges],
            })  # fmt: skip
            edges += edge_columns(one, number, frames, formulas, self.sayings)
        return passes, edges

    def _told(self, frame: Frame) -> dict[str, Any]:
        """What is written and said of a step that is no partial."""
        return {"equation": self._equation(frame), "w": self.sayings.number(frame)}

    def _seed(self, frame: Frame) -> dict[str, Any]:
        """A vector that is placed on a node, and all that is there then where that is more."""
        node, run = frame.node.id, frame.walk.run
        placed, whole = numbers(run.seeds[node]), run.cotangents.get(node)
        found = {"n": node, "v": placed, **self._told(frame)}
        if whole is not None and node in run.initial:
            found["whole"] = numbers(whole)
        return found
