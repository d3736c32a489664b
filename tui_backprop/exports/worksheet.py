r"""A sheet to hand out: the program, the narration, and blanks where the walk has numbers.

Values are left out of the table of nodes; of every edge some partials are asked, each with v, the
product and the sum, and of every input its gradient. The answers are the same sheet filled in, with
the notes that tell results. It is Markdown, or LaTeX with an option.

Of a training it is the first iteration, with the updates that end it.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.exports.hunts import righted, sheet_warning
from tui_backprop.exports.sheet_questions import asked, own_questions
from tui_backprop.exports.sheet_values import LISTED, is_narrow, on_its_line, written_out
from tui_backprop.graph.naming import kind, label
from tui_backprop.language.message import clauses, joined
from tui_backprop.render.export.document import gradient, product, seed, slope, total
from tui_backprop.render.export.latex import LatexDocument
from tui_backprop.render.export.markdown import Markdown
from tui_backprop.render.export.text import named_tangents
from tui_backprop.render.formulas.latex_names import (
    UNKNOWN,
    LatexNamer,
    array,
    derivative,
    quantity,
    tuple_of,
)
from tui_backprop.render.formulas.symbolic import latex
from tui_backprop.render.formulas.updates import latex_settings, latex_update
from tui_backprop.render.panes.note import first_step_at
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.timeline.frame import Adjoint, Phase
from tui_backprop.timeline.step_facts import pulled, why_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Node
    from tui_backprop.render.export.document import Markup
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.timeline import Frame

BLANK: Final = r"\underline{\qquad\quad}"
"""Where a student writes."""
_OF_RESULTS: Final = frozenset(("end", "grad"))
"""The places whose notes tell what comes out."""
_ASKED: Final = 3
"""Partials of an edge."""


def worksheet(subject: Subject) -> Iterator[str]:
    """The sheet with its blanks."""
    return _lines(subject, is_answered=False)


def answers(subject: Subject) -> Iterator[str]:
    """The same, filled in."""
    return _lines(subject, is_answered=True)


def _lines(subject: Subject, *, is_answered: bool) -> Iterator[str]:
    for line in _Sheet(subject, is_answered=is_answered).lines():
        yield f"{line}\n"


class _Sheet:
    """Writes the sheet of one walk."""

    def __init__(self, subject: Subject, *, is_answered: bool) -> None:
        self._warning = sheet_warning(subject, is_answered=is_answered)
        subject = righted(subject)
        shown = [n for n in subject.view.notes if is_answered or n.place.kind not in _OF_RESULTS]
        self._view = subject.view
        self._timeline = subject.timeline.at(0)
        self._source = subject.model.source
        self._namer = LatexNamer(subject.view.namer)
        self._spoken = subject.view.spoken
        self._say = subject.view.spoken.say
        self._is_answered = is_answered
        self._numerals = numerals_in(subject.view.charset)
        is_latex = bool(subject.options.get("latex"))
        self._markup: Markup = LatexDocument(self._spoken) if is_latex else Markdown()
        hung = ((first_step_at(self._timeline, n.place), n.text) for n in shown)
        told = [(k, text.get(self._view.language)) for k, text in hung if k is not None]
        self._questions_asked = own_questions(subject)
        shapes = (q.about for q in self._questions_asked if q.kind == "shape")
        self._shapes_asked = () if is_answered else tuple(shapes)
        self._notes = deque(sorted(told, key=lambda note: note[0]))

    def lines(self) -> Iterator[str]:
        """All lines, without newlines."""
        view, markup = self._view, self._markup
        program = view.namer.graph.program.splitlines()
        notes = [text for _, text in self._notes]
        title = view.title
        if self._is_answered:
            title = self._say("{title}: answers", title=title)
        words = [title, self._source, *program, *notes, self._say("program")]
        yield from markup.opening(markup.text(title), words)
        if self._source:
            told = joined(": ", [self._say("source"), self._source])
            yield from markup.paragraph(markup.text(self._spoken.retold(told)))
        if self._warning:
            yield from markup.paragraph(markup.text(self._spoken.retold(self._warning)))
        yield from self._section(self._say("program"))
        yield from markup.listing([line.expandtabs(4) for line in program])
        yield from self._forward()
        for section in self._timeline.sections[1:]:
            if section.phase is not Phase.UPDATE:
                yield from self._stretch(section)
        yield from self._gradients()
        yield from self._updates()
        yield from self._notes_until(self._timeline.length)
        if self._questions_asked:
            yield from self._section(self._say("questions"))
            blank = "" if self._is_answered else BLANK
            yield from asked(self._questions_asked, markup, self._spoken, blank)
        yield from markup.closing()

    def _forward(self) -> Iterator[str]:
        yield from self._section(self._say("forward"))
        ask = self._say("Compute the value of every node, from the first to the last.")
        yield from self._markup.paragraph(self._markup.text(ask))
        say, text = self._say, self._markup.text
        words = (say("step"), say("node"), say("op"), say("shape"), say("written"), say("value"))
        head = [text(word) for word in words]
        nodes = self._timeline.nodes
        yield from self._markup.table(head, (self._row(self._timeline[n.id]) for n in nodes))
        for node in nodes:
            if self._is_below(node):
                name, value = self._namer.label(node.id), self._timeline.trace.value(node.id)
                entry = partial(self._namer.entry, node.id)
                yield from written_out(value, name, entry, self._markup, self._spoken)
        while self._notes and self._notes[0][0] < len(nodes):
            k = self._notes[0][0]
            name = f"${self._namer.label(k)}$"
            yield from self._markup.paragraph(say("step {k}, {name}:", k=k, name=name))
            yield from self._notes_until(k)

    def _row(self, frame: Frame) -> tuple[str, ...]:
        node, markup = frame.node, self._markup
        value = markup.text(self._say("below")) if self._is_below(node) else ""
        if not self._is_known(node):
            value = markup.code(self._say("not saved"))
        elif not value:
            value = markup.code(on_its_line(self._timeline.trace.value(node.id), self._numerals))
        is_shape_asked = label(self._timeline.trace.graph, node.id) in self._shapes_asked
        return (
            str(frame.k),
            f"${self._namer.label(node.id)}$",
            markup.text(self._spoken.retold(kind(node.op))),
            f"${tuple_of(node.shape)}$" if node.shape and not is_shape_asked else "",
            markup.code(self._view.namer.application(node.id)) if node.parents else "",
            f"${BLANK}$" if self._is_asked(node) else value,
        )

    def _is_asked(self, node: Node) -> bool:
        """Whether a value is a blank: on the sheet, of what is computed."""
        return bool(node.parents) and not self._is_answered

    def _is_known(self, node: Node) -> bool:
        return self._timeline.trace.is_known(node.id)

    def _is_below(self, node: Node) -> bool:
        """Whether a value that is told has no room on the line of its node."""
        if self._is_asked(node) or not self._is_known(node):
            return False
        return not on_its_line(self._timeline.trace.value(node.id), self._numerals)

    def _stretch(self, section: Section) -> Iterator[str]:
        if section.phase is Phase.SEED:
            for k in range(section.start, section.stop):
                yield from self._seed(self._timeline[k])
        elif section.phase is Phase.ZERO_GRAD:
            yield from self._markup.section(self._markup.code(self._say("zero_grad")))
            yield from self._notes_until(section.start)
        else:
            yield from self._pulled(section)

    def _seed(self, frame: Frame) -> Iterator[str]:
        """What a pass starts with."""
        name = f"${self._namer.label(frame.node.id)}$"
        words = self._say("backward from {name}", name=name)
        if frame.is_forward:
            words = self._say("forward from {name}", name=name)
        yield from self._section(words, is_marked=True)
        if frame.v is not None:
            yield from self._markup.display([seed(frame.node.id, frame.v, self._namer)])
        for sentence in sentences(replace(self._view, frame=frame, symbolic=False))[1:]:
            yield from self._markup.paragraph(self._markup.text(sentence))
        yield from self._notes_until(frame.k)

    def _pulled(self, section: Section) -> Iterator[str]:
        """Some partials of each edge, and the narration of all of them."""
        walk = self._timeline.walk(section.pass_number)
        for number in range(walk.route.edges):
            steps = walk.route.steps(number)
            if not steps:
                continue
            first, last = walk.start + steps.start, walk.start + steps.stop - 1
            yield from self._notes_until(first)
            yield from self._edge(self._timeline[first])
            chosen = _some(range(first, last + 1))
            for k in chosen:
                yield from self._asked(self._timeline[k])
            if len(steps) > len(chosen):
                left = self._say(
                    "Likewise, and not asked: {count} more.", count=len(steps) - len(chosen)
                )
                yield from self._markup.paragraph(self._markup.text(left))
            yield from self._notes_until(last)

    def _edge(self, frame: Frame) -> Iterator[str]:
        edge, j = frame.edge, frame.J
        if edge is None or j is None:
            raise AssertionError("an edge belongs to an op")
        y, x = (self._namer.label(n) for n in (edge.node, edge.parent))
        of, to = (self._namer.label(n) for n in (frame.source, frame.target))
        yield from self._markup.subsection(rf"${of} \to {to}$")
        m, n = j.shape
        sides = derivative(y, x)
        says = [
            self._markup.text(
                self._say("{op}, argument {number}", op=frame.node.op, number=edge.argument)
            ),
            self._say("{jacobian} is {m} by {n}", jacobian=f"${sides}$", m=m, n=n),
        ]
        yield from self._markup.paragraph(self._spoken.retold(clauses(says)))

    def _asked(self, frame: Frame) -> Iterator[str]:
        if unknown := why_unknown(frame):
            yield from self._markup.step(frame.k, ())
            yield from self._markup.paragraph(self._markup.text(self._spoken.retold(unknown)))
        elif self._is_answered:
            first = slope(frame, self._namer, symbolic=self._view.symbolic)
            _, p = pulled(frame)
            name = self._namer.gradient_entry(frame.target, frame.entry)
            summed = f"{name} = {quantity(p.after)}"
            if p.before is not None:
                summed = total(frame, self._namer)
            yield from self._lines_of(frame, (first, product(frame, self._namer), summed))
        else:
            yield from self._lines_of(frame, self._questions(frame))

    def _lines_of(self, frame: Frame, formulas: Sequence[str]) -> Iterator[str]:
        """A line each, so that there is room to write."""
        yield from self._markup.step(frame.k, ())
        yield from self._markup.display(formulas)

    def _questions(self, frame: Frame) -> tuple[str, str, str]:
        """The slope of what is written out, the product, the sum."""
        namer = self._namer
        edge, p = pulled(frame)
        slope_asked = namer.partial(edge, p.j, p.i)
        sides = [slope_asked]
        written = latex(frame, namer.names) if self._view.symbolic and p.is_structural else None
        if written is not None:
            by = rf"\dfrac{{\partial}}{{\partial {written.variable}}}"
            sides.append(rf"{by} \left({written.function}\right)")
        factors = rf"{namer.cotangent(edge.node, p.j)} \cdot {slope_asked}"
        if frame.is_forward:
            factors = rf"{slope_asked} \cdot {namer.cotangent(edge.parent, p.i)}"
        name = namer.gradient_entry(frame.target, frame.entry)
        summed = f"{BLANK} + {BLANK} = {BLANK}"
        if p.before is None:
            summed = BLANK
        return (
            " = ".join([*sides, BLANK]),
            rf"{factors} = {BLANK} \cdot {BLANK} = {BLANK}",
            f"{name} = {summed}",
        )

    def _gradients(self) -> Iterator[str]:
        trace = self._timeline.trace
        if not trace.graph.inputs:
            return
        is_forward = self._timeline.is_forward
        of_inputs = ((trace.graph.inputs[name], found) for name, found in trace.grad.items())
        finished = named_tangents(self._timeline) if is_forward else of_inputs
        yield from self._section(self._say("tangents") if is_forward else self._say("gradients"))
        for node, found in finished:
            shown = gradient(node, found, self._namer)
            if not self._is_answered:
                holes = array(Adjoint(found.shape, None)).replace(UNKNOWN, BLANK)
                shown = f"{self._namer.gradient(node)} = {holes}"
            elif not is_narrow(found) and found.size <= LISTED:
                name, entry = self._namer.gradient(node), partial(self._namer.gradient_entry, node)
                yield from written_out(found, name, entry, self._markup, self._spoken)
                continue
            yield from self._markup.display([shown])

    def _updates(self) -> Iterator[str]:
        """The first entries and the last of each trained input, in the order they are updated."""
        updates = self._timeline.updates
        if not updates.size:
            return
        count = updates.update.steps if updates.update is not None else 0
        yield from self._section(self._say("update"))
        told = self._say("iteration {number} of {count}", number=1, count=f"{count:,}")
        yield from self._markup.paragraph(self._markup.text(told))
        start = self._timeline.steps.stop - updates.size
        yield from self._rule(self._timeline[start])
        for leaf in updates.leaves:
            steps = updates.steps(leaf)
            for k in _some(range(start + steps.start, start + steps.stop)):
                yield from self._notes_until(k)
                frame = self._timeline[k]
                blank = "" if self._is_answered else BLANK
                yield from self._lines_of(frame, [*latex_update(frame, self._namer, blank)])
            yield from self._notes_until(start + steps.stop - 1)

    def _rule(self, frame: Frame) -> Iterator[str]:
        """What the lines of an update read beside the input and its gradient."""
        update, say = frame.timeline.updates.update, self._say
        settings, starts = (
            joined(", ", [f"${equation}$" for equation in told])
            for told in latex_settings(frame, self._namer)
        )
        if update is None:
            raise AssertionError("an update has a rule")
        told = say("The rule is {rule}, with {settings}.", rule=update.rule.name,
                   settings=self._spoken.retold(settings))  # fmt: skip
        yield from self._markup.paragraph(told)
        if starts:
            values = self._spoken.retold(starts)
            told = say("Before the first iteration {values}.", values=values)
            yield from self._markup.paragraph(told)

    def _notes_until(self, k: int) -> Iterator[str]:
        """The narration of all steps up to one that was not told yet."""
        while self._notes and self._notes[0][0] <= k:
            yield from self._note(self._notes.popleft()[1])

    def _note(self, text: str) -> Iterator[str]:
        lines = [line.strip() for line in text.strip().splitlines()]
        groups = [[*group] for filled, group in groupby(lines, key=bool) if filled]
        marked = [[self._markup.text(line) for line in group] for group in groups]
        if marked:
            yield from self._markup.note(marked)

    def _section(self, words: str, *, is_marked: bool = False) -> Iterator[str]:
        shown = words[:1].upper() + words[1:]
        yield from self._markup.section(shown if is_marked else self._markup.text(shown))


def _some(steps: range) -> list[int]:
    """The first ones and the last, in which sums begin, go on and end."""
    if len(steps) <= _ASKED:
        return [*steps]
    return [*steps[: _ASKED - 1], steps[-1]]
