"""What the screen draws of drawn numbers: each line as wide as asked, and text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import effort
from tests.fuzz.scenarios import opened, valid_documents
from tests.render.test_panes import PANES
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width, plain
from tui_backprop.render.view import View

CELLS = st.one_of(st.integers(1, 12), st.integers(1, 120))


@pytest.mark.parametrize("pane", PANES)
@effort(0.2)
@given(data=st.data(), text=valid_documents(most=4), cells=CELLS, height=st.integers(1, 30))
def test_every_pane_draws_every_step(
    pane: str, data: st.DataObject, text: str, cells: int, height: int
) -> None:
    """At any size, in either language, in either set of signs, with formulas or without."""
    scenario = opened(text)
    timeline = scenario.trace().timeline
    charset = data.draw(st.sampled_from([ASCII, UNICODE]))
    view = View(
        timeline[data.draw(st.integers(0, len(timeline) - 1))],
        Namer(timeline.trace.graph, scenario.model.view.subscripts, charset),
        scenario.title, scenario.model.notes,
        language=data.draw(st.sampled_from(["en", "zh"])), charset=charset,
        symbolic=False,
    )  # fmt: skip
    content = PANES[pane](view, cells, height)
    for y in range(min(height, content.size[1])):
        line = content.line(y, 0, cells)
        assert line_width(line) == cells
        assert all(c.isprintable() for c in plain(line))
