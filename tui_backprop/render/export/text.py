"""A walk, or a replay, as a transcript for people: what the panes show, written down the page.

The transcripts of the shipped scenarios are kept as golden files. A transcript is made line by
line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import replace
from tui_backprop.debug.replay.script import Claim, Do, Mark, Say, text_in
from tui_backprop.errors import window
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import kind
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import clauses, joined
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.panes.equation import equations
from tui_backprop.render.panes.note import new_notes
from tui_backprop.render.panes.step_sentences import remarks
from tui_backprop.render.text.arrays import Values, shape_text, summary
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.render.text.spans import pad, plain, printable, printable_lines, width, wrap
from tui_backprop.render.text.updates import iteration_text
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import next_boundary
from tui_backprop.timeline.step_facts import (
    edge_of,
    edge_total,
    pulled,
    why_unknown,
    why_whole_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.debug.replay.player import Event
    from tui_backprop.debug.replay.script import Line
    from tui_backprop.errors import CommandError
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.arrays import Entries
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame, Timeline

    _Lines: TypeAlias = tuple[str, ...]


_CELLS: Final = 88
"""Of notes and arrays; formulas are as long as they are."""

_SAID_BY_FORMULAS: Final = frozenset({Phase.SEED, Phase.PARTIAL})
"""Phases of which the sentences are told that no formula says."""


def trace_text(view: View, source: str = "", level: Level = "partial") -> Iterator[str]:
    """The lines of the transcript, without newlines.

    Args:
        view: any frame of the walk, and everything that decides how it is told.
        source: where the scenario's numbers come from; may be empty.
        level: whether each partial has its line, or each edge.
    """
    timeline = view.frame.timeline
    yield printable(view.title)
    if source:
        yield view.spoken.retold(joined(": ", [view.spoken.say("source"), printable(source)]))
    yield from _program(view)
    before: Frame | None = None
    told: set[int] = set()
    for frame in steps_of(timeline, level):
        at = replace(view, frame=frame)
        yield from _opening(at, before)
        yield from _step(at, level)
        yield from _notes(at, told)
        before = frame
    yield from _gradients(view)


def step_lines(view: View) -> Iterator[str]:
    """The lines of the transcript about the step of a view."""
    return _step(view, "partial")


def _program(view: View) -> Iterator[str]:
    lines = view.namer.graph.program.splitlines()
    gutter = len(str(len(lines)))
    yield ""
    yield view.spoken.say("program")
    for n, line in enumerate(lines, start=1):
        yield f"  {n:>{gutter}}  {printable(line.expandtabs(4))}".rstrip()


def _opening(view: View, before: Frame | None) -> Iterator[str]:
    """A heading where a phase begins, a line where an edge does."""
    frame = view.frame
    if frame.k == frame.timeline.steps.start and (iteration := iteration_text(view)):
        yield ""
        yield iteration
    is_other = before is None or before.phase is not frame.phase
    if frame.phase in {Phase.SEED, Phase.ZERO_GRAD} or (
        is_other and frame.phase in {Phase.BUILD, Phase.UPDATE}
    ):
        yield ""
        yield _phase(view)
    if frame.edge is not None and (before is None or frame.edge != before.edge):
        yield f"  {_edge_text(view, frame.edge)}"


def _phase(view: View) -> str:
    say, frame = view.spoken.say, view.frame
    if frame.phase is Phase.SEED and frame.is_forward:
        return say("forward from {name}", name=view.namer.label(frame.node.id))
    if frame.phase is Phase.SEED:
        return say("backward from {name}", name=view.namer.label(frame.node.id))
    if frame.phase is Phase.UPDATE:
        return say("update")
    return say("build") if frame.phase is Phase.BUILD else say("zero_grad")


def _edge_text(view: View, edge: Edge) -> str:
    """``Y → X   multiply, argument 1, v = Y.grad, J = ∂Y/∂X (3×3), 3 of 9 can be …``."""
    frame, namer, charset = view.frame, view.namer, view.charset
    arrow = "->" if charset.is_ascii else "→"
    jacobian = frame.J
    if jacobian is None:
        raise AssertionError("an edge belongs to an op")
    m, n = jacobian.shape
    say = view.spoken.say
    parts = [
        say("{op}, argument {number}", op=frame.node.op, number=edge.argument),
        namer.vector_is(frame.source),
        f"{namer.jacobian(edge.node, edge.parent)} {shape_text((m, n), charset)}",
    ]
    nonzeros = jacobian.sparsity.nonzeros
    if nonzeros < m * n:
        parts.append(say("{most} of {all} can be non-zero", most=nonzeros, all=m * n))
    labels = f"{namer.label(frame.source)} {arrow} {namer.label(frame.target)}"
    return f"{labels}   {view.spoken.retold(clauses(parts))}"


def _step(view: View, level: Level) -> Iterator[str]:
    frame = view.frame
    head = f"{frame.k:>{_indent(view)}}  "
    if frame.phase is Phase.PARTIAL and level == "node":
        yield head + _vjp(view)
        return
    if frame.phase is Phase.UPDATE and level == "node":
        yield head + _updated(view)
        return
    if frame.phase is Phase.PARTIAL:
        yield head + _partial(view)
    elif frame.phase is Phase.BUILD:
        yield head + _built(view)
    else:
        yield head + "   ".join(equations(view))
    for sentence in remarks(_numeric(view)) if frame.phase in _SAID_BY_FORMULAS else ():
        yield from _indented(view, sentence, "")


def _partial(view: View) -> str:
    """The partial, the product, the sum; then the formula, where there is one."""
    frame = view.frame
    texts = list(equations(_numeric(view)))
    is_told = view.symbolic and not why_unknown(frame) and pulled(frame)[1].is_structural
    written = formula(frame, view.namer) if is_told else None
    if written is not None:
        d = view.charset.partial
        texts.append(f"[{d}({written.function})/{d}{written.variable} = {written.partial}]")
    return "   ".join(texts)


def _numeric(view: View) -> View:
    """The view with numbers only, so that no formula is made."""
    return replace(view, symbolic=False) if view.symbolic else view


def _vjp(view: View) -> str:
    """What a whole edge adds to its parent's adjoint, and what that is then."""
    frame = view.frame
    if unknown := why_whole_unknown(frame):
        return view.spoken.retold(unknown)
    edge = edge_of(frame)
    name = view.namer.adjoint(frame.target)
    adjoint = _array(view, frame.adjoint(frame.target), _CELLS // 2)
    added = _array(view, Values(edge_total(frame)), _CELLS // 2)
    return f"{view.namer.product(edge)} = {added}   {name} = {adjoint}"


def _updated(view: View) -> str:
    """What a whole input becomes."""
    frame, arrow = view.frame, "->" if view.charset.is_ascii else "→"
    old = Values(frame.timeline.trace.value(frame.node.id))
    new = Values(frame.timeline.updates.of(frame.node.id)[-1].value)
    before, after = (_array(view, x, _CELLS // 2) for x in (old, new))
    return f"{view.namer.label(frame.node.id)} = {before} {arrow} {after}"


def _built(view: View) -> str:
    """The node with its value, then what made it."""
    node = view.frame.node
    what = view.spoken.retold(kind(node.op))
    shape = shape_text(node.shape, view.charset)
    said = " ".join(part for part in (what, shape) if part)
    return f"{pad(equations(view)[0], 40)}  {said}"


def _notes(view: View, told: set[int]) -> Iterator[str]:
    """The notes of this step, each where the walk first comes to it."""
    for text in new_notes(view, told):
        yield from _indented(view, printable_lines(text), "> ")


def _indented(view: View, text: str, mark: str) -> Iterator[str]:
    margin = " " * (_indent(view) + 2) + mark
    for line in wrap(text, _CELLS - len(margin)):
        yield (margin + line).rstrip()


def _gradients(view: View) -> Iterator[str]:
    graph, timeline = view.namer.graph, view.frame.timeline
    timeline = timeline.at(timeline.length - 1)
    trace = timeline.trace
    inputs = [node for node in graph.nodes if node.role is Role.INPUT]
    if not inputs:
        return
    if view.frame.is_forward:
        yield ""
        yield view.spoken.say("tangents")
        for node, tangent in named_tangents(view.frame.timeline):
            yield f"  {view.namer.adjoint(node)} = {_array(view, Values(tangent))}"
        return
    yield ""
    yield view.spoken.say("gradients")
    for name, gradient in trace.grad.items():
        label = view.namer.label(graph.inputs[name])
        yield f"  {label}.grad = {_array(view, Values(gradient))}"
    for name, why in trace.untold.items():
        yield f"  {view.namer.label(graph.inputs[name])}.grad: {view.spoken.retold(why)}"
    yield from _trained(view, timeline)


def _trained(view: View, last: Timeline) -> Iterator[str]:
    """After a training, what inputs have become, and the loss of each iteration."""
    if last.iterations is None:
        return
    yield ""
    yield view.spoken.say("after the last update")
    for leaf in last.updates.leaves:
        value = last.updates.of(leaf)[-1].value
        yield f"  {view.namer.label(leaf)} = {_array(view, Values(value))}"
    yield ""
    yield view.spoken.say("loss")
    training = last.iterations
    gutter = len(str(training.count))
    for k in range(training.count):
        yield f"  {k + 1:>{gutter}}  {number(training.loss(k), numerals_in(view.charset))}"


def named_tangents(timeline: Timeline) -> Iterator[tuple[int, Array]]:
    """The tangent of every node that has a name and was reached, in tape order."""
    for node, tangent in timeline.walk(0).run.cotangents.items():
        if timeline.nodes[node].name or node == timeline.walk(0).run.of:
            yield node, tangent


def _array(view: View, entries: Entries, cells: int = _CELLS) -> str:
    return plain(summary(entries, cells, numerals=numerals_in(view.charset)))


def _indent(view: View) -> int:
    """Cells of the step numbers, and two before them."""
    return len(str(view.frame.length - 1)) + 2


_MOST: Final = 256
"""Steps: more than a person goes back at once."""


class StepCache:
    """The lines about each step, by its timeline; of views that differ in nothing else."""

    def __init__(self, tell: Callable[[View], _Lines]) -> None:
        self._tell = tell
        self._kept: SizedLRU[tuple[Timeline, int], _Lines] = SizedLRU(_MOST, most=_MOST)

    def of(self, view: View) -> _Lines:
        """The lines about the step of a view."""
        key = view.frame.timeline, view.frame.k
        found = self._kept.get(key)
        return self._kept.put(key, self._tell(view), 1) if found is None else found


Level: TypeAlias = Literal["partial", "node"]
"""Whether every partial is printed, or every edge's VJP as one."""


def steps_of(timeline: Timeline, level: Level) -> Iterator[Frame]:
    """Every step; at the level of nodes without partials that do not end an edge's VJP."""
    if level == "partial":
        yield from timeline
        return
    for one, _ in timeline.parts(range(timeline.length)):
        yield from _nodes_of(one)


def _nodes_of(timeline: Timeline) -> Iterator[Frame]:
    for section in timeline.sections:
        if section.phase not in {Phase.PARTIAL, Phase.UPDATE}:
            yield from timeline[section.start : section.stop]
            continue
        k = section.start - 1
        while k < section.stop - 1:
            k = next_boundary(timeline, k)
            yield timeline[k]


def notices(language: str, *, is_changed: bool, dropped: str) -> Iterator[str]:
    """What a person must know before the first line."""
    say = language_of(language).say
    if is_changed:
        yield say("The scenario is another file than the one that was recorded.")
    if dropped:
        line = printable(dropped)
        yield say("The last line was cut short and is left out: {line}", line=line)


class ReplayTranscript:
    """Tells the lines of one replay."""

    def __init__(self, language: str) -> None:
        self._language = language_of(language)
        self._steps = StepCache(lambda view: tuple(step_lines(view)))

    def lines_about(self, event: Event, view: View) -> Iterator[str]:
        """The lines about one line of the replay; the view is of the walk after it."""
        act = event.line.act
        if isinstance(act, Mark):
            name = printable(text_in(act.name, view.language))
            yield ""
            yield name
            yield ("-" if view.charset.is_ascii else "─") * width(name)
        elif isinstance(act, Say):
            yield ""
            yield from wrap(printable_lines(text_in(act.text, view.language)), _CELLS)
            yield ""
        elif isinstance(act, Claim):
            yield claimed(event, view.language)
        elif isinstance(act, Do):
            yield f"> {printable(act.command)}"
            answer = self._language.answered(event.answer)
            yield from (f"  {printable(line.text)}" for line in answer.lines)
            if event.has_moved:
                yield from self._steps.of(view)


def claimed(event: Event, language: str) -> str:
    """Whether an assertion holds; where not, what was found instead."""
    act = event.line.act
    if not isinstance(act, Claim):
        raise AssertionError("only an assertion is claimed")
    text = printable(act.expression)
    spoken = language_of(language)
    say = spoken.say
    if not event.failure:
        return say("ok: {text}", text=text)
    found = printable(spoken.retold(event.failure))
    return say(
        "FAILED, line {line}: expected {text}, found {found}",
        line=event.line.number, text=text, found=found,
    )  # fmt: skip


def stopped(line: Line, error: CommandError, path: str) -> str:
    """Why a replay cannot go on: the place, the line, and a caret where one column is meant."""
    said = refused(line.act.command, error) if isinstance(line.act, Do) else str(error)
    return joined(": ", [f"{printable(path)}:{line.number}", said])


def refused(line: str, error: CommandError) -> str:
    """The message with the line, and a caret where one column of it is meant.

    Of a long line there is a window around that column.
    """
    piece, start = window(line, error.column or 0)
    shown = f"{error}\n    {printable(piece)}"
    if error.column is None:
        return shown
    return f"{shown}\n    {' ' * width(printable(piece[:start]))}^"
