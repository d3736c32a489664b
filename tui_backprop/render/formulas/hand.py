"""The ways in which formulas are put into characters.

It stands apart from `algebra`, which knows what a partial is: each way of writing the same
expressions is a hand, and the plain one of the screen is the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tui_backprop.render.formulas.plain import write_expression
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.numbers import Numerals
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


class Hand(Protocol):
    """How the parts of a formula are written."""

    def expression(self, e: Any) -> str:
        """A SymPy expression."""

    def name(self, written: str) -> str:
        """A name, an index, or a name with primes, as the namer wrote it."""

    def application(self, rule: Rule, operands: Sequence[str], params: Params) -> str:
        """One application of an op to operands that this hand wrote."""

    def total(self, terms: Sequence[str], *, cut_left: bool, cut_right: bool) -> str:
        """A sum of terms that this hand wrote, with dots where others are left out."""


class PlainHand:
    """One line of text: ``2·x₂``."""

    def __init__(self, numerals: Numerals) -> None:
        self._numerals = numerals
        self._charset = numerals.charset

    def expression(self, e: Any) -> str:
        """As `mathematics` writes it."""
        return write_expression(e, self._numerals)

    def name(self, written: str) -> str:
        """As it is."""
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
