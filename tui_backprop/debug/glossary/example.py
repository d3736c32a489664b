"""The numbers that an explanation quotes: those of this step, or of the first that has some."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.format import UNKNOWN, applied, closely
from tui_backprop.errors import UnknownError
from tui_backprop.graph.naming import adjoint, entry, index_text, label, quotient
from tui_backprop.graph.rounding import equality
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.frame import Partial
    from tui_backprop.timeline.sums import Column, PassWalk
    from tui_backprop.timeline.timeline import Frame

_MOST: Final = 6
"""Numbers of an array that a sentence quotes."""
_MOST_TERMS: Final = 4
"""Summands of a sum that a sentence writes out."""


class Example:
    """A walk, as far as sentences about it ask.

    What belongs to a backward pass is that of the pass of this step, else of the one before, else
    of the first; what belongs to a partial is that of this step, else of the first of the pass.

    Attributes:
        frame: the state at the step.
        breakpoints: how many there are.
    """

    def __init__(self, session: Session) -> None:
        self.frame: Frame = session.frame
        self.graph = session.trace.graph
        self.breakpoints = len(session.breakpoints)

    @cached_property
    def number(self) -> int:
        """Which of all passes is meant.

        Raises:
            UnknownError: there is none.
        """
        walks = self.frame.timeline.walks
        here = self.frame.pass_number
        order = (*range(here, -1, -1), *range(max(here, 0), len(walks)))
        found: int | None = next((n for n in order if walks[n] is not None), None)
        if found is None:
            raise UnknownError(said("This walk has no backward pass."))
        return found

    @property
    def walk(self) -> PassWalk:
        """The backward pass."""
        return self.frame.timeline.walk(self.number)

    @property
    def of(self) -> Node:
        """The output that it starts from."""
        return self.graph.nodes[self.walk.run.of]

    @cached_property
    def at(self) -> Frame:
        """The state at the partial.

        Raises:
            UnknownError: the pass has none.
        """
        if self.frame.phase is Phase.PARTIAL:
            return self.frame
        if not self.walk.route.length:
            raise UnknownError(said("This backward pass has no partial."))
        return self.frame.timeline[self.walk.start]

    @property
    def partial(self) -> Partial:
        """The partial, and what it adds."""
        found = self.at.partial
        if found is None:
            raise AssertionError("the step of a partial has one")
        return found

    @property
    def edge(self) -> Edge:
        """The edge whose partial it is."""
        found = self.at.edge
        if found is None:
            raise AssertionError("the step of a partial has an edge")
        return found

    @property
    def J(self) -> LocalJacobian:
        """The local Jacobian of the edge."""
        return self.at.timeline.jacobian(self.edge)

    @property
    def v(self) -> Array:
        """The finished adjoint of the edge's node: what is multiplied with J."""
        found = self.walk.run.cotangents.get(self.edge.node)
        return self.walk.run.seed if found is None else found

    @property
    def column(self) -> Column:
        """All that the edge adds to the entry of the partial."""
        edge = self.at.timeline.place(self.at).edge
        return self.at.timeline.column_of((self.at.pass_number, edge, self.at.column))

    @property
    def sum(self) -> str:
        """``1·2 + 2·0 + 3·0 = 2``: the column written out; of a long one how it begins."""
        column = self.column
        m = self.J.shape[0]
        rows = range(m) if m <= _MOST_TERMS else column.rows[: _MOST_TERMS - 1].tolist()
        terms = [column.entry(j) for j in rows]
        parts = [f"{factor(v)}·{factor(value)}" for value, v, _, _ in terms]
        parts += ["…"] * (m > _MOST_TERMS and len(column.rows) > len(parts))
        with np.errstate(all="ignore"):
            result = closely(column.contributions.sum())
        is_all = len(parts) == len(terms)
        products = [(closely(v), closely(value)) for value, v, _, _ in terms]
        equal = equality(result, *products) if is_all else "="
        return f"{' + '.join(parts)} {equal} {result}"

    @property
    def product(self) -> str:
        """``3·2 = 6``: what the partial adds."""
        found = self.partial
        factors, result = (closely(found.v), closely(found.value)), closely(found.contribution)
        numbers = f"{factor(found.v)}·{factor(found.value)}"
        return f"{numbers} {equality(result, factors)} {result}"

    def name(self, node: int) -> str:
        """A node by its name; without one by its number and what it is: ``#9 (y - t)``."""
        found = self.graph.nodes[node]
        is_plain = bool(found.name) or found.literal is not None
        return label(self.graph, node) if is_plain else f"#{node} ({applied(self.graph, node)})"

    @property
    def node(self) -> str:
        """The node of the edge."""
        return self.name(self.edge.node)

    @property
    def parent(self) -> str:
        """Its operand."""
        return self.name(self.edge.parent)

    @property
    def y(self) -> str:
        """The entry that is differentiated."""
        return entry(self.graph, self.edge.node, self.at.row)

    @property
    def x(self) -> str:
        """The entry by which."""
        return entry(self.graph, self.edge.parent, self.at.column)

    @property
    def v_entry(self) -> str:
        """The entry of v that its partial is multiplied with."""
        name = adjoint(self.graph, self.edge.node) if "v" in self.graph.names else "v"
        return name + index_text(self.graph.nodes[self.edge.node].shape, self.at.row)

    @property
    def matrix(self) -> str:
        """``∂Y/∂X``."""
        return f"∂{label(self.graph, self.edge.node)}/∂{label(self.graph, self.edge.parent)}"

    @property
    def slope(self) -> str:
        """``∂Y[0]/∂X[0]``."""
        edge, at = self.edge, self.at
        return quotient(self.graph, (edge.node, at.row), (edge.parent, at.column), sign="∂")

    @property
    def gradient(self) -> str:
        """The adjoint that the edge adds to."""
        return adjoint(self.graph, self.edge.parent)

    @property
    def gradient_entry(self) -> str:
        """Its entry."""
        shape = self.graph.nodes[self.edge.parent].shape
        return self.gradient + index_text(shape, self.at.column)


def factor(value: float) -> str:
    """A number within a product: one with a sign is in brackets."""
    text = closely(value)
    return f"({text})" if text.startswith("-") else text


def few(values: Array, known: IntArray | None = None, size: int | None = None) -> str:
    """An array as a sentence quotes it: all of a small one, of a large one its first numbers.

    Args:
        values: the numbers, or the first of them.
        known: which of them are; None for all.
        size: how many there are, where ``values`` has not all of them.
    """
    values = np.asarray(values)
    mask = np.ones(values.shape, dtype=bool) if known is None else known
    count = values.size if size is None else size
    if count <= _MOST:
        return _nested(values, mask)
    pairs = zip(values.ravel()[: _MOST - 2], mask.ravel()[: _MOST - 2], strict=True)
    first = ", ".join(_nested(value, is_known) for value, is_known in pairs)
    shape = values.shape if values.size == count else (count,)
    return f"[{first}, …] ({'×'.join(map(str, shape))})"


def _nested(values: Array, mask: IntArray) -> str:
    if not values.ndim:
        return closely(float(values)) if mask else UNKNOWN
    inner = (_nested(value, m) for value, m in zip(values, mask, strict=True))
    return f"[{', '.join(inner)}]"


def entries(example: Example) -> int:
    """How many entries the leaves with a gradient have together."""
    return sum(prod(example.graph.nodes[n].shape) for n in example.graph.inputs.values())
