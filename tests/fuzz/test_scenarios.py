"""Texts of scenarios: an error with places, or a walk that computes what its program says."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.fuzz.effort import effort
from tests.fuzz.scenarios import documents, near_documents, opened, valid_documents
from tests.timeline.test_timeline import is_tame
from tui_backprop.api import Scenario
from tui_backprop.errors import MOST_PROBLEMS, ScenarioError
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.render.export.json import trace_json
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.verify.check import check

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

LONGEST: Final = 2000
"""Characters of one problem, its line and its caret with it."""


def read(text: str) -> Scenario | ScenarioError:
    """What becomes of a text: nothing else."""
    try:
        return opened(text)
    except ScenarioError as error:
        return error


def assert_placed(error: ScenarioError) -> None:
    """Problems that say something, in bounded space, at places that are there."""
    assert 0 < len(error.problems) <= MOST_PROBLEMS + 1
    assert len(str(error)) <= LONGEST * len(error.problems)
    assert all(c.isprintable() for line in str(error).split("\n") for c in line)
    lines = error.source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in error.problems:
        assert problem.message
        assert 0 <= problem.line <= len(lines)
        assert not problem.line or 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@effort(1)
@given(near_documents())
def test_a_text_is_a_scenario_or_its_problems_have_places(text: str) -> None:
    """Nothing else is raised, and what is read can be walked from end to end."""
    found = read(text)
    if isinstance(found, ScenarioError):
        assert_placed(found)
    else:
        trace = found.trace()
        for frame in islice(trace.timeline, 30):
            assert frame.node is trace.graph.nodes[frame.node.id]


@effort(0.3)
@given(documents())
def test_most_of_what_is_drawn_as_valid_is_read(text: str) -> None:
    """Or is refused by what the program says, in words with places."""
    found = read(text)
    if isinstance(found, ScenarioError):
        assert_placed(found)
    else:
        assert found.model.graph.nodes


@effort(0.3)
@given(valid_documents())
def test_a_gradient_is_the_sum_of_its_contributions(text: str) -> None:
    """Of every step of every pass, from the last zero_grad on, with structural zeros or without."""
    trace = opened(text).trace()
    assume(is_tame(trace) and len(trace.timeline) < 3000)
    sums = {name: np.zeros(node.shape) for name, node in inputs(trace).items()}
    sizes = {name: np.ones(node.shape) for name, node in inputs(trace).items()}
    by_node = {node.id: name for name, node in inputs(trace).items()}
    for frame in trace.timeline:
        if frame.phase is Phase.ZERO_GRAD:
            sums = {name: np.zeros(total.shape) for name, total in sums.items()}
        elif frame.phase is Phase.SEED and frame.node.id in by_node and frame.v is not None:
            sums[by_node[frame.node.id]] += frame.v
        elif frame.partial is not None and frame.edge and frame.edge.parent in by_node:
            name, p = by_node[frame.edge.parent], frame.partial
            sums[name].flat[p.i] += p.contribution
            sizes[name].flat[p.i] += abs(p.contribution)
    rtol = 1e-3 if trace.graph.dtype == np.float32 else 1e-9
    for name, total in sums.items():
        assert np.all(np.abs(trace.grad[name] - total) <= rtol * sizes[name]), name


def inputs(trace: Trace) -> dict[str, Any]:
    """The nodes of the inputs by name."""
    return {name: trace.graph.nodes[n] for name, n in trace.graph.inputs.items()}


@effort(0.3)
@given(valid_documents(smooth=True), st.data())
def test_a_smooth_program_has_the_slope_that_differences_see(
    text: str, data: st.DataObject
) -> None:
    """Of what its passes add up to, in one entry of each input."""
    trace = opened(text).trace()
    assume(is_tame(trace))
    for name, node in inputs(trace).items():
        if not node.size:
            continue
        flat = data.draw(st.integers(0, node.size - 1))
        found = [(objective(trace, name, flat, h) - objective(trace, name, flat, -h)) / (2 * h)
                 for h in (1e-4, 1e-5, 1e-6)]  # fmt: skip
        spread = max(found) - min(found)
        if not math.isfinite(spread) or spread > 1e-3 * (1 + abs(found[1])):
            continue  # too steep or too large for differences
        engine = float(trace.grad[name].flat[flat])
        assert abs(engine - found[1]) <= 10 * spread + 1e-4 * (1 + abs(found[1]) + scale(trace))


def scale(trace: Trace) -> float:
    """How large what is added up may be, beside which a difference is rounding."""
    return 1e-6 * max((float(np.abs(v).max(initial=0)) for v in trace.node_values), default=0)


def objective(trace: Trace, name: str, flat: int, moved: float) -> float:
    """``Σ ⟨v, Y⟩`` of the passes that count, with one entry moved: nothing but forwards."""
    leaves: dict[str, Array] = {k: np.array(x) for k, x in trace.leaves.items()}
    leaves[name].flat[flat] += moved
    values: list[Array] = []
    with np.errstate(all="ignore"):
        for node in trace.graph.nodes:
            if node.rule is not None:
                value = node.rule.forward(np, *(values[p] for p in node.parents), **node.params)
            else:
                value = leaves[node.name] if node.literal is None else node.literal
            values.append(np.asarray(value, float))
    total = 0.0
    for item in trace.passes:
        if isinstance(item, ZeroGrad):
            total = 0.0
        elif isinstance(item, Backward):
            v = np.ones(values[item.of].shape) if item.v is None else item.v
            total += float(np.sum(values[item.of] * v))
    return total


@effort(0.05)
@given(valid_documents(most=4))
def test_no_witness_disagrees(text: str) -> None:
    """Algebra, differences and PyTorch, on whatever numbers: they agree, or say nothing."""
    report = check(opened(text))
    assert not [(t.witness, t.disagreements[:2]) for t in report.testimonies if t.disagreed]


@effort(0.2)
@given(valid_documents(most=4), st.sampled_from(["partial", "node"]), st.booleans())
def test_what_is_printed_can_be_read(text: str, level: Any, zeros: bool) -> None:
    """JSON by a parser that takes no NaN; its numbers are those of the trace. Text is text."""
    trace = opened(text).trace()
    frame = Timeline(trace, zeros=zeros)[0]
    assume(frame.timeline.length < 2000)
    view = View(frame, Namer(trace.graph, 1), "t", symbolic=False)
    found = json.loads("".join(trace_json(view, level=level)), parse_constant=_no_constant)
    for name, value in found["grad"].items():
        np.testing.assert_array_equal(_floats(value), trace.grad[name].ravel())
    if level == "partial":
        assert [step["k"] for step in found["steps"]] == list(range(frame.timeline.length))
    for line in trace_text(view, "", level):
        assert all(c.isprintable() for c in line), line


def _no_constant(word: str) -> None:
    raise AssertionError(word)


def _floats(value: Any) -> list[float]:
    """The entries of a nested list in which what is not finite is a word."""
    if isinstance(value, list):
        return [x for part in value for x in _floats(part)]
    return [float(value)]


@pytest.mark.exhaustive
def test_every_statement_of_the_language_is_drawn() -> None:
    """Each way of writing, and all of the table: what is never drawn is never tried."""
    seen: defaultdict[str, int] = defaultdict(int)

    @settings(effort(1), max_examples=300, derandomize=True, database=None)
    @given(documents())
    def draw(text: str) -> None:
        for piece in ("for i in", "def f", "+=", "where(", ".sum(", "float32",
                      "zero_grad", "breakpoints", ".nan", "fill: 0", "view"):  # fmt: skip
            seen[piece] += piece in text
        seen["read"] += isinstance(read(text), Scenario)
        seen["all"] += 1

    draw()
    assert all(seen.values())
    assert seen["read"] >= 0.8 * seen["all"]
