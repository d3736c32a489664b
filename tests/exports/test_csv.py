"""The walk as a table: every row has the numbers of its frame, to the last bit."""

from __future__ import annotations

import csv as reader
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.attach.tapes import recorded
from tests.exports.support import exported, subject_of
from tests.strategies import traces
from tui_backprop.api import Scenario
from tui_backprop.attach import thinned as thinning
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.thinned import thinned
from tui_backprop.errors import UnknownError
from tui_backprop.exports.csv import COLUMNS, csv
from tui_backprop.exports.subject import Subject
from tui_backprop.render.export.text import steps_of
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import edge_total, pulled, why_unknown
from tui_backprop.timeline.timeline import Frame, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.trace import Trace

Row = dict[str, str]


def rows_of(text: str) -> list[Row]:
    """The rows under the header."""
    read = reader.DictReader(text.splitlines(), strict=True)
    assert tuple(read.fieldnames or ()) == COLUMNS
    found = [*read]
    assert not any(None in row or None in row.values() for row in found)
    return found


@pytest.mark.few(6)
@pytest.mark.parametrize("name", [path.stem for path in shipped()])
def test_every_row_of_a_shipped_scenario_is_its_frame(name: str) -> None:
    """Both with zeros and without them."""
    scenario = tb.load(name)
    for zeros in (False, True):
        timeline = Timeline(scenario.trace(), zeros=zeros)
        if timeline.length < 3_000:
            assert_rows_are_frames(timeline)


@given(traces())
def test_every_row_is_its_frame(trace: Trace) -> None:
    """Whatever the op, the pass and the number: NaN, infinities and signed zeros too."""
    assert_rows_are_frames(trace.timeline)


@given(traces(dtype="float32"))
def test_every_row_is_its_frame_in_single_precision(trace: Trace) -> None:
    """A number of float32 is written as the float64 that it is."""
    assert_rows_are_frames(trace.timeline)


def assert_rows_are_frames(timeline: Timeline) -> None:
    """Row by row, in order, with nothing left over."""
    rows = iter(rows_of(written(timeline)))
    for frame in timeline:
        for told in expected(frame):
            row = next(rows)
            for column, fact in told.items():
                assert same(row[column], fact), (column, row, fact)
    assert next(rows, None) is None


def written(timeline: Timeline, **options: str) -> str:
    """The table of a walk."""
    model = tb.load("vector-double").model  # of which only the names of formats ask
    view = View(timeline[0], Namer(timeline.trace.graph, 1, UNICODE))
    return "".join(csv(Subject(view, model, "it", None, options)))


def expected(frame: Frame) -> Iterator[dict[str, float | str | None]]:
    """What the rows of a step must say, out of its frame."""
    node = frame.node
    at = {"k": str(frame.k), "phase": frame.phase.value}
    if frame.phase is Phase.BUILD:
        own = {**at, "pass": "", "node": str(node.id), "op": node.op}
        if not frame.timeline.trace.is_known(node.id):
            yield {**own, "j": "", "value": None, "unknown": why_value(frame)}
            return
        value = frame.timeline.trace.value(node.id)
        for flat in range(node.size):
            yield {**own, "j": place(flat, node.shape), "value": float(value.flat[flat])}
        if not node.size:
            yield {**own, "j": "", "value": None}
    elif frame.phase is Phase.SEED:
        yield from expected_seed(frame, {**at, "pass": str(frame.pass_number)})
    elif frame.phase is Phase.ZERO_GRAD:
        yield {**at, "pass": str(frame.pass_number), "node": "", "after": None}
    elif unknown := why_unknown(frame):
        yield {**at, "node": str(node.id), "partial": None, "v": None, "unknown": unknown}
    else:
        edge, p = pulled(frame)
        nodes = frame.timeline.nodes
        yield {
            **at, "pass": str(frame.pass_number), "node": str(node.id), "op": node.op,
            "argument": str(edge.argument), "parent": str(edge.parent),
            "j": place(p.j, node.shape), "i": place(p.i, nodes[edge.parent].shape),
            "value": None, "partial": p.value, "v": p.v, "contribution": p.contribution,
            "before": p.before, "after": p.after, "unknown": None,
        }  # fmt: skip


def why_value(frame: Frame) -> str:
    """Why the value of the node that is built cannot be told."""
    with pytest.raises(UnknownError) as found:
        frame.timeline.trace.value(frame.node.id)
    return str(found.value)


def expected_seed(
    frame: Frame, at: dict[str, float | str | None]
) -> Iterator[dict[str, float | str | None]]:
    """An entry of v, and what the output's adjoint is by it."""
    node = frame.node
    assert frame.v is not None
    initial = frame.walk.run.initial.get(node.id)
    for flat in range(node.size):
        yield {
            **at, "node": str(node.id), "j": place(flat, node.shape),
            "v": float(frame.v.flat[flat]), "after": frame.adjoint(node.id).entry(flat),
            "before": None if initial is None else float(initial.flat[flat]),
        }  # fmt: skip
    if not node.size:
        yield {**at, "node": str(node.id), "j": "", "v": None}


