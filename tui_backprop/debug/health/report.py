"""A health report as text for a person at the prompt: a table of nodes, roots and remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_backprop.dataclass import replace
from tui_backprop.debug.format import applied, in_full
from tui_backprop.debug.health.columns import column
from tui_backprop.debug.why.contributions_text import is_differentiable
from tui_backprop.graph.naming import decimal, kind, label, percent
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    Cells,
    clauses,
    joined,
    laid_out,
    said,
    said_many,
)
from tui_backprop.timeline.landmarks import run_of_node, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.debug.health.record import Flag, Health, NodeHealth, Root, Units
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.timeline import Timeline


_MOST_LINES: Final = 100
_DIGITS: Final = 4
_LEFT_OUT: Final = frozenset({"op", "shape"})
"""Columns for which a line of an answer has no room: ``info node`` has them."""

_FLAGS: Final = {
    "nan adjoint": said("nan gradient"), "inf adjoint": said("inf gradient"),
    "zero adjoint": said("zero gradient"),
    **{
        flag: flag
        for flag in (
            said("nan value"), said("inf value"), said("vanishing"), said("exploding"),
            said("dead"), said("saturated"), said("nan slope"), said("inf slope"), said("steep"),
            said("no gradient"),
        )
    },
}  # fmt: skip
"""Each flag as a sentence, in the words of the screen."""

_PICTURE: Final = 72
"""Cells of a picture: a session does not know how wide the screen is."""


def health_answer(timeline: Timeline, found: Health) -> Answer:
    """A table, each row with the step at which the node's adjoint is complete; the thresholds.

    Of many nodes only the flagged ones are listed.

    Args:
        timeline: of the trace that was measured; steps are its own.
        found: the measurements, of all nodes or of one.
    """
    measured = found.nodes
    chosen = measured
    if len(measured) > _MOST_LINES:
        flagged = [k for k, flags in enumerate(column(measured, "flags")) if flags]
        chosen = [measured[k] for k in flagged[:_MOST_LINES]]
    hidden = len(measured) - len(chosen)
    more = said_many(hidden, "{count} node not listed: 'health NODE' tells about one",
                     "{count} nodes not listed: 'health NODE' tells about one")  # fmt: skip
    return Answer(
        (
            AnswerLine(summary(found)),
            *_of_iteration(timeline, root_lines(timeline.trace, found)),
            *_of_iteration(timeline, unit_lines(found)),
            *_table(timeline, found, chosen),
            *([AnswerLine(more)] if hidden else []),
            *map(AnswerLine, remarks(found)),
        )
    )


def health_picture(found: Health) -> Answer:
    """The norm of the gradient along the depth, in ASCII: a session knows no screen."""
    from tui_backprop.debug.health.plot import health_plot

    picture = health_plot(found, _PICTURE, is_ascii=True)
    return Answer((AnswerLine(summary(found)), *(AnswerLine(line, heard="") for line in picture)))


def remarks(found: Health) -> list[str]:
    """The thresholds, and what was not looked at."""
    limits = found.thresholds
    lines = [
        said("vanishing: |grad|/|v| below {low}; exploding: above {high}",
             low=f"{limits.vanishing:g}", high=f"{limits.exploding:g}"),
        said("dead: every partial of an entry is exactly 0; from {share} of the entries on",
             share=f"{limits.share:.0%}"),
        said("steep: a partial above {high} where the op is not linear", high=f"{limits.steep:g}"),
        said("saturated: a slope below {flat} where the op flattens out; likewise",
             flat=f"{limits.flat:g}"),
    ]  # fmt: skip
    if found.left_out:
        lines.append(said_many(
            found.left_out,
            "{count} local Jacobian left out: {entries} entries are looked at in all, the smallest "
            "Jacobians first",
            "{count} local Jacobians left out: {entries} entries are looked at in all, the "
            "smallest Jacobians first",
            entries=f"{limits.entries:,}",
        ))  # fmt: skip
    return lines


def summary(found: Health) -> str:
    """How many nodes are flagged, or what is of the only one; and by which pass."""
    count, total = sum(map(bool, column(found.nodes, "flags"))), len(found.nodes)
    if total == 1:
        only = found.nodes[0]
        flagged = joined(": ", [only.name, flags_text(only.flags) or said("nothing flagged")])
    elif count:
        flagged = said("{flagged} of {total} nodes flagged", flagged=count, total=total)
    else:
        flagged = said("none of {total} nodes flagged", total=total)
    if found.pass_number is None:
        return joined("; ", [flagged, said("there is no backward pass")])
    seed = said("|v| = {seed} at {output}, backward pass {number}", seed=decimal(found.seed, 4),
                output=found.output, number=found.passes)  # fmt: skip
    return joined("; ", [flagged, seed])


def flags_text(flags: Sequence[Flag]) -> str:
    """The flags of a node as a sentence; empty where it has none."""
    return joined(", ", [_FLAGS[flag] for flag in flags])


def _table(timeline: Timeline, found: Health, chosen: Sequence[NodeHealth]) -> list[AnswerLine]:
    """A row for each node under the titles; none where there is no node."""
    if not chosen:
        return []
    steps = [None, *(_step(timeline, found, node) for node in chosen)]
    heard = ["", *map(_heard, chosen)]
    shown = [each for each in COLUMNS if each.attribute not in _LEFT_OUT]
    numbers = frozenset(at for at, each in enumerate(shown) if each.is_number)
    table = [[each.title, *texts(chosen, each, _number)] for each in shown]
    rows = [Cells(row, numbers) for row in zip(*table, strict=True)]
    return [AnswerLine(*line) for line in zip(laid_out(rows), steps, heard, rows, strict=True)]


def _heard(node: NodeHealth) -> str:
    """A row in words: what is measured, each with its name."""
    parts = []
    if node.depth is not None:
        parts.append(said("depth {depth}", depth=node.depth))
    if node.value is not None:
        parts.append(said("the norm of its value is {norm}", norm=_number(node.value)))
    if node.adjoint is not None:
        parts.append(said("that of its gradient {norm}", norm=_number(node.adjoint)))
    if node.rate is not None:
        parts.append(said("times {rate} with every edge", rate=_number(node.rate)))
    if node.jacobian is not None:
        parts.append(said("that of its Jacobians {norm}", norm=_number(node.jacobian)))
    if node.dead:
        parts.append(said("{share} of its entries are dead", share=percent(node.dead)))
    if node.saturated:
        share = percent(node.saturated)
        parts.append(said("{share} of its entries are saturated", share=share))
    if node.flags:
        parts.append(said("flagged: {flags}", flags=flags_text(node.flags)))
    return joined(": ", [node.name, clauses(parts)]) if parts else node.name


def _number(value: float) -> str:
    return decimal(value, _DIGITS)


def _step(timeline: Timeline, found: Health, node: NodeHealth) -> int:
    """Where the node's adjoint of the last pass is complete; where it is built, if not reached."""
    if found.pass_number is None or node.adjoint is None or "value" in "".join(node.flags):
        return timeline.built(node.node)
    run = run_of_node(timeline, found.pass_number, node.node)
    if run:
        return run.start
    everything = range(timeline.walk(found.pass_number).start - 1, timeline.steps.stop)
    last = next(writes(timeline, node.node, None, everything, reverse=True), None)
    return timeline.built(node.node) if last is None else last.stop - 1


