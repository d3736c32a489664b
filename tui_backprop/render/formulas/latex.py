r"""Formulas of partials, and SymPy expressions, in LaTeX.

An application such as ``tanh(x₂)`` is set here, since SymPy would write out what the op does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import sympy
from sympy.printing.latex import LatexPrinter

from tui_backprop.render.formulas.algebra import write_by
from tui_backprop.render.formulas.latex_names import escaped, numeral, symbol, words
from tui_backprop.render.formulas.plain import bounds, number_text, ordered_terms
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.rules.symbolic import expression
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.formulas.symbolic import Formula
    from tui_backprop.render.text.names import Namer
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


_FIRST: Final = 0xE000
"""Operands are put in as characters of the private use area, which no text of a rule has."""
_OPERAND: Final = r"[\ue000-\uf8ff]"
_INFIX: Final = re.compile(rf"({_OPERAND}) (\S+) ({_OPERAND})")
_SIGN: Final = re.compile(rf"-({_OPERAND})")
_CALL: Final = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_OPERATORS: Final = {
    "+": "+", "-": "-", "*": r"\cdot", "@": r"\,", "<": "<", ">": ">",
    "<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne",
}  # fmt: skip
_AROUND: Final = {
    "sqrt": (r"\sqrt{", "}"),
    "abs": (r"\left\lvert ", r" \right\rvert"),
    "floor": (r"\left\lfloor ", r" \right\rfloor"),
    "ceil": (r"\left\lceil ", r" \right\rceil"),
}
_COMMANDS: Final = frozenset(
    ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
     "max", "min", "det")
)  # fmt: skip
_BARE: Final = frozenset({"", ", ", "[", "]"})


class LatexWriter:
    """Mathematics for TeX, KaTeX and MathJax."""

    def expression(self, e: Any) -> str:
        """The expression in LaTeX."""
        return latex_expression(e)

    def name(self, written: str) -> str:
        """The name in LaTeX, see `latex_names`."""
        return symbol(written)

    def application(self, rule: Rule, operands: Sequence[str], params: Params) -> str:
        """Operators as mathematics has them, other ops as functions."""
        places = [chr(_FIRST + k) for k in range(len(operands))]
        text = application(rule, places, params)
        return _filled(_shaped(text, operands), operands)

    def total(self, terms: Sequence[str], *, cut_left: bool, cut_right: bool) -> str:
        r"""``\cdots + a \cdot x_{2} - b \cdot x_{3} + \cdots``."""
        dots = [r"\cdots"]
        joined = " + ".join(dots * cut_left + [*terms] + dots * cut_right)
        return re.sub(r"\+ -\s*", "- ", joined) or "0"


def _shaped(text: str, operands: Sequence[str]) -> str:
    """The application as LaTeX, its operands still a character each."""
    infix, sign, call = (p.fullmatch(text) for p in (_INFIX, _SIGN, _CALL))
    if infix is not None:
        return _infix(infix[2], infix[1], infix[3], operands)
    if sign is not None:
        return f"-{_bracketed(sign[1], operands)}"
    if call is None:
        return _runs(text)
    before, after = _AROUND.get(call[1], (rf"{_function(call[1])}\left(", r"\right)"))
    return before + _runs(call[2]) + after


def _infix(operator: str, left: str, right: str, operands: Sequence[str]) -> str:
    if operator == "/":
        return rf"\frac{{{left}}}{{{right}}}"
    if operator == "**":
        return f"{_bracketed(left, operands, even_raised=True)}^{{{right}}}"
    return f"{left} {_OPERATORS[operator]} {_bracketed(right, operands)}"


def _bracketed(place: str, operands: Sequence[str], *, even_raised: bool = False) -> str:
    """The operand, in brackets where a sign, or a power under a power, would be misread."""
    own = operands[ord(place) - _FIRST]
    needs = own.startswith("-") or (even_raised and "^" in own)
    return rf"\left({place}\right)" if needs else place


def _function(name: str) -> str:
    return f"\\{name}" if name in _COMMANDS else rf"\operatorname{{{escaped(name)}}}"


def _runs(text: str) -> str:
    """Operands stay; what stands between them is program text, upright."""
    pieces = re.split(f"({_OPERAND})", text)
    return "".join(
        piece if k % 2 or piece in _BARE else rf"\text{{{escaped(piece)}}}"
        for k, piece in enumerate(pieces)
    )


def _filled(text: str, operands: Sequence[str]) -> str:
    return "".join(operands[ord(c) - _FIRST] if re.match(_OPERAND, c) else c for c in text)


_NUMERALS: Final = numerals_in(ASCII)
_RELATIONS: Final = {"<": "<", "<=": r"\leq"}
_SETTINGS: Final = {"mul_symbol": "dot", "inv_trig_style": "full"}


def latex_expression(e: Any) -> str:
    """One formula; numbers and names as everywhere in LaTeX."""
    return str(_Printer(_SETTINGS).doprint(expression(e)))


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """A printer of SymPy's with the product's names and numbers; its methods are named by SymPy."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        del order  # the same for every formula
        return ordered_terms(expr)

    def _print_Symbol(self, expr: Any) -> str:
        return symbol(expr.name)

    def _print_Named(self, expr: Any) -> str:
        return words(expr.name)

    def _print_Float(self, expr: Any) -> str:
        return numeral(number_text(expr, _NUMERALS))

    def _print_ComplexInfinity(self, expr: Any) -> str:
        return str(self._print_Infinity(expr))

    def _print_Integer(self, expr: Any) -> str:
        return self._print_Float(expr)

    def _helper_print_standard_power(self, expr: Any, template: str) -> str:
        # Two superscripts on one base are an error in TeX: x' squared, 10⁻⁷ to the power x.
        base = self._print(expr.base)
        if expr.base.is_Atom and "^" in base:
            return str(template % (rf"\left({base}\right)", self._print(expr.exp)))
        return str(super()._helper_print_standard_power(expr, template))

    def _print_Piecewise(self, expr: Any) -> str:
        cases = r" \\ ".join(
            rf"{self._print(value)} & {self._condition(holds)}" for value, holds in expr.args
        )
        return rf"\begin{{cases}} {cases} \end{{cases}}"

    def _print_And(self, e: Any) -> str:
        if (found := bounds(e)) is None:
            return str(super()._print_And(e))
        below, above = found
        low = f"{self._print(below.rhs)} {_RELATIONS[below.reversed.rel_op]}"
        return f"{low} {self._print(above)}"

    def _condition(self, holds: Any) -> str:
        return r"\text{else}" if holds is sympy.true else rf"\text{{if }} {self._print(holds)}"

    def _print_Abs(self, expr: Any, exp: str | None = None) -> str:
        # Not |x|: a bar would end the cell of a Markdown table.
        inside = rf"\left\lvert {self._print(expr.args[0])} \right\rvert"
        return f"{inside}^{{{exp}}}" if exp is not None else inside

    def _print__Floor(self, expr: Any, exp: str | None = None) -> str:
        return str(self._print_floor(expr, exp))

    def _print__Ceiling(self, expr: Any, exp: str | None = None) -> str:
        return str(self._print_ceiling(expr, exp))

    def _print__Rounded(self, expr: Any, exp: str | None = None) -> str:
        return self._called("round", expr, exp)

    def _print__Truncated(self, expr: Any, exp: str | None = None) -> str:
        return self._called("trunc", expr, exp)

    def _print__LogGamma(self, expr: Any, exp: str | None = None) -> str:
        return self._called("lgamma", expr, exp)

    def _print__CubeRoot(self, expr: Any, exp: str | None = None) -> str:
        raised = f"^{{{exp}}}" if exp is not None else ""
        return rf"\sqrt[3]{{{self._print(expr.args[0])}}}{raised}"

    def _print_sinc(self, expr: Any, exp: str | None = None) -> str:
        # SymPy's is sin(x)/x; the program's, as NumPy's, is that of π·x.
        return self._called("sinc", sympy.Tuple(expr.args[0] / sympy.pi), exp)

    def _print_atan2(self, expr: Any, exp: str | None = None) -> str:
        return self._called("arctan2", expr, exp)

    def _print_asinh(self, expr: Any, exp: str | None = None) -> str:
        return self._called("arcsinh", expr, exp)

    def _print_acosh(self, expr: Any, exp: str | None = None) -> str:
        return self._called("arccosh", expr, exp)

    def _print_atanh(self, expr: Any, exp: str | None = None) -> str:
        return self._called("arctanh", expr, exp)

    def _called(self, name: str, expr: Any, exp: str | None) -> str:
        raised = f"^{{{exp}}}" if exp is not None else ""
        inside = ", ".join(self._print(x) for x in expr.args)
        return rf"\operatorname{{{name}}}{raised}{{\left({inside} \right)}}"


def write(evaluation: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer) -> Formula:
    """The formula of ∂y_j/∂x_i; see `algebra.write_by`."""
    return write_by(LatexWriter(), evaluation, edge, place, namer)
