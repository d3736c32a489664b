"""Graphs made by hand: structure without rules, for what draws structure only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import strategies as st

from tui_backprop.graph.model import Graph, Node, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Row(NamedTuple):
    """One node, as short as it can be said."""

    name: str = ""
    text: str = ""
    parents: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    role: Role = Role.OP


def leaf(name: str, *shape: int) -> Row:
    """A differentiable leaf."""
    return Row(name, name, (), shape, Role.INPUT)


def literal(text: str) -> Row:
    """A number written in the program."""
    return Row("", text, (), (), Role.CONSTANT)


def graph_of(rows: Iterable[Row]) -> Graph:
    """The graph of these nodes in this order."""
    nodes = tuple(
        Node(
            id=k,
            role=row.role,
            name=row.name,
            text=row.text,
            parents=row.parents,
            shape=row.shape,
            literal=float(row.text) if row.role is Role.CONSTANT and not row.name else None,
        )
        for k, row in enumerate(rows)
    )
    names = {node.name.partition("@")[0]: node.id for node in nodes if node.name}
    inputs = {node.name: node.id for node in nodes if node.role is Role.INPUT}
    return Graph(nodes, names, inputs, {}, "", np.dtype(np.float64))


def graph_of_parents(parents: Sequence[tuple[int, ...]]) -> Graph:
    """A graph of scalars that has only edges: leaves are ``a0``, ``a1`` …, the rest unnamed."""
    return graph_of(
        Row("", f"f({', '.join(map(str, reads))})", reads) if reads else leaf(f"a{k}")
        for k, reads in enumerate(parents)
    )


@st.composite
def parent_lists(draw: st.DrawFn, most: int = 40) -> list[tuple[int, ...]]:
    """Random tapes: each node reads up to three earlier ones, mostly near ones."""
    rows: list[tuple[int, ...]] = [()]
    for k in range(1, draw(st.integers(1, most))):
        near = st.integers(max(0, k - 4), k - 1)
        anywhere = st.integers(0, k - 1)
        rows.append(tuple(draw(st.lists(near | anywhere, max_size=3))))
    return rows


SHAPES = st.sampled_from([(), (3,), (12,), (2, 3), (12, 2), (2, 2, 2)])


@st.composite
def named_leaves(draw: st.DrawFn, names: st.SearchStrategy[str]) -> Graph:
    """Leaves of any shapes, their names rebound at will, and nodes without a name."""
    rows: list[Row] = []
    bound: dict[str, int] = {}
    for name, shape in draw(st.lists(st.tuples(names | st.just(""), SHAPES), max_size=8)):
        bound[name] = bound.get(name, 0) + 1
        version = f"@{bound[name]}" if name and bound[name] > 1 else ""
        rows.append(Row(name + version, "f()", (), shape))
    return graph_of(rows)
