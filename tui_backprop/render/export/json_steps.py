"""The steps of the JSON object, many at a time: a step is a row of numbers, and no object.

Each piece begins with the comma that stands before its first step.
"""

from __future__ import annotations

from itertools import count
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.render.export.json_arrays import members_json, more_members_json
from tui_backprop.render.formulas.alike import SymbolicPartials
from tui_backprop.render.text.json import json_text, quoted
from tui_backprop.render.text.many import often, places
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.partials import Untold, edge_partials
from tui_backprop.timeline.single import Singles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.partials import Partials
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline

_DIGITS: Final = 17
"""Every bit of a float64: a program that reads a formula gets the partial that stands beside it."""

_ROWS: Final = 1 << 10
"""So many steps become text at once."""
_NULL: Final = "null"


def steps_json(view: View, level: Level) -> Iterator[str]:
    """The pieces of all steps, of every iteration."""
    timeline = view.frame.timeline
    symbolic = SymbolicPartials(view.namer, _DIGITS) if view.symbolic else None
    for one, _ in timeline.parts(range(timeline.length)):
        yield from _Writer(one, level, symbolic).all()


class _Writer:
    """Writes the steps of one walk, or of one iteration of a training."""

    def __init__(self, timeline: Timeline, level: Level, symbolic: SymbolicPartials | None) -> None:
        self._timeline = timeline
        self._by_edge = level == "node"
        self._symbolic = symbolic
        self._open = ",\n  {"
        if timeline.iterations is not None:
            self._open += f'"iteration": {timeline.updates.number}, '
        is_forward = timeline.is_forward
        self._v, self._sum = ("t", "tangent") if is_forward else ("v", "adjoint")

    def all(self) -> Iterator[str]:
        """All steps, in order."""
        for section in self._timeline.sections:
            yield from self._steps(section)

    def _steps(self, section: Section) -> Iterator[str]:
        k, number = section.start, section.pass_number
        if section.phase is Phase.BUILD:
            yield from self._built(section)
        elif section.phase is Phase.ZERO_GRAD:
            yield f'{self._open}"k": {k}, "phase": "zero_grad", "pass": {number}}}'
        elif section.phase is Phase.SEED:
            for step in section.steps:
                yield from self._seed(step, number)
        elif section.phase is Phase.UPDATE and self._by_edge:
            yield from self._whole_updates(k)
        elif section.phase is Phase.UPDATE:
            yield from self._updates(k)
        elif self._by_edge:
            yield from self._edges(number)
        else:
            yield from self._pulled(number)

    def _built(self, section: Section) -> Iterator[str]:
        opened, nodes = self._open, len(section.steps)
        for first in range(0, nodes, _ROWS):
            yield "".join([
                f'{opened}"k": {section.start + node}, "phase": "build", "node": {node}}}'
                for node in range(first, min(first + _ROWS, nodes))
            ])  # fmt: skip

    def _seed(self, k: int, number: int) -> Iterator[str]:
        run = self._timeline.walk(number).run
        node = self._timeline[k].node.id
        seed = run.seeds[node] if self._timeline.is_forward else run.seed
        yield f'{self._open}"k": {k}, "phase": "seed", "pass": {number}, "node": {node}'
        yield from more_members_json({self._v: seed})
        yield f', "assumed_ones": {json_text(run.assumed_ones)}}}'

    # Partials.

    def _pulled(self, number: int) -> Iterator[str]:
        """The steps of all edges of a pass."""
        walk = self._timeline.walk(number)
        for place, edge, single in Singles(self._timeline.trace, self._timeline.walk(number)).all():
            head = (
                f', "phase": "partial", "node": {edge.node}, '
                f'"argument": {edge.argument}, "parent": {edge.parent}, '
            )
            if single is None:
                yield from self._partials(number, place, edge, head)
                continue
            p, v, own, _, after = single
            k = walk.start + walk.route.start(place)
            yield (
                f'{self._open}"k": {k}{head}"j": [], "i": [], "partial": {_number(p)}, '
                f'"symbolic": {self._formula(edge)}, "{self._v}": {_number(v)}, '
                f'"contribution": {_number(own)}, "{self._sum}": {_number(after)}}}'
            )

    def _formula(self, edge: Edge) -> str:
        """Of an edge between numbers."""
        if self._symbolic is None:
            return _NULL
        return _or_null(self._symbolic.of_single(self._timeline.trace, edge))

    def _partials(self, pass_number: int, number: int, edge: Edge, head: str) -> Iterator[str]:
        for found in edge_partials(self._timeline, pass_number, number):
            if isinstance(found, Untold):
                why = json_text(found.why)
                yield "".join(f'{self._open}"k": {k}{head}"unknown": {why}}}' for k in found.steps)
                continue
            for first in range(0, found.j.size, _ROWS):
                yield self._lines(found, slice(first, first + _ROWS), edge, head)

    def _lines(self, found: Partials, part: slice, edge: Edge, head: str) -> str:
        nodes = self._timeline.nodes
        j, i = found.j[part], found.i[part]
        inside = None if found.is_inside is None else found.is_inside[part]
        cells = zip(
            count(found.start + part.start),
            places(j, nodes[edge.node].shape, ", "),
            places(i, nodes[edge.parent].shape, ", "),
            often(found.partials[part], _number),
            self._formulas(edge, j, i, inside),
            often(found.v[part], _number),
            _numbers(found.contributions[part]),
            _numbers(found.after[part]),
            strict=False,
        )
        opened, v_is, sum_is = self._open, self._v, self._sum
        return "".join([
            f'{opened}"k": {k}{head}"j": [{row}], "i": [{column}], "partial": {p}, '
            f'"symbolic": {s}, "{v_is}": {v}, "contribution": {own}, "{sum_is}": {after}}}'
            for k, row, column, p, s, v, own, after in cells
        ])  # fmt: skip

    def _formulas(
        self, edge: Edge, j: IntArray, i: IntArray, inside: IntArray | None
    ) -> Sequence[str]:
        if self._symbolic is None:
            return [_NULL] * j.size
        found = self._symbolic.of(self._timeline.trace, edge, j, i, inside)
        return [*map(_or_null, found)]

    # Whole edges.

    def _edges(self, number: int) -> Iterator[str]:
        walk = self._timeline.walk(number)
        for place in range(walk.route.edges):
            if walk.route.steps(place):
                yield from self._edge(walk, place)

    def _edge(self, walk: PassWalk, number: int) -> Iterator[str]:
        edge, steps = walk.route.edge(number), walk.route.steps(number)
        target = walk.route.target(edge)
        # An edge without steps that comes next is over too.
        done = walk.route.count_before(target, walk.route.edge_at(steps.stop))
        yield (
            f'{self._open}"k": {walk.start + steps.stop - 1}, "from": {walk.start + steps.start}, '
            f'"phase": "edge", "node": {edge.node}, "argument": {edge.argument}, '
            f'"parent": {edge.parent}'
        )
        try:
            total = walk.sums.contribution(number)
            summed = walk.sums.after(target, done)
        except UnknownError as error:
            yield f', "unknown": {json_text(str(error))}}}'
            return
        if summed is None:
            raise AssertionError("an edge that was walked has added something")
        yield from more_members_json({"jvp" if self._timeline.is_forward else "vjp": total,
                                self._sum: summed})  # fmt: skip
        yield "}"

    # Updates.

    def _whole_updates(self, start: int) -> Iterator[str]:
        updates = self._timeline.updates
        for leaf in updates.leaves:
            steps, lines = updates.steps(leaf), updates.of(leaf)
            if not steps:
                continue
            last = lines[-1]
            yield (
                f'{self._open}"k": {start + steps.stop - 1}, "from": {start + steps.start}, '
                f'"phase": "update", "node": {leaf}'
            )
            yield from more_members_json({"before": last.read["w"], "grad": last.read["grad"],
                                    "subtracted": last.read["Δ"], "after": last.value})  # fmt: skip
            yield ', "kept": {'
            yield from members_json(self._kept(leaf))
            yield "}}"

    def _updates(self, start: int) -> Iterator[str]:
        updates = self._timeline.updates
        for leaf in updates.leaves:
            shape, last = self._timeline.nodes[leaf].shape, updates.of(leaf)[-1]
            shown = (last.read["w"], last.read["grad"], last.read["Δ"], last.value)
            kept = self._kept(leaf)
            named = [json_text(name) for name in kept]
            head = f', "phase": "update", "node": {leaf}, "i": ['
            for first in range(0, last.value.size, _ROWS):
                part = slice(first, first + _ROWS)
                flat = np.arange(first, min(first + _ROWS, last.value.size))
                numbers = [_numbers(x.ravel()[part]) for x in (*shown, *kept.values())]
                yield "".join([
                    f'{self._open}"k": {k}{head}{i}], "before": {w}, "grad": {g}, '
                    f'"subtracted": {d}, "after": {y}, "kept": {{{_members(named, more)}}}}}'
                    for k, i, w, g, d, y, *more in zip(
                        count(start + updates.steps(leaf).start + first),
                        places(flat, shape, ", "), *numbers, strict=False,
                    )
                ])  # fmt: skip

    def _kept(self, leaf: int) -> Mapping[str, Array]:
        """What the rule keeps of an input for the next iteration."""
        updates = self._timeline.updates
        return {} if updates.update is None else updates.update.left(updates.of(leaf))


def _members(names: Sequence[str], texts: Sequence[str]) -> str:
    return ", ".join([f"{name}: {text}" for name, text in zip(names, texts, strict=True)])


def _number(x: float) -> str:
    return repr(x) if isfinite(x) else f'"{x}"'


def _numbers(array: Any) -> Sequence[str]:
    """The entries of a vector as JSON has them."""
    return [*map(repr if np.isfinite(array).all() else _number, array.tolist())]


def _or_null(text: str | None) -> str:
    return _NULL if text is None else quoted(text)
