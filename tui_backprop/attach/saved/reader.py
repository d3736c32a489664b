"""The file of a saved walk → a trace. Nothing in it is believed, and nothing of it is executed."""

from __future__ import annotations

from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.attach.given import RecordedTape, foreign_rule
from tui_backprop.attach.hook import AverageOp, HookOp
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.saved.archive import Archive
from tui_backprop.attach.saved.item import Item
from tui_backprop.attach.saved.jacobian import SavedJacobian, SavedLines, SavedOp, whole
from tui_backprop.attach.saved.rows import check_cost, number, row
from tui_backprop.attach.saved.sizes import SavedSizes, edges_of
from tui_backprop.attach.saved.writer import FORMAT
from tui_backprop.attach.thinned import sized
from tui_backprop.dataclass import replace
from tui_backprop.graph.model import Edge, Graph, Node, Role, Span
from tui_backprop.graph.plan import active_arguments, walk_from
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.rules.sparsity import Gathered, Listed, Tied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, IntArray, Shape

    Pattern: TypeAlias = Tied | Gathered | Listed | None

_KEYS: Final = (
    "format", "written_by", "made_by", "dtype", "of", "assumed_ones", "zeros", "advice", "names",
    "inputs", "constants", "values", "cotangents", "contributions", "sizes", "nodes", "program",
)  # fmt: skip
_NODE: Final = ("role", "name", "text", "parents", "shape")
_OF_SOME: Final = ("span", "literal", "module", "called", "row", "op")
_MOST_COLUMN: Final = 1 << 20
_MOST_NUMBER: Final = 1 << 62


