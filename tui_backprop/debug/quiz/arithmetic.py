"""Numbers that are worked out from numbers: ``2*3``, ``-1/2.25**2``, ``cos(2.25)``.

The program's own reader parses them, and each node of what it built is applied by its row; no text
is evaluated.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.debug.conditions.evaluation import VOCABULARY, evaluate
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import build_formula, result_of

_LIMITS: Final = replace(
    DEFAULT_LIMITS, nodes=60, instructions=200, elements=100, total_elements=1_000,
    multiplications=1_000, exponent=100,
)  # fmt: skip


def worked_out(text: str) -> float | None:
    """The number that a text works out to; None where it is no arithmetic of numbers.

    Raises:
        CommandError: what it works out to is not finite: that is the question, and no answer.
    """
    try:
        graph = build_formula(text, {}, np.dtype(np.float64), VOCABULARY, _LIMITS)
        found = evaluate(graph, [], result_of(graph)).values
    except TuiBackpropError:
        return None
    if found.shape != ():
        return None
    if not math.isfinite(float(found)):
        raise unfinished()
    return float(found)


def unfinished() -> CommandError:
    """The error for a quotient by 0 and its like, which does not tell what it gives."""
    return CommandError(said("that is no finite number: write what comes out of it"))
