"""Whether two formulas are one, shown on SymPy's objects, which are made here and never of text.

The answer has been parsed and built as a graph by the program's own reader; each of its nodes is
applied to symbols by its row. Only what agrees at many numbers comes here, and only as much is
expanded as can be in a moment.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy
from sympy.printing.str import StrPrinter

from tui_backprop.debug.quiz.formulas import Evidence, references
from tui_backprop.graph.jacobian import coordinates
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import entry
from tui_backprop.program.formula import result_of
from tui_backprop.rules.symbolic import SYMBOLIC, expression

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.quiz.formulas import LocalFormula
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array

_MOST_NODES: Final = 60
_MOST_SYMBOLS: Final = 64
_MOST_DEGREE: Final = 32
"""Of an answer that is made of symbols at all: beyond that powers of numbers outgrow memory."""
_MOST_EXPANDED: Final = 8
"""Degree up to which products are multiplied out."""
_MOST_OPS: Final = 120
"""Of a difference that is expanded."""


def prove(formula: LocalFormula, asked: Expression) -> Evidence | None:
    """How an answer was shown to be the partial; None where that was not decided."""
    try:
        difference = _difference(formula, asked)
        if difference is None:
            return None
        if difference == 0:
            return Evidence.IDENTICAL
        return Evidence.SIMPLIFIED if _vanishes(difference) else None
    except Exception:  # noqa: BLE001 - SymPy raises any; numbers have decided, this only adds to it
        return None


def difference_of(formula: LocalFormula, asked: Expression) -> float:
    """By which number an answer is off everywhere; 0 where it is not, or by no number."""
    try:
        difference = _difference(formula, asked)
        if difference is None or difference.count_ops() > _MOST_OPS:
            return 0.0
        left = sympy.expand(difference)
        return float(left) if left.is_Rational else 0.0
    except Exception:  # noqa: BLE001 - as in `prove`
        return 0.0


def _difference(formula: LocalFormula, asked: Expression) -> Any:
    """The answer less the partial, on symbols; None where either is too large for that."""
    graph = formula.graph_of(asked)
    nodes = formula.trace.graph.nodes
    read = {*formula.node.parents, formula.edge.node}
    is_large = sum(nodes[n].size for n in read) > _MOST_SYMBOLS
    if is_large or len(graph.nodes) > _MOST_NODES or _degree(graph) > _MOST_DEGREE:
        return None
    symbols = _Symbols(formula)
    theirs = _applied(graph, [symbols.of(n) for n in references(asked)])
    return _exact(theirs - symbols.partial())


def written(formula: LocalFormula) -> str:
    """The partial as the program's language writes it, entries counted from 0; empty if it cannot.

    What is written is an answer that `prove` finds right.
    """
    try:
        found: str = _Writer().doprint(_Symbols(formula).partial())
    except Exception:  # noqa: BLE001 - SymPy raises any, and a formula is only shown
        return ""
    return found


def read_names(formula: LocalFormula) -> list[str]:
    """The entries and functions that occur in the partial, in alphabetical order."""
    try:
        found = _Symbols(formula).partial()
    except Exception:  # noqa: BLE001 - as in `written`
        return []
    names = {str(symbol) for symbol in found.free_symbols}
    functions = {_Writer().doprint(f).partition("(")[0] for f in found.atoms(sympy.Function)}
    return sorted(names | {f for f in functions if f.isidentifier()})


class _Symbols:
    """Operands and value of an op as arrays of symbols, or of numbers where they are fixed."""

    def __init__(self, formula: LocalFormula) -> None:
        self._formula = formula
        self._graph = formula.trace.graph
        self._known: dict[int, Array] = {}

    def of(self, node: int) -> Array:
        """A node's entries."""
        found = self._known.get(node)
        if found is None:
            own = node == self._formula.edge.node
            found = self._known[node] = self._value() if own else self._operand(node)
        return found

    def _operand(self, node: int) -> Array:
        shape = self._graph.nodes[node].shape
        made = np.empty(shape, dtype=object)
        is_fixed = self._graph.nodes[node].role is Role.CONSTANT
        value = self._formula.trace.value(node)
        for flat, place in enumerate(np.ndindex(shape)):
            symbol = sympy.Symbol(entry(self._graph, node, flat), real=True)
            made[place] = expression(value[place]) if is_fixed else symbol
        return made

    def _value(self) -> Array:
        rule, node = self._formula.node.rule, self._formula.node
        if rule is None:
            raise AssertionError("a leaf is no function of anything")
        made = rule.forward(SYMBOLIC, *map(self.of, node.parents), **node.params)
        return np.broadcast_to(np.asarray(made, dtype=object), node.shape)

    def partial(self) -> Any:
        """The row's partial."""
        formula, node = self._formula, self._formula.node
        if node.rule is None:
            raise AssertionError("a leaf has no partial")
        if not formula.trace.patterns.of(formula.edge).contains(
            np.asarray(formula.j), np.asarray(formula.i)
        ):
            return sympy.Integer(0)
        operands = tuple(map(self.of, node.parents))
        parent = self._graph.nodes[formula.edge.parent]
        at, own = coordinates(formula.j, node.shape), coordinates(formula.i, parent.shape)
        derivative = node.rule.derivative(formula.edge.argument)
        y = self._value()
        return expression(derivative.entries(SYMBOLIC, at, own, y, operands, node.params))


