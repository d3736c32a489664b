"""Walks without their large arrays: norms are known, and the rest is said to be missing."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.attach.saved.test_laws import through_file, with_rows
from tests.attach.tapes import recorded
from tests.attach.test_recorded import ONE_PASS, lines_of
from tests.marks import FEW, spread
from tests.render.test_panes import PANES
from tests.render.views import opened, text_of, titled_view
from tests.strategies import traces
from tui_backprop.attach import thinned as thinning
from tui_backprop.attach.later import Later, LaterEdges
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.thinned import thinned
from tui_backprop.dataclass import replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.health.measures import health
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.graph.sizes import size_of
from tui_backprop.render.export.document import document
from tui_backprop.render.export.json import trace_json
from tui_backprop.render.export.markdown import Markdown
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.speech.transcript import plain_transcript

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "SMALL", 0)


def _thin(walk: RecordedTrace) -> RecordedTrace:
    return RecordedTrace(thinned(walk.tape), zeros=walk.zeros)


@same_folder
@given(traces(most_passes=1))
def test_norms_are_those_of_the_whole_walk(tmp_path: Path, trace: Trace) -> None:
    """Of values, adjoints, and what edges hand on; before and after a file. No entry is known."""
    for walk in (recorded(trace), with_rows(trace)):
        thin = _thin(walk)
        walk.save(tmp_path / "thin.walk", keep="norms")
        for found in (thin, through_file(thin, tmp_path)):
            assert len(found.timeline) == len(walk.timeline)
            ours, theirs = found.runs[0], walk.runs[0]
            assert ours is not None
            assert theirs is not None
            assert list(ours.cotangents) == list(theirs.cotangents)
            for n, v in theirs.cotangents.items():
                assert repr(ours.cotangents.size(n)) == repr(size_of(v))
                if v.size:
                    with pytest.raises(UnknownError, match="was not kept: its norm is"):
                        ours.cotangents[n]
            for node in walk.graph.nodes:
                assert repr(found.value_size(node.id)) == repr(walk.value_size(node.id))
            for edge in theirs.walk.edges(walk.graph.nodes):
                expected = walk.pulled_size(edge, theirs.cotangents)
                assert repr(found.pulled_size(edge, ours.cotangents)) == repr(expected)


@same_folder
@given(traces(most_passes=1))
def test_a_file_holds_what_a_thinned_walk_does(tmp_path: Path, trace: Trace) -> None:
    """And is the same file, saved once more."""
    thin = _thin(with_rows(trace))
    found = through_file(thin, tmp_path)
    before = (tmp_path / "a.walk").read_bytes()
    v, edges = found.tape.cotangents, found.tape.contributions
    wanted, handed = thin.tape.cotangents, thin.tape.contributions
    assert isinstance(wanted, Later)
    assert isinstance(handed, LaterEdges)
    if isinstance(v, Later) and isinstance(edges, LaterEdges):
        assert repr(dict(v.sizes)) == repr(dict(sorted(wanted.sizes.items())))
        assert v.kept.keys() == wanted.kept.keys()
        assert edges.kept.keys() == handed.kept.keys()
        assert edges.told == handed.told
    else:
        assert not wanted.sizes
        assert not handed.sizes
    found.save(tmp_path / "a.walk")
    assert (tmp_path / "a.walk").read_bytes() == before


@pytest.mark.parametrize("name", ONE_PASS)
def test_the_health_report_is_that_of_the_whole_walk(name: str) -> None:
    """But for slopes, which need values: norms, flags, and the roots among adjoints."""
    walk = recorded(opened(name)[1])
    whole, thin = health(walk), health(_thin(walk))
    assert thin.roots == whole.roots
    for a, b in zip(whole.nodes, thin.nodes, strict=True):
        assert repr((b.value, b.adjoint, b.flags)) == repr((a.value, a.adjoint, a.flags))


@pytest.mark.few(6)
@pytest.mark.parametrize("count", FEW)
@pytest.mark.parametrize("name", ONE_PASS)
def test_every_command_answers_or_says_what_is_not_known(name: str, count: int) -> None:
    """No command fails in another way than by a sentence, wherever the walk stands."""
    trace = opened(name)[1]
    for walk in (_thin(recorded(trace)), _thin(with_rows(trace))):
        for k in spread(list(range(len(walk.timeline))), count):
            session = Debugger(walk)
            session.goto(k)
            for line in lines_of(walk):
                try:
                    answer = session.execute(line)
                except CommandError as error:
                    answer = str(error)
                assert "Error" not in answer, line


@pytest.mark.parametrize("name", ONE_PASS)
def test_every_pane_shows_any_step(name: str) -> None:
    """A sentence stands where numbers would."""
    view = titled_view(_thin(with_rows(opened(name)[1])), symbolic=True)
    timeline = view.frame.timeline
    said: set[str] = set()
    for k, (pane, make) in product(spread(list(range(len(timeline))), 8), PANES.items()):
        at = replace(view, frame=timeline[k])
        try:
            shown = " ".join(text_of(make(at, 100, 9), 100, 9))
        except UnknownError as error:
            shown = str(error)
        if "not kept" in shown:
            said.add(pane)
    assert {"cotangent", "gradient", "equation"} <= said


@pytest.mark.parametrize("name", ["chain", "matvec", "mlp-2-3-1"])
def test_every_transcript_is_written(name: str) -> None:
    """As text, words, JSON and Markdown; what was not kept is said to be missing."""
    view = titled_view(_thin(with_rows(opened(name)[1])), symbolic=True)
    for level in ("partial", "node"):
        for lines in (
            trace_text(view, "", level),
            plain_transcript(view, "", level),
            document(view, Markdown(), "", level),
            trace_json(view, level),
        ):
            text = "\n".join(lines)
            assert "not kept" in text
            assert "nan" not in text.lower()


def test_where_a_nan_begins_is_known_by_counts() -> None:
    """Which entry it is is not."""
    walk = _thin(recorded(opened("zero-by-zero")[1]))
    answer = Debugger(walk).execute("origin nan")
    assert "not kept" in answer


def test_both_ways_of_keeping_can_be_asked_for(tmp_path: Path) -> None:
    """Norms of a walk that has everything; a walk of norms has no more to give."""
    walk = with_rows(opened("chain")[1])
    walk.save(tmp_path / "norms.walk", keep="norms")
    walk.save(tmp_path / "all.walk")
    assert (tmp_path / "norms.walk").read_bytes() != (tmp_path / "all.walk").read_bytes()
    with pytest.raises(UnknownError, match="was not kept"):
        _thin(walk).save(tmp_path / "more.walk", keep="all")
    assert not np.isnan(next(iter(walk.grad.values()))).any()
