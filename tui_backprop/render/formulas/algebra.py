"""A row of the op table evaluated on symbols by SymPy, and put so that a person can read it.

Only the entries that y_j reads become symbols, so a 1000 × 1000 product costs what one of its terms
costs. Symbols are made of names that passed the program reader; no text is ever parsed by SymPy.
What a row writes is right for all operands at once: it tests what a constant has decided already,
repeats a test within its own branches, and holds numbers as binary fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy
from sympy.core.relational import Relational

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.jacobian import coordinates
from tui_backprop.graph.model import Role
from tui_backprop.render.formulas.plain import PlainWriter, write_expression
from tui_backprop.render.formulas.symbolic import Formula
from tui_backprop.render.text.numbers import DEFAULT, Numerals, number
from tui_backprop.rules.derivative import Structural
from tui_backprop.rules.shapes import take
from tui_backprop.rules.symbolic import SYMBOLIC, expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.render.formulas.plain import FormulaWriter
    from tui_backprop.render.text.names import Namer
    from tui_backprop.rules.types import Index, Shape

    Facts = Mapping[Any, bool]
    """Conditions that are known to hold, or not to."""


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
    return write_by(PlainWriter(Numerals(digits, namer.charset)), evaluation, edge, place, namer)


def write_by(
    writer: FormulaWriter, evaluation: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer
) -> Formula:
    """The formula of ∂y_j/∂x_i in a writer's characters; the place is (j, i), both flat."""
    marked = _EdgeFormulas(evaluation, edge, namer, is_marked=True)
    plain = _EdgeFormulas(evaluation, edge, namer, is_marked=False)
    x = marked.operands[edge.argument]
    return Formula(
        function=marked.function(writer, *place),
        variable=writer.name(namer.entry(edge.parent, place[1]) + x.mark),
        partial=writer.expression(marked.partial(*place)),
        symbolic=writer.expression(plain.partial(*place)),
    )


def symbolic(
    evaluation: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer, digits: int
) -> tuple[str, bool]:
    """`Formula.symbolic` of `write`, and whether numbers of constants may have decided in it."""
    made = _EdgeFormulas(evaluation, edge, namer, is_marked=False)
    found = made.unsimplified(*place)
    text = write_expression(simplified(found, made.constants), Numerals(digits, namer.charset))
    return text, bool(made.constants) and found.has(sympy.Piecewise)


class _EdgeFormulas:
    """The formulas of one local Jacobian, on symbols; marked ones tell the arguments apart."""

    def __init__(
        self, evaluation: Evaluation, edge: Edge, namer: Namer, *, is_marked: bool
    ) -> None:
        node = evaluation.graph.nodes[edge.node]
        if node.rule is None:
            raise AssertionError("a leaf has no partials")
        self.constants: dict[Any, Any] = {}
        self.operands = tuple(
            replace(x, mark=_primes(node, a, namer)) if is_marked else x
            for a in range(len(node.parents))
            for x in (_symbols(evaluation, node, a, namer, self.constants),)
        )
        own = _Symbols(node, evaluation, namer, is_fixed=False, constants=self.constants)
        self.node, self.rule, self.argument, self.namer = node, node.rule, edge.argument, namer
        self.output = _Output(node, self.operands, own)
        self.pattern = evaluation.patterns.of(edge)

    def partial(self, j: int, i: int) -> Any:
        """The row's partial on symbols; 0 outside the sparsity."""
        return simplified(self.unsimplified(j, i), self.constants)

    def unsimplified(self, j: int, i: int) -> Any:
        """The partial as the row states it."""
        if not bool(self.pattern.contains(np.asarray(j), np.asarray(i))):
            return sympy.Integer(0)
        at = _coordinates(j, self.node.shape)
        own = _coordinates(i, self.operands[self.argument].shape)
        derivative = self.rule.derivative(self.argument)
        params = self.node.params
        return expression(derivative.entries(SYMBOLIC, at, own, self.output, self.operands, params))

    def function(self, writer: FormulaWriter, j: int, i: int) -> str:
        """The formula of y_j: the op on its entries, or the sum of a linear op's terms."""
        if self.rule.elementwise:
            at = _coordinates(j, self.node.shape)
            texts = [writer.expression(take(x, at)) for x in self.operands]
            return writer.application(self.rule, texts, self.node.params)
        derivative = self.rule.derivative(self.argument)
        if isinstance(derivative, Structural) and derivative.linear:
            return self._linear_sum(writer, j, i)
        labels = [writer.name(self.namer.label(p)) for p in self.node.parents]
        written = writer.application(self.rule, labels, self.node.params)
        return written + writer.name(self.namer.index(self.node.shape, j))

    def _linear_sum(self, writer: FormulaWriter, j: int, i: int) -> str:
        """``Σ_i ∂y_j/∂x_i · x_i``, the terms around ``i`` written out."""
        columns = [int(c) for c in self.pattern.columns(j)[:_MOST_COLUMNS]]
        shown, is_cut_left, is_cut_right = _around(columns, i)
        terms = [writer.expression(self._term(j, c)) for c in shown]
        return writer.total(terms, cut_left=is_cut_left, cut_right=is_cut_right)

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


_LARGEST_DENOMINATOR: Final = 1000
"""Of fractions and roots that a number is recognised as. Some 300,000 fractions lie between 0 and 1
and 2⁵² doubles: none is met by chance."""

_SAME: Final = 4 * 2.0**-53
"""How far, relatively, rounding takes a root and its square."""


