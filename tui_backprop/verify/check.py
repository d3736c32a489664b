"""One scenario before all its witnesses, its author's expectations and claims included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.debug.claims.claims import departure
from tui_backprop.debug.hunt.faults import faults
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.forward_mode import run_tangents
from tui_backprop.graph.model import Backward
from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.planted import unseen, without_places
from tui_backprop.verify.pytorch.optimizer import optimizer
from tui_backprop.verify.pytorch.witness import pytorch
from tui_backprop.verify.report import Finding, Report
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tui_backprop.api import Scenario
    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.graph.planted import Planted
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.model import Expect, Model
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.trace import Claim
    from tui_backprop.timeline.training import Training
    from tui_backprop.verify.report import Testimony


def check(scenario: Scenario) -> Report:
    """Verify a scenario: local Jacobians, gradients, tangents, what its author expects, claims."""
    model = scenario.model
    if model.planted is not None:
        return check_planted(model, model.planted)
    evaluation = scenario.trace()
    report = examine(evaluation, model.expect, evaluation.training, model.tangents)
    if model.tangents is not None:
        report = Report((*report.testimonies, duality(evaluation, model.tangents, model.expect)))
    if not model.claims:
        return report
    timeline = Timeline(evaluation, zeros=model.view.zeros == "show")
    return Report((*report.testimonies, claims(timeline, model.claims)))


def examine(
    evaluation: Evaluation,
    expect: Expect,
    training: Training[Any] | None = None,
    tangents: Tangents | None = None,
) -> Report:
    """Ask every witness about one evaluation, and about what is trained from there on."""
    asked = (
        algebra(evaluation),
        differences(evaluation),
        expectation(evaluation, expect, training, tangents),
        pytorch(evaluation),
    )
    return Report(asked if training is None else (*asked, optimizer(training)))


def duality(evaluation: Evaluation, tangents: Tangents, expect: Expect) -> Testimony:
    """That both modes give one number, v · (J·t) = (vᵀJ) · t, for each backward pass."""
    counter = Counter("forward")
    run = run_tangents(evaluation, tangents.by_input)
    tolerance = Tolerance(expect.rtol, expect.atol)
    total = 0
    for back in evaluation.runs:
        pushed = None if back is None else run.cotangents.get(back.of)
        if back is None or pushed is None:
            continue
        alone = Evaluation(
            evaluation.graph, evaluation.leaves, [Backward(back.of, back.seed)], evaluation.plan
        )
        names = {n: name for name, n in evaluation.graph.inputs.items()}
        with np.errstate(all="ignore"):
            pulled = sum(np.vdot(alone.grad[names[n]], t) for n, t in tangents.by_input.items())
            both = np.asarray(np.vdot(back.seed, pushed)), np.asarray(pulled)
        total += 1
        name = f"{evaluation.graph.nodes[back.of].label}: v · (J·t)"
        _compare_stated(counter, name, *both, tolerance)
    return counter.testimony(total)


def check_planted(model: Model, planted: Planted) -> Report:
    """Ask the witnesses about a walk with a bug, which must make it disagree, and alone do so.

    What would tell where the bug is stays untold.

    Args:
        model: the scenario.
        planted: its bug, and the graph without.
    """
    wrong = Evaluation(model.graph, model.leaves, model.passes)
    truth, told = Evaluation(planted.truth, model.leaves, model.passes), model.expect
    right = examine(truth, told, tangents=model.tangents)
    found = examine(wrong, told, tangents=model.tangents)
    at_fault = faults(wrong, planted.truth)
    is_alone = bool(at_fault) and at_fault <= planted.plant.nodes and right.is_sound
    if is_alone and any(t.disagreed for t in found.testimonies):
        return Report(without_places(found.testimonies), is_planted=True)
    return Report((*right.testimonies, unseen()))


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
    evaluation: Evaluation,
    expect: Expect,
    training: Training[Any] | None = None,
    tangents: Tangents | None = None,
) -> Testimony:
    """Compare every number that the scenario states.

    Args:
        evaluation: its values and gradients.
        expect: the numbers.
        training: what is trained from there on; None for nothing.
        tangents: what is pushed forward, without which no tangent can be stated.
    """
    counter = Counter("expect")
    tolerance = Tolerance(expect.rtol, expect.atol)
    total = 0
    for name, stated in expect.values.items():
        total += stated.size
        _compare_stated(counter, name, evaluation.values[name], stated, tolerance)
    for name, stated in expect.grad.items():
        total += stated.size
        _compare_stated(counter, f"{name}.grad", evaluation.grad[name], stated, tolerance)
    if tangents is not None and expect.tangent:
        total += _pushed(counter, evaluation, tangents, expect, tolerance)
    if training is not None:
        total += _trained(counter, training, expect, tolerance)
    return counter.testimony(total, "" if total else said("the scenario states nothing"))


def _pushed(
    counter: Counter,
    evaluation: Evaluation,
    tangents: Tangents,
    expect: Expect,
    tolerance: Tolerance,
) -> int:
    """Compare tangents; how many numbers those are."""
    pushed = run_tangents(evaluation, tangents.by_input).cotangents
    for name, stated in expect.tangent.items():
        found = pushed.get(evaluation.graph.names[name], np.zeros(stated.shape))
        _compare_stated(counter, f"{name}.tangent", found, stated, tolerance)
    return sum(stated.size for stated in expect.tangent.values())


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
