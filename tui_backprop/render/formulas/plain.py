"""SymPy expressions as one line of mathematics: ``1 − tanh²(x₂)``, ``2·x₁``, ``1/(1 + eˣ)``.

SymPy's own printers give either program text or several lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tui_backprop.render.text.numbers import number
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.numbers import Numerals
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


_OR, _AND, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(7)
_LONGEST_FRACTION = 10**5
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}
_NAMES = {
    "Abs": "abs", "Max": "max", "Min": "min", "_Floor": "floor", "_Ceiling": "ceil",
    "_Rounded": "round", "_Truncated": "trunc", "_CubeRoot": "cbrt", "_LogGamma": "lgamma",
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh",
    "atan": "arctan", "atan2": "arctan2", "atanh": "arctanh",
}  # fmt: skip

_GAMMA_SLOPES = {0: "digamma", 1: "trigamma"}


def write_expression(expression: Any, numerals: Numerals) -> str:
    """One line; numbers as everywhere on screen, or with as many digits as ``numerals`` has."""
    return _Writer(numerals).write(sympy.S.Zero + expression, _SUM)


def number_text(e: Any, numerals: Numerals) -> str:
    """A SymPy number as every number of the product is written."""
    if e.is_finite:
        return number(float(e), numerals)
    return {sympy.oo: "inf", -sympy.oo: f"{numerals.charset.minus}inf", sympy.zoo: "inf"}.get(
        e, "nan"
    )


class _Writer:
    """Writes an expression that a row made; it recurses as deep as a row is."""

    def __init__(self, numerals: Numerals) -> None:
        self._numerals = numerals
        self._charset = charset = numerals.charset
        self._times = charset.dot

    def write(self, e: Any, outer: int) -> str:
        """The text, in parentheses where it binds less than what is around it."""
        text, binding = self._bound(e)
        return f"({text})" if binding < outer else text

    def _bound(self, e: Any) -> tuple[str, int]:
        if e.is_Symbol:
            return e.name, _ATOM
        if e.is_Number or e is sympy.zoo:
            return self._number(e)
        if e is sympy.pi:
            return "pi" if self._charset.is_ascii else "π", _ATOM
        if e.is_Add:
            return self._sum(e), _SUM
        if e.is_Mul:
            return self._product(e), _PRODUCT
        if e.is_Pow or isinstance(e, sympy.exp):
            return self._power(e)
        if isinstance(e, sympy.Piecewise):
            return self._cases(e), _ATOM
        if isinstance(e, Boolean):
            return self._condition(e)
        return self._call(e), _ATOM

    def _sign(self, relation: Any) -> str:
        sign = str(relation.rel_op)
        return sign if self._charset.is_ascii else _RELATIONS.get(sign, sign)

    def _condition(self, e: Any) -> tuple[str, int]:
        """``x > 0 and y > 0``; bounds on one quantity as ``−1 < x < 1``."""
        if isinstance(e, Relational):
            return f"{self.write(e.lhs, _SUM)} {self._sign(e)} {self.write(e.rhs, _SUM)}", _RELATION
        if (found := bounds(e)) is not None:
            below, above = found
            middle = self.write(below.lhs, _SUM)
            low, high = (self.write(r.rhs, _SUM) for r in found)
            return (
                f"{low} {self._sign(below.reversed)} {middle} {self._sign(above)} {high}",
                _RELATION,
            )
        word, binding = ("and", _AND) if isinstance(e, sympy.And) else ("or", _OR)
        parts = sorted(e.args, key=lambda part: part.sort_key())
        return f" {word} ".join(self.write(part, binding + 1) for part in parts), binding

    def _number(self, e: Any) -> tuple[str, int]:
        if e.is_Rational and not e.is_Integer and max(abs(e.p), e.q) < _LONGEST_FRACTION:
            return f"{self._signed(e.p)}/{e.q}", _PRODUCT
        text = number_text(e, self._numerals)
        return text, _ATOM if not text.startswith(self._charset.minus) else _PRODUCT

    def _signed(self, n: int) -> str:
        return str(n).replace("-", self._charset.minus)

    def _sum(self, e: Any) -> str:
        text = ""
        for k, term in enumerate(ordered_terms(e)):
            is_negative = term.could_extract_minus_sign()
            shown = self.write(-term if is_negative else term, _PRODUCT)
            if k:
                text += f" {self._charset.minus} " if is_negative else " + "
            elif is_negative:
                text += self._charset.minus
            text += shown
        return text

    def _product(self, e: Any) -> str:
        if e.could_extract_minus_sign():
            return self._charset.minus + self.write(-e, _PRODUCT)
        above, below = e.as_numer_denom() if not e.is_commutative else sympy.fraction(e)
        if below != 1:
            return f"{self.write(above, _PRODUCT)}/{self.write(below, _POWER)}"
        factors = sorted(e.args, key=lambda f: (not f.is_Number, f.is_Pow and not f.is_Symbol))
        return self._times.join(self.write(f, _PRODUCT) for f in factors)

    def _power(self, e: Any) -> tuple[str, int]:
        base, exponent = e.as_base_exp()
        if exponent.could_extract_minus_sign() and not isinstance(e, sympy.exp):
            return f"1/{self.write(1 / e, _POWER)}", _PRODUCT
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self.write(base, _SUM)})", _ATOM
        if isinstance(e, sympy.exp) or base is sympy.E:
            return f"exp({self.write(e.exp, _SUM)})", _ATOM
        raised = self._raised(exponent)
        if base.is_Function and not isinstance(base, sympy.exp) and raised[0] != "^":
            return f"{self._name(base)}{raised}({self._arguments(base)})", _ATOM
        return self.write(base, _ATOM) + raised, _POWER

    def _raised(self, exponent: Any) -> str:
        if exponent.is_Integer and not self._charset.is_ascii:
            return str(exponent).translate(_SUPERSCRIPTS)
        return f"^{self.write(exponent, _ATOM)}"

    def _cases(self, e: Any) -> str:
        cases = []
        for value, condition in e.args:
            text = self.write(value, _SUM)
            cases.append(f"{text} if {self._bound(condition)[0]}" if condition != True else text)  # noqa: E712 - SymPy's true is an object of its own
        return "{" + ", else ".join(cases) + "}"

    def _call(self, e: Any) -> str:
        if isinstance(e, sympy.sinc):
            # SymPy's is sin(x)/x; the program's, as NumPy's, is that of π·x.
            return f"sinc({self.write(e.args[0] / sympy.pi, _SUM)})"
        if isinstance(e, sympy.polygamma) and e.args[0] in _GAMMA_SLOPES:
            return f"{_GAMMA_SLOPES[e.args[0]]}({self.write(e.args[1], _SUM)})"
        return f"{self._name(e)}({self._arguments(e)})"

    def _name(self, e: Any) -> str:
        name = type(e).__name__
        return _NAMES.get(name, name)

    def _arguments(self, e: Any) -> str:
        return ", ".join(self.write(a, _SUM) for a in e.args)


def bounds(e: Any) -> tuple[Any, Any] | None:
    """The lower and the upper of two numbers that bound one quantity, the quantity on the left."""
    if not isinstance(e, sympy.And) or len(e.args) != 2:
        return None
    turned = [r.reversed if r.lhs.is_number else r for r in e.args if isinstance(r, Relational)]
    below = [r for r in turned if isinstance(r, sympy.Gt | sympy.Ge) and r.rhs.is_number]
    above = [r for r in turned if isinstance(r, sympy.Lt | sympy.Le) and r.rhs.is_number]
    if len(below) == len(above) == 1 and below[0].lhs == above[0].lhs:
        return below[0], above[0]
    return None


def ordered_terms(e: Any) -> list[Any]:
    """Summands with the positive ones first: ``1 − t²``, not ``−t² + 1``."""
    terms = list(e.as_ordered_terms())
    return sorted(terms, key=lambda t: (t.could_extract_minus_sign(), not t.is_Number))


class FormulaWriter(Protocol):
    """How a way of writing formulas joins their parts."""

    def expression(self, e: Any) -> str:
        """A SymPy expression."""

    def name(self, written: str) -> str:
        """A name, an index, or a name with primes, as the namer wrote it."""

    def application(self, rule: Rule, operands: Sequence[str], params: Params) -> str:
        """One application of an op to operands that this writer wrote."""

    def total(self, terms: Sequence[str], *, cut_left: bool, cut_right: bool) -> str:
        """A sum of terms that this writer wrote, with dots where others are left out."""


class PlainWriter:
    """Formulas as one line of text: ``2·x₂``."""

    def __init__(self, numerals: Numerals) -> None:
        self._numerals = numerals
        self._charset = numerals.charset

    def expression(self, e: Any) -> str:
        """The expression as one line."""
        return write_expression(e, self._numerals)

    def name(self, written: str) -> str:
        """The name unchanged."""
        return written

    def application(self, rule: Rule, operands: Sequence[str], params: Params) -> str:
        """Program operators as mathematics writes them."""
        text = application(rule, operands, params)
        if self._charset.is_ascii:
            return text
        return text.replace(" * ", "·").replace(" - ", " − ")

    def total(self, terms: Sequence[str], *, cut_left: bool, cut_right: bool) -> str:
        """``… + a·x₂ − b·x₃ + …``."""
        dots = [self._charset.ellipsis]
        joined = " + ".join(dots * cut_left + [*terms] + dots * cut_right)
        minus = self._charset.minus
        return joined.replace(f"+ {minus}", f"{minus} ") or "0"
