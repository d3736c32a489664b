"""One scenario before all its witnesses.

It stands apart from the witnesses, which do not know of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.verify.claims import claims
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.expectation import expectation
from tui_backprop.verify.pytorch.witness import pytorch
from tui_backprop.verify.report import Report
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tui_backprop.api import Scenario
    from tui_backprop.scenario.model import Expect


def check(scenario: Scenario) -> Report:
    """Verify a scenario: local Jacobians, gradients, what its author expects and claims."""
    model = scenario.model
    evaluation = Evaluation(model.graph, model.leaves, model.passes)
    report = examine(evaluation, model.expect)
    if not model.claims:
        return report
    timeline = Timeline(evaluation, zeros=model.view.zeros == "show")
    return Report((*report.testimonies, claims(timeline, model.claims)))


def examine(evaluation: Evaluation, expect: Expect) -> Report:
    """Put every witness to one evaluation."""
    return Report(
        (
            algebra(evaluation),
            differences(evaluation),
            expectation(evaluation, expect),
            pytorch(evaluation),
        )
    )
