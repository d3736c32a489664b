"""The walk as a table for programs: a header, then a row for each step, as CSV has it.

A step that places a whole array is a row for each entry: of a node its ``value``, of a seed its v.
Whatever a column is not about is empty. Coordinates count from 0, with blanks between them; numbers
have every bit that the walk has, with ``nan``, ``inf`` and ``-inf`` among them. ``before`` is empty
where nothing had arrived, ``unknown`` says why a recorded walk cannot tell a number.

Of a training the last column is ``iteration``, from 1. An update is a row with the entry as ``i``,
its number ``before`` and ``after``, and as ``contribution`` what is added to it, which is −Δ.

In forward mode ``v`` is the tangent of the parent, and ``before`` and ``after`` are the node's.

At the level of nodes a row is an entry of what a whole edge adds, which has the phase ``edge``.
"""

from __future__ import annotations

from itertools import count, repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import picked
from tui_backprop.progress import reported
from tui_backprop.render.text.many import often, places
from tui_backprop.render.text.spans import printable
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.partials import Untold, edge_partials
from tui_backprop.timeline.single import Singles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.partials import Partials
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Frame, Timeline

COLUMNS: Final = (
    "k", "phase", "pass", "node", "name", "op", "argument", "parent", "parent_name", "j", "i",
    "value", "partial", "v", "contribution", "before", "after", "unknown",
)  # fmt: skip
"""What stands in the header."""

_ROWS: Final = 1 << 14
"""So many become text at once."""
_NONE: Final = repeat("")
"""A column without anything in it."""
_FORMULA: Final = frozenset("=+-@")
"""What a cell begins with that a spreadsheet would compute."""


def csv(subject: Subject) -> Iterator[str]:
    """The pieces of the table, each of whole rows."""
    timeline = subject.timeline
    if timeline.iterations is None:
        yield ",".join(COLUMNS) + "\n"
        yield from _Writer(subject, timeline).all()
        return
    yield ",".join((*COLUMNS, "iteration")) + "\n"
    for one, _ in timeline.parts(range(timeline.length)):
        last = f",{one.updates.number + 1}\n"
        yield from (piece.replace("\n", last) for piece in _Writer(subject, one).all())


