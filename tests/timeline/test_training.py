"""Training: numbers as computed by hand and by PyTorch, and one walk through all iterations."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.dataclass import replace
from tui_backprop.debug.compare import compare
from tui_backprop.debug.conditions.expression import is_same
from tui_backprop.errors import CommandError
from tui_backprop.graph.update_rules import UPDATE_RULES
from tui_backprop.scenario.load import loads
from tui_backprop.scenario.update import RULE_NAMES
from tui_backprop.timeline import training as training_module
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.training import Training

NET = """\
format: 1
inputs:
  W: {shape: [3, 2], random: normal, seed: SEED}
  b: {shape: [3], random: normal, seed: 5}
  u: {shape: [3], random: normal, seed: 7}
constants:
  x: [0.3, -1.2]
  t: 0.5
program: |
  h = tanh(W @ x + b)
  L = (u @ h - t) ** 2
update: {OPTIONS}
"""

RULES = (
    "rule: sgd, lr: 0.3",
    "rule: sgd, lr: 0.3, weight_decay: 0.1",
    "rule: sgd, lr: 0.1, momentum: 0.8",
    "rule: sgd, lr: 0.1, momentum: 0.8, dampening: 0.3, weight_decay: 0.05",
    "rule: sgd, lr: 0.1, momentum: 0.8, nesterov: true, weight_decay: 0.05",
    "rule: momentum, lr: 0.05",
    "rule: adam, lr: 0.1",
    "rule: adam, lr: 0.1, betas: [0.7, 0.9], eps: 0.001, weight_decay: 0.2",
    "rule: adam",
)


def trained(options: str, *, seed: int = 1, text: str = NET) -> Training[Any]:
    """The iterations of a small net."""
    model = loads(text.replace("OPTIONS", options).replace("SEED", str(seed)))
    found = tb.Scenario(model).trace().training
    assert found is not None
    return found


def by_hand(found: Training[Any]) -> list[dict[str, Any]]:
    """What the formulas of the papers make of the inputs, entry by entry in plain Python."""
    s, rule = found.update.settings, found.update.rule.name
    inputs = {name: np.array(a).ravel().tolist() for name, a in found.trace(0).leaves.items()}
    b: dict[tuple[str, int], float] = {}
    m: dict[tuple[str, int], float] = {}
    v: dict[tuple[str, int], float] = {}
    after = []
    for t in range(1, found.count + 1):
        grads = found.trace(t - 1).grad
        for name in found.update.of:
            for k, w in enumerate(inputs[name]):
                at, g = (name, k), float(grads[name].ravel()[k]) + s["weight_decay"] * w
                if rule == "adam":
                    m[at] = s["beta1"] * m.get(at, 0.0) + (1 - s["beta1"]) * g
                    v[at] = s["beta2"] * v.get(at, 0.0) + (1 - s["beta2"]) * g * g
                    mean, square = m[at] / (1 - s["beta1"] ** t), v[at] / (1 - s["beta2"] ** t)
                    inputs[name][k] = w - s["lr"] * mean / (square**0.5 + s["eps"])
                    continue
                if s["momentum"]:
                    b[at] = g if t == 1 else s["momentum"] * b[at] + (1 - s["dampening"]) * g
                    g = g + s["momentum"] * b[at] if s["nesterov"] else b[at]
                inputs[name][k] = w - s["lr"] * g
        after.append({name: np.array(inputs[name]) for name in found.update.of})
    return after


@pytest.mark.parametrize("zero_grad", [True, False])
@pytest.mark.parametrize("options", RULES)
def test_numbers_are_those_of_the_formulas(options: str, zero_grad: bool) -> None:
    """Each iteration starts from what the last one left, whatever the rule."""
    found = trained(f"{options}, steps: 5, zero_grad: {str(zero_grad).lower()}")
    for number, expected in enumerate(by_hand(found)):
        for leaf, lines in zip(found.update.of, found.updates(number).lines, strict=True):
            np.testing.assert_allclose(lines[-1].value.ravel(), expected[leaf], rtol=1e-12)
            if number + 1 < found.count:
                assert np.array_equal(found.trace(number + 1).leaves[leaf], lines[-1].value)


@pytest.mark.parametrize("zero_grad", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("options", RULES)
def test_numbers_are_those_of_pytorch(options: str, seed: int, zero_grad: bool) -> None:
    """A loop as people write it: forward, zero_grad, backward, step; autograd is PyTorch's."""
    torch = pytest.importorskip("torch")
    found = trained(f"{options}, steps: 6, zero_grad: {str(zero_grad).lower()}", seed=seed)
    leaves = found.trace(0).leaves
    w, b, u = (torch.tensor(np.array(leaves[n]), requires_grad=True) for n in "Wbu")
    x, t = (torch.tensor(np.array(leaves[n])) for n in "xt")
    settings = dict(found.update.settings)
    if found.update.rule.name == "adam":
        betas = settings.pop("beta1"), settings.pop("beta2")
        optimizer = torch.optim.Adam([w, b, u], betas=betas, **settings)
    else:
        settings["nesterov"] = bool(settings["nesterov"])
        optimizer = torch.optim.SGD([w, b, u], **settings)
    for number in range(found.count):
        loss = (u @ torch.tanh(w @ x + b) - t) ** 2
        assert found.loss(number) == pytest.approx(loss.item(), rel=1e-9)
        if zero_grad:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for name, tensor in zip("Wbu", (w, b, u), strict=True):
            mine = found.updates(number).lines[found.update.of.index(name)][-1].value
            np.testing.assert_allclose(mine, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)
            grad = found.trace(number).grad[name]
            np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_defaults_are_those_of_pytorch() -> None:
    """What a scenario leaves out."""
    torch = pytest.importorskip("torch")
    some = [torch.zeros(1, requires_grad=True)]
    adam, sgd = torch.optim.Adam(some).defaults, torch.optim.SGD(some).defaults
    own = UPDATE_RULES["adam"].defaults
    assert (own["beta1"], own["beta2"]) == adam["betas"]
    assert [own[n] for n in ("lr", "eps", "weight_decay")] == [
        adam[n] for n in ("lr", "eps", "weight_decay")
    ]
    assert UPDATE_RULES["sgd"].defaults == {n: sgd[n] for n in UPDATE_RULES["sgd"].defaults}


