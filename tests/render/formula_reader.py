"""A reader of printed formulas: what a person who knows the program's language would compute.

It shares nothing with the writer, and functions mean what they mean in a program.
"""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    **{name: getattr(np, name) for name in (
        "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt",
        "ceil", "cos", "cosh", "exp", "floor", "log", "sign", "sin", "sinc", "sinh", "sqrt", "tan",
        "tanh", "trunc",
    )},
    "digamma": lambda x: float(mpmath.digamma(x)),
    "erf": math.erf,
    "erfinv": lambda x: float(mpmath.erfinv(x)),
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
    "round": np.round,
    "trigamma": lambda x: float(mpmath.psi(1, x)),
}  # fmt: skip
_CONSTANTS: Final = {"π": math.pi, "pi": math.pi, "inf": math.inf, "nan": math.nan}
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RELATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq, "==": operator.eq, "≠": operator.ne, "!=": operator.ne, "<": operator.lt,
    "≤": operator.le, "<=": operator.le, ">": operator.gt, "≥": operator.ge, ">=": operator.ge,
}  # fmt: skip
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e[−-]?\d+)?)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)"
    r"|(?P<sign>[!<>=]=|[-−+·*/^(){},<>=≠≤≥]))"
)


def evaluate(text: str, names: Mapping[str, float]) -> float:
    """The number that a formula gives.

    Args:
        text: as it stands on screen.
        names: the entries in it.

    Raises:
        SyntaxError: the text is no formula.
    """
    with np.errstate(all="ignore"):
        reader = _Reader(text, names)
        value = reader.sum()
        reader.expect("end", "")
        return float(value)


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, names: Mapping[str, float]) -> None:
        self._text = text
        self._names = names
        self._tokens = [*self._split(text), ("end", "")]

    def _split(self, text: str) -> list[tuple[str, str]]:
        words = sorted({*self._names, *_FUNCTIONS, *_CONSTANTS, "if", "else", "and", "or"},
                       key=len, reverse=True)  # fmt: skip
        word = re.compile(r"\s*(" + "|".join(map(re.escape, words)) + r")(?![A-Za-z0-9_₀-₉′'])")
        found, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = word.match(text, at) or _TOKEN.match(text, at)
            if match is None:
                raise SyntaxError(f"{text[at:]!r} in {text!r}")
            kind = match.lastgroup or "word"
            found.append((kind, match[match.lastgroup] if match.lastgroup else match[1]))
            at = match.end()
        return found

    def _next(self, *signs: str) -> str | None:
        """The sign that stands here, taken, if it is one of these."""
        if self._tokens[0][1] in signs and self._tokens[0][0] in ("sign", "word"):
            return self._tokens.pop(0)[1]
        return None

    def expect(self, kind: str, text: str) -> None:
        """Take what has to stand here."""
        if self._tokens[0] != (kind, text):
            raise SyntaxError(f"expected {text!r}, found {self._tokens[0]} in {self._text!r}")
        self._tokens.pop(0)

    def sum(self) -> Any:
        """Terms between plus and minus."""
        total = self._product()
        while sign := self._next("+", "-", "−"):
            total = total + self._product() if sign == "+" else total - self._product()
        return total

    def _product(self) -> Any:
        if self._next("-", "−"):
            return -self._product()
        total = self._power()
        while sign := self._next("·", "*", "/"):
            factor = np.float64(self._power())
            total = total * factor if sign != "/" else np.float64(total) / factor
        return total

    def _power(self) -> Any:
        base = self._atom()
        if self._tokens[0][0] == "raised":
            return np.float64(base) ** int(self._tokens.pop(0)[1].translate(_RAISED))
        if self._next("^"):
            return np.float64(base) ** np.float64(self._atom())
        return base

    def _atom(self) -> Any:
        kind, text = self._tokens.pop(0)
        if kind == "number":
            return float(text.replace("−", "-"))
        if text == "(":
            value = self.sum()
            self.expect("sign", ")")
            return value
        if text == "{":
            return self._choice()
        if text in self._names:
            return self._names[text]
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text in _FUNCTIONS:
            return self._call(text)
        raise SyntaxError(f"{text!r} in {self._text!r}")

    def _call(self, name: str) -> Any:
        power = 1
        if self._tokens[0][0] == "raised":
            power = int(self._tokens.pop(0)[1].translate(_RAISED))
        self.expect("sign", "(")
        arguments = [self.sum()]
        while self._next(","):
            arguments.append(self.sum())
        self.expect("sign", ")")
        value = _FUNCTIONS[name](*arguments)
        return np.float64(value) ** power if power != 1 else value

    def _choice(self) -> Any:
        """``{a if x > 0, else b if x = 0, else c}``: the first case that holds."""
        found: list[Any] = []
        while True:
            value = self.sum()
            holds = self._either() if self._next("if") else True
            if holds and not found:
                found.append(value)
            if not self._next(","):
                break
            self.expect("word", "else")
        self.expect("sign", "}")
        return found[0] if found else math.nan

    def _either(self) -> bool:
        holds = self._all()
        while self._next("or"):
            holds = self._all() or holds
        return holds

    def _all(self) -> bool:
        holds = self._relation()
        while self._next("and"):
            holds = self._relation() and holds
        return holds

    def _relation(self) -> bool:
        if self._tokens[0][1] == "(" and (inner := self._bracketed_condition()) is not None:
            return inner
        left, holds = self.sum(), True
        while sign := self._next(*_RELATIONS):
            right = self.sum()
            holds = holds and bool(_RELATIONS[sign](left, right))
            left = right
        return holds

    def _bracketed_condition(self) -> bool | None:
        """``(x > 0 or y > 0)`` below an "and"; None where the bracket belongs to a number."""
        before = list(self._tokens)
        self._tokens.pop(0)
        try:
            holds = self._either()
            self.expect("sign", ")")
        except SyntaxError:
            self._tokens = before
            return None
        if self._tokens[0][1] in ("and", "or", ",", "}"):
            return holds
        self._tokens = before
        return None