class _Writer:
    """Writes the rows of one walk, or of one iteration of a training."""

    def __init__(self, subject: Subject, timeline: Timeline) -> None:
        self._timeline = timeline
        self._by_edge = subject.options.get("level") == "node"
        self._namer = subject.view.namer
        self._retold = subject.view.spoken.retold
        self._names: dict[int, str] = {}
        self._ops: dict[str, str] = {}

    def all(self) -> Iterator[str]:
        """All rows, in order."""
        for section in self._timeline.sections:
            yield from self._rows(section)

    def _rows(self, section: Section) -> Iterator[str]:
        """The rows of one stretch of the timeline."""
        k, number = section.start, section.pass_number
        steps, is_forward = range(k, section.stop), self._timeline.is_forward
        if section.phase is Phase.BUILD:
            for node in self._timeline.nodes:
                yield from self._built(node)
        elif section.phase is Phase.SEED and is_forward:
            for k in steps:
                yield from self._tangent(self._timeline[k])
        elif section.phase is Phase.SEED:
            yield from self._seeded(k, number)
        elif section.phase is Phase.ZERO_GRAD:
            yield _lines([k], f"zero_grad,{number},,,,,,")
        elif section.phase is Phase.UPDATE:
            yield from self._updated(section)
        else:
            yield from self._pulled(number)

    def _updated(self, section: Section) -> Iterator[str]:
        """A row for each entry of each trained input."""
        updates, number = self._timeline.updates, section.pass_number
        for leaf in updates.leaves:
            node, last = self._timeline.nodes[leaf], updates.of(leaf)[-1]
            before, subtracted, k = last.read["w"], last.read["Δ"], updates.steps(leaf).start
            for flat in _shares(node.size):
                yield _lines(
                    count(section.start + k + int(flat[0])),
                    f"update,{number},{self._node(node)},,,",
                    i=places(flat, node.shape), contribution=_numbers(-subtracted, flat),
                    before=_numbers(before, flat), after=_numbers(last.value, flat),
                )  # fmt: skip

    def _pulled(self, pass_number: int) -> Iterator[str]:
        """The rows of all edges of a pass."""
        walk = self._timeline.walk(pass_number)
        edges = walk.route.edges
        if self._by_edge:
            for number in reported("exporting", range(edges), edges):
                edge = walk.route.edge(number)
                yield from self._edge(walk, number, edge, f"edge,{pass_number},{self._head(edge)}")
            return
        singles = Singles(self._timeline.trace, self._timeline.walk(pass_number)).all()
        for number, edge, single in reported("exporting", singles, edges):
            head = f"partial,{pass_number},{self._head(edge)}"
            if single is None:
                yield from self._partials(pass_number, number, edge, head)
            else:
                p, v, own, before, after = single
                b = "" if before is None else repr(before)
                k = walk.start + walk.route.start(number)
                yield f"{k},{head},,,,{p!r},{v!r},{own!r},{b},{after!r},\n"

    def _built(self, node: Node) -> Iterator[str]:
        head, k = f"build,,{self._node(node)},,,", self._timeline.built(node.id)
        try:
            value = self._timeline.trace.value(node.id)
        except UnknownError as error:
            yield _lines([k], head, unknown=self._sentence(error))
            return
        if not node.shape:
            yield f"{k},{head},,,{float(value)!r},,,,,,\n"
            return
        for flat in _shares(value.size):
            j = places(flat, node.shape)
            yield _lines(repeat(k), head, j=j, value=_numbers(value, flat))
        if not value.size:
            yield _lines([k], head)

    def _seeded(self, k: int, number: int) -> Iterator[str]:
        run = self._timeline.walk(number).run
        node = self._timeline.nodes[run.of]
        head = f"seed,{number},{self._node(node)},,,"
        before, after, why = run.initial.get(run.of), None, ""
        try:
            after = run.cotangents[run.of]
        except UnknownError as error:
            why = self._sentence(error)
        for flat in _shares(node.size):
            yield _lines(
                repeat(k), head, j=places(flat, node.shape), v=_numbers(run.seed, flat),
                before=_numbers(before, flat), after=_numbers(after, flat), unknown=why,
            )  # fmt: skip
        if not node.size:
            yield _lines([k], head)

    def _tangent(self, frame: Frame) -> Iterator[str]:
        """A row for each entry of the tangent that an input starts with."""
        node, v = frame.node, frame.v
        head = f"seed,{frame.pass_number},{self._node(node)},,,"
        for flat in _shares(node.size):
            texts = [*_numbers(v, flat)]
            yield _lines(repeat(frame.k), head, j=places(flat, node.shape), v=texts, after=texts)
        if not node.size:
            yield _lines([frame.k], head)

    def _partials(self, pass_number: int, number: int, edge: Edge, head: str) -> Iterator[str]:
        nodes = self._timeline.nodes
        shapes = nodes[edge.node].shape, nodes[edge.parent].shape
        is_forward = self._timeline.is_forward
        for found in edge_partials(self._timeline, pass_number, number):
            if isinstance(found, Untold):
                yield _lines(found.steps, head, unknown=self._sentence(found.why))
                continue
            for first in range(0, found.j.size, _ROWS):
                part = slice(first, first + _ROWS)
                at = (found.j if is_forward else found.i)[part]
                yield _partial_lines(found, part, at, head, shapes)

    def _edge(self, walk: PassWalk, number: int, edge: Edge, head: str) -> Iterator[str]:
        steps = walk.route.steps(number)
        if not steps:
            return
        k = walk.start + steps.stop - 1
        target = self._timeline.nodes[walk.route.target(edge)]
        done = walk.route.count_before(target.id, number)
        try:
            own = walk.sums.contribution(number)
            before, after = (walk.sums.after(target.id, n) for n in (done, done + 1))
        except UnknownError as error:
            yield _lines([k], head, unknown=self._sentence(error))
            return
        for flat in _shares(target.size):
            place = places(flat, target.shape)
            j, i = (place, _NONE) if self._timeline.is_forward else (_NONE, place)
            yield _lines(
                repeat(k), head, j=j, i=i, contribution=_numbers(own, flat),
                before=_numbers(before, flat), after=_numbers(after, flat),
            )  # fmt: skip

    def _sentence(self, why: str | UnknownError) -> str:
        """Why something is not told, as the last cell of its row."""
        return _cell(self._retold(str(why)))

    def _head(self, edge: Edge) -> str:
        """The cells that are about a whole edge."""
        nodes = self._timeline.nodes
        return f"{self._node(nodes[edge.node])},{edge.argument},{self._name(nodes[edge.parent])}"

    def _node(self, node: Node) -> str:
        """Its number, its name and its op."""
        return f"{self._name(node)},{self._cell(node.op)}"

    def _name(self, node: Node) -> str:
        """Its number and its name."""
        found = self._names.get(node.id)
        if found is None:
            label = _cell(self._namer.label(node.id))
            found = self._names[node.id] = f"{node.id},{label}"
        return found

    def _cell(self, op: str) -> str:
        found = self._ops.get(op)
        if found is None:
            found = self._ops[op] = _cell(op)
        return found