def test_the_rules_of_the_file_are_those_of_the_table() -> None:
    """The table is read only where something is trained."""
    assert tuple(UPDATE_RULES) == RULE_NAMES


def test_mazur_prints_these_numbers() -> None:
    """The weights after one step, and the error after ten thousand, the biases as they are."""
    model = tb.load("mazur-training").model
    assert model.update is not None
    trace = tb.Scenario(replace(model, update=replace(model.update, steps=10_000))).trace()
    assert trace.training is not None
    lines = trace.training.updates(0).lines
    after = {name: float(c[-1].value) for name, c in zip(model.update.of, lines, strict=True)}
    printed = {
        "w1": 0.149780716, "w2": 0.19956143, "w3": 0.24975114, "w4": 0.29950229,
        "w5": 0.35891648, "w6": 0.408666186, "w7": 0.511301270, "w8": 0.561370121,
    }  # fmt: skip
    assert after == pytest.approx(printed, abs=5e-9)
    assert trace.training.loss(9_999) == pytest.approx(0.0000351085, abs=5e-11)


def session(options: str = "rule: momentum, lr: 0.1, steps: 4", text: str = NET) -> tb.Session:
    """A walk through some iterations."""
    model = loads(text.replace("OPTIONS", options).replace("SEED", "3"))
    return tb.Scenario(model).session()


def told(frame: Frame) -> tuple[object, ...]:
    """Everything that a frame shows, to be compared."""
    timeline = frame.timeline
    adjoints = [frame.adjoint(n.id) for n in timeline.nodes]
    values = [frame.value(n.id) for n in timeline.nodes]
    return (
        frame.k, frame.phase, frame.pass_number, frame.node.id, frame.edge, frame.row,
        frame.column, timeline.updates.number,
        [None if x is None else x.tolist() for x in values],
        [(a.is_unknown, str(a.toarray()[0].tolist())) for a in adjoints],
        None if frame.partial is None else frame.partial.after,
    )  # fmt: skip


