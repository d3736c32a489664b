"""Which step a cell of a pane leads to."""

from __future__ import annotations

from itertools import product

import pytest

from tests.marks import MANY, spread
from tests.render.views import NAMES, opened, views
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.vectors import gradient_content, shown_node
from tui_backprop.render.text.spans import plain
from tui_backprop.render.view import View
from tui_backprop.timeline.timeline import Timeline

ROOM = (70, 9)


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_an_entry_of_j_leads_to_its_partial(name: str, count: int) -> None:
    """The current one to the step itself, every other to a step of the same edge."""
    for turn, view in enumerate(spread(views(name), count)):
        frame = view.frame
        if frame.edge is None:
            continue
        content = jacobian_content(view, *ROOM)
        rows = range(content.size[1])
        # Every second cell, others at each step: with its marks an entry is three wide at least.
        cells = product(range(turn % 2, ROOM[0], 2), rows)
        steps = {step for x, y in cells if (step := content.step_at(x, y)) is not None}
        assert frame.k in steps
        for step in steps:
            there = frame.timeline[step]
            assert (there.edge, there.pass_number) == (frame.edge, frame.pass_number)
        mark = [(x, y) for y in rows
                for x, c in enumerate(plain(content.line(y, 0, ROOM[0]))) if c == "▐"]  # fmt: skip
        assert [content.step_at(x + 1, y) for x, y in mark] == [frame.k]


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_entry_leads_to_what_wrote_it(name: str) -> None:
    """A step that changes this adjoint."""
    for view in views(name)[::2]:
        frame = view.frame
        node = shown_node(view)
        content = gradient_content(view, *ROOM)
        for y in range(content.size[1]):
            step = content.step_at(0, y)
            if step is None:
                continue
            assert frame.timeline[step].changed.node in {node, -1}
    assert gradient_content(views(name)[0], *ROOM).step_at(0, 99) is None


def test_names_gaps_and_what_is_below_lead_nowhere() -> None:
    """Only entries do; before the backward pass there are none."""
    view = views("vector-double")[8]
    content = jacobian_content(view, *ROOM)
    assert [content.step_at(x, 0) for x in (0, 8, 20)] == [None] * 3
    assert content.step_at(0, 2) is None
    assert content.step_at(8, 60) is None
    assert content.step_at(69, 2) is None
    assert jacobian_content(views("vector-double")[0], *ROOM).step_at(8, 2) is None


def test_a_structural_zero_that_is_skipped_leads_nowhere() -> None:
    """There is no step that visits it: of 3 × 3 partials, as many lead anywhere as are walked."""
    for zeros, count in ((False, 3), (True, 9)):
        _, trace, namer = opened("vector-double")
        timeline = Timeline(trace, zeros=zeros)
        content = jacobian_content(View(timeline[-1], namer), *ROOM)
        steps = {content.step_at(x, y) for y in range(4) for x in range(ROOM[0])}
        assert len(steps - {None}) == count