def open_walk(path: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> RecordedTrace:
    """The walk that ``trace.save`` wrote. The program it is of need not be there, nor PyTorch.

    Args:
        path: of the file.
        limits: what to refuse.

    Raises:
        TuiBackpropError: it is no saved walk, a damaged one, or one too large.
    """
    with Archive(Path(path), limits) as archive:
        try:
            return _Reader(archive, limits).trace()
        except RecursionError:
            archive.refuse(said("the whole"), "it nests too deep")


class _Flat:
    """A flat array from which pieces are taken in order."""

    def __init__(self, flat: Array) -> None:
        self._flat, self._at = flat, 0

    def take(self, shape: Shape) -> Array:
        """The next piece; read-only, in C order."""
        start, self._at = self._at, self._at + prod(shape)
        return self._flat[start : self._at].reshape(shape)


class _Reader:
    """Reads one file: first all that the head says, then the arrays whose sizes that tells."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        whole_head = Item(archive, archive.head())
        if isinstance(whole_head.value, dict) and whole_head.value.get("format") != FORMAT:
            version = whole_head.value.get("format")
            whole_head.refuse(said("it is of format {found}; this program reads {known}",
                                   found=f"{version!r:.20}", known=FORMAT))  # fmt: skip
        self._head = whole_head.keys(_KEYS, ("files",))
        self._dtype = np.dtype(self._head["dtype"].one_of("float64", "float32"))
        self._items = self._head["nodes"].items()
        limits.check("nodes", len(self._items), f"{archive.path}")
        self._fields = [n.keys(_NODE, _OF_SOME) for n in self._items]
        self._shapes = self._all_shapes()
        self._parents = [
            tuple(p.whole(0, n - 1) for p in fields["parents"].items())
            for n, fields in enumerate(self._fields)
        ]

    def _all_shapes(self) -> list[Shape]:
        found = [fields["shape"].shape(self._limits) for fields in self._fields]
        self._limits.check("total_elements", sum(map(prod, found)), f"{self._archive.path}")
        return found

    def trace(self) -> RecordedTrace:
        """The walk."""
        head, last = self._head, len(self._items) - 1
        of = head["of"].whole(0, last)
        values = self._by_node("values")
        cotangents = self._by_node("cotangents")
        contributions = self._contributions()
        sizes = SavedSizes.read(self._archive, head["sizes"], self._shapes, self._parents)
        graph = self._graph(self._nodes(cotangents, contributions))
        self._check(graph, of, values, cotangents, sizes)
        tape = RecordedTape(
            graph=graph,
            of=of,
            seed=self._array("seed", prod(self._shapes[of])).reshape(self._shapes[of]),
            assumed_ones=head["assumed_ones"].flag(),
            values=values,
            cotangents=cotangents,
            contributions=contributions,
            advice=head["advice"].text(),
            made_by=head["made_by"].text(),
            value_sizes=sizes.values,
        )
        if sizes.cotangents or sizes.edges:
            known = {n: x for n, x in enumerate(cotangents) if x is not None}
            tape = sized(tape, known, sizes.cotangents, contributions, sizes.edges, sizes.told)
        return RecordedTrace(tape, zeros=head["zeros"].flag())

    def _array(self, name: str, count: int) -> Array:
        return self._archive.array(name, count, self._dtype)

    def _by_node(self, name: str) -> list[Array | None]:
        known = self._head[name].numbers(0, len(self._items) - 1)
        flat = _Flat(self._array(name, sum(prod(self._shapes[n]) for n in known)))
        found: list[Array | None] = [None] * len(self._items)
        for n in known:
            found[n] = flat.take(self._shapes[n])
        return found

    def _contributions(self) -> dict[Edge, Array]:
        edges = edges_of(self._head["contributions"], self._parents)
        sizes = [self._shapes[e.parent] for e in edges]
        flat = _Flat(self._array("contributions", sum(map(prod, sizes))))
        return {e: flat.take(shape) for e, shape in zip(edges, sizes, strict=True)}

    def _nodes(
        self, cotangents: Sequence[Array | None], contributions: Mapping[Edge, Array]
    ) -> list[Node]:
        found = [self._node(n) for n in range(len(self._items))]
        kept = self._jacobians()
        for n, fields in enumerate(self._fields):
            if "row" not in fields and "op" not in fields:
                continue
            shapes = tuple(self._shapes[p] for p in self._parents[n])
            if "row" in fields:
                rule, params = row(fields["row"], self._shapes[n], shapes)
                found[n] = replace(found[n], rule=rule, params=params)
                continue
            op = fields["op"].keys(("name", "by"), ("J", "is_hook", "average"))
            name, by = op["name"].text(), op["by"].text()
            if not name.isidentifier() or not by:
                told = said("'{name}' by '{by}' is no name of an op", name=name[:60], by=by[:60])
                fields["op"].refuse(told)
            if "J" in op:
                saved = SavedOp(name, by, self._shapes[n], shapes, kept[n])
                rule = foreign_rule(saved, SavedLines(saved))
            else:
                rule = foreign_rule(self._hook(n, by, cotangents, contributions))
            found[n] = replace(found[n], rule=rule)
        return found

    def _node(self, n: int) -> Node:
        fields = self._fields[n]
        role = Role(fields["role"].one_of(*(role.value for role in Role)))
        is_op = role is Role.OP
        if is_op is not (("row" in fields) is not ("op" in fields)) or (
            not is_op and self._parents[n]
        ):
            self._items[n].refuse(
                said("an op has one of 'row' and 'op', a leaf neither, nor parents")
            )
        return Node(
            id=n,
            role=role,
            name=fields["name"].text(),
            text=fields["text"].text(),
            parents=self._parents[n],
            shape=self._shapes[n],
            span=self._span(fields["span"]) if "span" in fields else None,
            literal=self._literal(n, fields["literal"]) if "literal" in fields else None,
            module=self._module(fields["module"]) if "module" in fields else "",
            called=self._called(fields["called"]) if "called" in fields else (),
        )

    def _called(self, item: Item) -> tuple[tuple[int, int], ...]:
        """Lines and numbers of calls, not more of them than modules may nest."""
        found = []
        for call in item.items(self._limits.nesting):
            pair = call.items(2)
            if len(pair) != 2:
                call.refuse(said("expected a line and a number of a call"))
            found.append((pair[0].whole(1, _MOST_COLUMN), pair[1].whole(1, _MOST_NUMBER)))
        return tuple(found)

    def _module(self, item: Item) -> str:
        path = item.text()
        self._limits.check("nesting", path.count(".") + 1, f"{self._archive.path}: a module")
        return path

    def _span(self, item: Item) -> Span:
        line, column, end_line, end_column = [*item.items(4), *[Item(self._archive, None)] * 4][:4]
        first = line.whole(1, _MOST_COLUMN)
        return Span(
            first,
            column.whole(0, _MOST_COLUMN),
            end_line.whole(first, _MOST_COLUMN),
            end_column.whole(0, _MOST_COLUMN),
        )

    def _literal(self, n: int, item: Item) -> float | Array:
        shape = self._shapes[n]
        if not shape:
            return number(item)
        level = [item]
        for length in shape:
            lists = [part.items() for part in level]
            if any(len(part) != length for part in lists):
                item.refuse(said("expected numbers of the shape {shape}", shape=shape))
            level = [part for parts in lists for part in parts]
        return np.array([number(part) for part in level]).reshape(shape)

    def _hook(
        self,
        n: int,
        by: str,
        cotangents: Sequence[Array | None],
        contributions: Mapping[Edge, Array],
    ) -> HookOp:
        item, parents = self._fields[n]["op"], self._parents[n]
        fields = item.keys(("name", "by", "is_hook"), ("average",))
        before = cotangents[n]
        after = contributions.get(Edge(parents[0], n, 0)) if len(parents) == 1 else None
        if before is None or after is None or after.shape != before.shape:
            item.refuse(said("a hook has one parent of its own shape, and v before and after it"))
        if "average" not in fields:
            return HookOp(by, self._shapes[n], before, after)
        told = fields["average"].keys(("ranks", "reason"))
        return AverageOp(
            by,
            self._shapes[n],
            before,
            after,
            ranks=told["ranks"].whole(1, _MOST_NUMBER),
            reason=told["reason"].text(),
        )

    def _jacobians(self) -> dict[int, tuple[SavedJacobian, ...]]:
        """What is kept, by node and argument."""
        items = {
            n: fields["op"].value["J"]
            for n, fields in enumerate(self._fields)
            if "op" in fields and isinstance(fields["op"].value, dict) and "J" in fields["op"].value
        }
        edges = [(n, self._kept(n)) for n in items]
        counts = [c for _, kept in edges for c in (self._places(k) for k in kept)]
        places = _Flat(self._archive.array("patterns", sum(counts), self._dtype))
        found = {
            n: [
                (self._pattern(item, n, a, places), "missing" in item)
                for a, item in enumerate(kept)
            ]
            for n, kept in edges
        }
        return self._with_entries(found, dict(edges))

    def _kept(self, n: int) -> list[dict[str, Item]]:
        held = self._fields[n]["op"].keys(("name", "by", "J"))["J"]
        items = held.items()
        if len(items) != len(self._parents[n]):
            count = len(self._parents[n])
            held.refuse(said("expected one for each of {count} parents", count=count))
        kinds = ("tied", "gathered", "listed")
        found = [item.keys((), (*kinds, "missing")) for item in items]
        for item, fields in zip(items, found, strict=True):
            if sum(kind in fields for kind in kinds) > 1:
                item.refuse(said("expected one pattern"))
        return found

    @staticmethod
    def _places(fields: Mapping[str, Item]) -> int:
        """How many numbers the pattern has in the file."""
        item = fields.get("gathered") or fields.get("listed")
        return 0 if item is None else item.whole(0, _MOST_NUMBER)

    def _pattern(self, fields: Mapping[str, Item], n: int, a: int, places: _Flat) -> Pattern:
        out, own = self._shapes[n], self._shapes[self._parents[n][a]]
        if "tied" in fields:
            return self._tied(fields["tied"], out, own)
        numbers = places.take((self._places(fields),))
        if "gathered" in fields:
            is_right = numbers.size == prod(out) and _lie_in(numbers, -1, prod(own))
            if not is_right:
                count, stop = prod(out), prod(own)
                told = said("expected {count} places below {stop}", count=count, stop=stop)
                fields["gathered"].refuse(told)
            return Gathered(numbers, prod(own))
        if "listed" not in fields:
            return None
        m = prod(out)
        ascends = bool((np.diff(numbers) > 0).all())
        if not ascends or m * prod(own) >= _MOST_NUMBER or not _lie_in(numbers, 0, m * prod(own)):
            told = said("expected ascending places below {stop}", stop=f"{m * prod(own):,}")
            fields["listed"].refuse(told)
        columns, rows = np.divmod(numbers, max(m, 1))
        return Listed((m, prod(own)), rows, columns)

    def _tied(self, item: Item, out: Shape, own: Shape) -> Tied:
        parts = item.items(3)
        if len(parts) != 3:
            item.refuse(said("expected two shapes and the axes that are tied"))
        shapes = tuple(part.shape(self._limits) for part in parts[:2])
        ties = []
        for pair in parts[2].items():
            axes = pair.items(2)
            if len(axes) != 2:
                pair.refuse(said("expected two axes"))
            tie = tuple(axis.whole(0, len(s) - 1) for axis, s in zip(axes, shapes, strict=True))
            if shapes[0][tie[0]] != shapes[1][tie[1]]:
                pair.refuse(said("the two axes have other lengths"))
            ties.append((tie[0], tie[1]))
        is_once = all(len({tie[k] for tie in ties}) == len(ties) for k in (0, 1))
        if not is_once or tuple(map(prod, shapes)) != (prod(out), prod(own)):
            item.refuse(said("it does not fit the shapes {out} and {own}", out=out, own=own))
        return Tied(shapes[0], shapes[1], tuple(ties))

    def _with_entries(
        self,
        found: Mapping[int, list[tuple[Pattern, bool]]],
        fields: Mapping[int, list[dict[str, Item]]],
    ) -> dict[int, tuple[SavedJacobian, ...]]:
        def count(n: int, a: int, pattern: Pattern) -> int:
            own = self._shapes[self._parents[n][a]]
            return whole(pattern, self._shapes[n], own).nonzeros

        sizes = [
            0 if is_missing else count(n, a, pattern)
            for n, kept in found.items()
            for a, (pattern, is_missing) in enumerate(kept)
        ]
        flat = _Flat(self._archive.array("partials", sum(sizes), self._dtype))
        each = iter(sizes)

        def kept_of(n: int, a: int, pattern: Pattern, *, is_missing: bool) -> SavedJacobian:
            shape = prod(self._shapes[n]), prod(self._shapes[self._parents[n][a]])
            size = next(each)
            if is_missing:
                return SavedJacobian(shape, pattern, None, fields[n][a]["missing"].text())
            return SavedJacobian(shape, pattern, flat.take((size,)))

        return {
            n: tuple(kept_of(n, a, p, is_missing=no) for a, (p, no) in enumerate(kept))
            for n, kept in found.items()
        }

    def _graph(self, nodes: Sequence[Node]) -> Graph:
        last = len(nodes) - 1
        named = {
            key: {name: item.whole(0, last) for name, item in self._head[key].entries()}
            for key in ("names", "inputs", "constants")
        }
        inputs, constants = (
            [n.id for n in nodes if n.role is role] for role in (Role.INPUT, Role.CONSTANT)
        )
        if sorted(named["inputs"].values()) != inputs:
            self._head["inputs"].refuse(said("expected a name for every input"))
        listed = list(named["constants"].values())
        if not set(constants).issuperset(listed) or len(set(listed)) < len(listed):
            self._head["constants"].refuse(said("expected constants, each once"))
        program = self._head["program"].value
        if type(program) is not str or any("\ud800" <= c <= "\udfff" for c in program):
            self._head["program"].refuse(said("expected a text"))
        return Graph(
            nodes=tuple(nodes),
            names=MappingProxyType(named["names"]),
            inputs=MappingProxyType(named["inputs"]),
            constants=MappingProxyType(named["constants"]),
            program=program,
            dtype=self._dtype,
            files=MappingProxyType(self._files()),
            elements=sum(n.size for n in nodes),
        )

    def _files(self) -> dict[str, int]:
        """Where the lines of each file stand in the program; a file in part may begin above it."""
        if "files" not in self._head:
            return {}
        named = self._head["files"].entries()
        return {name: added.whole(-_MOST_COLUMN, _MOST_COLUMN) for name, added in named}

    def _check(
        self,
        graph: Graph,
        of: int,
        values: Sequence[Array | None],
        cotangents: Sequence[Array | None],
        sizes: SavedSizes,
    ) -> None:
        """What the walk will read is there, and nothing is told twice."""
        sizes.check_others(values, cotangents)
        unknown = next(
            (
                n for n in graph.nodes
                if n.rule is None and values[n.id] is None and n.id not in sizes.values
            ),
            None,
        )  # fmt: skip
        if unknown is not None:
            told = said("the leaf '{name}' has none", name=unknown.label[:60])
            self._head["values"].refuse(told)
        walk = walk_from(graph, of, active_arguments(graph))
        reached = {of, *walk.nodes, *walk.parents}
        known = {n for n, x in enumerate(cotangents) if x is not None} | set(sizes.cotangents)
        missing = min(reached - known, default=None)
        if missing is not None:
            told = said("v at '{name}' is missing", name=graph.nodes[missing].label[:60])
            self._head["cotangents"].refuse(told)
        check_cost(graph.nodes, self._limits, self._head["nodes"])


def _lie_in(numbers: IntArray, low: int, stop: int) -> bool:
    return not numbers.size or bool(numbers.min() >= low and numbers.max() < stop)
