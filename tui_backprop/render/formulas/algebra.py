"""A row of the op table evaluated on symbols by SymPy, one entry at a time.

Only the entries that y_j reads become symbols, so a 1000 × 1000 product costs what one of its terms
costs. Symbols are made of names that passed the program reader; no text is ever parsed by SymPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.jacobian import coordinates
from tui_backprop.graph.model import Role
from tui_backprop.render.formulas.plain import PlainHand
from tui_backprop.render.formulas.simplify import exact_number, simplified
from tui_backprop.render.formulas.symbolic import Formula
from tui_backprop.render.text.numbers import DEFAULT, Numerals
from tui_backprop.rules.derivative import Structural
from tui_backprop.rules.shapes import take
from tui_backprop.rules.symbolic import SYMBOLIC, expression

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.render.formulas.plain import Hand
    from tui_backprop.render.text.names import Namer
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Index, Shape

_MOST_TERMS = 3
_MOST_COLUMNS = 10**4


def warm_up() -> None:
    """Import what SymPy imports late, before a person waits for it."""
    x = sympy.Symbol("x", real=True)
    sympy.Piecewise((sympy.tanh(x) ** 2 / 2, x > 0), (0, True))


@dataclass(frozen=True, slots=True, eq=False)
class _Symbols:
    """An operand as symbols, made when an entry is read.

    Attributes:
        node: the operand.
        evaluation: for the numbers of constants.
        namer: how entries are called.
        is_fixed: whether entries are numbers: a literal, or an operand without a derivative.
        constants: numbers of symbols that never change; grows as entries of constants are read.
        mark: primes that tell the arguments apart where one node is read several times.
    """

    node: Node
    evaluation: Evaluation
    namer: Namer
    is_fixed: bool
    constants: dict[Any, Any]
    mark: str = ""

    @property
    def shape(self) -> Shape:
        """The operand's shape."""
        return self.node.shape

    def __getitem__(self, index: Index) -> Any:
        flat = int(np.ravel_multi_index(index, self.node.shape)) if index else 0
        if self.is_fixed:
            return self._number(flat)
        symbol = sympy.Symbol(self.namer.entry(self.node.id, flat) + self.mark, real=True)
        if self.node.role is Role.CONSTANT:
            self.constants[symbol] = self._number(flat)
        return symbol

    def _number(self, flat: int) -> Any:
        return _as_number(float(self.evaluation.value(self.node.id).ravel()[flat]))


@dataclass(frozen=True, slots=True, eq=False)
class _Output:
    """The value of a node as a formula in its operands where that is one, else a symbol."""

    node: Node
    operands: tuple[_Symbols, ...]
    symbols: _Symbols

    @property
    def shape(self) -> Shape:
        """The node's shape."""
        return self.node.shape

    def __getitem__(self, index: Index) -> Any:
        rule = self.node.rule
        if rule is None or not rule.elementwise:
            return self.symbols[index]
        entries = [take(x, index) for x in self.operands]
        return rule.forward(SYMBOLIC, *entries, **self.node.params)


def write(
    evaluation: Evaluation,
    edge: Edge,
    place: tuple[int, int],
    namer: Namer,
    digits: int = DEFAULT.digits,
) -> Formula:
    """The formula of ∂y_j/∂x_i in plain text, numbers with so many digits; see `write_by`."""
    return write_by(PlainHand(Numerals(digits, namer.charset)), evaluation, edge, place, namer)


