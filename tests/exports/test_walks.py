"""Which walks a format can be written of: trainings, forward ones, and what it says of the rest."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

import tui_backprop as tb
from tests.exports.test_scripts import REFUSED
from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.csv import COLUMNS
from tui_backprop.exports.formats import FORMATS
from tui_backprop.exports.subject import Subject
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.view import printed_view
from tui_backprop.timeline.frame import Phase


def subject_of(name: str, step: int = -1) -> Subject:
    """A shipped scenario as its author wants it walked."""
    scenario = tb.load(name)
    model = scenario.model
    timeline = scenario.trace().walked(zeros=model.view.zeros == "show")
    frame = timeline[step]
    return Subject(printed_view(model, frame, "en", UNICODE, symbolic=True), model, model.name)


def written(name: str, form: str, step: int = -1) -> str:
    """The text of it."""
    return b"".join(FORMATS[form].write(subject_of(name, step))).decode()


@pytest.mark.parametrize("name", ["adam-valley", "mazur-training"])
def test_the_table_has_every_step_of_every_iteration(name: str) -> None:
    """Its number, its phase, its iteration, and what an update makes of an entry."""
    rows = [*csv.DictReader(StringIO(written(name, "csv")))]
    assert tuple(rows[0]) == (*COLUMNS, "iteration")
    timeline = subject_of(name).timeline
    assert sorted({int(row["k"]) for row in rows}) == [*range(timeline.length)]
    updates = 0
    for row in rows:
        frame = timeline[int(row["k"])]
        assert row["phase"] == frame.phase.value
        assert int(row["iteration"]) == frame.timeline.updates.number + 1  # as the screen counts
        if frame.phase is Phase.UPDATE:
            value = frame.value(frame.node.id)
            assert value is not None
            assert float(row["after"]) == value.flat[frame.column]
            trace = frame.timeline.trace
            assert float(row["before"]) == trace.value(frame.node.id).flat[frame.column]
            updates += 1
        elif frame.phase is Phase.PARTIAL:
            assert frame.partial is not None
            assert float(row["after"]) == frame.partial.after
    assert updates > timeline.updates.size


def test_the_table_of_a_forward_walk_has_its_tangents() -> None:
    """A row for each partial, with the tangents that it reads and adds to; seeds before them."""
    rows = [*csv.DictReader(StringIO(written("forward-mode", "csv")))]
    timeline = subject_of("forward-mode").timeline
    pushed = [frame for frame in timeline if frame.phase is Phase.PARTIAL]
    told = [row for row in rows if row["phase"] == "partial"]
    for frame, row in zip(pushed, told, strict=True):
        p = frame.partial
        assert p is not None
        assert frame.edge is not None
        assert [int(row[c]) for c in ("k", "node", "parent")] == [
            frame.k, frame.edge.node, frame.edge.parent,
        ]  # fmt: skip
        numbers = [float(row[c]) for c in ("partial", "v", "contribution", "after")]
        assert numbers == [p.value, p.v, p.contribution, p.after]
        assert row["before"] == ("" if p.before is None else repr(p.before))
    seeds = [row for row in rows if row["phase"] == "seed"]
    assert [(row["name"], row["v"]) for row in seeds] == [("x", "1.0")]
    by_edge = StringIO("".join(piece.decode() for piece in FORMATS["csv"].write(
        replace(subject_of("forward-mode"), options={"level": "node"})
    )))  # fmt: skip
    last = [*csv.DictReader(by_edge)][-3:]
    assert [float(row["after"]) for row in last] == [
        row.partial.after for row in pushed[-3:] if row.partial
    ]


def test_the_picture_of_an_update_has_the_new_number() -> None:
    """The last step of the walk is an update."""
    new = subject_of("adam-valley").view.frame.value(0)
    assert new is not None
    assert f"{new[1]:.4f}"[:5] in written("adam-valley", "dot")


@pytest.mark.parametrize("form", ["dot", "mermaid", "pytorch", "jax", "numpy"])
@pytest.mark.parametrize("name", ["forward-mode", "adam-valley"])
def test_what_is_of_one_evaluation_is_written_of_any_walk(name: str, form: str) -> None:
    """Of a training that of the iteration at the step."""
    if (form, name) in REFUSED:
        with pytest.raises(TuiBackpropError):
            written(name, form)
    else:
        assert written(name, form)
