"""Finding a place by what is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.render.views import NAMES, opened
from tests.tui.conftest import running
from tui_backprop.render.panes.note import first_step_at, is_at
from tui_backprop.tui.text_search import find_text

if TYPE_CHECKING:
    from tests.tui.conftest import Driver

TIMELINE = tb.load("mlp-2-3-1").trace().timeline


def test_every_node_is_found_by_its_label_from_anywhere() -> None:
    """The search goes round."""
    for node in TIMELINE.nodes:
        for after in (0, node.id, len(TIMELINE.nodes) - 1, TIMELINE.length - 1):
            found = find_text(TIMELINE, (), node.label, after)
            assert found is not None
            there = TIMELINE.nodes[found.step]
            assert node.label in there.label or node.label in there.text


def test_goes_on_behind_the_step_it_starts_from() -> None:
    """Searching again gives the next one, and the same one where it is the only one."""
    first = find_text(TIMELINE, (), "tanh", 0)
    assert first is not None
    assert find_text(TIMELINE, (), "TANH", first.step) == first


def test_nothing_found() -> None:
    """None, not a guess."""
    assert find_text(TIMELINE, (), "no such text", 0) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_note_is_found_where_it_is_first_told(name: str) -> None:
    """In each language; at the first step that is at its place, which is the place's own."""
    scenario, trace, _ = opened(name)
    for note in scenario.model.notes:
        step = first_step_at(trace.timeline, note.place)
        assert step == next(f.k for f in trace.timeline if is_at(f, note.place))
        for text in note.text.by_language.values():
            found = find_text(trace.timeline, [note], text[:40], step)
            assert found is not None
            assert found.step in {step, *range(len(trace.timeline.nodes))}


def test_notes_and_nodes_are_met_in_the_order_of_the_walk() -> None:
    """Once each before the first comes again."""
    scenario, trace, _ = opened("vector-double")
    steps: list[int] = []
    at = trace.timeline.length - 1
    while True:
        found = find_text(trace.timeline, scenario.model.notes, "x", at)
        assert found is not None
        if steps and found.step <= steps[-1]:
            break
        steps.append(found.step)
        at = found.step
    assert len(steps) > 2
    assert steps == sorted(set(steps))


async def test_the_only_place_says_that_it_is_the_only_one() -> None:
    """Instead of saying again where it is."""
    async with running("mlp-2-3-1") as driver:
        await driver.press("slash")
        await driver.write("tanh")
        await driver.press("enter")
        first = driver.screen.view_model.message
        assert "found in h" in first
        await driver.press("*")
        assert driver.screen.view_model.message == "'tanh' is here and nowhere else: h"
        assert driver.session.cursor == first_step(driver, "h")


def first_step(driver: Driver, name: str) -> int:
    """The step that builds a node."""
    return driver.session.trace.graph.names[name]
