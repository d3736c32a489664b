"""A recorded walk → the bytes of a file: what is known, and of J what is small enough."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from tui_backprop.attach.given import foreign_op
from tui_backprop.attach.hook import AverageOp, HookOp
from tui_backprop.attach.later import Later, LaterEdges
from tui_backprop.attach.saved.archive import MOST_TEXT, packed
from tui_backprop.attach.saved.jacobian import (
    MOST_OF_ALL,
    MOST_OF_EDGE,
    SavedJacobian,
    SavedOp,
    asked,
    kept_pattern,
    too_large,
    too_slow,
    whole,
)
from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError, on_one_line
from tui_backprop.graph.plan import active_arguments, walk_from
from tui_backprop.language.message import said
from tui_backprop.program.code.kinds import checked
from tui_backprop.progress import reported
from tui_backprop.rules.sparsity import Gathered, Listed, Tied
from tui_backprop.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray

FORMAT: Final = 1
_PATIENCE: Final = 20.0
"""Seconds after which no more Jacobians are asked for: a checkpoint computes again at each."""


class Tape(Protocol):
    """What `attach.recorded.RecordedTape` holds."""

    @property
    def graph(self) -> Graph:
        """Its nodes."""

    @property
    def of(self) -> int:
        """The node that was seeded."""

    @property
    def seed(self) -> Array:
        """V there."""

    @property
    def assumed_ones(self) -> bool:
        """Whether v was left out."""

    @property
    def values(self) -> Sequence[Array | None]:
        """By node."""

    @property
    def cotangents(self) -> Sequence[Array | None]:
        """By node."""

    @property
    def contributions(self) -> Mapping[Edge, Array]:
        """By edge."""

    @property
    def value_sizes(self) -> Mapping[int, Size]:
        """How large values were that are not known, by node, ascending."""

    @property
    def advice(self) -> str:
        """How to know more."""

    @property
    def made_by(self) -> str:
        """Who computed it."""


def walk_bytes(tape: Tape, *, zeros: bool) -> bytes:
    """The bytes of the file that holds a walk.

    Args:
        tape: what was recorded.
        zeros: whether structurally zero partials are visited.

    Raises:
        ArgumentError: it holds something that a file cannot.
    """
    graph = tape.graph
    jacobians = _Jacobians(tape)
    v, v_sizes = _by_node(tape.cotangents)
    edges, edge_sizes, told = _by_edge(tape.contributions)
    sizes = [*tape.value_sizes.values(), *v_sizes.values(), *edge_sizes.values()]
    head = {
        "format": FORMAT,
        "written_by": f"tui-backprop {__version__}",
        "made_by": _text(tape.made_by),
        "dtype": graph.dtype.name,
        "of": tape.of,
        "assumed_ones": tape.assumed_ones,
        "zeros": zeros,
        "advice": _text(tape.advice),
        "names": _named(graph.names),
        "inputs": _named(graph.inputs),
        "constants": _named(graph.constants),
        **({"files": _named(graph.files)} if graph.files else {}),
        "values": [n for n, x in enumerate(tape.values) if x is not None],
        "cotangents": [*v],
        "contributions": _pairs(edges),
        "sizes": {
            "values": [*tape.value_sizes],
            "cotangents": [*v_sizes],
            "contributions": _pairs(edge_sizes),
            "told": _pairs(told),
        },
        "nodes": [_node(node, jacobians) for node in graph.nodes],
        "program": graph.program.encode("utf-8", "replace").decode("utf-8"),
    }
    return packed(
        head,
        {
            "seed": [tape.seed],
            "values": _known(tape.values),
            "cotangents": [*v.values()],
            "contributions": [*edges.values()],
            "sizes": [np.array([(s.norm, s.nan, s.inf) for s in sizes], dtype=np.float64)],
            "partials": _known(jacobians.entries()),
            "patterns": _known(jacobians.patterns()),
        },
        graph.dtype,
    )


def _by_node(arrays: Sequence[Array | None]) -> tuple[dict[int, Array], Mapping[int, Size]]:
    """What is known by node, ascending; and how large the others were."""
    if isinstance(arrays, Later):
        return dict(sorted(arrays.kept.items())), dict(sorted(arrays.sizes.items()))
    return {n: x for n, x in enumerate(arrays) if x is not None}, {}


def _by_edge(
    arrays: Mapping[Edge, Array],
) -> tuple[dict[Edge, Array], dict[Edge, Size], list[Edge]]:
    """What is known by edge, ascending; how large the others were; which of them an op tells."""
    if not isinstance(arrays, LaterEdges):
        return {e: arrays[e] for e in sorted(arrays, key=_place)}, {}, []
    return (
        {e: arrays.kept[e] for e in sorted(arrays.kept, key=_place)},
        {e: arrays.sizes[e] for e in sorted(arrays.sizes, key=_place)},
        sorted(arrays.told, key=_place),
    )


def _place(edge: Edge) -> tuple[int, int]:
    return edge.node, edge.argument


def _pairs(edges: Iterable[Edge]) -> list[list[int]]:
    return [[edge.node, edge.argument] for edge in edges]


def _text(text: str) -> str:
    """A text that can be read back: one line, not too long."""
    return on_one_line(text[:MOST_TEXT])


def _named(names: Mapping[str, int]) -> dict[str, int]:
    return {_text(name): n for name, n in names.items()}


def _known(arrays: Iterable[Array | None]) -> list[Array]:
    return [x for x in arrays if x is not None]


class _Jacobians:
    """The Jacobians of all edges of ops that have no row, asked for beforehand."""

    def __init__(self, tape: Tape) -> None:
        graph = tape.graph
        walk = walk_from(graph, tape.of, active_arguments(graph))
        walked = set(walk.edges(graph.nodes))
        self._found: dict[tuple[int, int], SavedJacobian] = {}
        waiting = []
        for node in graph.nodes:
            op = op_of(node)
            for a, edge in enumerate(node.edges if op is not None else ()):
                if op is None or isinstance(op, HookOp):
                    continue
                if isinstance(op, SavedOp):
                    self._found[node.id, a] = op.jacobians[a]
                    continue
                pattern = kept_pattern(op, a)
                count = whole(pattern, op.shape, op.shapes[a]).nonzeros
                shape = node.size, graph.nodes[edge.parent].size
                self._found[node.id, a] = SavedJacobian(shape, pattern, None, too_large(op.name))
                if edge in walked and count <= MOST_OF_EDGE:
                    waiting.append((count, node.id, a, op, pattern))
        self._ask(waiting)

    def _ask(self, waiting: list[tuple[int, int, int, ForeignOp, Any]]) -> None:
        """As many as there is room for, the smallest first."""
        room = MOST_OF_ALL
        late = monotonic() + _PATIENCE
        waiting.sort(key=lambda item: item[:3])
        for count, n, a, op, pattern in reported("asking for J", waiting, len(waiting)):
            room -= count
            if room < 0:
                return
            if monotonic() < late:
                self._found[n, a] = asked(op, a, pattern)
            else:
                self._found[n, a] = replace(self._found[n, a], reason=too_slow(op.name))

    def of(self, node: int, argument: int) -> SavedJacobian:
        """What is kept of one edge."""
        return self._found[node, argument]

    def _sorted(self) -> Iterator[SavedJacobian]:
        return (self._found[key] for key in sorted(self._found))

    def entries(self) -> list[Array | None]:
        """The entries of all edges, in tape order."""
        return [kept.entries for kept in self._sorted()]

    def patterns(self) -> list[Array | None]:
        """What no arithmetic tells of their patterns, in tape order."""
        return [_places(kept.pattern) for kept in self._sorted()]


def _places(pattern: Tied | Gathered | Listed | None) -> IntArray | None:
    if pattern is None or isinstance(pattern, Tied):
        return None
    if isinstance(pattern, Gathered):
        return pattern.source
    m, n = pattern.shape
    j, i = pattern.entries(range(n))
    return i * m + j


def op_of(node: Node) -> ForeignOp | None:
    """The application that stands for an op which no row states; None of a leaf and of a row."""
    if node.rule is None or not node.rule.computed_by:
        return None
    return foreign_op(node) or SavedOp(node.op, node.rule.computed_by, node.shape, (), ())


def _node(node: Node, jacobians: _Jacobians) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": node.role.value,
        "name": _text(node.name),
        "text": _text(node.text),
        "parents": list(node.parents),
        "shape": list(node.shape),
    }
    if node.span is not None:
        found["span"] = list(node.span)
    if node.called:
        found["called"] = [list(call) for call in node.called]
    if node.module:
        found["module"] = _text(node.module)
    if node.literal is not None:
        found["literal"] = _literal(node.literal)
    if node.rule is not None:
        op = op_of(node)
        found |= {"row": _row(node, node.rule)} if op is None else {"op": _op(node, op, jacobians)}
    return found


def _literal(value: Any) -> Any:
    """A number, or an array of numbers, by their digits in base 16."""
    return np.vectorize(lambda x: float(x).hex(), otypes=[object])(value).tolist()


def _row(node: Node, rule: Rule) -> dict[str, Any]:
    """How `rows` finds the row again.

    Raises:
        ArgumentError: an argument is none that a program could write.
    """
    known = {p.name: p for p in rule.parameters}
    if odd := [name for name in node.params if name not in known]:
        raise ArgumentError(
            said(
                "an argument of {op} cannot be saved: it has no '{name}'",
                op=rule.name,
                name=f"{odd[0]:.60}",
            )
        )
    params = {
        name: _param(checked(known[name], _plain(value)), rule.name)
        for name, value in node.params.items()
    }
    return {"name": rule.name, "operands": list(rule.operands), "params": params}


def _plain(value: Any) -> Any:
    """Python's own number in place of NumPy's."""
    return value.item() if isinstance(value, np.generic) else value


def _param(value: Any, op: str) -> Any:
    """A static argument as JSON: what JSON does not know under its name.

    Raises:
        ArgumentError: a file cannot hold it.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, tuple):
        return [_param(part, op) for part in value]
    if isinstance(value, list):
        return {"list": [_param(part, op) for part in value]}
    if isinstance(value, slice):
        return {"slice": [_param(part, op) for part in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    raise ArgumentError(
        said("an argument of {op} cannot be saved: {value}", op=op, value=f"{value!r:.60}")
    )


def _op(node: Node, op: ForeignOp, jacobians: _Jacobians) -> dict[str, Any]:
    if not op.name.isidentifier():
        raise ArgumentError(
            said("an op cannot be saved under its name {name}", name=f"{op.name!r:.60}")
        )
    found: dict[str, Any] = {"name": op.name, "by": _text(op.computed_by)}
    if isinstance(op, HookOp):
        found["is_hook"] = True
        if isinstance(op, AverageOp):
            found["average"] = {"ranks": op.ranks, "reason": _text(op.reason)}
    else:
        found["J"] = [_kept(jacobians.of(node.id, a)) for a in range(len(node.parents))]
    return found


def _kept(jacobian: SavedJacobian) -> dict[str, Any]:
    pattern = jacobian.pattern
    found: dict[str, Any] = {}
    if isinstance(pattern, Tied):
        found["tied"] = [pattern.out_shape, pattern.in_shape, pattern.ties]
    elif isinstance(pattern, Gathered):
        found["gathered"] = pattern.source.size
    elif pattern is not None:
        found["listed"] = pattern.nonzeros
    if jacobian.entries is None:
        found["missing"] = _text(jacobian.reason)
    return found
