"""One scenario before all its witnesses, its author's expectations and claims included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.debug.claims.claims import departure
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.pytorch.optimizer import optimizer
from tui_backprop.verify.pytorch.witness import pytorch
from tui_backprop.verify.report import Finding, Report
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tui_backprop.api import Scenario
    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.model import Expect
    from tui_backprop.timeline.trace import Claim
    from tui_backprop.timeline.training import Training
    from tui_backprop.verify.report import Testimony


def check(scenario: Scenario) -> Report:
    """Verify a scenario: local Jacobians, gradients, what its author expects and claims."""
    model = scenario.model
    evaluation = Evaluation(model.graph, model.leaves, model.passes)
    report = examine(evaluation, model.expect, scenario.trace().training)
    if not model.claims:
        return report
    timeline = Timeline(evaluation, zeros=model.view.zeros == "show")
    return Report((*report.testimonies, claims(timeline, model.claims)))


def examine(
    evaluation: Evaluation, expect: Expect, training: Training[Any] | None = None
) -> Report:
    """Ask every witness about one evaluation, and about what is trained from there on."""
    asked = (
        algebra(evaluation),
        differences(evaluation),
        expectation(evaluation, expect, training),
        pytorch(evaluation),
    )
    return Report(asked if training is None else (*asked, optimizer(training)))


def claims(timeline: Timeline, stated: tuple[Claim, ...]) -> Testimony:
    """Compare every claimed number.

    Args:
        timeline: the walk whose steps are reported.
        stated: what the scenario claims.
    """
    counter = Counter("claims")
    taught: list[str] = []
    for claim in stated:
        found = departure(timeline, claim)
        if claim.holds:
            _compare(counter, claim, found)
        elif found is None:
            remark = said("it is said to be wrong, and is right")
            right = float(claim.value.flat[0]) if claim.value.size else 0.0
            counter.disagree(Finding(claim.text, right, right, claim.tolerance, remark))
            counter.agree(max(0, claim.value.size - 1))
        else:
            counter.agree(claim.value.size)
            taught.append(
                said("{numbers}, a slip on purpose; {text}", numbers=found.numbers, text=found.text)
            )
    return counter.testimony(sum(claim.value.size for claim in stated), reports=tuple(taught))


def _compare(counter: Counter, claim: Claim, found: Departure | None) -> None:
    if found is None:
        counter.agree(claim.value.size)
        return
    numbers = (found.truth, found.claimed)
    counter.disagree(Finding(found.entry, *numbers, claim.tolerance, found.text), found.wrong)
    counter.agree(claim.value.size - found.wrong)


def expectation(
    evaluation: Evaluation, expect: Expect, training: Training[Any] | None = None
) -> Testimony:
    """Compare every number that the scenario states."""
    counter = Counter("expect")
    tolerance = Tolerance(expect.rtol, expect.atol)
    total = 0
    for name, stated in expect.values.items():
        total += stated.size
        _compare_stated(counter, name, evaluation.values[name], stated, tolerance)
    for name, stated in expect.grad.items():
        total += stated.size
        _compare_stated(counter, f"{name}.grad", evaluation.grad[name], stated, tolerance)
    if training is not None:
        total += _trained(counter, training, expect, tolerance)
    return counter.testimony(total, "" if total else said("the scenario states nothing"))


def _trained(
    counter: Counter, training: Training[Any], expect: Expect, tolerance: Tolerance
) -> int:
    """Compare what inputs become, and losses; how many numbers those are."""
    if expect.loss is not None:
        losses = np.array([training.loss(k) for k in range(expect.loss.size)])
        _compare_stated(counter, "loss", losses, expect.loss, tolerance)
    updates = training.updates((expect.updated_after or training.count) - 1)
    for name, stated in expect.updated.items():
        value = updates.of(training.first.graph.inputs[name])[-1].value
        _compare_updated(counter, name, value, stated, tolerance)
    return sum(x.size for x in expect.updated.values()) + (
        0 if expect.loss is None else expect.loss.size
    )


def _compare_updated(
    counter: Counter, name: str, found: Array, stated: Array, tolerance: Tolerance
) -> None:
    def called(k: int) -> str:
        return said("{entry} updated", entry=name + index_text(found.shape, k))

    engine, witness = (np.asarray(x, dtype=np.float64).ravel() for x in (found, stated))
    counter.compare_all(called, engine, witness, tolerance)


def _compare_stated(
    counter: Counter, name: str, found: Array, stated: Array, tolerance: Tolerance
) -> None:
    engine, witness = (np.asarray(x, dtype=np.float64).ravel() for x in (found, stated))
    counter.compare_all(lambda k: name + index_text(found.shape, k), engine, witness, tolerance)
