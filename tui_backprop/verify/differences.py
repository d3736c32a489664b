"""The witness of central differences: gradients against the program run on other numbers.

It stands apart from the algebra because it knows no derivative at all: it only runs the forward,
so that it sees a wrong sum over edges, a wrong seed or a wrong order of passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.verify.naming import gradient_text
from tui_backprop.verify.objective import Objective
from tui_backprop.verify.report import Finding
from tui_backprop.verify.sampling import sample
from tui_backprop.verify.slope import slope
from tui_backprop.verify.tally import Tally
from tui_backprop.verify.tolerance import Tolerance, in_dtype

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.report import Testimony
    from tui_backprop.verify.slope import Slope

_MOST_WORK: Final = 500_000
"""In nodes evaluated; a few microseconds each."""

_MOST_ENTRIES: Final = 400


def differences(evaluation: Evaluation) -> Testimony:
    """Compare gradients with central differences of ``Σ ⟨v, Y⟩`` over the passes that count."""
    tally = Tally("differences")
    total = sum(g.size for g in evaluation.grad.values())
    objective = Objective(evaluation)
    if not objective.terms:
        return tally.testimony(total, "no backward pass counts: nothing to differentiate")
    free = [n for n in evaluation.graph.inputs if n not in evaluation.graph.static_leaves]
    most = _entries_within_budget(evaluation)
    with np.errstate(all="ignore"):
        for number, name in enumerate(free):
            entries = evaluation.grad[name].size
            share = max(1, most // len(free))
            for flat in sample(entries, share, number):
                _compare_entry(tally, evaluation, objective, name, flat)
    fixed = total - sum(evaluation.grad[n].size for n in free)
    return tally.testimony(total, f"{fixed} entries shaped the graph and stay" if fixed else "")


def _entries_within_budget(evaluation: Evaluation) -> int:
    nodes = evaluation.graph.nodes
    work = len(nodes) + sum(n.size for n in nodes) // 1000
    return min(_MOST_ENTRIES, _MOST_WORK // (4 * work))


def _compare_entry(
    tally: Tally, evaluation: Evaluation, objective: Objective, name: str, flat: int
) -> None:
    gradient = evaluation.grad[name]
    engine = float(gradient.ravel()[flat])
    found = slope(objective, name, flat, lambda s: _finding(gradient, engine, s).excess <= 1)
    unnamed = _finding(gradient, engine, found)
    node = evaluation.graph.find(name) if name in evaluation.graph.names else None
    node = evaluation.graph.nodes[evaluation.graph.inputs[name]] if node is None else node
    finding = Finding(gradient_text(node, flat), engine, unnamed.witness, unnamed.tolerance)
    if finding.excess <= 1 and found.is_sharp(engine):
        tally.compare(finding)
        return