def place(flat: int, shape: Shape) -> str:
    """Coordinates with blanks between them."""
    return " ".join(str(c) for c in np.unravel_index(flat, shape)) if shape else ""


def same(text: str, fact: float | str | None) -> bool:
    """Whether a cell says a fact; a number to the last bit, its sign too."""
    if fact is None or isinstance(fact, str):
        return text == (fact or "")
    read = float(text)
    if math.isnan(fact):
        return math.isnan(read)
    return read == fact and math.copysign(1, read) == math.copysign(1, fact)


@pytest.mark.parametrize("level", ["partial", "node"])
@pytest.mark.parametrize("name", ["matvec", "mlp-2-3-1", "layer-norm"])
def test_a_thinned_walk_has_every_row(
    monkeypatch: pytest.MonkeyPatch, name: str, level: str
) -> None:
    """Of a walk that kept sizes only, most rows say that their numbers were not kept."""
    monkeypatch.setattr(thinning, "SMALL", 0)
    walk = recorded(tb.load(name).trace())
    thin = RecordedTrace(thinned(walk.tape), zeros=walk.zeros)
    rows = rows_of(written(thin.timeline, level=level))
    whole = rows_of(written(walk.timeline, level=level))
    assert {row["k"] for row in rows} == {row["k"] for row in whole}
    told = [row for row in rows if row["unknown"]]
    assert len(told) > len(rows) / 2
    assert not any(row[number] for row in told for number in ("value", "partial", "after"))


@given(traces(most_passes=1), st.sampled_from(("all", "even", "none", "refused")))
def test_a_recorded_walk_says_what_it_cannot_tell(trace: Trace, kept: str) -> None:
    """A step without numbers keeps its row, with a sentence in the last column."""
    if kept == "refused":
        found = recorded(trace, refuses=True)
    else:
        found = recorded(
            trace, lambda node: kept == "all" or (kept == "even" and node.id % 2 == 0),
            knows_pattern=kept != "none", knows_columns=kept != "none",
        )  # fmt: skip
    assert_rows_are_frames(found.timeline)


@given(traces())
def test_at_the_level_of_nodes_the_edges_add_up(trace: Trace) -> None:
    """Each row is an entry of an edge's whole sum, as the last of its steps leaves it."""
    timeline = trace.timeline
    rows = [row for row in rows_of(written(timeline, level="node")) if row["phase"] == "edge"]
    wanted = [
        (frame, flat, total, frame.adjoint(frame.edge.parent).entry(flat))
        for frame in steps_of(timeline, "node")
        if frame.edge is not None
        for flat, total in enumerate(edge_total(frame).ravel().tolist())
    ]
    assert len(rows) == len(wanted)
    for row, (frame, flat, total, after) in zip(rows, wanted, strict=True):
        assert frame.edge is not None
        assert row["k"] == str(frame.k)
        assert row["i"] == place(flat, timeline.nodes[frame.edge.parent].shape)
        assert same(row["contribution"], total)
        assert same(row["after"], after)


WIDE = """
format: 1
title: more entries than are computed together
inputs: {x: {shape: [40, 60], random: normal, seed: 1}, w: {shape: [60], fill: 0.5}}
program: |
  y = cumsum(x, axis=1) * w
  z = sum(y[::2, 3])
"""


def test_a_long_edge_is_written_a_share_at_a_time() -> None:
    """Steps follow one another without a gap, and what adds up to the gradient is all there."""
    scenario = Scenario(loads(WIDE))
    text = exported(scenario, "csv")
    rows = [row for row in rows_of(text) if row["phase"] == "partial"]
    timeline = subject_of(scenario).timeline
    first = timeline.sections[-1].start
    assert [int(row["k"]) for row in rows] == [*range(first, timeline.length)]
    grad = scenario.trace().grad["x"]
    x = scenario.model.graph.inputs["x"]
    into = {row["i"]: row["after"] for row in rows if row["parent"] == str(x)}
    assert {at: float(a) for at, a in into.items()} == {
        place(flat, grad.shape): a for flat, a in enumerate(grad.ravel().tolist())
    }
    for k in (first, first + 33_000, timeline.length - 1):
        assert same(rows[k - first]["after"], pulled(timeline[k])[1].after)


def test_no_spreadsheet_computes_a_name_and_no_comma_ends_it() -> None:
    """An intermediate result is called as it was written, which may begin with a sign."""
    text = exported(Scenario(loads(HOSTILE)), "csv")
    names = {row["name"] for row in rows_of(text)}
    assert not [name for name in names if name[:1] in "=+-@" and name]


HOSTILE = """
format: 1
title: '=1+1'
inputs: {x: [1.0, 2.0]}
program: |
  y = sum(-x * maximum(x, 1.5))
"""
