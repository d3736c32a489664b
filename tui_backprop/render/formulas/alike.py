"""The symbolic partials of many steps at once: those of one look are written by SymPy once.

A formula knows its entries by their names only, and names matter in two ways: which are the same,
and how they are ordered, since terms and factors are sorted by them. So a formula is known by what
its row does, the numbers that stand in it, and the order of its names. The names of a step are then
put where those of the first one stood.
"""

from __future__ import annotations

import re
from importlib import import_module
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.graph.kinks import followed_at
from tui_backprop.graph.model import Role
from tui_backprop.render.formulas.traced_rows import (
    OWN,
    Operations,
    RowTracer,
    UntraceableError,
)
from tui_backprop.render.text.names import Namer
from tui_backprop.rules.derivative import Scalar
from tui_backprop.timeline.edge_groups import places
from tui_backprop.timeline.order import params_key

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import IntArray

    Write: TypeAlias = Callable[[Namer], tuple[str, bool]]
    """Has SymPy write a formula; see `algebra.symbolic`."""
    Numbers: TypeAlias = Callable[[], tuple[float, ...]]
    """The numbers of the constants among the open names, asked for where they decide something."""


_ALGEBRA: Final = "tui_backprop.render.formulas.algebra"
_MOST: Final = 1 << 12
"""Templates, and names of an edge, that are kept."""

MARKED: Final = re.compile("\x02([^\x01]*)\x01")
"""A name that may be another one's at another step. Its end is smaller than any letter, so that
SymPy orders terms as it does by the names alone."""


def marked(name: str) -> str:
    """A name as `MARKED` finds it."""
    return f"\x02{name}\x01"


class _MarkedNamer(Namer):
    """Marks the entries that it names."""

    def __init__(self, namer: Namer) -> None:
        super().__init__(namer.graph, namer.subscripts, namer.charset)

    def entry(self, node_id: int, flat: int) -> str:
        """One entry, marked."""
        return marked(super().entry(node_id, flat))


class _Template(NamedTuple):
    """A formula with open names.

    Attributes:
        text: with ``%s`` for each of them.
        slots: which of the names of a step each is.
    """

    text: str
    slots: tuple[int, ...]

    def filled(self, names: Sequence[str]) -> str:
        """The formula of a step."""
        return self.text % tuple([names[slot] for slot in self.slots])

    def repeated(self, names: Sequence[str]) -> list[str]:
        """The formulas of steps that have one name each."""
        text, count = self.text, len(self.slots)
        if not count:
            return [text % ()] * len(names)
        return [text % ((name,) * count) for name in names]


_BY_NUMBERS: Final = _Template("", ())
"""Numbers of constants decide between several formulas."""


@dataclass(frozen=True, eq=False)
class _Of:
    """An edge, with what all its formulas need.

    Attributes:
        trace: the evaluation.
        edge: in it.
        node: its node.
        rule: of the node.
        is_fixed: of each operand, whether its entries stand in formulas as numbers.
    """

    trace: Evaluation
    edge: Edge
    node: Node
    rule: Rule
    is_fixed: tuple[bool, ...]

    def numbers(self, argument: int, flat: IntArray | int) -> Any:
        """The numbers of entries of an operand."""
        return picked(self.trace.value(self.node.parents[argument]), flat).tolist()


