"""The witness SymPy: every local Jacobian against the derivative of the row's own forward.

It looks at single partials, so that it names the op that is wrong and not only the gradient that
suffers. An entry outside the stated sparsity must have the derivative 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy

from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.kinks import convention_at
from tui_backprop.graph.naming import partial
from tui_backprop.graph.tolerance import Tolerance, in_dtype
from tui_backprop.language.message import said
from tui_backprop.rules.symbolic import SYMBOLIC, expression
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.report import Finding
from tui_backprop.verify.sampling import (
    WalkedEdges,
    chosen_edges,
    chosen_entries,
    chosen_rows,
    column_time,
    sample,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray, Params, Shape
    from tui_backprop.verify.report import Testimony


_MOST_COLUMNS: Final = 8
"""Per edge of a structural row."""

_MOST_TIME: Final = 2_000_000
"""Microseconds, by estimate, for the columns of all structural rows."""


def algebra(evaluation: Evaluation) -> Testimony:
    """Compare the local Jacobians of all passes with SymPy's derivatives."""
    return _Algebra(evaluation).testimony()


class _Algebra:
    """One run of the witness."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._nodes = evaluation.graph.nodes
        self._dtype: np.dtype[Any] = evaluation.graph.dtype
        single = self._dtype == np.float32
        self._tolerance = Tolerance(1e-4, 1e-6) if single else Tolerance(1e-9, 1e-12)
        self._counter = Counter("SymPy")
        self._scalars = Scalars()
        self._time = _MOST_TIME
        self._left_out = 0

    def testimony(self) -> Testimony:
        """Look at every edge and say what was found."""
        edges = WalkedEdges(self._evaluation)
        chosen, most = chosen_edges(edges)
        structural = sum(not self._rule(edge).elementwise for edge in chosen)
        for edge in chosen:
            if self._rule(edge).elementwise:
                self._elementwise(edge, most)
            else:
                self._structural(edge, most, self._time // structural)
                structural -= 1
        return self._counter.testimony(edges.partials(), self._remark(len(edges)))

    def _remark(self, edges: int) -> str:
        if not edges:
            return said("no edge is walked")
        if not self._left_out:
            return ""
        return said(
            "{count} of {total} Jacobians are too large for algebra",
            count=self._left_out,
            total=edges,
        )

    def _elementwise(self, edge: Edge, most: int) -> None:
        """Which entry y_j reads is left to NumPy's broadcasting, its partial to SymPy."""
        jacobian = LocalJacobian(self._evaluation, edge)
        node = self._nodes[edge.node]
        j, i = chosen_entries(jacobian, most)
        found = jacobian.entries(j, i)
        operands = [self._evaluation.value(p) for p in node.parents]
        read = [np.broadcast_to(x, node.shape).flat[j] for x in operands]
        source = _read(j, node.shape, operands[edge.argument].shape)
        rule = self._rule(edge)
        for k, engine in enumerate(found.tolist()):
            values = [float(x[k]) for x in read]
            witness: float | None = 0.0
            if source[k] == i[k]:
                witness = self._scalars.derivative(rule, edge.argument, node.params, values)
            self._compare(edge, (j[k], i[k]), engine, witness, np.isfinite(values).all())

    def _structural(self, edge: Edge, most: int, time: int) -> None:
        """Whole columns: one entry of the operand stays a symbol, the forward does the rest."""
        node = self._nodes[edge.node]
        jacobian = LocalJacobian(self._evaluation, edge)
        m, n = jacobian.shape
        if not m * n:
            return
        operands = [self._evaluation.value(p) for p in node.parents]
        cost = column_time(jacobian, sum(x.size for x in operands))
        columns = min(n if m * n <= most else min(_MOST_COLUMNS, most), time // cost)
        if not columns:
            self._left_out += 1
            return
        self._time -= columns * cost
        is_finite = all(np.isfinite(x).all() for x in operands)
        for i in sample(n, columns, edge.node, edge.argument):
            column = Column.of(self._rule(edge), edge.argument, node.params, operands, i)
            rows = self._rows(jacobian, column, i, max(1, most // columns))
            is_extreme = is_finite and _is_extreme(column, operands)
            exact: Column | None = None
            for j, engine in zip(rows, jacobian.entries(rows, np.asarray(i)), strict=True):
                witness = None if column is None else column.derivative(int(j))
                if is_extreme or (is_finite and self._is_apart(float(engine), witness)):
                    exact = exact or self._in_algebra(edge, operands, i, cost)
                    if exact is not None:
                        witness = exact.derivative(int(j))
                    elif is_extreme:
                        witness = None
                # What overflows or vanishes in the engine on the way does not in algebra.
                is_lost = is_extreme and (not engine or not np.isfinite(engine))
                why = said("numbers overflow or vanish on the way to it") if is_lost else ""
                if is_finite and self._is_apart(float(engine), witness):
                    others = self._nearby(edge, operands, i, cost)
                    if _is_moved((c.derivative(int(j)) for c in others), engine, witness):
                        why = said("rounding alone moves it as far")
                self._compare(edge, (j, i), float(engine), witness, is_finite, lost=why)

    def _is_apart(self, engine: float, witness: float | None) -> bool:
        """Whether floats alone would tell of a disagreement."""
        if witness is None:
            return False
        return Finding("", engine, in_dtype(witness, self._dtype), self._tolerance).excess > 1

    def _in_algebra(
        self, edge: Edge, operands: Sequence[Array], i: int, cost: int
    ) -> Column | None:
        """A column that knows no overflow and less rounding; None where it would take too long."""
        if cost * _SLOWER > self._time:
            return None
        self._time -= cost * _SLOWER
        params = self._nodes[edge.node].params
        return Column.of(self._rule(edge), edge.argument, params, operands, i, lifted=_lifted)

    def _nearby(self, edge: Edge, operands: Sequence[Array], i: int, cost: int) -> Iterator[Column]:
        """The column of operands that are off by rounding: of a difference little may be left."""
        for seed in _SEEDS:
            random = np.random.default_rng(seed)
            moved = [x * (1 + _NEAR * random.uniform(-1, 1, x.shape)) for x in operands]
            column = self._in_algebra(edge, moved, i, cost)
            if column is not None:
                yield column

    def _rows(self, jacobian: LocalJacobian, column: Column | None, i: int, most: int) -> IntArray:
        """A sample of the column, and the first row that reads the entry though none should."""
        inside = jacobian.sparsity.rows(i)
        rows = chosen_rows(inside, jacobian.shape[0], most, jacobian.edge.node, i)
        if column is None:
            return rows
        return np.union1d(rows, np.setdiff1d(column.rows, inside)[:1].astype(np.intp))

    def _compare(
        self,
        edge: Edge,
        place: tuple[int, int],
        engine: float,
        witness: float | None,
        is_finite: bool | np.bool_,
        *,
        lost: str = "",
    ) -> None:
        """One entry; ``lost`` says why the engine may have another number there, in words."""
        j, i = place
        name = partial(self._evaluation.graph, edge, j, i)
        # Where the value is NaN a formula may still have a slope, off the real line or because 0
        # times what has no value is 0 to SymPy: no witness.
        is_outside = bool(np.isnan(self._evaluation.value(edge.node).flat[j]))
        if witness is None or (is_outside and math.isfinite(witness)):
            witness = math.nan
        expected = in_dtype(witness, self._dtype)
        finding = Finding(name, engine, expected, self._tolerance)
        if finding.excess > 1 and (np.isnan(expected) or not is_finite or is_outside or lost):
            why = said("algebra has no value there")
            if is_outside:
                why = said("the value itself is NaN there")
            elif lost and not np.isnan(expected):
                why = lost
            self._counter.skip(finding, why)
        else:
            self._counter.compare(
                finding, lambda: said(convention_at(self._evaluation, edge, int(j)))
            )

    def _rule(self, edge: Edge) -> Rule:
        return _rule_of(self._nodes[edge.node])


def _read(rows: IntArray, out: Shape, shape: Shape) -> IntArray:
    """The entry of an operand, broadcast to ``out``, that each of some rows reads."""
    if not shape or not len(rows):
        return np.zeros(len(rows), dtype=np.intp)
    at = np.unravel_index(rows, out)[len(out) - len(shape) :]
    own = [c if n > 1 else np.zeros_like(c) for c, n in zip(at, shape, strict=True)]
    return np.asarray(np.ravel_multi_index(own, shape))


def _rule_of(node: Node) -> Rule:
    if node.rule is None:
        raise AssertionError("a leaf is never walked through")
    return node.rule


_DIGITS: Final = 30
"""Of the numbers put in: a witness must be better than a float64."""

_NEAR: Final = 64 * float(np.finfo(np.float64).eps)
_SEEDS: Final = (1, 2)
"""Operands are moved twice by a few last digits: in one draw an entry may stay where it was."""

_X: Final = sympy.Symbol("x", real=True)
"""The one entry that a column is differentiated by."""


class Scalars:
    """Derivatives of elementwise rows as formulas, each taken once for all its entries."""

    def __init__(self) -> None:
        self._formulas: dict[tuple[Rule, int, str], sympy.Basic] = {}

    def derivative(
        self, rule: Rule, argument: int, params: Params, values: Sequence[float]
    ) -> float | None:
        """∂y/∂operand where the operands have these values; see `as_number`.

        Args:
            rule: an elementwise row.
            argument: which operand.
            params: the static arguments.
            values: one number per operand.
        """
        numbers = [sympy.Float(x, _DIGITS) for x in values]
        symbols = _symbols(len(values))
        formula = self._formula(rule, argument, params)
        found = as_number(formula, dict(zip(symbols, numbers, strict=True)))
        if found is not None and math.isfinite(found):
            return found
        if not _is_defined(rule, params, numbers):
            return found
        # x**y·y/x has no value at x = 0, where 2·x has: put the other operands in first. Not where
        # y itself has none: 0/y is 0 to SymPy before anyone says that y is.
        x = symbols[argument]
        alone = [*numbers[:argument], x, *numbers[argument + 1 :]]
        formula = sympy.diff(rule.forward(SYMBOLIC, *alone, **params), x)
        return as_number(formula, {x: numbers[argument]})

    def _formula(self, rule: Rule, argument: int, params: Params) -> sympy.Basic:
        key = (rule, argument, repr(sorted(params.items())))
        if key not in self._formulas:
            symbols = _symbols(len(rule.operands))
            value = rule.forward(SYMBOLIC, *symbols, **params)
            self._formulas[key] = sympy.diff(value, symbols[argument])
        return self._formulas[key]


class Column:
    """A whole row's value with one entry of one operand left as a symbol, all others numbers.

    Attributes:
        values: every entry of the output, flat; formulas where they read that entry.
        rows: the flat positions of those that do, ascending.
    """

    def __init__(
        self,
        rule: Rule,
        argument: int,
        params: Params,
        operands: Sequence[Array],
        i: int,
        lifted: Callable[[Array], Array] | None = None,
    ) -> None:
        # Python's floats for the others: a product of two is a hundred times faster than SymPy's.
        objects = [np.array(x, dtype=np.float64).astype(object) for x in operands]
        if lifted is not None:
            objects = [lifted(x) for x in objects]
        self._at = sympy.Float(objects[argument].flat[i], _DIGITS)
        objects[argument].flat[i] = _X
        with np.errstate(all="ignore"):
            value: Any = rule.forward(SYMBOLIC, *objects, **params)
        self.values = np.asarray(value, dtype=object).ravel()
        self.rows = [j for j, y in enumerate(self.values) if _reads(y)]

    @classmethod
    def of(
        cls,
        rule: Rule,
        argument: int,
        params: Params,
        operands: Sequence[Array],
        i: int,
        lifted: Callable[[Array], Array] | None = None,
    ) -> Column | None:
        """A column, or None where one of the other numbers makes no value, such as 1/0.

        Args:
            rule: a structural row.
            argument: of the operand with the symbol.
            params: the static arguments.
            operands: their numbers.
            i: the flat position of the symbol.
            lifted: makes other numbers of the floats, which overflow.
        """
        try:
            return cls(rule, argument, params, operands, i, lifted)
        except (ArithmeticError, TypeError, ValueError):
            return None

    def derivative(self, j: int) -> float | None:
        """∂y_j by that entry; see `as_number`."""
        y = self.values[j]
        if y is sympy.nan:
            return math.nan
        return as_number(sympy.diff(y, _X), {_X: self._at}) if _reads(y) else 0.0


_SLOWER: Final = 100
"""How many times SymPy's numbers take longer than Python's."""
_SMALL: Final = 1e-75
"""Products of a few such numbers vanish in float64."""


def _is_extreme(column: Column | None, operands: Sequence[Array]) -> bool:
    """Whether floats overflowed in a column of finite numbers, or may have vanished."""
    if column is None:
        return False
    if any(((x != 0) & (np.abs(x) < _SMALL)).any() for x in operands):
        return True
    return any(not _is_whole(y) for y in column.values)


def _is_moved(nearby: Iterable[float | None], engine: float, witness: float | None) -> bool:
    """Whether rounding of the operands moves a partial about as far as the engine is off."""
    return witness is not None and any(
        found is not None and 4 * abs(found - witness) >= abs(engine - witness) for found in nearby
    )


def _is_whole(value: Any) -> bool:
    """Whether no infinity and no NaN is in a formula or number."""
    if isinstance(value, sympy.Basic):
        return not value.has(sympy.oo, sympy.S.NegativeInfinity, sympy.zoo, sympy.nan)
    return math.isfinite(value)


def _lifted(numbers: Array) -> Array:
    """SymPy's numbers, whose exponents have no end."""
    made = np.empty(numbers.shape, dtype=object)
    for at in np.ndindex(numbers.shape):
        x = float(numbers[at])
        is_small = x.is_integer() and abs(x) < 2**53
        made[at] = sympy.Integer(int(x)) if is_small else sympy.Float(x, _DIGITS)
    return made


def as_number(formula: Any, numbers: dict[sympy.Symbol, sympy.Basic]) -> float | None:
    """The value of a formula with numbers put in for its symbols.

    Returns:
        A float: nan where there is no real value, inf where it is too large. None where algebra
        cannot tell: an infinity without a sign, a formula that stays one.
    """
    try:
        value = sympy.N(expression(formula).xreplace(numbers), _DIGITS)
    except (ArithmeticError, TypeError, ValueError):  # SymPy's ways to refuse 0/0 or max(i, 1)
        return None
    if value is sympy.nan:
        return math.nan
    if value is sympy.zoo or not value.is_number:
        return None
    real, imaginary = value.as_real_imag()
    if imaginary != 0:
        return math.nan
    try:
        return float(real)
    except OverflowError:
        return math.inf if real > 0 else -math.inf
    except TypeError:  # a floor, say, of something that has no value
        return None


def _is_defined(rule: Rule, params: Params, numbers: list[sympy.Basic]) -> bool:
    """Whether an elementwise row has a finite real value."""
    try:
        value = as_number(rule.forward(SYMBOLIC, *numbers, **params), {})
    except (ArithmeticError, TypeError, ValueError):
        return False
    return value is not None and math.isfinite(value)


def _reads(value: Any) -> bool:
    return isinstance(value, sympy.Basic) and _X in value.free_symbols


def _symbols(count: int) -> list[sympy.Symbol]:
    return [sympy.Symbol(f"x{k}", real=True) for k in range(count)]
