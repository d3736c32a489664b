"""A walk without its large arrays: of each it holds the norm, and how much of it is not finite."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

from tui_backprop.attach.given import RecordedTape, deciding, foreign_op, foreign_rule
from tui_backprop.attach.hook import HookOp
from tui_backprop.attach.later import SMALL, Later, LaterEdges, not_kept
from tui_backprop.attach.saved.jacobian import SavedJacobian, SavedLines, SavedOp, kept_pattern
from tui_backprop.dataclass import replace
from tui_backprop.errors import UnknownError
from tui_backprop.graph.sizes import size_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import Array

_DIGITS: Final = 6


def thinned(tape: RecordedTape) -> RecordedTape:
    """A walk without its large arrays.

    The values of ops whose partials are picked by numbers stay: they decide which way it goes.
    """
    nodes = tape.graph.nodes
    needed = deciding(tape.graph)
    values = dict(enumerate(tape.values))
    large = {n for n, x in values.items() if x is not None and x.size > SMALL} - needed
    every = tape.cotangents
    arrays = every.kept if isinstance(every, Later) else dict(enumerate(every))
    v = {n: x for n, x in arrays.items() if x is not None}
    v_sizes = {n: size_of(x) for n, x in v.items() if x.size > SMALL}
    edges = tape.contributions
    held = edges.kept if isinstance(edges, LaterEdges) else edges
    e_sizes = {e: size_of(x) for e, x in held.items() if x.size > SMALL}
    shown = tuple(_without_large_hook(node) for node in nodes)
    return sized(
        replace(
            tape,
            graph=replace(tape.graph, nodes=shown),
            values=[None if n in large else x for n, x in values.items()],
            value_sizes={
                **tape.value_sizes,
                **{n: size_of(x) for n in sorted(large) if (x := values[n]) is not None},
            },
            shared={},
        ),
        {n: x for n, x in v.items() if n not in v_sizes},
        {**(every.sizes if isinstance(every, Later) else {}), **v_sizes},
        {e: x for e, x in held.items() if e not in e_sizes},
        {**(edges.sizes if isinstance(edges, LaterEdges) else {}), **e_sizes},
        edges.told if isinstance(edges, LaterEdges) else frozenset(),
    )


def sized(
    tape: RecordedTape,
    v: Mapping[int, Array],
    v_sizes: Mapping[int, Size],
    edges: Mapping[Edge, Array],
    edge_sizes: Mapping[Edge, Size],
    told: AbstractSet[Edge],
) -> RecordedTape:
    """A tape that knows of some arrays how large they were, and nothing else.

    Args:
        tape: with all that is known of values.
        v: the cotangents that are known, by node.
        v_sizes: how large others were.
        edges: what edges handed on, where that is known.
        edge_sizes: how large others were.
        told: see `LaterEdges`.
    """
    graph = tape.graph
    return replace(
        tape,
        cotangents=Later(len(graph.nodes), v, v_sizes, partial(_no_v, graph, v_sizes)),
        contributions=LaterEdges(edges, edge_sizes, told, partial(_no_edge, graph, edge_sizes)),
    )


def whole(tape: RecordedTape, pull: Callable[[Edge, Array], Array]) -> RecordedTape:
    """A walk with all its arrays, each asked for.

    Args:
        tape: of which some may not be held.
        pull: gives what an edge hands on, out of v. Whoever reads a whole walk takes an edge that
            it does not hold for one that hands on all of its parent's v.
    """
    edges = tape.contributions
    found = {e: edges[e] for e in edges}
    for edge in edges.told if isinstance(edges, LaterEdges) else ():
        v = tape.cotangents[edge.node]
        if v is not None:
            found[edge] = pull(edge, v)
    return replace(tape, cotangents=list(tape.cotangents), contributions=found)


def _without_large_hook(node: Node) -> Node:
    """A hook is known by what it made of v: of a large one only what happened is told."""
    hook = foreign_op(node)
    if not isinstance(hook, HookOp) or node.size <= SMALL:
        return node
    pattern = kept_pattern(hook, 0)
    kept = SavedJacobian((node.size, node.size), pattern, None, hook.told())
    op = SavedOp(hook.name, hook.computed_by, hook.shape, hook.shapes, (kept,))
    return replace(node, rule=foreign_rule(op, SavedLines(op)))


def _no_v(graph: Graph, sizes: Mapping[int, Size], node: int) -> NoReturn:
    raise UnknownError(
        not_kept(said("v of {node} was not kept", node=graph.nodes[node].label), sizes[node])
    )


def _no_edge(graph: Graph, sizes: Mapping[Edge, Size], edge: Edge) -> NoReturn:
    node, parent = graph.nodes[edge.node], graph.nodes[edge.parent]
    what = said(
        "what {node} hands on to {parent} was not kept", node=node.label, parent=parent.label
    )
    raise UnknownError(not_kept(what, sizes[edge]))