class SymbolicPartials:
    """The texts of symbolic partials, as `Formula.symbolic` has them, to the letter."""

    def __init__(self, namer: Namer, digits: int) -> None:
        self._namer = namer
        self._marking = _MarkedNamer(namer)
        self._digits = digits
        self._templates: dict[Hashable, _Template] = {}
        self._zero = ""
        self._operations = Operations()
        self._untraceable: set[tuple[Rule, int]] = set()

    def of_single(self, trace: Evaluation, edge: Edge) -> str | None:
        """The text of the only partial of an edge between numbers; None where it has none."""
        of = _of(trace, edge)
        if of is None:
            return None
        if self._is_direct(of):
            return self._direct(of, 0, 0)
        parents = of.node.parents
        names = [self._namer.entry(p, 0) for p, x in zip(parents, of.is_fixed, strict=True)
                 if not x]  # fmt: skip
        fixed = [of.numbers(a, 0) for a, x in enumerate(of.is_fixed) if x]
        return self._filled(_look(of), of, names, fixed, (0, 0))

    def of(
        self, trace: Evaluation, edge: Edge, j: IntArray, i: IntArray, inside: IntArray | None
    ) -> Sequence[str | None]:
        """The texts of partials of one edge; None for those that have no formula.

        Args:
            trace: the evaluation.
            edge: in it.
            j: the row of each.
            i: the column of each.
            inside: whether each is inside the sparsity; None where all are.
        """
        of = _of(trace, edge)
        if of is None:
            return [None] * j.size
        if of.rule.follows:  # at some points, and only there, it has none
            pairs = zip(j.tolist(), i.tolist(), strict=True)
            return [self._direct(of, *place) for place in pairs]
        if inside is None:
            return self._inside(of, j, i)
        if inside.all():
            return self._inside(of, j, i)
        if not self._zero:  # of an entry that is not read; whatever the op, it is a number
            outside = int(np.argmin(inside))
            self._zero = self._written(of, int(j[outside]), int(i[outside]))
        found, zero = iter(self._inside(of, j[inside], i[inside])), self._zero
        return [next(found) if x else zero for x in inside.tolist()]

    def _inside(self, of: _Of, j: IntArray, i: IntArray) -> Sequence[str]:
        if self._is_direct(of):
            pairs = zip(j.tolist(), i.tolist(), strict=True)
            return [self._written(of, *place) for place in pairs]
        # A planted bug has a Scalar of another kind, which may read other places.
        if of.rule.elementwise and type(of.rule.derivative(of.edge.argument)) is Scalar:
            return self._entrywise(of, j, i)
        return self._traced(of, j, i)

    def _is_direct(self, of: _Of) -> bool:
        """Whether each has to be written by itself."""
        if of.rule.follows:
            return True
        parents = zip(of.node.parents, of.is_fixed, strict=True)
        return not all(of.trace.is_known(p) for p, is_fixed in parents if is_fixed)

    def _direct(self, of: _Of, j: int, i: int) -> str | None:
        if followed_at(of.trace, of.edge, j, i):
            return None  # the formula is the table's, which the walk leaves here
        return self._written(of, j, i)

    def _written(self, of: _Of, j: int, i: int) -> str:
        write: Any = import_module(_ALGEBRA).symbolic
        text, _ = write(of.trace, of.edge, (j, i), self._namer, self._digits)
        return str(text)

    # Ops that work entry by entry: the places decide what is read.

    def _entrywise(self, of: _Of, j: IntArray, i: IntArray) -> Sequence[str]:
        nodes = of.trace.graph.nodes
        names: list[Sequence[str]] = []
        fixed: list[Sequence[float]] = []
        is_one = True
        for argument, parent in enumerate(of.node.parents):
            at = places(j, of.node.shape, nodes[parent].shape)
            if of.is_fixed[argument]:
                fixed.append(of.numbers(argument, at))
                is_one &= nodes[parent].size == 1
            else:
                names.append(self._namer.entries(parent, at))
        look = _look(of)
        if is_one and len(names) < 2 and j.size:
            first = [x[0] for x in names], [x[0] for x in fixed], (int(j[0]), int(i[0]))
            shared = self._shared(look, of, *first)
            if shared is not None:
                return shared.repeated(names[0] if names else [""] * j.size)
        named: Iterable[tuple[str, ...]] = zip(*names, strict=True) if names else repeat(())
        numbers: Iterable[tuple[float, ...]] = zip(*fixed, strict=True) if fixed else repeat(())
        steps = zip(named, numbers, zip(j.tolist(), i.tolist(), strict=True), strict=False)
        return [self._filled(look, of, n, x, place) for n, x, place in steps]

    def _shared(
        self,
        look: Hashable,
        of: _Of,
        names: Sequence[str],
        fixed: Sequence[float],
        place: tuple[int, int],
    ) -> _Template | None:
        """The template of every step with as many names, one at most, and with these numbers."""
        self._filled(look, of, names, fixed, place)
        found = self._templates[_key(look, names, fixed)]
        return None if found is _BY_NUMBERS else found

    def _filled(
        self,
        look: Hashable,
        of: _Of,
        names: Sequence[str],
        fixed: Sequence[float],
        place: tuple[int, int],
    ) -> str:
        """The text of an op that works entry by entry."""

        def constants() -> tuple[float, ...]:
            return tuple(
                of.numbers(a, int(places(np.array([place[0]]), of.node.shape, x.shape)[0]))
                for a, x in _constants(of)
            )

        return self._made(_key(look, names, fixed), of, names, place, constants)

    # Other ops: a row has to be followed to know what it reads.

    def _traced(self, of: _Of, j: IntArray, i: IntArray) -> Sequence[str]:
        nodes = of.trace.graph.nodes
        shapes = [of.node.shape, *(nodes[p].shape for p in of.node.parents)]
        operands = (*of.node.parents, of.node.id)  # the last is `OWN`
        tracer = RowTracer(
            self._operations, of.rule, of.rule.derivative(of.edge.argument), of.node.params, shapes,
            lambda argument, flat: of.numbers(argument, flat) if of.is_fixed[argument] else None,
        )  # fmt: skip
        names: dict[tuple[int, int], str] = {}
        rows = _coordinates(j, shapes[0])
        columns = _coordinates(i, shapes[1 + of.edge.argument])
        found = []
        for row, column, *place in zip(rows, columns, j.tolist(), i.tolist(), strict=True):
            if len(names) > _MOST:
                names.clear()
            found.append(self._followed(tracer, of, (row, column), operands, names, place))
        return found

    def _followed(
        self,
        tracer: RowTracer,
        of: _Of,
        at: tuple[Any, Any],
        operands: Sequence[int],
        names: dict[tuple[int, int], str],
        place: Sequence[int],
    ) -> str:
        j, i = place
        if (of.rule, of.edge.argument) in self._untraceable:
            return self._written(of, j, i)
        if self._operations.is_full:
            self._operations.clear()
            self._templates.clear()
        try:
            number = tracer.followed(*at)
        except UntraceableError:
            self._untraceable.add((of.rule, of.edge.argument))
            return self._written(of, j, i)
        for read in tracer.reads:
            if read not in names:
                names[read] = self._namer.entry(operands[read[0]], read[1])
        told = [names[read] for read in tracer.reads]

        def constants() -> tuple[float, ...]:
            nodes = of.trace.graph.nodes
            return tuple(
                of.numbers(a, flat) for a, flat in tracer.reads
                if a != OWN and nodes[operands[a]].role is Role.CONSTANT
            )  # fmt: skip

        return self._made(("traced", number, _order(told)), of, told, (j, i), constants)

    # Templates.

    def _made(
        self,
        key: Hashable,
        of: _Of,
        names: Sequence[str],
        place: tuple[int, int],
        constants: Numbers,
    ) -> str:
        found = self._templates.get(key)
        if found is _BY_NUMBERS:
            found = self._templates.get((key, tuple(map(repr, constants()))))
        if found is None:
            found = self._new(key, of, names, place, constants)
        return found.filled(names)

    def _new(
        self,
        key: Hashable,
        of: _Of,
        names: Sequence[str],
        place: tuple[int, int],
        constants: Numbers,
    ) -> _Template:
        write: Any = import_module(_ALGEBRA).symbolic
        text, is_by_numbers = write(of.trace, of.edge, place, self._marking, self._digits)
        pieces = MARKED.split(text)
        slots = tuple(map(names.index, pieces[1::2]))
        opened = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
        template = _Template(opened, slots)
        if len(self._templates) >= _MOST:
            self._templates.clear()
        if is_by_numbers:
            self._templates[key] = _BY_NUMBERS
            key = key, tuple(map(repr, constants()))
        self._templates[key] = template
        return template