class TableColumn(NamedTuple):
    """A column: its title, which attribute of `NodeHealth` it has, and how its texts are aligned.

    Those of numbers are aligned to the right.
    """

    title: str
    attribute: str
    is_number: bool = False


COLUMNS: Final = (
    TableColumn(said("node"), "name"),
    TableColumn(said("op"), "op"),
    TableColumn(said("shape"), "shape"),
    TableColumn(said("depth"), "depth", is_number=True),
    TableColumn(said("|value|"), "value", is_number=True),
    TableColumn(said("|grad|"), "adjoint", is_number=True),
    TableColumn(said("·/edge"), "rate", is_number=True),
    TableColumn("|J|", "jacobian", is_number=True),
    TableColumn(said("dead"), "dead", is_number=True),
    TableColumn(said("saturated"), "saturated", is_number=True),
    TableColumn(said("flags"), "flags"),
)


def texts(
    nodes: Sequence[NodeHealth],
    chosen: TableColumn,
    number: Callable[[float], str],
    times: str = "×",
    retold: Callable[[str], str] = lambda text: text,
) -> list[str]:
    """One column of the table: a text for each node, empty where there is nothing to measure.

    Args:
        nodes: with their measurements.
        chosen: the column.
        number: writes a norm or a factor.
        times: stands between the lengths of a shape.
        retold: tells a text in another language.
    """
    writers: Mapping[str, Callable[[Any], str]] = {
        "name": lambda name: name, "op": kind, "shape": lambda shape: _shape(shape, times),
        "depth": str, "dead": percent, "saturated": percent, "flags": flags_text,
    }  # fmt: skip
    write = writers.get(chosen.attribute, number)
    found = column(nodes, chosen.attribute)
    # Many are alike, and each is written once.
    written = {value: "" if value is None else retold(write(value)) for value in set(found)}
    return [*map(written.__getitem__, found)]


