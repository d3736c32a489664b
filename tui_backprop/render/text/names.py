"""What nodes and entries are called on screen, one name each in every pane, trace and formula.

A node's *label* is how the program and the commands write it. An *entry* is written as in
mathematics:

=================  ==================  ======================  ====================
node               label               entry (from 1)          ASCII from 1, from 0
=================  ==================  ======================  ====================
array ``X``        ``X``               ``x₂``                  ``x(2)``, ``x[1]``
array ``V``        ``V``               ``V₂``                  ``V(2)``, ``V[1]``
matrix ``W_hh``    ``W_hh``            ``w_hh₁₂``              ``w_hh(1,2)``
a longer axis      ``W``               ``w₁₀,₂``               ``w(10,2)``
scalar ``Y``       ``Y``               ``Y``                   ``Y``
rebound ``h``      ``h@2``             ``h@2₁``                ``h@2(1)``
no name            ``#7``              ``#7₁``                 ``#7(1)``
a number           ``2``               ``2``                   ``2``
=================  ==================  ======================  ====================

Brackets count from 0, as the program and commands do; subscripts and round brackets from what the
scenario says. A binding is written ``@2`` everywhere: raised in brackets it would be read as a
derivative. ``#`` and ``@`` cannot occur in a name, and digits of a name stand on the
line, so no two entries of a graph are called the same. None is called as an entry of the vector
that is pulled back: ``v₂``. That vector is a node's adjoint once its sum is complete, and goes by
that name, ``Y.grad₂``, where the program has a ``v`` of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.graph.jacobian import coordinates
from tui_backprop.graph.model import Role
from tui_backprop.lazy import cached_property
from tui_backprop.pattern import pattern
from tui_backprop.render.text.charset import UNICODE, Charset
from tui_backprop.render.text.spans import printable
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.graph.model import Composed, Edge, Graph, Node
    from tui_backprop.rules.types import IntArray, Shape

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LOWERED: Final = pattern(r"[^\W\d_](?:[\d_].*)?", re.DOTALL)


class Namer:
    """Names for the nodes of one graph.

    Attributes:
        graph: whose nodes.
        subscripts: what the first entry is counted as, 1 or 0.
        charset: whether subscripts may be raised and lowered digits.
        is_forward: whether tangents are called, ``Y.tangent`` and ``t``, where else adjoints are.
    """

    def __init__(
        self,
        graph: Graph,
        subscripts: Literal[0, 1] = 1,
        charset: Charset = UNICODE,
        *,
        is_forward: bool = False,
    ) -> None:
        self.graph = graph
        self.is_forward = is_forward
        self.subscripts = subscripts
        self.charset = charset

    def label(self, node_id: int) -> str:
        """How the program and the commands call a node: ``X``, ``h@2``, ``#7``, or its number."""
        node = self.graph.nodes[node_id]
        if node.name:
            base, version = self._parts(node)
            return printable(f"{base}@{version}" if version else base)
        if node.literal is not None:
            return printable(node.text)
        return f"#{node_id}"

    def text(self, node_id: int) -> str:
        """How a node was written, on one line; the role of a leaf, which was not."""
        node = self.graph.nodes[node_id]
        return printable(" ".join(node.text.split())) if node.parents else node.role.value

    def application(self, node_id: int) -> str:
        """What a node does to its operands, by their labels: ``2 * X``, ``#7 + b``.

        Shorter than how it was written, which repeats all that went before; a leaf's role.
        """
        node = self.graph.nodes[node_id]
        if node.rule is None:
            return self.text(node_id)
        operands = [self.label(parent) for parent in node.parents]
        return printable(application(node.rule, operands, node.params))

    def call(self, call: Composed) -> str:
        """A call of a composed op, its arrays by their labels: ``celu(#7, alpha=2)``."""
        given = (
            f"{name}={told}" if name else told
            for name, told in (
                (name, self.label(of) if isinstance(of, int) else of) for name, of in call.arguments
            )
        )
        return printable(f"{call.op}({', '.join(given)})")

    def entry(self, node_id: int, flat: int) -> str:
        """One entry by its flat position: ``x₂``, ``w₁₂``, ``h@2₁``, ``Y``."""
        return self._symbol(node_id) + self.index(self.graph.nodes[node_id].shape, flat)

    def entries(self, node_id: int, flat: IntArray) -> list[str]:
        """Many entries of one node, as `entry` names them."""
        symbol, shape = self._symbol(node_id), self.graph.nodes[node_id].shape
        if not shape:
            return [symbol] * flat.size
        texts = [self._along(axis) for axis in coordinates(flat, shape)]
        before, between, behind = self._marks(shape)
        inside = texts[0] if len(texts) == 1 else map(between.join, zip(*texts, strict=True))
        return [f"{symbol}{before}{text}{behind}" for text in inside]

    def cotangent(self, node_id: int, flat: int) -> str:
        """One entry of the vector pulled back through a node: ``v₂``, or ``Y.grad₂``."""
        return self.vector(node_id) + self.index(self.graph.nodes[node_id].shape, flat)

    def vector(self, node_id: int) -> str:
        """The vector pulled back through a node: ``v``, or ``Y.grad``; see `binds`.

        In forward mode the tangent of a node that is pushed on: ``t``, or ``X.tangent``.
        """
        return self.adjoint(node_id) if self.lacks_vector else self._letter

    @property
    def lacks_vector(self) -> bool:
        """Whether the program has the letter of that vector for something of its own."""
        return self.binds(self._letter)

    @property
    def _letter(self) -> str:
        return "t" if self.is_forward else "v"

    @property
    def suffix(self) -> str:
        """What an adjoint is called behind the name of its node; forward a tangent."""
        return "tangent" if self.is_forward else "grad"

    def vector_is(self, node_id: int) -> str:
        """What that vector is: ``v = Y.grad``, or ``Y.grad`` where it has no name of its own.

        A seed that is put on an input is added to a gradient that may be there, and is not it.
        """
        if self.graph.nodes[node_id].role is Role.INPUT and not self.is_forward:
            return self.vector(node_id)
        return " = ".join(dict.fromkeys((self.vector(node_id), self.adjoint(node_id))))

    def binds(self, name: str) -> bool:
        """Whether the program has a name that mathematics uses: its own ``v`` or ``J``.

        What is theirs keeps the name, and the mathematics' own is written another way.
        """
        return name in self._bases

    def adjoint(self, node_id: int) -> str:
        """A node's adjoint: ``X.grad``; by the node's number where a node is called that."""
        text = f"{self.label(node_id)}.{self.suffix}"
        return f"#{node_id}.{self.suffix}" if self.binds(text) else text

    def gradient(self, node_id: int, flat: int) -> str:
        """One entry of a node's adjoint: ``X.grad₂``; the node under its label."""
        return self.adjoint(node_id) + self.index(self.graph.nodes[node_id].shape, flat)

    def partial(self, edge: Edge, j: int, i: int) -> str:
        """One entry of the local Jacobian of an edge: ``∂y₁/∂x₂``."""
        d = self.charset.partial
        return f"{d}{self.entry(edge.node, j)}/{d}{self.entry(edge.parent, i)}"

    def jacobian(self, node_id: int, parent_id: int) -> str:
        """The local or total Jacobian: ``J = ∂Y/∂X``; without J where the program has a ``J``."""
        named = self.quotient(node_id, parent_id)
        return named if self.binds("J") else f"J = {named}"

    def quotient(self, node_id: int, parent_id: int) -> str:
        """What the entries of such a Jacobian are of: ``∂Y/∂X``."""
        d = self.charset.partial
        return f"{d}{self.label(node_id)}/{d}{self.label(parent_id)}"

    def product(self, edge: Edge) -> str:
        """The product that an edge adds: ``vᵀJ``, or of what these two are called."""
        power = "^T" if self.charset.is_ascii else "ᵀ"
        named = self.quotient(edge.node, edge.parent)
        if self.is_forward:
            matrix = named if self.binds("J") else "J"
            return f"{matrix}{self.charset.dot}{self.vector(edge.parent)}"
        vector, matrix = self.vector(edge.node), named if self.binds("J") else "J"
        times = "" if (vector, matrix) == ("v", "J") else self.charset.dot
        return f"{vector}{power}{times}{matrix}"

    def index(self, shape: Shape, flat: int) -> str:
        """A flat position as subscripts: ``₂``, ``₁₂``, ``₁₀,₂``; nothing for a scalar."""
        if not shape:
            return ""
        before, between, behind = self._marks(shape)
        numbers = between.join(map(str, self.coordinates(shape, flat)))
        return f"{before}{self._written(numbers)}{behind}"

    def _written(self, numbers: str) -> str:
        """Numbers as subscripts are written."""
        return numbers if self.charset.is_ascii else numbers.translate(_SUBSCRIPTS)

    def _along(self, axis: IntArray) -> Iterable[str]:
        """Many places along one axis, each written once."""
        found, at = np.unique(axis, return_inverse=True)
        texts = [self._written(str(place + self.subscripts)) for place in found.tolist()]
        return map(texts.__getitem__, at.tolist())

    def _marks(self, shape: Shape) -> tuple[str, str, str]:
        """What stands before the subscripts, between two of them, and behind them."""
        if self.charset.is_ascii:
            return ("(", ",", ")") if self.subscripts else ("[", ",", "]")
        # A comma wherever two digits could be one number, decided by the shape: one name, one look.
        return "", "," if max(shape) - 1 + self.subscripts > 9 else "", ""

    def coordinates(self, shape: Shape, flat: int) -> tuple[int, ...]:
        """A flat position along each axis, counted as the scenario says."""
        places: list[int] = []
        for length in reversed(shape):
            flat, place = divmod(flat, length)
            places.append(place + self.subscripts)
        return tuple(reversed(places))

    def parts(self, node_id: int) -> tuple[str, str]:
        """The name of a node that has one, and which binding of it; empty where it is the only."""
        base, version = self._parts(self.graph.nodes[node_id])
        return printable(base), version

    def symbol_parts(self, node_id: int) -> tuple[str, str]:
        """The name as its entries are written: in lower case where mathematics writes so."""
        base, version = self._parts(self.graph.nodes[node_id])
        is_small = bool(base and self.graph.nodes[node_id].shape) and _is_lowered(base)
        small = base[:1].lower() + base[1:]
        if is_small and small[0] != "v" and small not in self._bases:
            base = small
        return printable(base), version

    def _symbol(self, node_id: int) -> str:
        """The name of a node as its entries are written, before the subscripts."""
        if not self.graph.nodes[node_id].name:
            return self.label(node_id)
        base, version = self.symbol_parts(node_id)
        return f"{base}@{version}" if version else base

    def _parts(self, node: Node) -> tuple[str, str]:
        """The bound name and which binding of it, empty where there is one only."""
        base, _, version = node.name.partition("@")
        if not version and self.graph.names.get(base, node.id) != node.id:
            version = "1"
        return base, version

    @cached_property
    def _bases(self) -> frozenset[str]:
        """All names that are bound."""
        return frozenset(name.partition("@")[0] for name in self.graph.names)


def _is_lowered(base: str) -> bool:
    """Whether mathematics would write an entry of this array small: ``X``, ``W1``, ``W_hh``.

    A word such as ``Loss`` keeps its capital.
    """
    return base[0].isupper() and len(base[0].lower()) == 1 and bool(_LOWERED.fullmatch(base))
