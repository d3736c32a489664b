"""Where another framework's gradient differs: the steps, the numbers, and what is not known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tui_backprop.api import Scenario
from tui_backprop.errors import ArgumentError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.rules.conventions.following import rules_of
from tui_backprop.rules.conventions.framework_names import frameworks
from tui_backprop.rules.conventions.measured import is_same, measured
from tui_backprop.scenario.following import following
from tui_backprop.scenario.load import loads as read
from tui_backprop.verify.frameworks import FrameworkReport, framework_report, gradients_here

if TYPE_CHECKING:
    from tui_backprop.rules.conventions.measured import Point

KINKS = """
format: 1
inputs: {x: [0, 1, 2], w: [0, 0]}
program: |
  a = clip(x, 0, 1)
  m = maximum(a, [0, 1, 2])
  y = sum(abs(m - 1)) + norm(w)
"""


def loads(text: str) -> Scenario:
    """A scenario from a text."""
    return Scenario(read(text))


def report(framework: str, text: str = KINKS) -> FrameworkReport:
    """What a framework gives otherwise in a scenario."""
    return framework_report(loads(text).model, framework, DEFAULT_LIMITS)


def test_each_node_at_which_it_differs_is_told_with_both_ways() -> None:
    """In the order of the program, with how many entries are at the point."""
    found = report("tensorflow")
    assert [(d.node.text, d.entries, d.ours, d.theirs) for d in found.departures] == [
        ("clip(x, 0, 1)", 2, "0", "1"),
        ("maximum(a, [0, 1, 2])", 2, "½ to each", "all to the first"),
        ("norm(w)", 1, "0", "NaN"),
    ]
    assert all(d.is_followed for d in found.departures)


def test_a_step_is_one_that_pulls_back_through_an_entry_at_the_point() -> None:
    """There the screen shows the choice."""
    scenario = loads(KINKS)
    timeline = scenario.trace().timeline
    for departure in report("jax").departures:
        assert departure.step is not None
        frame = timeline[departure.step]
        assert frame.edge is not None
        assert frame.edge.node == departure.node.id
        assert departure.special in frame.special_points


@pytest.mark.parametrize("framework", frameworks())
def test_the_gradients_that_differ_are_those_of_the_followed_walk(framework: str) -> None:
    """Entry by entry the same as walking as the framework does."""
    scenario = loads(KINKS)
    other = loads(KINKS.replace("format: 1", f"format: 1\nconventions: {framework}"))
    ours, theirs = scenario.trace().grad, other.trace().grad
    followed = following(scenario.model, framework, DEFAULT_LIMITS)
    assert followed.conventions == other.model.conventions == framework
    differing = {
        name
        for name in ours
        if not all(a == b or (a != a and b != b) for a, b in zip(ours[name], theirs[name]))  # noqa: B905, PLR0124 - two arrays of one shape; NaN is not itself
    }
    assert {changed.name for changed in report(framework).changed} == differing


def test_the_entry_that_differs_most_is_named() -> None:
    """One that is NaN in one of the two differs more than any number."""
    found = {changed.name: changed for changed in report("jax").changed}
    assert found["w"].entries == 2
    assert math.isnan(found["w"].theirs)
    assert found["w"].ours == 0
    assert found["x"].entry == "x.grad[0]"
    assert found["x"].theirs == -0.25


def test_what_nobody_measured_is_counted() -> None:
    """HIPS autograd refuses bounds that are arrays, so nothing is said of them."""
    text = """
format: 1
inputs: {x: [0, 2], low: [0, 0]}
program: y = clip(x, min=low)
"""
    found = report("autograd", text)
    assert not found.departures
    assert found.silent == 1


def test_a_way_that_is_not_followed_is_told_all_the_same() -> None:
    """JAX splits by numbers that no way gives: the table tells them, the walk does not."""
    text = """
format: 1
inputs: {y: [0], x: [0]}
program: z = arctan2(y, x)
"""
    (departure,) = report("jittor", text).departures
    assert not departure.is_followed
    assert departure.theirs == "1e+30, 0"


def test_an_unknown_framework_is_refused_with_the_nearest() -> None:
    """And with what lists all."""
    with pytest.raises(ArgumentError, match=r"no framework 'jaxx' was measured; .*'jax'"):
        report("jaxx")


def test_nothing_is_said_of_the_parts_of_a_composed_op() -> None:
    """JAX's clip has other slopes at its bounds, its relu6 has not."""
    text = """
format: 1
inputs: {x: [0, 6, 2]}
program: y = sum(relu6(x)) + sum(hardswish(x - 3))
"""
    assert not report("jax", text).departures
    model = loads(text).model
    frames = loads(text).trace().timeline
    assert not any(frame.special_points for frame in frames)
    assert following(model, "jax", DEFAULT_LIMITS).graph.nodes[1].rule is model.graph.nodes[1].rule


def written(point: Point) -> str:
    """A scenario that is at a point of the table."""
    leaves = "".join(f"  {name}: {_number(x)}\n" for name, x in point.inputs.items())
    return f"format: 1\ninputs:\n{leaves}program: |\n  result = {point.of}\n"


def _number(x: object) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_number, x))}]"
    return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(str(x), str(x))


@pytest.mark.few(4)
@pytest.mark.parametrize("framework", frameworks())
def test_no_difference_that_was_measured_is_passed_over(framework: str) -> None:
    """A scenario at any point of the table says what differs there, followed or not."""
    rules = rules_of(framework)
    for point in measured().points:
        given, ours = point.gives(framework), gradients_here(point)
        if given is None or ours is None or is_same(ours, given):
            continue
        found = report(framework, written(point))
        followed = gradients_here(point, rules)
        told = {b.point.id for b in found.beside} | {d.special.point for d in found.departures}
        assert point.id in told or (followed is not None and is_same(followed, given)), point.id