def _partial_lines(
    found: Partials, part: slice, at: IntArray, head: str, shapes: tuple[Shape, Shape]
) -> str:
    """The rows of some steps of an edge, with the entries that they add to."""
    after = [*map(repr, found.after[part].tolist())]
    before = _before(found, part, at, after)
    return _lines(
        count(found.start + part.start), head,
        j=places(found.j[part], shapes[0]), i=places(found.i[part], shapes[1]),
        partial=often(found.partials[part]), v=often(found.v[part]),
        contribution=map(repr, found.contributions[part].tolist()), before=before, after=after,
    )  # fmt: skip


def _before(found: Partials, part: slice, at: IntArray, after: list[str]) -> list[str]:
    """What is mostly the text of the step before; nothing where nothing had arrived."""
    values, firsts = found.before[part].tolist(), found.is_first[part].tolist()
    texts = [after[0], *after[:-1]]
    for k in (0, *(np.flatnonzero(at[1:] != at[:-1]) + 1).tolist()):
        texts[k] = "" if firsts[k] else repr(values[k])
    return texts


def _lines(
    steps: Iterable[int], head: str, *,
    j: Iterable[str] = _NONE, i: Iterable[str] = _NONE, value: Iterable[str] = _NONE,
    partial: Iterable[str] = _NONE, v: Iterable[str] = _NONE, contribution: Iterable[str] = _NONE,
    before: Iterable[str] = _NONE, after: Iterable[str] = _NONE, unknown: str = "",
) -> str:  # fmt: skip
    """Rows that have the cells from the phase to the name of the parent in common."""
    cells = zip(steps, j, i, value, partial, v, contribution, before, after, strict=False)
    end = f",{unknown}\n"
    return "".join(
        [f"{k},{head},{j},{i},{y},{p},{v},{c},{b},{a}{end}" for k, j, i, y, p, v, c, b, a in cells]
    )


def _shares(size: int) -> Iterator[IntArray]:
    """Flat positions, so many at a time."""
    return (np.arange(k, min(k + _ROWS, size)) for k in range(0, size, _ROWS))


def _numbers(array: Array | None, flat: IntArray) -> Iterable[str]:
    """The entries at flat positions as text; a float32 with the bits of its float64."""
    return _NONE if array is None else map(repr, picked(array, flat).tolist())


def _cell(text: str) -> str:
    """A text as a cell: on one line, quoted where it must be, and computed by no spreadsheet."""
    shown = " ".join(printable(text).split())
    shown = f"'{shown}" if shown[:1] in _FORMULA and shown else shown
    return '"' + shown.replace('"', '""') + '"' if '"' in shown or "," in shown else shown