def write_by(
    hand: Hand, evaluation: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer
) -> Formula:
    """The formula of ∂y_j/∂x_i.

    Args:
        hand: puts it into characters.
        evaluation: the numbers behind constants.
        edge: which local Jacobian.
        place: (j, i), row and column, flat.
        namer: how entries are called.
    """
    scribe = _Scribe.of(evaluation, edge, namer, is_marked=True)
    plain = _Scribe.of(evaluation, edge, namer, is_marked=False)
    x = scribe.operands[edge.argument]
    return Formula(
        function=scribe.function(hand, *place),
        variable=hand.name(namer.entry(edge.parent, place[1]) + x.mark),
        partial=hand.expression(scribe.partial(*place)),
        symbolic=hand.expression(plain.partial(*place)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Scribe:
    """Writes the formulas of one local Jacobian, evaluated on symbols.

    Attributes:
        node: the child.
        rule: its op.
        argument: which operand is differentiated by.
        operands: all of them, as symbols.
        output: the child's value, as a formula where the row needs it.
        pattern: which partials are not structurally zero.
        namer: how entries are called.
        constants: numbers of the symbols that never change, as far as they were read.
    """

    node: Node
    rule: Rule
    argument: int
    operands: tuple[_Symbols, ...]
    output: _Output
    pattern: Sparsity
    namer: Namer
    constants: dict[Any, Any]

    @classmethod
    def of(cls, evaluation: Evaluation, edge: Edge, namer: Namer, *, is_marked: bool) -> _Scribe:
        """Gather what the formulas of an edge are made of."""
        node = evaluation.graph.nodes[edge.node]
        if node.rule is None:
            raise AssertionError("a leaf has no partials")
        constants: dict[Any, Any] = {}
        operands = tuple(
            replace(x, mark=_primes(node, a, namer)) if is_marked else x
            for a in range(len(node.parents))
            for x in (_symbols(evaluation, node, a, namer, constants),)
        )
        own = _Symbols(node, evaluation, namer, is_fixed=False, constants=constants)
        output = _Output(node, operands, own)
        pattern = evaluation.patterns.of(edge)
        return cls(node, node.rule, edge.argument, operands, output, pattern, namer, constants)

    def partial(self, j: int, i: int) -> Any:
        """The row's partial on symbols; 0 outside the sparsity."""
        if not bool(self.pattern.contains(np.asarray(j), np.asarray(i))):
            return sympy.Integer(0)
        at = _coordinates(j, self.node.shape)
        own = _coordinates(i, self.operands[self.argument].shape)
        derivative = self.rule.derivative(self.argument)
        params = self.node.params
        found = derivative.entries(SYMBOLIC, at, own, self.output, self.operands, params)
        return simplified(expression(found), self.constants)

    def function(self, hand: Hand, j: int, i: int) -> str:
        """The formula of y_j: the op on its entries, or the sum of a linear op's terms."""
        if self.rule.elementwise:
            at = _coordinates(j, self.node.shape)
            texts = [hand.expression(take(x, at)) for x in self.operands]
            return hand.application(self.rule, texts, self.node.params)
        derivative = self.rule.derivative(self.argument)
        if isinstance(derivative, Structural) and derivative.linear:
            return self._linear_sum(hand, j, i)
        labels = [hand.name(self.namer.label(p)) for p in self.node.parents]
        written = hand.application(self.rule, labels, self.node.params)
        return written + hand.name(self.namer.index(self.node.shape, j))

    def _linear_sum(self, hand: Hand, j: int, i: int) -> str:
        """``Σ_i ∂y_j/∂x_i · x_i``, the terms around ``i`` written out."""
        columns = [int(c) for c in self.pattern.columns(j)[:_MOST_COLUMNS]]
        shown, is_cut_left, is_cut_right = _around(columns, i)
        terms = [hand.expression(self._term(j, c)) for c in shown]
        return hand.total(terms, cut_left=is_cut_left, cut_right=is_cut_right)

    def _term(self, j: int, i: int) -> Any:
        operand = self.operands[self.argument]
        x = operand[_coordinates(i, operand.shape)]
        return sympy.Mul(self.partial(j, i), x)


def _coordinates(flat: int, shape: Shape) -> tuple[int, ...]:
    return tuple(int(c) for c in coordinates(flat, shape))


def _primes(node: Node, argument: int, namer: Namer) -> str:
    """``x′·x″``: ∂(x·x)/∂x would read as the whole derivative, but each edge has its own."""
    if node.parents.count(node.parents[argument]) < 2:
        return ""
    return ("'" if namer.charset.is_ascii else "′") * (argument + 1)


def _symbols(
    evaluation: Evaluation, node: Node, argument: int, namer: Namer, constants: dict[Any, Any]
) -> _Symbols:
    operand = evaluation.graph.nodes[node.parents[argument]]
    has_none = node.rule is not None and node.rule.derivatives[argument] is None
    return _Symbols(operand, evaluation, namer, has_none or operand.literal is not None, constants)


def _around(columns: list[int], i: int) -> tuple[list[int], bool, bool]:
    """The few columns around ``i``, and whether some are left out on either side."""
    if len(columns) <= _MOST_TERMS:
        return columns, False, False
    at = columns.index(i) if i in columns else 0
    start = min(max(at - _MOST_TERMS // 2, 0), len(columns) - _MOST_TERMS)
    stop = start + _MOST_TERMS
    return columns[start:stop], start > 0, stop < len(columns)


def _as_number(value: float) -> Any:
    """A SymPy number without binary noise on screen."""
    if np.isnan(value):
        return sympy.nan
    if np.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return exact_number(value)
