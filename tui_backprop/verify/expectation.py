"""The witness ``expect``: values and gradients that the scenario's author wrote down.

It stands apart because it is the only witness from outside: a published number, a hand calculation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.verify.naming import index_text
from tui_backprop.verify.report import Finding
from tui_backprop.verify.tally import Tally
from tui_backprop.verify.tolerance import Tolerance

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
    """Entry by entry the interesting ones, the rest counted."""
    engine = np.asarray(found, dtype=np.float64).ravel()
    witness = np.asarray(stated, dtype=np.float64).ravel()
    excess = np.array(_excess(engine, witness, tolerance))
    wrong = np.flatnonzero(excess > 1)
    shown = {int(k) for k in wrong[:8]} | {int(k) for k in np.argsort(-excess)[:1]}
    for k in sorted(shown):
        entry = name + index_text(found.shape, k)
        tally.compare(Finding(entry, float(engine[k]), float(witness[k]), tolerance))
    hidden = len(wrong) - len(shown.intersection(wrong.tolist()))
    tally.differ(hidden)
    tally.agree(len(engine) - len(shown) - hidden)


def _excess(engine: Array, witness: Array, tolerance: Tolerance) -> Array:
    """`Tolerance.excess` of whole arrays."""
    with np.errstate(all="ignore"):
        same = (engine == witness) | (np.isnan(engine) & np.isnan(witness))
        distance = np.where(same, 0.0, np.abs(engine - witness))
        allowed = tolerance.atol + tolerance.rtol * np.maximum(np.abs(engine), np.abs(witness))
        ratio = np.where(same, 0.0, distance / allowed)
    return np.where(np.isnan(ratio), np.inf, ratio)
