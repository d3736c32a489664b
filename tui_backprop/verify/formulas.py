"""Derivatives of a row's forward, taken by SymPy; what the row states of its partials is not read.

It stands apart from the witness that compares them because this is all the algebra there is, and
because no string may ever reach SymPy: symbols here are named by us, numbers are numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy

from tui_backprop.rules.symbolic import SYMBOLIC, expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params

_DIGITS: Final = 30
"""Of the numbers put in: a witness must be better than a float64."""

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
        self, rule: Rule, argument: int, params: Params, operands: Sequence[Array], i: int
    ) -> None:
        # Python's floats for the others: a product of two is a hundred times faster than SymPy's.
        objects = [np.array(x, dtype=np.float64).astype(object) for x in operands]
        self._at = sympy.Float(objects[argument].flat[i], _DIGITS)
        objects[argument].flat[i] = _X
        with np.errstate(all="ignore"):
            value: Any = rule.forward(SYMBOLIC, *objects, **params)
        self.values = np.asarray(value, dtype=object).ravel()
        self.rows = [j for j, y in enumerate(self.values) if _reads(y)]

    @classmethod
    def of(
        cls, rule: Rule, argument: int, params: Params, operands: Sequence[Array], i: int
    ) -> Column | None:
        """A column; None where a number among the others has no value, such as 1/0."""
        try:
            return cls(rule, argument, params, operands, i)
        except (ArithmeticError, TypeError, ValueError):
            return None

    def derivative(self, j: int) -> float | None:
        """∂y_j by that entry; see `as_number`."""
        y = self.values[j]
        if y is sympy.nan:
            return math.nan
        return as_number(sympy.diff(y, _X), {_X: self._at}) if _reads(y) else 0.0


def as_number(formula: Any, numbers: dict[sympy.Symbol, sympy.Basic]) -> float | None:
    """A formula's value where its symbols have these.

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