@pytest.mark.parametrize("zero_grad", ["true", "false"])
def test_stepping_back_gives_the_frames_of_stepping_forward(zero_grad: str) -> None:
    """Whichever way one came, and whichever iteration one asks."""
    walked = session(f"rule: momentum, lr: 0.1, steps: 3, zero_grad: {zero_grad}")
    length = walked.timeline.length
    forward = [told(walked.frame)]
    while walked.cursor < walked.last:
        forward.append(told(walked.step()))
    assert [each[0] for each in forward] == list(range(length))
    back = [told(walked.frame)]
    while walked.cursor:
        back.append(told(walked.reverse_step()))
    assert back[::-1] == forward
    first, last = walked.timeline, walked.timeline.at(length - 1)
    assert first is not last
    assert [f.k for f in first] == [f.k for f in last] == list(range(length))
    assert len(first) == len(last) == length
    assert [told(f) for f in last[10:20]] == forward[10:20]
    with pytest.raises(IndexError):
        first[length]


def test_the_steps_of_an_iteration() -> None:
    """Forward, zero_grad in all but the first, the pass, a step for each entry of each input."""
    walked = session("rule: sgd, steps: 2, of: [u, W]")
    first, second = (walked.timeline.at(k) for k in (0, walked.last))
    phases = [s.phase for s in first.sections]
    assert phases == [Phase.BUILD, Phase.SEED, Phase.PARTIAL, Phase.UPDATE]
    assert [s.phase for s in second.sections] == [Phase.BUILD, Phase.ZERO_GRAD, *phases[1:]]
    section = second.sections[-1]
    updated = [second[k] for k in section.steps]
    nodes = second.trace.graph.inputs
    places = [(nodes["u"], k) for k in range(3)] + [(nodes["W"], k) for k in range(6)]
    assert [(f.node.id, f.column) for f in updated] == places
    for frame in updated:
        assert frame.changed.node == frame.node.id
        u, w = (np.array(frame.value(nodes[name])).ravel() for name in "uW")
        done = updated.index(frame) + 1
        old, new = ({n: second.trace.leaves[n].ravel() for n in "uW"},
                    {n: c[-1].value.ravel() for n, c in
                     zip("uW", second.updates.lines, strict=True)})  # fmt: skip
        expected = [*new["u"], *new["W"]][:done] + [*old["u"], *old["W"]][done:]
        assert [*u, *w] == expected


def test_next_goes_over_an_input_and_into_the_next_iteration() -> None:
    """And back to where it came from."""
    walked = session("rule: sgd, steps: 2, of: [u, W]")
    update = walked.timeline.sections[-1].start
    walked.goto(update - 1)
    assert [walked.next().k for _ in range(3)] == [update + 2, update + 8, update + 9]
    assert walked.frame.phase is Phase.BUILD
    assert walked.frame.node.id == 0
    assert [walked.reverse_next().k for _ in range(3)] == [update + 8, update + 2, update - 1]


def test_any_iteration_is_computed_from_the_nearest_that_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where starts are too large to be kept all."""
    expected = trained("rule: adam, lr: 0.1, steps: 40")
    monkeypatch.setattr(training_module, "_ROOM", 9_000)
    found = trained("rule: adam, lr: 0.1, steps: 40")
    for number in (39, 17, 38, 0, 5, 39):
        for name in ("W", "b", "u"):
            assert np.array_equal(
                found.trace(number).leaves[name], expected.trace(number).leaves[name]
            )
        assert found.loss(number) == expected.loss(number)
    assert len(found._starts) < 20


PICKED = """\
format: 1
inputs: {w: [0.5, -1, 2]}
constants: {x: [1, 2, 3]}
program: |
  y = max(w * x)
  L = (y - 1) ** 2 + sum(w ** 2)