def _applied(graph: Graph, leaves: list[Array]) -> Any:
    """The result of a formula's graph on symbols."""
    found: list[Any] = list(leaves)
    for node in graph.nodes[len(leaves) :]:
        if node.rule is None:
            literal = np.asarray(node.literal, dtype=np.float64)
            found.append(np.frompyfunc(_literal, 1, 1)(literal.astype(object)))
        else:
            operands = (found[p] for p in node.parents)
            found.append(node.rule.forward(SYMBOLIC, *operands, **node.params))
    result = found[result_of(graph)]
    made = expression(np.asarray(result, dtype=object).reshape(-1)[0])
    # A condition is 1 where it holds: relu' may be written x > 0.
    return sympy.Piecewise((1, made), (0, True)) if _is_condition(made) else made


def _literal(value: float) -> Any:
    """A number as an expression; e and pi are what their names say, and no fractions near them."""
    return {math.e: sympy.E, math.pi: sympy.pi}.get(value) or expression(value)


def _is_condition(formula: Any) -> bool:
    return not isinstance(formula, sympy.Expr)  # a symbol is a condition too, to SymPy


def _degree(graph: Graph) -> float:
    """How high powers may become when all products are multiplied out."""
    found: list[float] = []
    for node in graph.nodes:
        own = [found[p] for p in node.parents]
        if node.op == "power":
            exponent = graph.nodes[node.parents[1]].literal
            by = float("inf") if exponent is None else abs(float(np.max(exponent)))
            is_of_number = graph.nodes[node.parents[0]].literal is not None  # e**x is no power of x
            found.append(max(own) if is_of_number else max(own[0], 1) * max(by, 1))
        elif node.op in {"multiply", "divide", "matmul", "dot"}:
            found.append(sum(own))
        elif node.op == "square":
            found.append(2 * own[0])
        else:
            found.append(max([1.0, *own]))
    return max(found, default=0)


def _exact(formula: Any) -> Any:
    """The formula with each float as the fraction that it is, so that nothing is rounded."""
    floats = {
        x: sympy.Rational(*Fraction(float(x)).as_integer_ratio())
        for x in formula.atoms(sympy.Float)
    }
    return formula.xreplace(floats)


def _vanishes(difference: Any) -> bool:
    """Whether a difference is 0 once its products are multiplied out."""
    if difference.count_ops() > _MOST_OPS:
        return False
    powers = [abs(p.exp) for p in difference.atoms(sympy.Pow) if p.exp.is_Number]
    if any(power > _MOST_EXPANDED for power in powers):
        return False
    for form in (difference, difference.rewrite(sympy.Piecewise), difference.rewrite(sympy.exp)):
        above = sympy.fraction(sympy.together(sympy.powsimp(form)))[0]
        if sympy.powsimp(sympy.expand(above)) == 0:
            return True
        if form.has(sympy.Piecewise) and sympy.piecewise_fold(form) == 0:
            return True
    return False


class _Writer(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """A formula in the program's language."""

    def _print_Piecewise(self, e: Any) -> str:
        *cases, (last, _) = e.args
        text = self._print(last)
        for value, condition in reversed(cases):
            text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return str(text)

    def _print_Relational(self, e: Any) -> str:
        return f"({self._print(e.lhs)}) {e.rel_op} ({self._print(e.rhs)})"

    def _print_And(self, e: Any) -> str:
        return " & ".join(f"({self._print(part)})" for part in e.args)

    def _print_Or(self, e: Any) -> str:
        return " | ".join(f"({self._print(part)})" for part in e.args)

    def _print_Max(self, e: Any) -> str:
        return self._folded("maximum", e)

    def _print_Min(self, e: Any) -> str:
        return self._folded("minimum", e)

    def _folded(self, name: str, e: Any) -> str:
        first, *others = map(self._print, e.args)
        for other in others:
            first = f"{name}({first}, {other})"
        return str(first)

    def _print_Abs(self, e: Any) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_Float(self, e: Any) -> str:
        return repr(float(e))

    def _print_Exp1(self, _e: Any) -> str:
        return "e"

    def _print_Function(self, e: Any) -> str:
        name = type(e).__name__
        own = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh",
               "acosh": "arccosh", "atanh": "arctanh", "_Floor": "floor", "_Ceiling": "ceil",
               "_CubeRoot": "cbrt", "_Rounded": "round", "_Truncated": "trunc"}  # fmt: skip
        arguments = ", ".join(map(self._print, e.args))
        return f"{own.get(name, name)}({arguments})"
