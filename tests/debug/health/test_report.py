"""The health of a walk as an answer: every node, what it means, and where to go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, traces
from tui_backprop.api import load
from tui_backprop.debug import compare
from tui_backprop.debug.health import report as health_answer_module
from tui_backprop.debug.health.measures import examined, health
from tui_backprop.debug.health.record import Flag
from tui_backprop.debug.health.report import health_answer, health_picture
from tui_backprop.debug.lockstep import Aspect
from tui_backprop.language.catalogue import language_of
from tui_backprop.progress import run_to_end
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.language.message import Answer
    from tui_backprop.timeline.trace import Trace

ENGLISH: Final = re.compile(r"\b(?:norm|depth|flagged|entries|times|of|dead|saturated|vanishing)\b")


def answer_of(trace: Trace, only: int | None = None) -> Answer:
    """About all nodes, or one."""
    return health_answer(trace.timeline, run_to_end(examined(trace, only=only)))


def test_the_answer_leads_to_where_an_adjoint_is_complete() -> None:
    """A node: where it is about to be pulled through. An input: the last step that writes it."""
    trace = load("vanishing-sigmoids").trace()
    answer = answer_of(trace)
    assert answer.lines[0].text == "6 of 11 nodes flagged; |v| = 1 at h@11, backward pass 1"
    rows = answer.lines[1 + len(health(trace).roots) :]
    places = {line.text.split()[0]: line.step for line in rows if line.step is not None}
    assert all(trace.timeline[step].phase is Phase.PARTIAL for step in places.values())
    assert places["x"] == len(trace.timeline) - 1
    assert trace.timeline[places["h@3"]].node.name == "h@3"
    assert trace.timeline[places["h@3"] - 1].node.name == "h@4"


def test_a_value_leads_to_where_it_is_built() -> None:
    """The NaN of a square root is made forward."""
    trace = load("where-sqrt").trace()
    steps = {line.text.split()[0]: line.step for line in answer_of(trace).lines}
    assert steps["r"] == trace.graph.names["r"]


def test_of_many_nodes_a_hundred_flagged_ones_are_listed() -> None:
    """How many are not is said, and what tells about them."""
    maker = GraphMaker()
    h = maker.input(1.0)
    for _ in range(120):
        h = maker.op("multiply", h, maker.number(np.nan))
    lines = answer_of(maker.trace()).lines
    assert lines[1].text.startswith("the root: ")
    assert len([line for line in lines[2:] if line.step is not None]) == 100
    assert "141 nodes not listed: 'health NODE' tells about one" in [line.text for line in lines]


def test_the_table_names_its_columns_and_states_its_thresholds() -> None:
    """One row for each node, the numbers under their titles."""
    lines = [line.text for line in answer_of(load("dead-relu").trace()).lines]
    root = (
        "the gradient dies at a = relu(z): 100% of its entries are dead; 4 nodes have a gradient "
        "of zeros"
    )
    assert lines[:4] == [
        "5 of 10 nodes flagged; |v| = 1 at E, backward pass 1",
        root,
        "node  depth  |value|  |grad|  ·/edge    |J|  dead  saturated  flags",
        "w         5    2.236       0       0                          zero gradient",
    ]
    assert len(lines) == 2 + 11 + 4
    assert lines[-4] == "vanishing: |grad|/|v| below 0.001; exploding: above 1000"


def test_one_node_alone() -> None:
    """What is flagged of it, first."""
    trace = load("dead-relu").trace()
    dead, fine = (answer_of(trace, trace.graph.names[name]).lines for name in ("a", "E"))
    assert dead[0].text == "a: dead; |v| = 1 at E, backward pass 1"
    assert [line.text.split()[0] for line in dead[1:3]] == ["node", "a"]
    assert fine[0].text.startswith("E: nothing flagged; ")
    assert len(dead) == len(fine) == 3 + 4


def test_the_picture_is_ascii_and_narrow() -> None:
    """A session knows no screen."""
    picture = health_picture(health(load("vanishing-sigmoids").trace()))
    lines = [line.text for line in picture.lines]
    assert lines[0].startswith("6 of 11 nodes flagged")
    assert all(line.isascii() and len(line) <= 72 for line in lines)
    assert "-> (depth)" in "".join(lines)


@given(traces(), st.data())
def test_every_graph_has_an_answer(trace: Trace, data: st.DataObject) -> None:
    """Each line leads to a step of the walk, or nowhere."""
    one = data.draw(st.sampled_from(trace.graph.nodes)).id
    for answer in (answer_of(trace), answer_of(trace, one)):
        for line in answer.lines:
            assert line.text.isprintable()
            assert line.step is None or 0 <= line.step < len(trace.timeline)


def test_a_row_is_heard_with_the_names_of_its_numbers() -> None:
    """A table says nothing to ears; its titles are not heard, nor is a picture."""
    lines = answer_of(load("dead-relu").trace()).lines
    title, w = lines[2:4]
    assert title.heard == ""
    assert w.heard == (
        "w: depth 5, the norm of its value is 2.236, that of its gradient 0, "
        "times 0 with every edge, flagged: zero gradient"
    )
    summary, *picture = health_picture(health(load("chain").trace())).lines
    assert summary.heard is None
    assert {line.heard for line in picture} == {""}


def test_every_flag_and_every_aspect_is_told_in_chinese() -> None:
    """Of what is flagged, and of what two walks may differ in; v is v."""
    told = {**health_answer_module._FLAGS, **compare._ASPECTS}
    aspects = (name for part in get_args(Aspect) for name in get_args(part) or (part,))
    assert set(told) == {*get_args(Flag), *aspects}
    chinese = language_of("zh")
    assert [text for text in told.values() if chinese.retold(text) == text] == ["v"]


@given(traces())
def test_whatever_is_measured_is_told_in_chinese_too(trace: Trace) -> None:
    """Row by row; the flags too."""
    chinese = language_of("zh")
    told = chinese.answered(answer_of(trace))
    for line in told.lines:
        assert not set(ENGLISH.findall(line.heard or "")) - {n.name for n in trace.graph.nodes}
