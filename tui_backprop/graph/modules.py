"""Modules of a recorded model, and what of the tape is seen as one from inside of one of them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tui_backprop.graph.model import Role
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_backprop.graph.model import Graph, Node

    Path: TypeAlias = tuple[str, ...]


_OWN = -1
"""Of a node that stands in a row of its own."""


def path_of(module: str) -> Path:
    """The parts of a module's name; none for the outside of all modules."""
    return tuple(module.split(".")) if module else ()


def common_module(modules: Iterable[str]) -> str:
    """The innermost module that all of some modules lie in; ``""`` for none."""
    paths = [path_of(module) for module in modules]
    found = paths[0] if paths else ()
    for path in paths[1:]:
        found = _common(found, path)
    return ".".join(found)


def is_within(module: str, outer: str) -> bool:
    """Whether a module is another one, or lies in it; everything lies in ``""``."""
    return not outer or f"{module}.".startswith(f"{outer}.")


def _common(a: Path, b: Path) -> Path:
    count = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    return a[: min(len(a), len(b)) if count is None else count]


class Held(NamedTuple):
    """What a row of several nodes holds: parameters, with their hooks; or ops, with constants."""

    number: int
    is_ops: bool


def held_by(nodes: Sequence[Node]) -> Held:
    """How many ops there are among some nodes, or how many leaves where those are more."""
    roles = [node.role for node in nodes]
    ops, inputs = roles.count(Role.OP), roles.count(Role.INPUT)
    return Held(ops, is_ops=True) if ops > inputs else Held(inputs or len(nodes), is_ops=False)


class Folding:
    """The rows of a tape: every node in one of them, in order.

    Attributes:
        starts: the first node of each row.
        nodes: how many there are.
    """

    def __init__(self, starts: Sequence[int], nodes: int, names: Sequence[str]) -> None:
        self.starts = starts
        self.nodes = nodes
        self._names = names

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def is_folded(self) -> bool:
        """Whether any row holds more than a node."""
        return len(self.starts) < self.nodes

    def row_of(self, node: int) -> int:
        """The row that a node stands in."""
        return bisect_right(self.starts, node) - 1 if self.is_folded else node

    def row(self, row: int) -> range:
        """The nodes of a row."""
        stop = self.starts[row + 1] if row + 1 < len(self.starts) else self.nodes
        return range(self.starts[row], stop)

    def is_group(self, row: int) -> bool:
        """Whether a row holds more than a node."""
        return self.is_folded and len(self.row(row)) > 1

    def module(self, row: int) -> str:
        """The module that a row of more than a node stands for."""
        return self._names[row]


def unfolded(nodes: int) -> Folding:
    """Rows of a node each."""
    return Folding(range(nodes), nodes, ())


class Modules:
    """Which module each node of a graph lies in.

    Attributes:
        is_plain: whether no node lies in any: then nothing is ever folded.
    """

    def __init__(self, graph: Graph) -> None:
        nodes = graph.nodes
        self._count = len(nodes)
        self._last: tuple[str, Folding] | None = None
        self.is_plain = not any(node.module for node in nodes)
        if self.is_plain:
            return
        self._of_node = [node.module for node in nodes]
        self._distinct = tuple(dict.fromkeys(self._of_node))
        number = {module: k for k, module in enumerate(self._distinct)}
        self._numbers = np.fromiter((number[m] for m in self._of_node), np.intp, self._count)
        self._paths = [path_of(module) for module in self._distinct]
        # Parameters come first on a recorded tape; a module's are no part of what it computes.
        self._first_op = 1 + max((n.id for n in nodes if n.role is Role.INPUT), default=-1)

    def of(self, node: int) -> str:
        """The module of a node; ``""`` outside of all."""
        return "" if self.is_plain else self._of_node[node]

    def seen_from(self, inside: str) -> Folding:
        """The rows as somebody sees them who is inside of a module.

        A node that lies directly in that module, or in one around it, has a row of its own. Nodes
        one after another that lie in another module share a row, under the outermost name of
        their module that is not one of the modules somebody is in. The last answer is kept.
        """
        last = self._last  # read once: another thread may ask too
        if last is None or last[0] != inside:
            last = self._last = inside, self._folded(inside)
        return last[1]

    def _folded(self, inside: str) -> Folding:
        if self.is_plain:
            return unfolded(self._count)
        seen, names = self._seen(path_of(inside))
        keys = seen[self._numbers]
        is_first = np.ones(self._count, dtype=bool)
        is_first[1:] = (keys[1:] != keys[:-1]) | (keys[1:] == _OWN)
        is_first[self._first_op : self._first_op + 1] = True
        starts = np.flatnonzero(is_first)
        of_row = [names[key] if key != _OWN else "" for key in keys[starts].tolist()]
        return Folding(starts.tolist(), self._count, of_row)

    def _seen(self, inside: Path) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], list[str]]:
        """For each module the number of the row's name that it is seen under, and the names."""
        numbers: dict[Path, int] = {}
        found: list[int] = []
        for path in self._paths:
            shared = len(_common(path, inside))
            if shared == len(path):
                found.append(_OWN)
            else:
                found.append(numbers.setdefault(path[: shared + 1], len(numbers)))
        return np.array(found, dtype=np.intp), [".".join(path) for path in numbers]

    def inner(self, nodes: range) -> str:
        """The innermost module that some nodes lie in."""
        if self.is_plain:
            return ""
        return common_module({self._of_node[n]: None for n in nodes})

    def outer(self, inside: str) -> str:
        """The module around another in which one is when the inner one is folded.

        Modules between that hold nothing else are left with it: only what changes the rows is a
        step out.
        """
        path = path_of(inside)
        around = [".".join(path[:length]) for length in range(len(path) - 1, -1, -1)]
        counts = [len(self._folded(module)) for module in around]
        here = len(self._folded(inside))
        fewer = next((count for count in counts if count < here), here)
        found = [module for module, count in zip(around, counts, strict=True) if count == fewer]
        return found[-1] if found else ""

    def named(self, module: str) -> str | None:
        """The innermost module that holds all nodes of a module; None where it has none."""
        known = () if self.is_plain else self._distinct
        found = [m for m in known if m and is_within(m, module)]
        return common_module(found) if found else None
