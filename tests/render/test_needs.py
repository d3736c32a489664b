"""What panes are said to need, against what they show."""

from __future__ import annotations

from itertools import product

import pytest

from tests.marks import MANY, spread
from tests.render.views import NAMES, text_of, views
from tui_backprop.language.catalogue import languages
from tui_backprop.render.arrangement import Arrangement
from tui_backprop.render.needs import needs
from tui_backprop.render.panes.equation import equation_content
from tui_backprop.render.panes.note import notes_at


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_step_is_in_sight_where_there_is_room(name: str, count: int) -> None:
    """No line of it lies below the fold of a large screen, whatever the graph could use."""
    for language, (width, height), is_board in product(
        languages(), ((120, 40), (160, 48)), (True, False)
    ):
        for view in spread(views(name, language=language, symbolic=False), count):
            arrangement = Arrangement(
                needs(view), is_board, bool(notes_at(view.frame, view.notes)), is_watching=False
            )
            place = arrangement.places(width, height, is_boxed=True)["equation"]
            cells, rows = place.width - 4, place.height - 2
            assert equation_content(view, cells, rows).size[1] <= rows, (view.frame.k, width)


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_shown_however_narrow_the_screen(name: str) -> None:
    """As much of it as fits, with its shape: never an ellipsis alone."""
    for view in views(name, symbolic=False):
        if view.frame.edge is None:
            for cells in (40, 56, 78):
                lines = text_of(equation_content(view, cells, 9), cells, 9)
                assert not any(line.endswith("= …") for line in lines), (view.frame.k, lines)
