"""The shipped hunts: each wrong at its plant alone, told in two languages, the answer not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tui_backprop.debug.hunt.accusing import Verdict, guilty, judged
from tui_backprop.debug.hunt.faults import faults
from tui_backprop.graph.planted import places
from tui_backprop.rules.planted.kinds import BUGS
from tui_backprop.scenario.files import hunts, shipped
from tui_backprop.verify.check import check
from tui_backprop.verify.report import Verdict as Checked

if TYPE_CHECKING:
    from pathlib import Path

each = pytest.mark.parametrize("path", hunts(), ids=lambda path: path.stem)


def test_there_are_ten_with_every_bug_once() -> None:
    """In a folder of their own, and none among those whose gradients are right."""
    bugs = [tb.load(path).model.planted for path in hunts()]
    assert sorted(p.plant.bug for p in bugs if p is not None) == sorted(BUGS)
    assert not {*hunts()} & {*shipped()}


@each
def test_it_disagrees_at_its_plant_and_nowhere_else(path: Path) -> None:
    """The node by itself is wrong, all others are right, and `check` says that it is meant so."""
    model = tb.load(path).model
    trace, planted = tb.load(path).trace(), model.planted
    assert planted is not None
    assert faults(trace, planted.truth) == planted.plant.nodes
    report = check(tb.load(path))
    assert report.verdict is Checked.PLANTED
    assert report.is_sound


@each
def test_a_student_can_find_it(path: Path) -> None:
    """One node, one bug, and no other accusation of all that can be made is confirmed."""
    trace = tb.load(path).trace()
    planted = trace.provenance.planted
    assert planted is not None
    (node,) = guilty(trace)
    found = {
        (n, bug)
        for bug in BUGS
        for n in places(planted.truth, bug)
        if judged(trace, n, bug) is Verdict.FOUND
    }
    assert found == {(node, planted.plant.bug)}


@each
def test_the_answer_is_not_in_plain_sight(path: Path) -> None:
    """Neither in the file nor in what `check` prints is the bug named, or the node as one."""
    model = tb.load(path).model
    assert model.planted is not None
    text = path.read_text("utf-8")
    assert model.planted.plant.bug not in text
    assert "plant: eyJ" in text
    for testimony in check(tb.load(path)).testimonies:
        names = {f.entry.partition(".")[0] for f in testimony.disagreements}
        assert names <= {*model.graph.inputs}


@each
def test_both_languages(path: Path) -> None:
    """The title and the story."""
    model = tb.load(path).model
    for text in (model.title, *(note.text for note in model.notes)):
        assert {*text.by_language} == {"en", "zh"}
        assert any("\u4e00" <= c <= "\u9fff" for c in text.get("zh"))
        assert not any("\u4e00" <= c <= "\u9fff" for c in text.get("en"))
