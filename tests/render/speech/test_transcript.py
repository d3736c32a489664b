"""The whole walk, spoken."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.render.speech.alphabet import strangers
from tests.render.views import NAMES, titled_view, view_at
from tests.strategies import GraphMaker, traces
from tui_backprop.render.export.text import named_tangents, steps_of
from tui_backprop.render.speech.transcript import plain_transcript
from tui_backprop.scenario.model import Note, Place, Text

if TYPE_CHECKING:
    from tui_backprop.render.export.text import Level
    from tui_backprop.timeline.trace import Trace

LEVELS: tuple[Level, ...] = ("partial", "node")


def _names(name: str) -> str:
    """Every character of the names in a scenario."""
    return "".join(view_at(name, 0).namer.graph.names)


@pytest.mark.few(6)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_a_scenario_has_its_line(name: str, level: Level) -> None:
    """As many lines in both languages, none empty, none with a sign."""
    view = view_at(name, 0)
    timeline = view.frame.timeline
    steps = list(steps_of(timeline, level))
    grads = [*named_tangents(timeline)] if timeline.is_forward else [*timeline.trace.grad]
    for language in ("en", "zh"):
        told = list(plain_transcript(replace(view, language=language, notes=()), "", level))
        trained = 0  # of a training, what inputs have become, and the losses
        if timeline.iterations is not None:
            trained = len(timeline.updates.leaves) + timeline.iterations.count
        assert len(told) == 1 + len(steps) + len(grads) + trained
        assert all(told)
        assert set().union(*(strangers(x, language, _names(name)) for x in told)) == set()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_what_authors_say_is_spoken_too(name: str, language: str) -> None:
    """Titles, sources and notes, their formulas in words."""
    view = view_at(name, 0)
    view = replace(view, language=language)
    for line in plain_transcript(view, "x² + y", "node"):
        assert strangers(line, language, _names(name)) == set()


@given(traces())
def test_any_walk_can_be_told(trace: Trace) -> None:
    """One printable line an event, whatever the program and the numbers."""
    for level in LEVELS:
        steps = list(steps_of(trace.timeline, level))
        told = list(plain_transcript(titled_view(trace), level=level))
        assert len(told) == 1 + len(steps) + len(trace.grad)
        for line in told:
            assert line.isprintable()
            assert line == " ".join(line.split())
            assert strangers(line, "en") == set()


def test_a_long_walk_begins_at_once() -> None:
    """10⁹ steps: the first lines are told without the rest being walked."""
    maker = GraphMaker()
    side = 32_000
    left = maker.input(np.ones(side), "a")
    maker.op("cumsum", left, name="b")
    view = titled_view(maker.trace(zeros=True))
    assert view.frame.timeline.length > 10**9
    told = list(islice(plain_transcript(view), 6))
    assert told[-1].startswith("b 2 depends on a 1 with slope 1.")


def test_notes_stand_where_the_walk_first_comes_to_them() -> None:
    """On one line each, told once; escape sequences are shown, not sent."""
    maker = GraphMaker()
    maker.op("negative", maker.input(1.0, "X"), name="Y")
    text = Text({"": "y = −x\nand \x1b[31mso on"})
    view = titled_view(maker.trace(), notes=(Note("Y", Place("node", "Y"), text),))
    told = list(plain_transcript(view))
    at = [k for k, line in enumerate(told) if line.startswith("Note: ")]
    assert told[at[0]].startswith("Note: y equals minus x and ␛")
    assert len(at) == 1
    assert told[at[0] - 1].startswith("Y is computed as minus X.")


def test_the_end_is_every_gradient() -> None:
    """In the order of the inputs, also of those that nothing reaches."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "X")
    maker.input(1.0, "unread")
    maker.op("negative", x, name="Y")
    told = list(plain_transcript(titled_view(maker.trace())))
    assert told[-2:] == [
        "The gradient of X is a vector of 2: minus 1, minus 1.",
        "The gradient of unread is 0.",
    ]
