"""The measurements of many nodes, a column for each kind: no object for a node that nobody sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from tui_backprop.debug.health.record import FLAGS, NodeHealth
from tui_backprop.graph.naming import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.health.record import Flag, Units
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array, IntArray

NUMBERS: Final = ("value", "adjoint", "rate", "jacobian", "dead", "saturated")
"""What of a node may be measured: attributes of `NodeHealth`."""


class Column:
    """One number for each node, while they are measured; of some nodes there is none."""

    def __init__(self, count: int) -> None:
        self.numbers = np.zeros(count)
        self.is_known = np.zeros(count, dtype=bool)

    def put(self, at: IntArray | int, numbers: Array | float) -> None:
        """Note the numbers of some nodes."""
        self.numbers[at] = numbers
        self.is_known[at] = True

    def tolist(self) -> list[float | None]:
        """The numbers, None where there is none."""
        numbers: list[float | None] = [*self.numbers.tolist()]
        for k in np.flatnonzero(~self.is_known).tolist():
            numbers[k] = None
        return numbers


class Flags:
    """The flags of every node, as bits of a number."""

    def __init__(self, count: int) -> None:
        self._bits = np.zeros(count, dtype=np.int64)

    def put(self, flag: Flag, at: IntArray) -> None:
        """Give some nodes a flag: by their places, or by a boolean for each."""
        self._bits[at] |= _BIT[flag]

    def has(self, *flags: Flag) -> IntArray:
        """For each node whether it has one of some flags."""
        return np.asarray(self._bits & sum(_BIT[flag] for flag in flags), dtype=bool)

    def tolist(self) -> list[tuple[Flag, ...]]:
        """The flags of each node, in the order of `FLAGS`."""
        there, at = np.unique(self._bits, return_inverse=True)
        found = [tuple(f for f in FLAGS if bits & _BIT[f]) for bits in there.tolist()]
        return [*map(found.__getitem__, at.tolist())]


_BIT: Final[Mapping[Flag, int]] = {flag: 1 << k for k, flag in enumerate(FLAGS)}


class Measurements(Sequence["NodeHealth"]):
    """The measurements of nodes that follow one another on the tape; each is made when asked for.

    Args:
        graph: the tape.
        nodes: those of them that were measured.
        depths: of each of them.
        numbers: by their names; see `NUMBERS`.
        flags: of each of them.
        units: of those that have some, by node.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: range,
        depths: Sequence[int | None],
        numbers: Mapping[str, Column],
        flags: Flags,
        units: Mapping[int, Units],
    ) -> None:
        self.flags = flags
        self._graph = graph
        self._nodes = nodes
        self._columns: dict[str, Sequence[Any]] = {
            "node": nodes,
            "depth": depths,
            "flags": flags.tolist(),
            "units": [*map(units.get, nodes)],
            **{name: numbers[name].tolist() for name in NUMBERS},
        }

    def column(self, name: str) -> Sequence[Any]:
        """One attribute of `NodeHealth` for all nodes."""
        if name not in self._columns:
            self._columns[name] = self._of_graph(name)
        return self._columns[name]

    def _of_graph(self, name: str) -> Sequence[Any]:
        """What no measurement tells: written when somebody asks."""
        if name == "name":
            return [label(self._graph, n) for n in self._nodes]
        return [getattr(self._graph.nodes[n], name) for n in self._nodes]

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, index: int) -> NodeHealth: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[NodeHealth, ...]: ...

    def __getitem__(self, index: int | slice) -> NodeHealth | tuple[NodeHealth, ...]:
        if isinstance(index, slice):
            return tuple(self[k] for k in range(*index.indices(len(self))))
        node = self._graph.nodes[self._nodes[index]]
        own = {name: column[index] for name, column in self._columns.items()}
        own |= {"name": label(self._graph, node.id), "op": node.op, "shape": node.shape}
        return NodeHealth(**own)

    def __repr__(self) -> str:
        return repr(tuple(self))


def column(nodes: Sequence[NodeHealth], name: str) -> Sequence[Any]:
    """One attribute of many nodes."""
    if isinstance(nodes, Measurements):
        return nodes.column(name)
    return [getattr(node, name) for node in nodes]
