"""The command ``J``: the local Jacobian, that of the whole graph, or the product along a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug import format as shown
from tui_backprop.debug.commands.command import Command, first_word
from tui_backprop.debug.place_names import node_for_total
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import argument_words, is_read_again, label
from tui_backprop.language.message import Answer, AnswerLine, clauses, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.session import Session
    from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian
    from tui_backprop.graph.model import Edge, Graph
    from tui_backprop.rules.types import Array


VIEWS: Final = ("local", "total", "product")
"""The three ways in which J is seen."""
_MOST_ROWS: Final = 12


def _jacobian(session: Session, argument: str) -> Answer:
    frame, graph = session.frame, session.trace.graph
    word, name = first_word(argument)
    if word not in {"", *VIEWS} or (name and word in {"", "local"}):
        raise CommandError(said(
            "expected J, J local, J total or J product; after the last two a node, such as "
            "J total X"
        ))  # fmt: skip
    asked = _asked(graph, word, name)
    if frame.edge is None:
        raise CommandError(said("there is no J at this step: no edge is being pulled back"))
    if word == "product":
        return Answer(tuple(_product(session, frame.edge, asked)))
    if word == "total":
        from tui_backprop.graph.jacobian import TotalJacobian
        from tui_backprop.timeline.step_facts import whole_input

        of = frame.walk.run.of
        by = asked[-1] if asked else whole_input(frame, frame.edge)
        return _matrix(TotalJacobian(session.trace, of, by), _named(graph, of, by))
    edge, named = frame.edge, _named(graph, frame.edge.node, frame.edge.parent)
    if is_read_again(graph, edge):
        named = clauses([named, argument_words(edge.argument)])
    return _matrix(session.timeline.jacobian(edge), named)


def _asked(graph: Graph, word: str, names: str) -> tuple[int, ...]:
    """The nodes that were named: the one by which, before it the one of which a product is."""
    told = names.split()
    if word == "product" and len(told) == 2:
        return node_for_total(graph, told[0]), node_for_total(graph, told[1])
    return (node_for_total(graph, names),) if names else ()


def _product(session: Session, edge: Edge, asked: tuple[int, ...]) -> Iterator[AnswerLine]:
    """The path, its matrices one after the other, what they give, and what that costs."""
    from tui_backprop.debug.chain_rule import product_sentences
    from tui_backprop.graph.path_product import product_through
    from tui_backprop.timeline.step_facts import whole_input

    trace, graph, frame = session.trace, session.trace.graph, session.frame
    of, by = frame.walk.run.of, edge.parent
    if frame.is_forward:  # from here down to the input, as the tangent came
        of, by = edge.node, whole_input(frame, edge)
    of = asked[0] if len(asked) == 2 else of
    by = asked[-1] if asked else by
    found = product_through(trace, of, by, edge)
    named = _named(graph, of, by)
    if found.chain:
        chain = " · ".join(_named(graph, one.node, one.parent) for one in found.chain)
        yield AnswerLine(f"{named} = {chain}" if found.count == 1 else f"{named} = {chain} + …")
    for one, matrix in zip(found.chain, found.factors or (), strict=False):
        yield from _block(matrix, _named(graph, one.node, one.parent))
    if found.product is not None and len(found.chain) > 1:
        yield from _block(found.product, said("their product"))
    if found.whole is not None:
        yield from _block(found.whole, said("{partial}, all paths added", partial=named))
    for sentence in product_sentences(trace, found, is_forward=frame.is_forward):
        yield AnswerLine(sentence)


def _block(matrix: Array, named: str) -> Iterator[AnswerLine]:
    m, n = matrix.shape
    yield AnswerLine(said("{partial}: {m} × {n}", partial=named, m=m, n=n))
    rows = matrix[:_MOST_ROWS, :_MOST_ROWS]
    yield from (AnswerLine(shown.array(row)) for row in rows)
    if matrix.size > rows.size:
        yield _cut(*rows.shape)


def _cut(m: int, n: int) -> AnswerLine:
    return AnswerLine(said("the first {m} × {n} of it", m=m, n=n))


def _named(graph: Graph, y: int, x: int) -> str:
    return f"∂{label(graph, y)}/∂{label(graph, x)}"


def _matrix(J: LocalJacobian | TotalJacobian, named: str) -> Answer:
    """J as text: rows are outputs, columns inputs; of a large one its corner."""
    import numpy as np

    m, n = J.shape
    rows, columns = np.arange(min(m, _MOST_ROWS)), np.arange(min(n, _MOST_ROWS))
    head = said("{partial}: {m} × {n}, rows are outputs",
                partial=named, m=m, n=n)  # fmt: skip
    block = J.block(rows, columns)
    lines = [AnswerLine(head), *(AnswerLine(shown.array(row)) for row in block)]
    if m * n > block.size:
        lines.append(_cut(len(rows), len(columns)))
    return Answer(tuple(lines))


JACOBIANS: Final[tuple[Command, ...]] = (
    Command("J",
            said("The Jacobian: of this edge, of the whole graph, or as a product along a path."),
            _jacobian, (), said("[local|total|product [NODE]]"), "", (), said("Looking"),
            said("Without NODE the whole J is by the input that is pulled into, else by the first; "
                 "so it is in its pane, where a key goes on to the next input and to the product.\n"
                 "  J total          of the output by an input\n"
                 "  J total h        by any node that has a gradient\n"
                 "  J product        the local J from the output down to here, multiplied\n"
                 "  J product X      from the output down to X; J product h X from h down to X")),
)  # fmt: skip
