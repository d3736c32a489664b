"""The bar of the timeline: written in pieces, and the same as cell by cell."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.render.views import view_at
from tui_backprop.render.panes.timeline import _bounds, _cell, _unmarked
from tui_backprop.render.text.spans import merge
from tui_backprop.timeline.frame import Phase, Section


@given(st.integers(0, 12), st.integers(0, 14), st.integers(1, 14), st.integers(1, 30))
def test_pieces_are_the_cells(k: int, start: int, length: int, room: int) -> None:
    """Wherever the cursor is, and whether a step is wider than a cell or narrower."""
    view = view_at("vector-double", k)
    bounds = _bounds(Section(Phase.PARTIAL, 0, start, start + length), room)
    cells = tuple(_cell(view, *cell, "") for cell in pairwise(bounds))
    assert merge(tuple(_unmarked(view, bounds))) == merge(cells)
