"""An answer compared with a partial, both formulas.

At numbers where the two differ the answer is wrong, whatever it looks like. Where they agree at all
of them, `proof` tries to show that they are one formula; whether it could is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.quiz.formulas import Evidence
from tui_backprop.debug.quiz.slips import LocalDerivation, slips_of_entry
from tui_backprop.graph.tolerance import Tolerance

if TYPE_CHECKING:
    from tui_backprop.debug.quiz.formulas import LocalFormula

_NEAR: Final = Tolerance(1e-11, 1e-11)
"""How far two formulas may be apart at a point: what roundings leave."""
_NEAR_ROUNDED: Final = Tolerance(1e-7, 1e-7)
"""And where the answer has a rounded number in it, such as seven digits of a 1/3."""
_ROUNDED: Final = r"(?<![\w.])\d*\.\d{6,}(?![\w.])"
_MOST_SLIPS: Final = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing a formula with the partial.

    Attributes:
        evidence: by which they are equal; None where they are not.
        is_here: whether they agree at the numbers of the walk all the same.
        slips: names of those that give the formula, with a sentence each.
        theirs: what the formula gives at a point where it is wrong.
        right: what the partial is there.
        at: the operands there, ``z[1] = 0.25``.
        off: what the formula is too large by everywhere, where that is too little to be met at a
            point.
    """

    evidence: Evidence | None
    is_here: bool = False
    slips: tuple[tuple[str, str], ...] = ()
    theirs: float = 0.0
    right: float = 0.0
    at: str = ""
    off: float = 0.0


def compare(formula: LocalFormula, text: str) -> Comparison:
    """Whether a text is the partial; nothing of it is executed.

    Raises:
        CommandError: it is no formula of what it may name.
    """
    asked = formula.read(text)
    is_rounded = re.search(_ROUNDED, asked.text) is not None
    near = _NEAR_ROUNDED if is_rounded else _NEAR
    theirs = [formula.value_of(asked, point) for point in formula.points]
    chosen = [k for k, _ in formula.comparable]
    apart = [k for k in chosen if near.apart(theirs[k], formula.truths[k])]
    if apart:
        here = formula.here()
        is_here = not near.apart(formula.value_of(asked, here), formula.truth(here))
        return Comparison(
            None, is_here, _slips(formula, theirs, chosen), theirs[apart[0]],
            formula.truths[apart[0]], formula.point_text(apart[0]),
        )  # fmt: skip
    from tui_backprop.debug.quiz.proof import difference_of, prove

    # A difference that is a number, however small, is one at every point.
    off = 0.0 if is_rounded else difference_of(formula, asked)
    if off:
        return Comparison(None, off=off)
    return Comparison(prove(formula, asked) or Evidence.POINTS)


def _slips(
    formula: LocalFormula, theirs: list[float], chosen: list[int]
) -> tuple[tuple[str, str], ...]:
    """The slips that give what the answer gives, wherever it was compared."""
    left: dict[str, str] | None = None
    for k in chosen:
        edge = LocalDerivation(formula.points[k], formula.mini_edge, formula.j, formula.i)
        here = {
            slip.name: slip.text
            for slip in slips_of_entry(edge)
            if not _NEAR.apart(slip.value, theirs[k])
        }
        left = {n: t for n, t in (here if left is None else left).items() if n in here}
        if not left:
            return ()
    return tuple((left or {}).items())[:_MOST_SLIPS]
