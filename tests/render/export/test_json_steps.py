"""Steps written many at a time are those that each frame tells by itself, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.attach.tapes import recorded
from tests.debug.hunt.walks import plants, wrong
from tests.graph.test_forward_mode import seeds_of
from tests.render.export.plain_json import plain_steps
from tests.strategies import traces
from tui_backprop.render.export.json_steps import steps_json
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Tangents
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.graph.planted import Plant
    from tui_backprop.render.export.text import Level
    from tui_backprop.timeline.trace import Trace


def assert_plain(timeline: Timeline, level: Level = "partial", namer: Namer | None = None) -> None:
    """Formulas included, where partials are told one by one."""
    namer = Namer(timeline.trace.graph) if namer is None else namer
    view = View(timeline[0], namer, title="t", symbolic=level == "partial")
    written = "".join(steps_json(view, level)).splitlines()
    for found, line in zip(written, ["", *plain_steps(view, level)], strict=True):
        assert found.removesuffix(",").strip() == line
    assert "".join(written[:1]) == ","
    assert all(line.endswith(",") for line in written[:-1])


@pytest.mark.few(3)
@pytest.mark.parametrize("name", [path.stem for path in shipped()])
def test_shipped_scenarios(name: str) -> None:
    """With zeros and without them, at both levels, as their own names are written."""
    scenario = tb.load(name)
    for zeros in (False, True):
        timeline = scenario.trace().walked_with(None, zeros=zeros)
        if timeline.length < 1_000:
            namer = Namer(scenario.model.graph, 0, ASCII) if zeros else None
            assert_plain(timeline, "partial", namer)
            assert_plain(timeline, "node")


@given(traces())
def test_any_walk(trace: Trace) -> None:
    """Whatever the op, the pass and the number: NaN, infinities and signed zeros too."""
    assert_plain(trace.timeline)
    assert_plain(trace.timeline, "node")


@given(traces(dtype="float32"))
def test_any_walk_in_single_precision(trace: Trace) -> None:
    """A number of float32 is written as the float64 that it is."""
    assert_plain(trace.timeline)


@given(traces(), st.booleans())
def test_any_forward_walk(trace: Trace, zeros: bool) -> None:
    """There a step takes an entry of the operand's tangent and adds to one of the node's."""
    timeline = Timeline(trace, zeros=zeros, tangents=Tangents(seeds_of(trace)))
    assert_plain(timeline)
    assert_plain(timeline, "node")


@given(traces(most_passes=1), st.sampled_from(("all", "even", "none")))
def test_recorded_walks(trace: Trace, kept: str) -> None:
    """A step whose numbers are not known says why, and has no formula."""
    knows = kept != "none"
    found = recorded(
        trace, lambda node: kept == "all" or (kept == "even" and node.id % 2 == 0),
        knows_pattern=knows, knows_columns=knows,
    )  # fmt: skip
    assert_plain(found.timeline)
    assert_plain(found.timeline, "node")


@pytest.mark.few(4)
@pytest.mark.parametrize("plant", [*plants()], ids=str)
def test_planted_bugs(plant: Plant) -> None:
    """A wrong pull reads other places, overwrites, or leaves out what a right one adds."""
    trace = wrong(plant, 1)
    for zeros in (False, True):
        assert_plain(trace.walked_with(None, zeros=zeros))


ORDERED = """
format: 1
title: x₉ before x₁₀, which as a word comes first
inputs: {x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}
program: |
  y = x * x[::-1]
  z = softmax(sin(y) * y)
"""

CASES = """
format: 1
title: numbers of constants decide between cases
inputs: {x: [1, 2, 3, 4]}
constants: {c: [-1, 2, 0, -3], d: 2}
program: |
  y = where(c > 0, x, c) * relu(c * x)
  z = maximum(x * c, maximum(c, y)) + max(c * y) + abs(d * x) ** d
  u = sum(relu(c) * maximum(c, x) * maximum(d, x)) * z
"""


@pytest.mark.parametrize("text", [ORDERED, CASES])
@pytest.mark.parametrize("zeros", [False, True])
def test_what_a_formula_depends_on_beside_its_op(text: str, zeros: bool) -> None:
    """Terms and factors are sorted by their names; of a constant the number decides a case."""
    assert_plain(tb.Scenario(loads(text)).trace().walked_with(None, zeros=zeros))


LONG = """
format: 1
title: more steps than become text at once
inputs: {x: {shape: [50, 90], random: normal, seed: 1}, w: {shape: [90], fill: 0.5}}
program: |
  y = x * w
  z = sum(y[::2, 3])
"""


@pytest.mark.exhaustive
def test_a_long_edge_is_written_a_share_at_a_time() -> None:
    """Steps follow one another without a gap."""
    assert_plain(tb.Scenario(loads(LONG)).trace().timeline)


TRAINED = """
format: 1
title: three iterations
inputs: {w: [[0.5, -1.0], [2.0, 1.0]], b: 0.1}
program: |
  loss = sum(tanh(w * 2) + b) ** 2
backward: {of: loss}
update: {rule: adam, lr: 0.1, steps: 3, of: [w, b]}
"""


def test_a_training() -> None:
    """Each step has its iteration, an update what the rule keeps."""
    timeline = tb.Scenario(loads(TRAINED)).trace().timeline
    assert_plain(timeline)
    assert_plain(timeline, "node")