update: {rule: sgd, lr: 0.1, steps: 6}
"""


@pytest.mark.parametrize("zeros", [True, False])
def test_iterations_may_differ_in_length(*, zeros: bool) -> None:
    """Where numbers decide which partials there are."""
    trace = tb.Scenario(loads(PICKED)).trace()
    timeline = trace.walked(zeros=zeros)
    parts = [steps for _, steps in timeline.parts(range(timeline.length))]
    assert [k for steps in parts for k in steps] == list(range(timeline.length))
    for frame in timeline:
        assert frame.k in frame.timeline.steps
        if frame.phase is Phase.PARTIAL:
            assert frame.partial is not None


CONDITIONS = ("L < 1", "norm(W.grad) > 1", "u[0] < 0.2", "any(W.grad[0] > 0)", 'phase == "update"',
              "W[0, 0] - b[0] > 0.1", "step > 100", 'node == "u"')  # fmt: skip


@pytest.mark.parametrize(
    ("command", "condition"),
    [
        (command, condition)
        for command in ("break if", "watch", "break u if")
        for condition in CONDITIONS
        if command != "watch" or "==" not in condition
    ],
)
def test_continue_stops_where_each_step_is_asked(command: str, condition: str) -> None:
    """In any iteration, forward and back, at the steps that asking all of them finds."""
    walked, other = session(), session()
    walked.execute(f"{command} {condition}")
    stops = []
    while walked.cursor < walked.last:
        walked.continue_()
        if walked.reason != "":
            stops.append(walked.cursor)
    if stops and stops[-1] == walked.last and "end of the walk" in walked.reason:
        stops.pop()
    one = walked.breakpoints[0]
    slowly = [k for k in range(1, other.timeline.length) if _stops(one, other, k)]
    assert stops == slowly
    back = []
    while walked.cursor:
        walked.reverse_continue()
        if walked.reason and walked.cursor:
            back.append(walked.cursor)
    assert back[::-1] == [k for k in slowly if 0 < k < walked.last]


def _stops(one: Breakpoint, other: tb.Session, k: int) -> bool:
    """Whether a breakpoint stops at a step, by looking at that and the one before."""
    now, before = other.timeline[k], other.timeline[k - 1]
    if one.watched is not None:
        return not is_same(one.watched.displayed(now), one.watched.displayed(before))
    assert one.condition is not None
    holds = one.condition.holds(now) is True
    if one.place is None:
        return holds and one.condition.holds(before) is not True
    timeline = other.timeline.at(k)
    return holds and any(k in steps for steps in one.place.steps(timeline))


def test_other_numbers_are_tried_from_an_iteration_on() -> None:
    """Those before it stay; undo from anywhere brings all of them back."""
    walked = session("rule: sgd, lr: 0.1, steps: 4")
    training = walked.trace.training
    assert training is not None
    before = [training.loss(k) for k in range(4)]
    walked.execute("goto iteration 3")
    walked.execute("set u[0] = 5")
    changed = walked.trace.training
    assert changed is not None
    assert walked.timeline.updates.number == 2
    assert [changed.loss(k) for k in range(2)] == before[:2]
    assert changed.trace(2).leaves["u"][0] == 5
    assert changed.loss(2) != before[2]
    last = changed.updates(2).of(changed.first.graph.inputs["u"])[-1].value
    assert np.array_equal(changed.trace(3).leaves["u"], last)
    walked.end()
    walked.execute("undo")
    back = walked.trace.training
    assert back is not None
    assert [back.loss(k) for k in range(4)] == before
    assert walked.timeline.updates.number == 3
    walked.execute("redo")
    walked.goto(0)
    assert walked.trace.leaves["u"][0] != 5
    walked.execute("goto iteration 4")
    again = walked.trace.training
    assert again is not None
    assert again.loss(3) == changed.loss(3)


def test_zeros_are_shown_in_the_iteration_at_hand() -> None:
    """The cursor stays on its event."""
    walked = session("rule: sgd, steps: 3")
    walked.goto(walked.timeline.at(walked.last).sections[3].start)
    before = walked.frame
    walked.toggle_zeros()
    assert walked.timeline.updates.number == 2
    assert (walked.frame.edge, walked.frame.row, walked.frame.column) == (
        before.edge, before.row, before.column,
    )  # fmt: skip
    walked.toggle_zeros()
    assert walked.frame.k == before.k


def test_two_trainings_are_compared_iteration_by_iteration() -> None:
    """To the first event that differs: the same net with another momentum parts at an update."""
    one, same = (session("rule: momentum, lr: 0.1, steps: 3") for _ in range(2))
    other = session("rule: momentum, lr: 0.1, momentum: 0.5, steps: 3")
    assert compare(one.timeline, same.timeline).difference is None
    found = compare(one.timeline, other.timeline).difference
    assert found is not None
    assert found.steps[0] is not None
    frame = one.timeline[found.steps[0]]
    assert (frame.phase, frame.timeline.updates.number) == (Phase.UPDATE, 1)
    longer = session("rule: momentum, lr: 0.1, steps: 4")
    ended = compare(one.timeline, longer.timeline).difference
    assert ended is not None
    assert ended.aspect == "event"


def test_nothing_of_it_is_loaded_where_nothing_is_trained() -> None:
    """Neither the rules nor what trains."""
    code = (
        "import sys, tui_backprop as tb; s = tb.load('chain').session(); s.end(); "
        "print([m for m in sys.modules if m.endswith(('training', 'update_rules'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_was_set_in_an_iteration_is_set_there_again(tmp_path: Path) -> None:
    """By the commands that are saved, in the same walk or in a fresh one."""
    walked = session("rule: sgd, lr: 0.1, steps: 4")
    for line in ("goto iteration 2", "step 3", "set u[0] = 5", "set b = 2 * b", "goto iteration 4",
                 "set u[1] = -1", "undo", "goto 100", "break u", "display L"):  # fmt: skip
        walked.execute(line)
    walked.execute(f"save {tmp_path / 'a.commands'}")
    fresh = session("rule: sgd, lr: 0.1, steps: 4")
    fresh.execute(f"source {tmp_path / 'a.commands'}")
    assert fresh.cursor == walked.cursor == 100
    one, other = (each.trace.training for each in (walked, fresh))
    assert one is not None
    assert other is not None
    assert [one.loss(k) for k in range(4)] == [other.loss(k) for k in range(4)]
    assert len(fresh.history.in_force) == 2
    fresh.execute("redo")
    assert fresh.trace.training is not None
    assert fresh.trace.training.trace(3).leaves["u"][1] == -1


def test_a_changed_scenario_is_resumed_in_the_same_iteration() -> None:
    """At the same entry of the same update; in the last iteration where there are fewer."""
    walked = session("rule: sgd, steps: 3")
    walked.goto(walked.last - 4)
    again = session("rule: sgd, steps: 5", NET.replace("L =", "q = 2 * x\n  L ="))
    again.resume(walked)
    assert (again.timeline.updates.number, again.frame.node.name, again.frame.column) == (
        2, walked.frame.node.name, walked.frame.column,
    )  # fmt: skip
    shorter = session("rule: sgd, steps: 1")
    assert "is gone" in shorter.resume(walked)
    assert shorter.frame.node.id == walked.frame.node.id


def test_an_iteration_is_gone_to_by_its_number() -> None:
    """Which counts from 1; a program's own name is not in the way."""
    walked = session("rule: sgd, steps: 3")
    assert walked.execute("goto iteration 3") == "iteration 3"
    assert walked.frame.phase is Phase.BUILD
    assert walked.timeline.updates.number == 2
    for wrong in ("0", "4", "x"):
        with pytest.raises(CommandError, match="from 1 to 3"):
            walked.execute(f"goto iteration {wrong}")
    assert walked.timeline.updates.number == 2


def test_claims_are_about_the_first_iteration() -> None:
    """Wherever one stands."""
    text = NET + "claims: [{of: b.grad, value: [9, 9, 9]}]\n"
    walked = session("rule: sgd, lr: 0.1, steps: 3", text)
    walked.end()
    walked.execute("goto claim")
    assert walked.timeline.updates.number == 0
