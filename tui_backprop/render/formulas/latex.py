r"""Formulas of partials in LaTeX.

It stands apart from `latex_mathematics`, which sets expressions: an application such as
``tanh(x₂)`` is no expression of SymPy, who would write out what the op does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.render.formulas.latex_mathematics import latex_expression
from tui_backprop.render.formulas.latex_names import symbol
from tui_backprop.render.formulas.latex_text import escaped
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class LatexHand:
    """Mathematics for TeX, KaTeX and MathJax."""

    def expression(self, e: Any) -> str:
        """As `latex_mathematics` writes it."""
        return latex_expression(e)

    def name(self, written: str) -> str:
        """As `latex_names` writes it."""
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
