"""The witness ``expect``: values and gradients that the scenario's author wrote down.

It stands apart because it is the only witness from outside: a published number, a hand calculation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.verify.tally import Tally

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.model import Expect
    from tui_backprop.verify.report import Testimony


def expectation(evaluation: Evaluation, expect: Expect) -> Testimony:
    """Compare every number that the scenario states."""
    tally = Tally("expect")
    tolerance = Tolerance(expect.rtol, expect.atol)
    total = 0
    for name, stated in expect.values.items():
        total += stated.size
        _compare(tally, name, evaluation.values[name], stated, tolerance)
    for name, stated in expect.grad.items():
        total += stated.size
        _compare(tally, f"{name}.grad", evaluation.grad[name], stated, tolerance)
    return tally.testimony(total, "" if total else "the scenario states nothing")


def _compare(tally: Tally, name: str, found: Array, stated: Array, tolerance: Tolerance) -> None:
    engine, witness = (np.asarray(x, dtype=np.float64).ravel() for x in (found, stated))
    tally.compare_all(lambda k: name + index_text(found.shape, k), engine, witness, tolerance)
