"""Commands of forward mode: walk it, go back to reverse mode, and what either costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug import format as shown
from tui_backprop.debug.commands.command import Command, first_word, nothing
from tui_backprop.debug.number_lists import parse_numbers
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.language.message import Answer, AnswerLine, joined, said, typed
from tui_backprop.timeline.frame import Tangents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.session import Session
    from tui_backprop.graph.forward_mode import Counted, ForwardRun
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array


_MOST_NAMED: Final = 12
"""Tangents that an answer lists."""


def _forward(session: Session, argument: str) -> Answer:
    tangents = _asked(session, argument)
    session.push_forward(tangents)
    run = _run(session)
    return Answer((*_pushed(session, run), *_compared(session, run), *_told(session)))


def _run(session: Session) -> ForwardRun:
    from tui_backprop.graph.forward_mode import ForwardRun

    run = session.timeline.walk(0).run
    if not isinstance(run, ForwardRun):
        raise AssertionError("a forward walk has a forward run")
    return run


def _asked(session: Session, argument: str) -> Tangents:
    """The tangent that was typed; without one that of the scenario, else ones for one input."""
    graph = session.trace.graph
    if not graph.inputs:
        raise CommandError(said("forward mode begins at an input, and there is none here"))
    name, numbers = first_word(argument)
    if not name:
        found = session.timeline.tangents or session.trace.tangents
        if found is not None:
            return found
        return _ones(graph.nodes[next(iter(graph.inputs.values()))])
    node = graph.nodes[parse_place(name, graph).node]
    if node.role is not Role.INPUT:
        there = joined(", ", list(graph.inputs))
        raise CommandError(
            said("a tangent is placed on an input; there are: {there}", there=there), 0
        )
    if not numbers:
        return _ones(node)
    return Tangents({node.id: _numbers(session, node, numbers)})


def _ones(node: Node) -> Tangents:
    ones = np.ones(node.shape)
    ones.setflags(write=False)
    return Tangents({node.id: ones}, is_assumed=True)


def _numbers(session: Session, node: Node, text: str) -> Array:
    from tui_backprop.graph.forward_mode import tangent_for

    word, rest = first_word(text)
    if word == "onehot":
        if not rest.isdecimal() or len(rest) > 17 or int(rest) >= node.size:
            raise CommandError(said("expected onehot K with K from 0 to {last}; found {found}",
                                    last=node.size - 1, found=typed(text)))  # fmt: skip
        unit = np.zeros(node.size)
        unit[int(rest)] = 1.0
        return tangent_for(session.trace.graph, node.id, unit.reshape(node.shape))
    bare = text.lstrip("= ")
    listed = bare if bare.startswith("[") or "," not in bare else f"[{bare}]"
    return tangent_for(session.trace.graph, node.id, parse_numbers(listed))


def _pushed(session: Session, run: ForwardRun) -> Iterator[AnswerLine]:
    """The tangent of each input that has one, and of each name that it reaches."""
    graph, timeline = session.trace.graph, session.timeline
    for node, k in timeline.walk(0).seeds:
        yield AnswerLine(f"{label(graph, node)}.tangent = {shown.array(run.seeds[node])}", k)
    fixed = [name for name, n in graph.inputs.items() if n not in run.seeds]
    if fixed:
        yield AnswerLine(said("held fixed: {names}", names=joined(", ", fixed)))
    reached = [n for n in run.walk.nodes if graph.nodes[n].name or n == run.of]
    for node in reached[:_MOST_NAMED]:
        steps = timeline.walk(0).route.run_of_node(node)
        at = None if not steps else timeline.walk(0).start + steps.stop - 1
        yield AnswerLine(f"{label(graph, node)}.tangent = {shown.array(run.cotangents[node])}", at)
    if len(reached) > _MOST_NAMED:
        yield AnswerLine(said("… {count} more", count=len(reached) - _MOST_NAMED))


def _compared(session: Session, run: ForwardRun) -> Iterator[AnswerLine]:
    """The number that both modes give: v · (J t) and (vᵀJ) · t, of the first backward pass."""
    first = next((one for one in session.trace.runs if one is not None), None)
    tangent = None if first is None else run.cotangents.get(first.of)
    if first is None or tangent is None or first.initial:
        return
    with np.errstate(all="ignore"):
        pushed = float(np.vdot(first.seed, tangent))
        pulled = sum(
            float(np.vdot(found, seed)) for n, seed in run.seeds.items()
            if (found := first.cotangents.get(n)) is not None
        )  # fmt: skip
    yield AnswerLine(said(
        "with v of the backward pass: v · (J·t) = {pushed}, and (vᵀJ) · t = {pulled}",
        pushed=shown.in_full(pushed, 6), pulled=shown.in_full(pulled, 6),
    ))  # fmt: skip


def _backward(session: Session, argument: str) -> str:
    nothing(argument)
    if not session.timeline.is_forward:
        return said("this walk is in reverse mode already")
    session.push_forward(None)
    return session.reason


def _cost(session: Session, argument: str) -> Answer:
    nothing(argument)
    return Answer(tuple(_told(session)))


def _told(session: Session) -> Iterator[AnswerLine]:
    """The multiplications of a pass of either mode, and of all of J in either."""
    from tui_backprop.graph.forward_mode import counted, output_of

    trace, graph = session.trace, session.trace.graph
    if not graph.inputs:
        yield AnswerLine(said("there is no input to differentiate by"))
        return
    tangents = session.timeline.tangents
    inputs = () if tangents is None else tuple(tangents.by_input)
    of = output_of(trace)
    both = counted(trace, of, inputs)
    names = [label(graph, n) for n in inputs or graph.inputs.values()]
    told = {"y": label(graph, of), "x": joined(", ", names)}
    yield AnswerLine(said(
        "reverse mode, one pass from {y} to {x}: {count} multiplications, one for each partial "
        "between them that can be other than 0; it gives a row of J",
        count=f"{both.one_pass:,}", **told,
    ))  # fmt: skip
    yield AnswerLine(said(
        "forward mode, one pass from {x} to {y}: {count} multiplications; it gives J·t, a column "
        "of J where t is one-hot", count=f"{both.one_pass:,}", **told,
    ))  # fmt: skip
    yield AnswerLine(said(
        "all of J, {m} × {n}: in reverse mode a pass for each of its rows, {back} multiplications; "
        "in forward mode a pass for each of its columns, {ahead}",
        m=both.outputs, n=both.inputs,
        back=f"{both.whole_backward:,}", ahead=f"{both.whole_forward:,}",
    ))  # fmt: skip
    yield AnswerLine(_verdict(both))


def _verdict(both: Counted) -> str:
    """What the counts say, and why, where that is the shape of J."""
    if both.whole_backward < both.whole_forward:
        if both.outputs == 1:
            return said("reverse mode is cheaper here: few outputs, many inputs, as with a loss")
        return said("reverse mode is cheaper here: J has fewer rows than columns")
    if both.whole_backward > both.whole_forward:
        if both.inputs < both.outputs:
            return said("forward mode is cheaper here: few inputs, many outputs")
        return said("forward mode is cheaper here: a pass goes only through what depends on its "
                    "own input")  # fmt: skip
    return said("both modes cost the same here")


FORWARD_MODE: Final[tuple[Command, ...]] = (
    Command("forward", said("Walk in forward mode: a tangent of an input, pushed to the output."),
            _forward, (), said("[INPUT [TANGENT]]"), "", (), said("Trying"),
            said("Each step adds ∂y_j/∂x_i · t_i to an entry of a tangent; backward goes back.\n"
                 "  forward              the scenario's tangent, or ones for the first input\n"
                 "  forward x 1,0        this tangent of x; the other inputs are held fixed\n"
                 "  forward x onehot 1   a column of J")),
    Command("backward", said("Walk in reverse mode again, after forward."),
            _backward, (), "", "", (), said("Trying")),
    Command("cost", said("How many multiplications reverse mode takes, and forward mode."),
            _cost, (), "", "", (), said("Trying")),
)  # fmt: skip

REVERSE_ONLY: Final = frozenset({"where", "why", "origin", "health", "compare"})
"""Commands about adjoints, of which a forward walk has none."""


def check_mode(session: Session, command: Command) -> None:
    """Refuse a command about adjoints in a forward walk.

    Raises:
        CommandError: it is one.
    """
    if session.timeline.is_forward and command.name in REVERSE_ONLY:
        raise CommandError(
            said("'{command}' is about reverse mode, and this is a forward walk: 'backward' goes "
                 "back", command=command.name), 0
        )  # fmt: skip
