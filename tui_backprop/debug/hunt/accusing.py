"""A node and a bug accused: confirmed, or refused with a reason that does not give it away.

An accusation is tried: the bug is planted in the right graph, and the walks are compared. What
nobody could tell apart on these numbers is confirmed as well.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.debug.hunt.accused import Hunt
from tui_backprop.debug.hunt.faults import are_near, faults, is_same_walk
from tui_backprop.errors import CommandError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.naming import adjoint_entry, decimal, label, quotient
from tui_backprop.graph.plan import active_arguments
from tui_backprop.graph.planted import Plant, places, with_plant
from tui_backprop.language.message import Answer, AnswerLine, Cells, joined, laid_out, said, typed
from tui_backprop.rules.planted.kinds import BUGS, OF_SUMS, TOLD, WHERE
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.planted import Planted
    from tui_backprop.rules.planted.kinds import Bug
    from tui_backprop.timeline.trace import Trace

_UNTIL_SIDE: Final = 3
"""Wrong accusations until it is said on which side of the accused node to look."""
_UNTIL_OP: Final = 6
"""And until it is said on which lines of the program."""
_MOST_SHOWN: Final = 8
_DIGITS: Final = 6


class Verdict(Enum):
    """What becomes of an accusation."""

    FOUND = "found"
    """Node and bug are right."""
    NODE = "node"
    """The node is right, and no bug was named."""
    OTHER_BUG = "other bug"
    """The node is right, the bug is not."""
    IMPOSSIBLE = "impossible"
    """No such bug can be there."""
    INNOCENT = "innocent"
    """The node does as it should."""


def judged(trace: Trace, node: int, bug: Bug | None) -> Verdict:
    """The verdict on an accusation.

    Raises:
        CommandError: nothing is planted in the walk.
    """
    planted = planted_in(trace)
    plant, is_there = planted.plant, node in guilty(trace)
    if bug is None:
        return Verdict.NODE if is_there else Verdict.INNOCENT
    if node not in places(planted.truth, bug):
        return Verdict.IMPOSSIBLE
    if is_there and bug == plant.bug:
        return Verdict.FOUND
    if is_same_walk(trace, _tried(trace, node, bug)):
        return Verdict.FOUND
    return Verdict.OTHER_BUG if is_there else Verdict.INNOCENT


def planted_in(trace: Trace) -> Planted:
    """What is planted.

    Raises:
        CommandError: nothing is.
    """
    planted = trace.provenance.planted
    if planted is None:
        raise CommandError(
            said("nothing is planted in this walk: 'tui-backprop list' shows the hunts")
        )
    return planted


def guilty(trace: Trace) -> frozenset[int]:
    """The nodes of the plant that are at fault on these numbers; all where none can be told."""
    plant, truth = planted_in(trace).plant, planted_in(trace).truth
    return (faults(trace, truth) & plant.nodes) or plant.nodes


def _tried(trace: Trace, node: int, bug: Bug) -> Evaluation:
    """The right graph with the accused bug in it; where the plant is, in all of its nodes."""
    planted = planted_in(trace)
    plant = planted.plant
    accused = replace(plant, bug=bug) if node in plant.nodes else Plant(bug, frozenset({node}))
    nodes = accused.nodes & {*places(planted.truth, bug)}
    graph = with_plant(planted.truth, replace(accused, nodes=nodes))
    return Evaluation(graph, trace.leaves, trace.passes)


def bug_named(text: str) -> Bug:
    """The bug of a name, or of its unique beginning.

    Raises:
        CommandError: there is none of that name; the message lists them.
    """
    asked = text.strip().casefold().replace(" ", "-").replace("_", "-")
    found = [bug for bug in BUGS if bug == asked] or [b for b in BUGS if b.startswith(asked)]
    if len(found) == 1 and asked:
        return found[0]
    guess = near(asked, BUGS)
    if guess:
        raise CommandError(said("there is no bug '{word}'; did you mean '{guess}'?",
                                word=asked[:40], guess=guess[0]))  # fmt: skip
    raise CommandError(
        said("there is no bug {word}; there are: {bugs}", word=typed(text.strip()[:40]),
             bugs=joined(", ", BUGS))
    )  # fmt: skip


def accused(trace: Trace, hunt: Hunt, node: int, bug: Bug | None) -> tuple[Hunt, Answer]:
    """Judge an accusation, and say so.

    Args:
        trace: the walk.
        hunt: what was accused before.
        node: whose derivative or sum is said to be wrong.
        bug: how; None where it is only said that it is.

    Raises:
        CommandError: nothing is planted in the walk.
    """
    verdict = judged(trace, node, bug)
    if verdict is Verdict.FOUND:
        return replace(hunt, is_over=True), Answer(tuple(_found(trace, hunt, node)))
    if verdict is Verdict.NODE:
        lines = [AnswerLine(said("yes: something is wrong at {node}. What is it? {usage}",
                                 node=label(trace.graph, node),
                                 usage="accuse NODE BUG"))]  # fmt: skip
        return hunt, Answer((*lines, *kinds_told()))
    known = hunt if hunt.is_over else Hunt(hunt.wrong | {(node, bug or "")})
    is_there = node in guilty(trace)
    lines = [AnswerLine(_refusal(trace, node, bug, verdict, is_there=is_there))]
    count = len(known.wrong)
    lines.append(AnswerLine(said("wrong accusations so far: {count}", count=count)))
    if not hunt.is_over:
        lines += [AnswerLine(hint) for hint in _hints(trace, node, count, is_there=is_there)]
    return known, Answer(tuple(lines))


def kinds_told() -> tuple[AnswerLine, ...]:
    """The bugs that there are, a line each."""
    rows = [Cells((bug, TOLD[bug])) for bug in BUGS]
    pairs = zip(laid_out(rows), rows, strict=True)
    return tuple(AnswerLine(text, cells=row) for text, row in pairs)


def _refusal(trace: Trace, node: int, bug: Bug | None, verdict: Verdict, *, is_there: bool) -> str:
    name = label(trace.graph, node)
    if verdict is Verdict.IMPOSSIBLE and bug is not None:
        if is_there:
            return said("something is wrong at {node}, but not {bug}: that can be {where}",
                        node=name, bug=bug, where=WHERE[bug])  # fmt: skip
        return said("no: {bug} cannot be at {node}; it can be {where}", bug=bug, node=name,
                    where=WHERE[bug])  # fmt: skip
    if verdict is Verdict.OTHER_BUG and bug is not None:
        told = _told_apart(trace, _tried(trace, node, bug))
        return said("something is wrong at {node}, but not that: with {bug} {entry} would be "
                    "{other}, and the walk has {own}", node=name, bug=bug, entry=told[0],
                    other=decimal(told[2], _DIGITS), own=decimal(told[1], _DIGITS))  # fmt: skip
    if trace.graph.nodes[node].rule is None:
        return said("no: what arrives at {node} is added up as it should be", node=name)
    return said("no: from the v that it gets, {node} hands on what it should", node=name)


def _told_apart(trace: Trace, other: Evaluation) -> tuple[str, float, float]:
    """The first adjoint entry in which two walks differ, with both numbers."""
    for run, tried in zip(trace.runs, other.runs, strict=True):
        if run is None or tried is None:
            continue
        for n in dict.fromkeys((run.of, *run.walk.parents)):
            own, there = run.cotangents[n], tried.cotangents[n]
            if not are_near(own, there):
                flat = int(np.argmax(np.abs(np.nan_to_num(own - there)).ravel()))
                entry = adjoint_entry(trace.graph, n, flat)
                return entry, float(own.ravel()[flat]), float(there.ravel()[flat])
    raise AssertionError("the two walks are the same")


def _hints(trace: Trace, node: int, count: int, *, is_there: bool) -> Iterator[str]:
    """What is said after several wrong accusations; of the right node none leads away."""
    if not is_there and count >= _UNTIL_SIDE:
        yield _side(trace, node)
    if count >= _UNTIL_OP:
        nodes = trace.graph.nodes
        spans = [nodes[n].span for n in sorted(guilty(trace))]
        lines = dict.fromkeys(str(span.line) for span in spans if span is not None)
        if lines:
            yield said("a hint: look at line {lines} of the program", lines=joined(", ", lines))


def _side(trace: Trace, node: int) -> str:
    """Whether the v of a node is wrong before it comes there."""
    name = label(trace.graph, node)
    right = Evaluation(planted_in(trace).truth, trace.leaves, trace.passes)
    for run, true in zip(trace.runs, right.runs, strict=True):
        if run is None or true is None or node not in run.cotangents:
            continue
        if not are_near(run.cotangents[node], true.cotangents[node]):
            return said("a hint: what arrives at {node} is wrong already, so look nearer to the "
                        "output", node=name)  # fmt: skip
    if not active_arguments(trace.graph)[node]:
        return said("a hint: what arrives at {node} is right, and nothing lies further back, so "
                    "look beside it", node=name)  # fmt: skip
    return said("a hint: what arrives at {node} is right, so look further back, or beside it",
                node=name)  # fmt: skip


# What was planted, beside what is right.


def _found(trace: Trace, hunt: Hunt, node: int) -> Iterator[AnswerLine]:
    plant = planted_in(trace).plant
    name, count = label(trace.graph, node), len(hunt.wrong)
    yield AnswerLine(said("confirmed: {bug} at {node}. {told}", bug=plant.bug, node=name,
                          told=TOLD[plant.bug]))  # fmt: skip
    yield AnswerLine(said("wrong accusations before: {count}", count=count))
    rows = [*dict.fromkeys(_sums(trace) if plant.bug in OF_SUMS else _partials(trace))]
    heads = Cells((said("entry"), said("planted"), said("right")))
    table = [heads, *rows[:_MOST_SHOWN]]
    for text, row in zip(laid_out(table), table, strict=True):
        yield AnswerLine(text, cells=row)


def _partials(trace: Trace) -> Iterator[Cells]:
    """Partials that differ, first their formulas where both have one."""
    planted = planted_in(trace)
    right = Evaluation(planted.truth, trace.leaves, trace.passes)
    for edge in _edges(trace):
        own, true = LocalJacobian(trace, edge), LocalJacobian(right, edge)
        m, n = own.shape
        rows, columns = (np.arange(min(size, _MOST_SHOWN)) for size in (m, n))
        both = own.block(rows, columns), true.block(rows, columns)
        differ = np.argwhere(~np.isclose(*both, rtol=1e-9, atol=0, equal_nan=True))
        for at, (j, i) in enumerate(differ.tolist()):
            entry = quotient(trace.graph, (edge.node, j), (edge.parent, i))
            if not at:
                yield from _formulas(trace, edge, (j, i), entry)
            yield Cells((entry, *(decimal(float(b[j, i]), _DIGITS) for b in both)))
        if not len(differ):
            yield from _handed(trace, edge)


def _edges(trace: Trace) -> list[Edge]:
    """The edges that lead back from the nodes at fault, each once."""
    nodes, at_fault = trace.graph.nodes, guilty(trace)
    runs = (run for run in trace.runs if run is not None)
    return list(dict.fromkeys(e for r in runs for e in r.walk.edges(nodes) if e.node in at_fault))


def _handed(trace: Trace, edge: Edge) -> Iterator[Cells]:
    """What an edge hands on, where its partials are right and it does not multiply them by v."""
    from tui_backprop.graph.passes import pull_back

    truth = planted_in(trace).truth
    for run in trace.runs:
        if run is None or edge.node not in run.cotangents:
            continue
        v = run.cotangents[edge.node]
        own = trace.pull(edge, v)
        with np.errstate(all="ignore"):
            true = pull_back(truth.nodes[edge.node], edge.argument, v, trace.node_values)
        for flat in range(min(own.size, _MOST_SHOWN)):
            pair = float(own.ravel()[flat]), float(true.ravel()[flat])
            if pair[0] != pair[1]:
                entry = adjoint_entry(trace.graph, edge.parent, flat)
                yield Cells((f"{entry} +=", *(decimal(x, _DIGITS) for x in pair)))


def _formulas(trace: Trace, edge: Edge, place: tuple[int, int], entry: str) -> Iterator[Cells]:
    """The two formulas of a partial; nothing where they are the same."""
    from tui_backprop.graph.jacobian import coordinates
    from tui_backprop.rules.symbolic import Symbols, partial_expression

    nodes = trace.graph.nodes
    both = []
    for node in (nodes[edge.node], planted_in(trace).truth.nodes[edge.node]):
        if node.rule is None:
            return
        operands = tuple(
            Symbols(operand, nodes[p].shape)
            for operand, p in zip(node.rule.operands, node.parents, strict=False)
        )
        j, i = (coordinates(at, nodes[n].shape) for at, n in zip(place, (edge.node, edge.parent),
                                                                 strict=True))  # fmt: skip
        try:
            found = partial_expression(node.rule, edge.argument, j, i, Symbols("y", node.shape),
                                       operands, node.params)  # fmt: skip
        except (TypeError, ValueError, AttributeError):
            return  # a row that has no formula of one entry
        both.append(str(found))
    if both[0] != both[1]:
        yield Cells((entry, *both))


def _sums(trace: Trace) -> Iterator[Cells]:
    """Adjoints of the nodes of a plant that differ."""
    planted = planted_in(trace)
    right = Evaluation(planted.truth, trace.leaves, trace.passes)
    for number, (run, true) in enumerate(zip(trace.runs, right.runs, strict=True)):
        for n in sorted(planted.plant.nodes):
            if run is None or true is None:
                own, there = (e.gradients_after(number).get(n) for e in (trace, right))
            else:
                own, there = run.cotangents.get(n), true.cotangents.get(n)
            if own is None or there is None:
                continue
            for flat in np.flatnonzero(own.ravel() != there.ravel())[:_MOST_SHOWN].tolist():
                pair = own.ravel()[flat], there.ravel()[flat]
                entry = adjoint_entry(trace.graph, n, flat)
                step = said("{entry} after pass {number}", entry=entry, number=number + 1)
                yield Cells((step, *(decimal(float(x), _DIGITS) for x in pair)))
