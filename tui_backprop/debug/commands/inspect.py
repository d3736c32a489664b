"""Commands that look at the state: values, nodes, ops, the program, the path from the output.

Nothing here changes the session but what it displays.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tui_backprop.debug import format as shown
from tui_backprop.debug.commands.breaking import EXPRESSIONS, breakpoints_listed
from tui_backprop.debug.commands.command import (
    Command,
    brief,
    count_of,
    expression,
    first_word,
    nothing,
)
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import argument_words, is_read_again, kind, label
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    Cells,
    answer_of,
    clauses,
    joined,
    laid_out,
    said,
    said_in,
)
from tui_backprop.spelling import nearest
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import arrivals, run_of_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Frame


def path_down(frame: Frame) -> Answer:
    """The shortest path, a node a line, the output first; each line leads to its node's first step.

    Raises:
        CommandError: no backward pass is under way.
    """
    if frame.pass_number < 0 or frame.timeline.walks[frame.pass_number] is None:
        raise CommandError(said("no backward pass is under way at this step"))
    timeline, walk = frame.timeline, frame.timeline.walk(frame.pass_number)
    edges = shortest_path(walk, frame.node.id)
    nodes = timeline.nodes
    seed = timeline.nodes[walk.run.of]
    name = _called(timeline.trace.graph, seed)
    head = said("0  {name}  seed {v}", name=name, v=shown.array(walk.run.seed))
    lines = [AnswerLine(head, walk.start - 1)]
    walked = [*edges, *([frame.edge] if frame.edge is not None else [])]
    for number, edge in enumerate(walked, 1):
        run = run_of_node(timeline, frame.pass_number, edge.node)
        node, parent = nodes[edge.node], nodes[edge.parent]
        told = " = ".join(dict.fromkeys((_called(timeline.trace.graph, node), node.text)))
        text = said("{number}  {parent}  from {node}",
                    number=number, parent=_called(timeline.trace.graph, parent),
                    node=told)  # fmt: skip
        if is_read_again(timeline.trace.graph, edge):
            text = clauses([text, argument_words(edge.argument)])
        lines.append(AnswerLine(text, None if run is None else run.start))
    return Answer(tuple(lines))


def _called(graph: Graph, node: Node) -> str:
    """A node by the name that means it, ``g@1``, where it has one; else as it is written."""
    return label(graph, node.id) if node.name else node.label


def shortest_path(walk: PassWalk, node: int) -> list[Edge]:
    """Edges from the output of a pass down to a node; none where it is the output itself."""
    route = walk.route
    came: dict[int, Edge | None] = {node: None}
    waiting = deque([node])
    while waiting:
        at = waiting.popleft()
        if at == walk.run.of:
            return _followed(came, at)
        for number in route.edges_into(at).tolist():
            edge = route.edge(number)
            if edge.node not in came:
                came[edge.node] = edge
                waiting.append(edge.node)
    return []


def _followed(came: dict[int, Edge | None], at: int) -> list[Edge]:
    found: list[Edge] = []
    while (edge := came[at]) is not None:
        found.append(edge)
        at = edge.parent
    return found


_GROUP: Final = said("Looking")
_MOST_NAMES: Final = 8
_LABEL: Final = 7
"""Cells of the longest word before what is told about a node."""
_MOST_DISPLAYS: Final = 100
_PHASES: Final = {
    Phase.BUILD: said("build"), Phase.SEED: said("seed"), Phase.PARTIAL: said("partial"),
    Phase.ZERO_GRAD: said("zero_grad"), Phase.UPDATE: said("update"),
}  # fmt: skip


def _print(session: Session, argument: str) -> str:
    asked = expression(session, argument)
    return shown.is_now(asked.text, asked.sample(session.frame))


def _display(session: Session, argument: str) -> Answer | str:
    if not argument.strip():
        return displayed(session)
    asked = expression(session, argument)
    text = shown.is_now(asked.text, asked.displayed(session.frame))
    if asked not in session.displays:
        check_display_room(session)
        session.displays = (*session.displays, asked)
    return text


def check_display_room(session: Session) -> None:
    """Refuse one more display than the limit.

    Raises:
        CommandError: there are that many already.
    """
    if len(session.displays) >= _MOST_DISPLAYS:
        raise CommandError(
            said("{most} are displayed already: undisplay some first", most=_MOST_DISPLAYS)
        )


def displayed(session: Session) -> Answer:
    """Every display with its value at the cursor."""
    lines = [
        AnswerLine(joined("  ", [f"{n}", shown.is_now(asked.text, asked.displayed(session.frame))]))
        for n, asked in enumerate(session.displays, 1)
    ]
    return Answer(tuple(lines) or (AnswerLine(said("nothing is displayed")),))


def _undisplay(session: Session, argument: str) -> str:
    if not argument.strip():
        count, session.displays = len(session.displays), ()
        return said("{count} displays removed", count=count)
    number = count_of(argument)
    if number > len(session.displays):
        raise CommandError(
            said(
                "there is no display {number}; there are {count}",
                number=number,
                count=len(session.displays),
            )
        )
    gone = session.displays[number - 1]
    session.displays = tuple(d for d in session.displays if d is not gone)
    return said("display {expression}: removed", expression=gone.text)


def _info(session: Session, argument: str) -> Answer:
    word, rest = first_word(argument)
    asked = _asked(session, word)
    if asked == "breakpoints":
        nothing(rest)
        return breakpoints_listed(session)
    if asked == "displays":
        nothing(rest)
        return displayed(session)
    if asked == "locals":
        nothing(rest)
        return _named_values(session)
    if asked == "node":
        node = _node(session, rest) if rest else session.frame.node
        return Answer(tuple(_about_node(session, node)))
    if asked == "op":
        from tui_backprop.debug.commands.about_op import about_op

        return about_op(rest or session.frame.node.op)
    return Answer(tuple(_about_node(session, _node(session, argument))))


WHAT: Final = ("breakpoints", "displays", "locals", "node", "op")
"""What ``info`` is about, beside a name."""
_BEGUN: Final = ("breakpoints", "displays", "locals")
"""Those of them of which a beginning will do."""


def _asked(session: Session, word: str) -> str:
    """Which of them a word means; empty for a name, which comes before a word that is only begun.

    Raises:
        CommandError: it means nothing.
    """
    if word in WHAT:
        return word
    names = session.trace.graph.names
    if word:
        with suppress(CommandError):
            if not word.isdecimal():
                parse_place(word, session.trace.graph)
                return ""
    begun = next((what for what in _BEGUN if what.startswith(word)), None)
    if begun is not None:
        return begun
    if hint := nearest(word, (*WHAT, *names)):
        raise CommandError(said("info knows no '{word}'; {hint}", word=brief(word), hint=hint))
    raise CommandError(
        said(
            "info about what? breakpoints, displays, locals, a NAME or op NAME; found '{word}'",
            word=brief(word),
        )
    )


_MOST_VALUES: Final = 500


def _named_values(session: Session) -> Answer:
    """Every value that has a name, a line each, which leads to the step that builds it."""
    graph, frame = session.trace.graph, session.frame
    named = [node for node in graph.nodes if node.name]
    if not named:
        return answer_of(said("nothing here has a name"))
    rows = [
        Cells((label(graph, node.id), str(node.shape), _value(frame, node.id)))
        for node in named[:_MOST_VALUES]
    ]
    lines = [
        AnswerLine(text, session.timeline.built(node.id), cells=row)
        for node, text, row in zip(named, laid_out(rows), rows, strict=False)
    ]
    left = len(named) - len(rows)
    more = [AnswerLine(said("… {count} more", count=left))] if left else []
    return Answer((*lines, *more))


def _node(session: Session, text: str) -> Node:
    return session.trace.graph.nodes[parse_place(text, session.trace.graph).node]


def _about_node(session: Session, node: Node) -> Iterator[AnswerLine]:
    frame, nodes = session.frame, session.trace.graph.nodes
    name = node.name or f"#{node.id}"
    about = said(
        "node {number}  {op}  shape {shape}", number=node.id, op=kind(node.op), shape=node.shape
    )
    yield AnswerLine(joined("  ", [name, about]), session.timeline.built(node.id))
    if node.text != node.name:
        parts = [node.text]
        parts += [] if node.span is None else [said("line {number}", number=node.span.line)]
        yield _row(said("written"), joined("  ", parts))
    if node.parents:
        yield _row(said("reads"), _names(nodes[p] for p in node.parents))
    readers = [n for n in nodes if node.id in n.parents]
    if readers:
        yield _row(said("read by"), _names(readers))
    yield _row(said("value"), _value(frame, node.id))
    if node.role is not Role.CONSTANT:
        suffix = "tangent" if frame.is_forward else "grad"
        asked = expression(session, f"#{node.id}.{suffix}").sample(frame)
        what = said("tangent") if frame.is_forward else said_in("a line about a node", "grad")
        yield _row(what, shown.sample(asked))
    for k in arrivals(session.timeline, node.id):
        phase = _PHASES[session.timeline[k].phase]
        yield AnswerLine(said("step {k}  {phase}", k=k, phase=phase), k)


def _row(label: str, text: str) -> AnswerLine:
    """A line of what is told about a node, a row of two cells."""
    return AnswerLine(
        joined("  ", [f"{label:<{_LABEL}}", text]) if text else label, cells=Cells((label, text))
    )


def _value(frame: Frame, node: int) -> str:
    if not frame.timeline.trace.is_known(node):
        return said("not saved")
    value = frame.value(node)
    return shown.UNKNOWN if value is None else shown.array(value)


def _names(nodes: Iterator[Node] | list[Node]) -> str:
    labels = [node.label for node in nodes]
    left = len(labels) - _MOST_NAMES
    more = [said("… {count} more", count=left)] if left > 0 else []
    return joined(", ", [*labels[:_MOST_NAMES], *more])


def _list(session: Session, argument: str) -> Answer:
    nothing(argument)
    span = session.frame.node.span
    lines, mark = session.trace.graph.program.rstrip().split("\n"), "▸"
    return Answer(
        tuple(
            AnswerLine(
                f"{n:>3} {mark if span is not None and span.line == n else ' '} {line}",
                is_code=True,
            )
            for n, line in enumerate(lines, 1)
        )
    )


def _where(session: Session, argument: str) -> Answer:
    nothing(argument)
    return path_down(session.frame)


INSPECTING: Final[tuple[Command, ...]] = (
    Command("print", said("The value of an expression at this step."),
            _print, (), said("EXPR"), "", ("p", "x"), _GROUP, EXPRESSIONS),
    Command("display", said("Show an expression at every stop; alone, list them."),
            _display, (), said("[EXPR]"), "", (), _GROUP, EXPRESSIONS),
    Command("undisplay",
            said("Stop showing one, or all."), _undisplay, (), said("[N]"), "", (), _GROUP),
    Command("info", said("About the breakpoints, the displays, all named values, a node or an op."),
            _info, ("i",), said("[WHAT]"), "", ("i",), _GROUP,
            said(
                "WHAT is breakpoints, displays, locals (every named value), a NAME, node [NAME]\n"
                "or op [NAME]; left out, breakpoints."
            )),
    Command("list",
            said("The program, with the line of this step."), _list, (), "", "", ("l",), _GROUP),
    Command("where", said("The path of edges from the output down to here."),
            _where, (), "", "", ("bt",), _GROUP),
)  # fmt: skip