def simplified(formula: Any, constants: Mapping[Any, Any]) -> Any:
    """The formula with exact numbers, conditions decided where they can be, the main case first.

    Args:
        formula: of SymPy; entries are symbols.
        constants: numbers of those symbols that never change; only conditions look at them.
    """
    numbers = {x: exact_number(float(x)) for x in formula.atoms(sympy.Float)}
    decided = _under(formula.xreplace(numbers), {}, constants)
    return _main_case_first(decided)


def exact_number(value: float) -> Any:
    """The fraction or square root that a number was rounded from; itself where six digits give it.

    ``1.3333333333333333`` is 4/3 and ``0.7071067811865476`` is √2/2.
    """
    if value.is_integer():
        return sympy.Integer(int(value))
    if not math.isfinite(value) or float(number(value).replace("−", "-")) == value:
        return sympy.Float(value)
    fraction = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    if float(fraction) == value:
        return sympy.Rational(fraction.numerator, fraction.denominator)
    square = Fraction(value * value).limit_denominator(_LARGEST_DENOMINATOR)
    if square and math.isclose(math.sqrt(square), abs(value), rel_tol=_SAME):
        root = sympy.sqrt(sympy.Rational(square.numerator, square.denominator))
        return root if value > 0 else -root
    return sympy.Float(value)


def _under(e: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    """A formula where some conditions are known."""
    if not e.has(sympy.Piecewise):
        return e
    if isinstance(e, sympy.Piecewise):
        return _cases(e, facts, constants)
    made = e.func(*(_under(a, facts, constants) for a in e.args))
    return _one_choice(made) if made.is_Mul else made


def _cases(e: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    """A choice without the cases that cannot be."""
    cases = []
    left = dict(facts)
    for value, condition in e.args:
        holds = _condition(condition, left, constants)
        if holds is sympy.false:
            continue
        cases.append((_under(value, left | _facts(holds, truth=True), constants), holds))
        if holds is sympy.true:
            break
        left |= _facts(holds, truth=False)
    return sympy.Piecewise(*cases) if cases else sympy.nan


def _condition(condition: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    if condition in facts:
        return sympy.true if facts[condition] else sympy.false
    if isinstance(condition, Relational):
        if condition.free_symbols <= constants.keys():
            return condition.xreplace(dict(constants)).doit()
        return condition
    if isinstance(condition, sympy.And | sympy.Or):
        return condition.func(*(_condition(a, facts, constants) for a in condition.args))
    return condition


def _facts(condition: Any, *, truth: bool) -> dict[Any, bool]:
    """The facts that follow from a condition that holds, or from one that does not."""
    follow = {
        form: is_true == truth_of
        for relation, truth_of in _settled(condition, truth)
        for form, is_true in _forms(relation)
    }
    return {condition: truth, **follow}


def _settled(condition: Any, truth: bool) -> Iterator[tuple[Any, bool]]:
    if isinstance(condition, Relational):
        yield condition, truth
    elif isinstance(condition, sympy.And if truth else sympy.Or):
        for part in condition.args:
            yield from _settled(part, truth)


def _forms(relation: Any) -> tuple[tuple[Any, bool], ...]:
    """The ways to write a relation and its opposite, each with whether it says the same."""
    opposite = relation.negated
    return (
        (relation, True), (relation.reversed, True),
        (opposite, False), (opposite.reversed, False),
    )  # fmt: skip


def _one_choice(product: Any) -> Any:
    """Factors that choose by the same conditions as one choice between products."""
    choices: dict[tuple[Any, ...], list[Any]] = {}
    others = []
    for factor in product.args:
        if isinstance(factor, sympy.Piecewise):
            choices.setdefault(tuple(c for _, c in factor.args), []).append(factor)
        else:
            others.append(factor)
    if all(len(alike) == 1 for alike in choices.values()):
        return product
    joined = [
        sympy.Piecewise(*(
            (sympy.Mul(*(f.args[k][0] for f in alike)), c) for k, c in enumerate(conditions)
        ))
        for conditions, alike in choices.items()
    ]  # fmt: skip
    return sympy.Mul(*others, *joined)


def _main_case_first(e: Any) -> Any:
    """``{1 if x > 0, else 0}`` for ``{0 if x ≤ 0, else 1}``: the exception comes last."""
    if not e.has(sympy.Piecewise):
        return e
    e = e.func(*(_main_case_first(a) for a in e.args))
    if not isinstance(e, sympy.Piecewise) or e.args[0][0] != 0 or e.args[-1][1] is not sympy.true:
        return e
    if len(e.args) == 2:
        (zero, exception), (main, _) = e.args
        return sympy.Piecewise((main, _opposite(exception)), (zero, True))
    if len(e.args) == 3 and (greater := _third(e.args[0][1], e.args[1][1])) is not None:
        return sympy.Piecewise((e.args[2][0], greater), e.args[1], (e.args[0][0], True))
    return e


def _opposite(condition: Any) -> Any:
    """The negation of a condition, written without a "not"."""
    if isinstance(condition, sympy.And):
        return sympy.Or(*map(_opposite, condition.args))
    if isinstance(condition, sympy.Or):
        return sympy.And(*map(_opposite, condition.args))
    return sympy.Not(condition)


def _third(first: Any, second: Any) -> Any:
    """The relation that is left by an order and an equality of the same two quantities."""
    is_order = isinstance(first, sympy.StrictLessThan | sympy.StrictGreaterThan)
    if is_order and isinstance(second, sympy.Eq) and set(first.args) == set(second.args):
        turned = sympy.Gt if isinstance(first, sympy.StrictLessThan) else sympy.Lt
        return turned(*first.args)
    return None
