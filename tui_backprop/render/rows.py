"""The rows in which a graph is shown: its nodes, and modules that are folded into a row each.

A row of a folded module is written ``encoder.*``. Its wires are those of all its nodes, and its
numbers those of the last node that others read. A composed op is a module too, and its row that of
any op: the name and the numbers of its result, and how it was called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.model import Edge, Role
from tui_backprop.graph.modules import held_by, unfolded
from tui_backprop.graph.naming import kind
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.text.spans import printable, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Composed, Graph, Node
    from tui_backprop.graph.modules import Folding, Held
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.names import Namer


class Rows:
    """The rows of one graph, as somebody sees it who is inside of a module or outside of all.

    Attributes:
        graph: whose nodes.
        namer: how they are called.
        has_modules: whether nodes lie in modules: their names are paths, which differ at the end.
        parents: for each row the rows that it reads.
    """

    def __init__(self, namer: Namer, folding: Folding | None = None, language: str = "en") -> None:
        """The rows of a folding; by default every node is one."""
        nodes = namer.graph.nodes
        self.graph: Graph = namer.graph
        self.namer = namer
        self.has_modules = folding is not None and not namer.graph.composed
        self._folding = folding or unfolded(len(nodes))
        self._spoken: Language = language_of(language)
        self._last_read: list[int] = []
        self._held: list[Held] = []
        self.parents: Sequence[tuple[int, ...]] = (
            self._quotient() if self.is_folded else [n.parents for n in nodes]
        )

    def __len__(self) -> int:
        return len(self._folding)

    def _quotient(self) -> list[tuple[int, ...]]:
        """The rows that each row reads; also what it holds, and what of it others read last."""
        folding, nodes = self._folding, self.graph.nodes
        row_of = [row for row in range(len(folding)) for _ in folding.row(row)]
        last_read = self._last_read = [-1] * len(folding)
        found: list[tuple[int, ...]] = []
        for row in range(len(folding)):
            reads: list[int] = []
            within = nodes[folding.starts[row] : folding.row(row).stop]
            self._held.append(held_by(within))
            for node in within:
                for parent in node.parents:
                    other = row_of[parent]
                    if other != row:
                        reads.append(other)
                        last_read[other] = max(last_read[other], parent)
            found.append(tuple(dict.fromkeys(reads)) if folding.is_group(row) else tuple(reads))
        return found

    @property
    def is_folded(self) -> bool:
        """Whether any row stands for more than a node."""
        return self._folding.is_folded

    def nodes(self, row: int) -> range:
        """The nodes of a row."""
        return self._folding.row(row)

    def row_of(self, node: int) -> int:
        """The row that shows a node."""
        return self._folding.row_of(node)

    def is_group(self, row: int) -> bool:
        """Whether a row stands for a module."""
        return self._folding.is_group(row)

    def composed(self, row: int) -> Composed | None:
        """The call that a row stands for; None where it is a node, or a module of a model."""
        if not self.is_group(row):
            return None
        found = self.graph.composed.get(self._folding.module(row))
        return found if found is not None and found.result in self.nodes(row) else None

    def shown(self, row: int) -> int | None:
        """The node whose numbers a row shows; None of a module's parameters, which have many."""
        nodes = self.nodes(row)
        if not self.is_group(row):
            return nodes.start
        if (call := self.composed(row)) is not None:
            return call.result
        if not self._held[row].is_ops:
            return None
        return self._last_read[row] if self._last_read[row] >= 0 else nodes[-1]

    def node(self, row: int) -> Node | None:
        """The node of `shown`."""
        shown = self.shown(row)
        return None if shown is None else self.graph.nodes[shown]

    def label(self, row: int) -> str:
        """How a row is called."""
        if (call := self.composed(row)) is not None:
            return self.namer.label(call.result)
        if self.is_group(row):
            return f"{printable(self._folding.module(row))}.*"
        return self.namer.label(self._folding.starts[row])

    def number(self, row: int) -> str:
        """A row by the number of the node whose numbers it shows."""
        shown = self.shown(row)
        return f"#{self.nodes(row).start if shown is None else shown}"

    def has_name(self, row: int) -> bool:
        """Whether a row is called by a name."""
        call = self.composed(row)
        if call is None and self.is_group(row):
            return True
        node = self._folding.starts[row] if call is None else call.result
        return bool(self.graph.nodes[node].name)

    def cells(self, row: int) -> int:
        """How wide a row's name is, or its number where it has none."""
        call = self.composed(row)
        if call is None and self.is_group(row):
            return width(self.label(row))
        start = self._folding.starts[row] if call is None else call.result
        return width(self.graph.nodes[start].name) or 1 + len(str(start))

    def text(self, row: int) -> str:
        """What a node does to its operands, or how much a module holds."""
        if not self.is_group(row):
            node = self.graph.nodes[self._folding.starts[row]]
            is_leaf = node.role is not Role.OP
            told = self._spoken.retold(kind(node.op))
            return told if is_leaf else self.namer.application(node.id)
        if (call := self.composed(row)) is not None:
            return self.namer.call(call)
        count, is_ops = self._held[row]
        if is_ops:
            return self._spoken.count("{count} op", "{count} ops", count, count=count)
        return self._spoken.count("{count} parameter", "{count} parameters", count, count=count)

    def edge(self, edge: Edge | None) -> Edge | None:
        """An edge between rows, among `parents`; None where it stays within one."""
        if edge is None or not self.is_folded:
            return edge
        parent, row = self.row_of(edge.parent), self.row_of(edge.node)
        if parent == row:
            return None
        is_group = self.is_group(row)
        return Edge(parent, row, self.parents[row].index(parent) if is_group else edge.argument)

    def built(self, nodes: int) -> int:
        """How many rows show anything when so many nodes are built."""
        return self.row_of(nodes - 1) + 1 if nodes else 0
