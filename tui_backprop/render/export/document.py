"""The walk as a document: what is told, and in which order, whatever the markup.

Unlike a transcript it sets mathematics as such: a table of nodes, J and v as matrices, every
partial as an equation. It is made line by line.
"""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Protocol

from tui_backprop.dataclass import replace
from tui_backprop.graph.naming import kind
from tui_backprop.language.message import clauses, joined
from tui_backprop.render.export.text import named_tangents, steps_of
from tui_backprop.render.formulas.latex_names import (
    UNKNOWN,
    LatexNamer,
    array,
    derivative,
    equation_sign,
    is_cut,
    matrix,
    quantity,
    row,
    size,
    tuple_of,
)
from tui_backprop.render.formulas.symbolic import latex
from tui_backprop.render.formulas.updates import latex_update
from tui_backprop.render.panes.note import new_notes
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.text.arrays import Values, summary, value_of
from tui_backprop.render.text.numbers import numerals_in, sign_and_size
from tui_backprop.render.text.spans import plain
from tui_backprop.render.text.updates import iteration_text
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import (
    edge_of,
    edge_total,
    pulled,
    sum_by_adding,
    why_unknown,
    why_whole_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame, Timeline


_VALUE = 40
"""Cells of a value in the table of nodes."""


def document(
    view: View, markup: Markup, source: str = "", level: Level = "partial"
) -> Iterator[str]:
    """The lines of the document, without newlines; see `text.trace_text`."""
    return _DocumentWriter(view, markup).tell(source, level)


class _DocumentWriter:
    """Writes the document of one walk."""

    def __init__(self, view: View, markup: Markup) -> None:
        self.view = view
        self.markup = markup
        self.namer = LatexNamer(view.namer)
        self._spoken = view.spoken
        self._say = view.spoken.say
        self._told: set[int] = set()

    def tell(self, source: str, level: Level) -> Iterator[str]:
        view, markup = self.view, self.markup
        program = view.namer.graph.program.splitlines()
        notes = [note.text.get(view.language) for note in view.notes]
        words = [view.title, source, *program, *notes, self._say("program")]
        yield from markup.opening(markup.text(view.title), words)
        if source:
            word = self._say("source")
            told = view.spoken.retold(joined(": ", [word, source]))
            yield from markup.paragraph(markup.text(told))
        yield from markup.section(self._title(self._say("program")))
        yield from markup.listing([line.expandtabs(4) for line in program])
        yield from self._build(view.frame.timeline)
        yield from self._walk(level)
        yield from self._gradients()
        yield from markup.closing()

    def _build(self, timeline: Timeline) -> Iterator[str]:
        """The table of nodes, then the notes that hang on its rows: a table holds no paragraphs."""
        if iteration := iteration_text(replace(self.view, frame=timeline[timeline.steps.start])):
            yield from self.markup.section(self._title(iteration))
        yield from self.markup.section(self._title(self._say("build")))
        say, text = self._say, self.markup.text
        said = (say("step"), say("node"), say("op"), say("shape"), say("written"), say("value"))
        head = [text(word) for word in said]
        notes: list[tuple[Frame, str]] = []
        yield from self.markup.table(head, self._rows(timeline, notes))
        for frame, group in groupby(notes, key=lambda found: found[0]):
            name = f"${self.namer.label(frame.node.id)}$"
            yield from self.markup.paragraph(say("step {k}, {name}:", k=frame.k, name=name))
            for _, written in group:
                yield from self._note(written)

    def _rows(self, timeline: Timeline, notes: list[tuple[Frame, str]]) -> Iterator[Sequence[str]]:
        start = timeline.steps.start
        for frame in timeline[start : start + len(timeline.nodes)]:
            notes += [(frame, text) for text in self._new_notes(frame)]
            yield self._row(frame)

    def _row(self, frame: Frame) -> tuple[str, ...]:
        node, markup = frame.node, self.markup
        entries = value_of(frame.timeline.trace, node.id, self._say("not saved"))
        value = plain(summary(entries, _VALUE, numerals=numerals_in(self.view.charset)))
        return (
            str(frame.k),
            f"${self.namer.label(node.id)}$",
            markup.text(self._spoken.retold(kind(node.op))),
            f"${tuple_of(node.shape)}$" if node.shape else "",
            markup.code(self.view.namer.application(node.id)) if node.parents else "",
            markup.code(value),
        )

    def _walk(self, level: Level) -> Iterator[str]:
        timeline = self.view.frame.timeline
        before: Frame | None = None
        for frame in islice(steps_of(timeline, level), len(timeline.nodes), None):
            if before is None:
                unknown, times = f"${UNKNOWN}$", r"$\cdot$"
                marks = self._say(
                    "{unknown} is an entry that is not computed yet, {times} multiplies.",
                    unknown=unknown, times=times,
                )  # fmt: skip
                yield from self.markup.paragraph(marks)
            if frame.phase is Phase.BUILD:
                if frame.k == frame.timeline.steps.start:
                    yield from self._build(frame.timeline)
                before = frame
                continue
            yield from self._opened(frame, before)
            yield from self._step(frame, level)
            for text in self._new_notes(frame):
                yield from self._note(text)
            before = frame

    def _opened(self, frame: Frame, before: Frame | None) -> Iterator[str]:
        """A heading where a phase begins; J and v where an edge does."""
        if frame.phase is Phase.SEED:
            name = f"${self.namer.label(frame.node.id)}$"
            words = self._say("backward from {name}", name=name)
            if frame.is_forward:
                words = self._say("forward from {name}", name=name)
            yield from self.markup.section(self._title(words, is_marked=True))
        elif frame.phase is Phase.ZERO_GRAD:
            yield from self.markup.section(self.markup.code(self._say("zero_grad")))
        elif frame.phase is Phase.UPDATE and (before is None or before.phase is not frame.phase):
            yield from self.markup.section(self._title(self._say("update")))
        if frame.edge is not None and (before is None or frame.edge != before.edge):
            y, x = (self.namer.label(n) for n in (frame.source, frame.target))
            yield from self.markup.subsection(rf"${y} \to {x}$")
            yield from self.markup.paragraph(self._edge(frame))
            if not why_unknown(frame):
                yield from self.markup.display(local(frame, self.namer))

    def _edge(self, frame: Frame) -> str:
        """``multiply, argument 1, J is 3×3, 3 of 9 can be non-zero``."""
        if frame.edge is None or frame.J is None:
            raise AssertionError("an edge belongs to an op")
        say, text = self._say, self.markup.text
        argument = say("{op}, argument {number}", op=frame.node.op, number=frame.edge.argument)
        said = [text(argument)]
        sides = [f"${self.namer.jacobian(frame.edge)}$", f"${local_size(frame)}$"]
        said.append(self._spoken.retold(joined(": ", sides)))
        m, n = frame.J.shape
        nonzeros = frame.J.sparsity.nonzeros
        if nonzeros < m * n:
            said.append(text(say("{most} of {all} can be non-zero", most=nonzeros, all=m * n)))
        if is_local_cut(frame):
            said.append(text(say("of J and v the first entries and the last are shown")))
        return self._spoken.retold(clauses(said))

    def _step(self, frame: Frame, level: Level) -> Iterator[str]:
        namer, markup = self.namer, self.markup
        if frame.phase is Phase.PARTIAL and level == "node":
            yield from markup.step(frame.k, ())
            if unknown := why_whole_unknown(frame):
                yield from markup.paragraph(markup.text(self.view.spoken.retold(unknown)))
            else:
                yield from markup.display(vjp(frame, namer))
            return
        if frame.phase is Phase.PARTIAL and why_unknown(frame):
            yield from markup.step(frame.k, ())
            told = sentences(replace(self.view, frame=frame))
            yield from markup.paragraph(markup.text(" ".join(told)))
            return
        if frame.phase is Phase.PARTIAL:
            first = slope(frame, namer, symbolic=self.view.symbolic)
            rest = (product(frame, namer), total(frame, namer))
            yield from markup.step(frame.k, (first, *rest))
        elif frame.phase is Phase.UPDATE:
            yield from markup.step(frame.k, update(frame, namer, level))
        elif frame.phase is Phase.SEED and frame.v is not None:
            yield from markup.step(frame.k, ())
            yield from markup.display([seed(frame.node.id, frame.v, self.namer)])
        else:
            inputs = frame.timeline.trace.graph.inputs.values()
            yield from markup.step(frame.k, [f"{namer.gradient(n)} = 0" for n in inputs])
        yield from self._sentences(frame)

    def _sentences(self, frame: Frame) -> Iterator[str]:
        """What no equation says: that ones were assumed, that a convention was used."""
        told = sentences(replace(self.view, frame=frame, symbolic=False))
        if frame.phase is Phase.UPDATE:
            return  # its lines say it all
        for sentence in told[1:] if frame.phase is not Phase.ZERO_GRAD else told:
            yield from self.markup.paragraph(self.markup.text(sentence))

    def _gradients(self) -> Iterator[str]:
        timeline = self.view.frame.timeline
        timeline = timeline.at(timeline.length - 1)
        trace = timeline.trace
        if not trace.graph.inputs:
            return
        if self.view.frame.is_forward:
            yield from self.markup.section(self._title(self._say("tangents")))
            for node, tangent in named_tangents(self.view.frame.timeline):
                yield from self.markup.display([gradient(node, tangent, self.namer)])
            return
        yield from self.markup.section(self._title(self._say("gradients")))
        for name, adjoint in trace.grad.items():
            node = trace.graph.inputs[name]
            yield from self.markup.display([gradient(node, adjoint, self.namer)])
        for why in trace.untold.values():
            yield from self.markup.paragraph(self.markup.text(self.view.spoken.retold(why)))
        yield from self._trained(timeline)

    def _trained(self, last: Timeline) -> Iterator[str]:
        """After a training, what inputs have become, and the loss of each iteration."""
        if last.iterations is None:
            return
        training, say = last.iterations, self._say
        yield from self.markup.section(self._title(say("after the last update")))
        for leaf in last.updates.leaves:
            new = array(Values(last.updates.of(leaf)[-1].value))
            yield from self.markup.display([f"{self.namer.label(leaf)} = {new}"])
        yield from self.markup.section(self._title(say("loss")))
        rows = ((str(k + 1), f"${quantity(training.loss(k))}$") for k in range(training.count))
        head = [self.markup.text(word) for word in (say("iteration"), say("loss"))]
        yield from self.markup.table(head, rows)

    def _new_notes(self, frame: Frame) -> Iterator[str]:
        return new_notes(replace(self.view, frame=frame), self._told)

    def _note(self, text: str) -> Iterator[str]:
        lines = [line.strip() for line in text.strip().splitlines()]
        groups = [[*group] for filled, group in groupby(lines, key=bool) if filled]
        marked = [[self.markup.text(line) for line in group] for group in groups]
        if marked:
            yield from self.markup.note(marked)

    def _title(self, words: str, *, is_marked: bool = False) -> str:
        """A heading with a capital."""
        return words[:1].upper() + words[1:] if is_marked else self.markup.text(words.capitalize())


def slope(frame: Frame, namer: LatexNamer, *, symbolic: bool) -> str:
    r"""``∂y₂/∂x₂ = ∂/∂x₂ (2·x₂) = 2``.

    Args:
        frame: a step that takes a partial.
        namer: how entries are called.
        symbolic: whether the formula is wanted; a structural zero has none.
    """
    edge, p = pulled(frame)
    steps = [namer.partial(edge, p.j, p.i)]
    written = latex(frame, namer.names) if symbolic and p.is_structural else None
    if written is not None:
        by = rf"\dfrac{{\partial}}{{\partial {written.variable}}}"
        steps += [rf"{by} \left({written.function}\right)", written.partial]
    value = quantity(p.value)
    return " = ".join([*steps, value] if steps[-1] != value else steps)


def partial_rule(frame: Frame, namer: LatexNamer) -> str:
    """``∂y₁/∂x₁ = 1 − tanh²(x₁)``: the row itself, whatever the numbers are."""
    edge, p = pulled(frame)
    written = latex(frame, namer.names)
    if written is None:
        raise AssertionError("an edge has a formula")
    return f"{namer.partial(edge, p.j, p.i)} = {written.symbolic}"


def product(frame: Frame, namer: LatexNamer) -> str:
    """``v₂·∂y₂/∂x₂ = 2·2 = 4``."""
    edge, p = pulled(frame)
    if frame.is_forward:
        factors = rf"{namer.partial(edge, p.j, p.i)} \cdot {namer.cotangent(edge.parent, p.i)}"
        numbers = rf"{_factor(p.value)} \cdot {_factor(p.v)}"
    else:
        factors = rf"{namer.cotangent(edge.node, p.j)} \cdot {namer.partial(edge, p.j, p.i)}"
        numbers = rf"{_factor(p.v)} \cdot {_factor(p.value)}"
    sign = equation_sign(p.contribution, (p.v, p.value))
    return f"{factors} = {numbers} {sign} {quantity(p.contribution)}"


def total(frame: Frame, namer: LatexNamer) -> str:
    """``X.grad₂ = 0 + 4 = 4``, or that an entry, unknown so far, is now so much."""
    _, p = pulled(frame)
    name = namer.gradient_entry(frame.target, frame.entry)
    after = quantity(p.after)
    if p.before is None:
        return rf"{name}\colon {UNKNOWN} \to {after}"
    if sum_by_adding(frame) is not None:
        return f"{name} = {after}"
    sign, size = sign_and_size(quantity(p.contribution), "-")
    equal = equation_sign(p.after, (p.before,), (p.contribution,))
    return f"{name} = {quantity(p.before)} {sign} {size} {equal} {after}"


def local(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """J of a step's edge and the v that is pulled back through it."""
    edge, v = frame.edge, frame.v
    if edge is None or v is None:
        raise AssertionError("a step of the partial phase has an edge and a v")
    named = derivative(namer.label(edge.node), namer.label(edge.parent))
    called = dict.fromkeys((namer.jacobian(edge), named))
    return (
        f"{' = '.join(called)} = {matrix(_jacobian(frame))}",
        f"{namer.vector_is(frame.source)} = {row(Values(v))}",
    )


def local_size(frame: Frame) -> str:
    """How many rows and columns J has."""
    return size(_jacobian(frame).shape)


def is_local_cut(frame: Frame) -> bool:
    """Whether J is too large to be shown whole."""
    return is_cut(_jacobian(frame).shape)


def vjp(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """What a whole edge adds to its parent's adjoint, and what that is then."""
    edge = edge_of(frame)
    product = f"{namer.transposed(edge.node)} {namer.jacobian(edge)}"
    if frame.is_forward:
        product = rf"{namer.jacobian(edge)} \cdot {namer.vector(edge.parent)}"
    return (
        f"{product} = {array(Values(edge_total(frame)))}",
        f"{namer.gradient(frame.target)} = {array(frame.adjoint(frame.target))}",
    )


def update(frame: Frame, namer: LatexNamer, level: Level) -> list[str]:
    """The lines of the update of an entry; of a whole input what it becomes."""
    if level == "partial":
        return [*latex_update(frame, namer)]
    new = frame.timeline.updates.of(frame.node.id)[-1].value
    return [rf"{namer.label(frame.node.id)} \gets {array(Values(new))}"]


def seed(node_id: int, v: Array, namer: LatexNamer) -> str:
    """The v of a pass."""
    return f"{namer.vector_is(node_id)} = {array(Values(v))}"


def gradient(node_id: int, adjoint: Array, namer: LatexNamer) -> str:
    """A finished gradient."""
    return f"{namer.gradient(node_id)} = {array(Values(adjoint))}"


def _jacobian(frame: Frame) -> LocalJacobian:
    if frame.J is None:
        raise AssertionError("an edge belongs to an op")
    return frame.J


def _factor(value: float) -> str:
    text = quantity(value)
    return rf"\left({text}\right)" if text.startswith("-") else text


class Markup(Protocol):
    """A way to write documents.

    Blocks are lines without newlines; the first is empty where a block must stand apart. ``text``
    and ``code`` take anything; every other argument is already marked up by them, or LaTeX of ours
    between ``$`` signs.
    """

    def text(self, words: str) -> str:
        """Words escaped, so that they appear as they are, on one line."""

    def code(self, words: str) -> str:
        """A piece of a program, escaped too."""

    def opening(self, title: str, words: Iterable[str]) -> Iterator[str]:
        """The lines before all others.

        Args:
            title: of the document.
            words: every text of a person in it, raw: a document may need to know its letters.
        """

    def section(self, title: str) -> Iterator[str]:
        """A heading."""

    def subsection(self, title: str) -> Iterator[str]:
        """A heading of the second level."""

    def paragraph(self, text: str) -> Iterator[str]:
        """A paragraph of text."""

    def listing(self, lines: Sequence[str]) -> Iterator[str]:
        """A program, raw."""

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """Rows as they come; the first column holds numbers of ours."""

    def display(self, formulas: Sequence[str]) -> Iterator[str]:
        """LaTeX on lines of its own."""

    def step(self, k: int, formulas: Sequence[str]) -> Iterator[str]:
        """One step, with its number."""

    def note(self, paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
        """Narration: paragraphs of lines, each marked up."""

    def closing(self) -> Iterator[str]:
        """The lines after all others."""