_MOST_LAYERS: Final = 8
_MOST_UNITS: Final = 8
"""Of one layer that are named."""
_LITTLE: Final = 10.0
"""Where the norm changes by less on the edge at which a limit is passed, the whole way did it."""


def _of_iteration(timeline: Timeline, lines: list[AnswerLine]) -> list[AnswerLine]:
    """Lines that lead to nodes, as lines that lead to the steps of an iteration."""
    return [line if line.step is None else replace(line, step=timeline.built(line.step))
            for line in lines]  # fmt: skip


def root_lines(evaluation: Evaluation, found: Health) -> list[AnswerLine]:
    """A line for each root, which leads to the step that builds its node."""
    return [AnswerLine(_text(evaluation, found, root), root.node) for root in found.roots]


def unit_lines(found: Health) -> list[AnswerLine]:
    """A line for each layer with units that are off, which leads to the step that builds it."""
    every = enumerate(column(found.nodes, "units"))
    sick = [k for k, units in every if units is not None and units.off]
    shown = [found.nodes[k] for k in sick[:_MOST_LAYERS]]
    lines = [AnswerLine(_off(node, node.units), node.node) for node in shown
             if node.units is not None]  # fmt: skip
    left = len(sick) - len(lines)
    if left:
        lines.append(AnswerLine(said_many(
            left, "units are off in {count} node more: 'health NODE' tells about one",
            "units are off in {count} nodes more: 'health NODE' tells about one",
        )))  # fmt: skip
    return lines


def _off(node: NodeHealth, units: Units) -> str:
    """``1 of 16 units of h is off for all 8 samples: h[:,3]``; places count from 0."""
    behind = len(node.shape) > 2 and units.axis == len(node.shape) - 1
    before = "...," if behind else ":," * units.axis
    places = [f"{node.name}[{before}{n}]" for n in units.off[:_MOST_UNITS]]
    left = len(units.off) - len(places)
    more = [said("… {count} more", count=left)] if left else []
    return said_many(
        len(units.off), "{count} of {total} units of {node} is off for all {samples} samples: "
        "{places}", "{count} of {total} units of {node} are off for all {samples} samples: "
        "{places}", total=units.count, node=node.name, samples=units.samples,
        places=joined(", ", [*places, *more]),
    )  # fmt: skip