def _of(trace: Evaluation, edge: Edge) -> _Of | None:
    """What the formulas of an edge need; None where nobody knows them."""
    node = trace.graph.nodes[edge.node]
    rule = node.rule
    if rule is None or rule.computed_by:
        return None
    is_fixed = tuple([
        rule.derivatives[a] is None or trace.graph.nodes[p].literal is not None
        for a, p in enumerate(node.parents)
    ])  # fmt: skip
    return _Of(trace, edge, node, rule, is_fixed)


def _look(of: _Of) -> Hashable:
    """What an op that works entry by entry does, beside numbers and names."""
    params = of.node.params
    written = tuple([(k, repr(x)) for k, x in params.items() if isinstance(x, float)])
    return of.rule, of.edge.argument, of.is_fixed, params_key(of.node), written


def _key(look: Hashable, names: Sequence[str], fixed: Sequence[float]) -> Hashable:
    """What the formula of an op that works entry by entry depends on, but for constants."""
    return look, tuple(map(repr, fixed)) if fixed else (), _order(names)


def _constants(of: _Of) -> list[tuple[int, Node]]:
    """The constants that a formula has by name, each with which operand it is."""
    nodes = of.trace.graph.nodes
    parents = enumerate(zip(of.node.parents, of.is_fixed, strict=True))
    return [(a, nodes[p]) for a, (p, is_fixed) in parents
            if not is_fixed and nodes[p].role is Role.CONSTANT]  # fmt: skip


def _order(names: Sequence[str]) -> tuple[int, ...]:
    """Which names are the same, and how they are ordered."""
    if len(names) < 2:
        return (0,) * len(names)
    if len(names) == 2:
        a, b = names
        return (0, 0) if a == b else ((0, 1) if a < b else (1, 0))
    ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
    return tuple([ranks[name] for name in names])


def _coordinates(flat: IntArray, shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """The coordinates of each position, as plain numbers."""
    if not shape:
        return repeat((), flat.size)
    return zip(*(axis.tolist() for axis in coordinates(flat, shape)), strict=True)
