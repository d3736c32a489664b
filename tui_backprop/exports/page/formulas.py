"""The formulas of partials as templates: those of one look are written once.

A template is the text with the names of entries left open; a step says which entries they are. Of
an op that works entry by entry one formula tells all entries of which the numbers that stand in it
are the same, so that SymPy is asked once for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.graph.kinks import followed_at
from tui_backprop.graph.model import Role
from tui_backprop.render.formulas.alike import MARKED, marked
from tui_backprop.render.formulas.symbolic import has_formula
from tui_backprop.render.text.names import Namer
from tui_backprop.timeline.edge_groups import places

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import IntArray, Shape
    from tui_backprop.timeline.timeline import Frame

_ALGEBRA: Final = "tui_backprop.render.formulas.algebra"

OWN: Final = -1
"""In a template, for an operand: an entry of the node itself."""
INDEX: Final = -2
"""The subscripts alone of an entry of the node."""


class Template(NamedTuple):
    """A formula with open names, each written as its number between two signs.

    Attributes:
        function: what is differentiated.
        variable: what by.
        partial: the derivative.
        slots: of each open name, the number of the operand whose entry it is, `OWN` or `INDEX`.
    """

    function: str
    variable: str
    partial: str
    slots: tuple[int, ...]


class Filled(NamedTuple):
    """The formula of one step: which template, and the flat position of each open name."""

    template: int
    flats: tuple[int, ...]


class _MarkedNamer(Namer):
    """Marks what it names, and remembers which entry was meant."""

    def __init__(self, namer: Namer) -> None:
        super().__init__(namer.graph, namer.subscripts, namer.charset)
        self._namer = namer
        self.meant: dict[str, tuple[int, int]] = {}

    def entry(self, node_id: int, flat: int) -> str:
        """One entry, marked."""
        return self._marked(self._namer.entry(node_id, flat), node_id, flat)

    def index(self, shape: Shape, flat: int) -> str:
        """Subscripts, marked; only those of the node at hand are asked for."""
        found = self._namer.index(shape, flat)
        return self._marked(found, INDEX, flat) if found else ""

    def _marked(self, name: str, node_id: int, flat: int) -> str:
        self.meant[name] = node_id, flat
        return marked(name)


class Formulas:
    """Collects the formulas of a walk.

    Attributes:
        templates: in the order of their numbers.
    """

    def __init__(self, namer: Namer) -> None:
        self.templates: list[Template] = []
        self._numbers: dict[Template, int] = {}
        self._namer = namer
        self._edge: Edge | None = None
        self._alike: dict[tuple[float, ...], int] = {}
        self._reads: list[IntArray] = []

    def filled(self, frame: Frame) -> Filled | None:
        """The formula of a step; None where it has none, see `symbolic.formula`."""
        if frame.edge is None or not has_formula(frame):
            return None
        if followed_at(frame.timeline.trace, frame.edge, frame.row, frame.column):
            return None  # the formula is the table's, which the walk leaves here
        rule = frame.node.rule
        if rule is None or not rule.elementwise:
            return self._written(frame, frame.edge)
        return self._of_entry(frame, frame.edge)

    def _of_entry(self, frame: Frame, edge: Edge) -> Filled:
        """The formula of an entry, from that of another one where their numbers are the same."""
        if edge != self._edge:
            nodes, rows = frame.timeline.nodes, np.arange(frame.node.size)
            shapes = [nodes[p].shape for p in frame.node.parents]
            self._edge, self._alike = edge, {}
            self._reads = [places(rows, frame.node.shape, shape).ravel() for shape in shapes]
        is_read = frame.column in self._reads[edge.argument][frame.row : frame.row + 1]
        key = (float(is_read), *self._numbers_at(frame))
        number = self._alike.get(key)
        if number is None:
            written = self._written(frame, edge)
            self._alike[key] = written.template
            return written
        j = frame.row
        reads = [j if s in {OWN, INDEX} else int(self._reads[s][j])
                 for s in self.templates[number].slots]  # fmt: skip
        for slot in MARKED.findall(self.templates[number].variable):
            reads[int(slot)] = frame.column  # of a structural zero, which y_j does not read
        return Filled(number, tuple(reads))

    def _numbers_at(self, frame: Frame) -> Iterator[float]:
        """What the formula of an entry depends on beside names: the numbers of constants."""
        trace, node = frame.timeline.trace, frame.node
        for argument, parent in enumerate(node.parents):
            operand = frame.timeline.nodes[parent]
            has_none = node.rule is not None and node.rule.derivatives[argument] is None
            if has_none or operand.literal is not None or operand.role is Role.CONSTANT:
                value = trace.value(parent) if trace.is_known(parent) else None
                at = self._reads[argument][frame.row]
                yield np.nan if value is None else float(value.ravel()[at])

    def _written(self, frame: Frame, edge: Edge) -> Filled:
        """As SymPy writes it."""
        namer = _MarkedNamer(self._namer)
        write: Any = import_module(_ALGEBRA).write
        written = write(frame.timeline.trace, edge, (frame.row, frame.column), namer)
        places_of: dict[str, int] = {}

        def numbered(found: re.Match[str]) -> str:
            return marked(str(places_of.setdefault(found[1], len(places_of))))

        texts = [
            MARKED.sub(numbered, text)
            for text in (written.function, written.variable, written.partial)
        ]
        meant = [namer.meant[name] for name in places_of]
        slots = tuple(_slot(frame, edge, node) for node, _ in meant)
        template = Template(texts[0], texts[1], texts[2], slots)
        number = self._numbers.setdefault(template, len(self.templates))
        if number == len(self.templates):
            self.templates.append(template)
        return Filled(number, tuple(flat for _, flat in meant))


def _slot(frame: Frame, edge: Edge, node: int) -> int:
    """Which operand a node is; the edge's own where it is read more than once."""
    if node == INDEX:
        return INDEX
    if node == edge.parent:
        return edge.argument
    parents = frame.node.parents
    return parents.index(node) if node in parents else OWN