def _text(evaluation: Evaluation, found: Health, root: Root) -> str:
    graph = evaluation.graph
    place = _place(evaluation, root.node)
    node = found.of(root.node)
    low = label(graph, root.parent)
    if root.trouble == "value":
        return _of_value(evaluation, root, place)
    if root.trouble == "seed":
        return said("the root: v, as it is placed on {node}, is not finite", node=low)
    if root.trouble == "adjoint":
        is_steep = node is not None and not {"nan slope", "inf slope"}.isdisjoint(node.flags)
        why = (
            said("its slope is not finite") if is_steep else said("what it hands on is not finite")
        )
        return joined("; ", [
            said("the root: {place}, {why}, and comes back into {parent}", place=place, why=why,
                 parent=low),
            _count(root, said("a gradient that is not finite")),
            said("'origin nan' and 'origin inf' tell of entries"),
        ])  # fmt: skip
    if root.trouble == "zero":
        return joined("; ", [said("the gradient dies at {place}: {why}", place=place,
                                  why=_dead(node)),
                             _count(root, said("a gradient of zeros"))])  # fmt: skip
    if root.trouble == "unreached":
        return _unreached(evaluation, root.node)
    return _grown(root, place, low, found.of(root.parent))


def _place(evaluation: Evaluation, node: int) -> str:
    """``n = sqrt(r)``; of a leaf its name."""
    name, text = label(evaluation.graph, node), applied(evaluation.graph, node)
    return name if name == text else f"{name} = {text}"


def _of_value(evaluation: Evaluation, root: Root, place: str) -> str:
    size = evaluation.value_size(root.node)
    is_nan = size is not None and size.nan > 0
    what = "nan" if is_nan else "inf"
    if is_nan:
        first = said("the root: {place} is the first value that holds NaN", place=place)
    else:
        first = said("the root: {place} is the first value that holds an infinity", place=place)
    return joined("; ", [first, said("'origin {what}' tells of entries", what=what)])


def _count(root: Root, what: str) -> str:
    return said_many(root.count, "{count} node has {what}", "{count} nodes have {what}", what=what)


def _shape(shape: Shape, times: str) -> str:
    """``(3,)``, ``(2×3)``, which no number looks like; empty for a scalar."""
    if len(shape) < 2:
        return f"({shape[0]},)" if shape else ""
    return f"({times.join(map(str, shape))})"


def _dead(node: NodeHealth | None) -> str:
    if node is not None and node.dead:
        return said("{share} of its entries are dead", share=percent(node.dead))
    return said("what it hands on is 0")


def _unreached(evaluation: Evaluation, node: int) -> str:
    """Which ops without a derivative read an input."""
    graph = evaluation.graph
    name = label(graph, node)
    readers = [other for other in graph.nodes[node + 1 :] if node in other.parents]
    if not readers:
        return said("{node} gets no gradient: nothing in the program reads it", node=name)
    flat = [other for other in readers if not is_differentiable(other, node)]
    if not flat:
        return said("{node} gets no gradient: nothing that reads it leads to an output in a "
                    "differentiable way", node=name)  # fmt: skip
    return said("{node} gets no gradient: {reader} has no derivative by it", node=name,
                reader=_place(evaluation, flat[0].id))  # fmt: skip


def _grown(root: Root, place: str, low: str, parent: NodeHealth | None) -> str:
    """A gradient that became too large or too small, at once or little by little."""
    is_large, factor = root.trouble == "exploding", root.factor or 0.0
    what = said("a gradient that explodes") if is_large else said("a gradient that vanishes")
    at_once = factor >= _LITTLE if is_large else factor <= 1 / _LITTLE
    times = in_full(factor, 4)
    if at_once:
        text = said("the gradient changes the most at {place}: into {parent} comes {times} times "
                    "as much as came to it", place=place, parent=low, times=times)  # fmt: skip
    else:
        rate = None if parent is None else parent.rate
        text = said("the gradient passes the limit at {place}, by and by: about {times} times as "
                    "much with every edge", place=place,
                    times=in_full(factor if rate is None else rate, 4))  # fmt: skip
    return joined("; ", [text, _count(root, what)])
