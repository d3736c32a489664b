"""Where another framework's gradient differs from ours, step by step, and what comes of it.

Both walks are computed here, from the measured table: the framework need not be installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.kinks import special_points
from tui_backprop.graph.model import Backward
from tui_backprop.graph.naming import index_text
from tui_backprop.program import build
from tui_backprop.program.vocabulary.makers import SEVERAL
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.following import rules_of
from tui_backprop.rules.conventions.measured import is_same, measured, numbers
from tui_backprop.rules.conventions.points import special_point
from tui_backprop.rules.conventions.words import gradients_text, way_words
from tui_backprop.scenario.following import following
from tui_backprop.timeline.landmarks import run_of_node
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.limits import Limits
    from tui_backprop.rules.conventions.measured import Point
    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.model import Model

_RESULT: Final = "y"

_MOST_SEARCHED: Final = 10_000
"""Steps of a node in which the one at the special point is looked for."""


class Departure(NamedTuple):
    """A node at which a framework gives something else.

    Attributes:
        node: the node.
        special: the special point that its numbers are at.
        entries: how many entries of its value are at it.
        first: the first of them, flat.
        ours: what this table gives there, in words.
        theirs: what the framework gives.
        is_followed: whether the other walk goes their way; else only the table tells of it.
        step: the first step at which a partial of the node is pulled back; None where none is.
    """

    node: Node
    special: SpecialPoint
    entries: int
    first: int
    ours: str
    theirs: str
    is_followed: bool
    step: int | None


class Changed(NamedTuple):
    """An input whose gradient would be another one.

    Attributes:
        name: the input.
        entries: how many entries differ.
        entry: the one that differs most, by its name.
        ours: its gradient here.
        theirs: its gradient there.
    """

    name: str
    entries: int
    entry: str
    ours: float
    theirs: float


class Beside(NamedTuple):
    """A point of the table that no walk meets as it is measured: of a whole composed op, say.

    Attributes:
        point: the point, of an op that the program calls.
        ours: the gradients here, as text.
        theirs: those of the framework.
    """

    point: Point
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, eq=False)
class FrameworkReport:
    """A scenario as a framework differentiates it.

    Attributes:
        framework: which.
        departures: the nodes at which it gives something else, in the order of the program.
        changed: the inputs whose gradient comes out otherwise.
        silent: how many entries are at points at which nobody measured it.
        beside: points of the ops that the program calls at which it differs, and cannot be
            followed.
    """

    framework: str
    departures: tuple[Departure, ...]
    changed: tuple[Changed, ...]
    silent: int
    beside: tuple[Beside, ...] = ()


def framework_report(model: Model, framework: str, limits: Limits) -> FrameworkReport:
    """Walk a scenario as it is, and as a framework has it.

    Raises:
        ArgumentError: nobody measured a framework of that name.
    """
    ours = Evaluation(model.graph, model.leaves, model.passes)
    other = following(model, framework, limits)
    theirs = Evaluation(other.graph, other.leaves, other.passes)
    timeline = Timeline(ours, zeros=model.view.zeros == "show")
    departures, silent = [], 0
    for node in model.graph.nodes:
        for special, met in special_points(ours, node):
            entries = met & _is_unpulled(timeline, node.id) if special.needs_zero_v else met
            if not entries.any():
                continue
            found = _departure(timeline, node, special, entries, framework)
            if found is not None and found.step is not None:
                departures.append(found)
            elif measured().point(special.point).gives(framework) is None:
                silent += int(entries.sum())
    changed = tuple(_changed(ours, theirs))
    beside = tuple(_beside(model.graph, framework))
    return FrameworkReport(framework, tuple(departures), changed, silent, beside)


def _beside(graph: Graph, framework: str) -> Iterator[Beside]:
    """Where a framework differs, and the step at a special point would not say so."""
    rules, called = rules_of(framework), _called(graph)
    for point in measured().points:
        special = special_point(point.id)
        is_told = special is not None and special.way(framework) is not special.ways[0]
        if is_told or point.op not in called:
            continue
        given, ours = point.gives(framework), gradients_here(point, rules)
        if given is not None and ours is not None and not is_same(ours, given):
            yield Beside(point, gradients_text(ours), gradients_text(given))


def _called(graph: Graph) -> frozenset[str]:
    """The ops that a program calls, those that are composed too, but none of their parts."""
    rules = (node.rule for node in graph.nodes if node.rule is not None)
    own = {rule.called or rule.name for rule in rules if not rule.is_part}
    several = (name for name, parts in SEVERAL.items() if not own.isdisjoint(parts.values()))
    composed = (call.op for call in graph.composed.values())
    return frozenset((*own, *several, *composed, *graph.alone))


def _departure(
    timeline: Timeline, node: Node, special: SpecialPoint, entries: Array, framework: str
) -> Departure | None:
    """What a framework does otherwise at a node; None where it does the same, or nobody knows."""
    given = measured().point(special.point).gives(framework)
    way = special.way(framework)
    own = special.way_of_walk("" if node.rule is None else node.rule.follows)
    if given is None or way is own:
        return None
    told = gradients_text(given) if way is None else way_words(special, way)
    return Departure(
        node, special, int(entries.sum()), int(np.flatnonzero(entries)[0]),
        way_words(special, own), told, way is not None, _first_step(timeline, node.id, entries),
    )  # fmt: skip


def _is_unpulled(timeline: Timeline, node: int) -> Array:
    """At which entries of a node v is 0 in some pass."""
    runs = (walk.run for walk in timeline.walks if walk is not None)
    pulled = [run.cotangents[node] for run in runs if node in run.cotangents]
    return np.logical_or.reduce([v == 0 for v in pulled]) if pulled else np.asarray(False)


def _first_step(timeline: Timeline, node: int, entries: Array) -> int | None:
    """The first step that pulls back through one of these entries of a node."""
    for number, walk in enumerate(timeline.walks):
        run = None if walk is None else run_of_node(timeline, number, node)
        if run is None:
            continue
        for k in run[:_MOST_SEARCHED]:
            if entries.flat[timeline[k].row]:
                return k
        return run.start
    return None


def _changed(ours: Evaluation, theirs: Evaluation) -> Iterator[Changed]:
    for name, mine in ours.grad.items():
        other = theirs.grad[name]
        with np.errstate(all="ignore"):
            differs = ~((mine == other) | (np.isnan(mine) & np.isnan(other)))
            apart = np.where(differs, np.abs(mine - other), -1.0)
        if not differs.any():
            continue
        apart = np.where(np.isnan(apart), np.inf, apart)
        k = int(np.argmax(apart))
        yield Changed(
            name, int(differs.sum()), name + ".grad" + index_text(mine.shape, k),
            float(mine.flat[k]), float(other.flat[k]),
        )  # fmt: skip


def gradients_here(point: Point, rules: Mapping[str, Rule] = RULES) -> tuple[Array, ...] | None:
    """What the op table gives at a point, an array for each input; None where it refuses."""
    inputs = {name: np.asarray(numbers(x), dtype=np.float64) for name, x in point.inputs.items()}
    try:
        graph = build(f"{_RESULT} = {point.of}", inputs, {}, np.dtype(np.float64), rules=rules)
    except TuiBackpropError:
        return None
    of = graph.names[_RESULT]
    shape = graph.nodes[of].shape
    grad = Evaluation(graph, inputs, (Backward(of, np.ones(shape) if shape else None),)).grad
    return tuple(grad[name] for name in inputs)
