r"""SymPy expressions as LaTeX: ``1 - \tanh^{2}{\left(x_{2} \right)}``.

It stands apart because it imports SymPy. SymPy's own printer does the work; names, numbers, the
order of terms and the product's own functions are ours, so that a formula reads as on screen.
"""

from __future__ import annotations

from typing import Any, Final

import sympy
from sympy.printing.latex import LatexPrinter

from tui_backprop.render.formulas.latex_names import symbol, words
from tui_backprop.render.formulas.latex_text import numeral
from tui_backprop.render.formulas.plain import bounds, number_text, ordered_terms
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.rules.symbolic import expression

_NUMERALS: Final = numerals_in(ASCII)
_RELATIONS: Final = {"<": "<", "<=": r"\leq"}
_SETTINGS: Final = {"mul_symbol": "dot", "inv_trig_style": "full"}


def latex_expression(e: Any) -> str:
    """One formula; numbers and names as everywhere in LaTeX."""
    return str(_Printer(_SETTINGS).doprint(expression(e)))


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy calls a method by the name of the class that is printed."""

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
