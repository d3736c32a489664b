"""What panes are said to need, against what they show."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.marks import MANY, spread
from tests.render.views import NAMES, text_of, view_at, views
from tui_backprop.language.catalogue import languages
from tui_backprop.render.arrangement import Arrangement
from tui_backprop.render.needs import needs
from tui_backprop.render.panes.board import board_content
from tui_backprop.render.panes.equation import equation_content, equations
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.panes.step_sentences import remarks
from tui_backprop.render.text.numbers import number
from tui_backprop.render.view import has_loss
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.render.view import View


SIZES = ((60, 20), (80, 24), (100, 30), (120, 40), (160, 48))
_BOXED = 30
"""Lines from which on a pane has a border all around it."""


def arranged(view: View, *, is_board: bool, is_watching: bool) -> Arrangement:
    """What decides where the panes of a view lie."""
    has_note = bool(notes_at(view.frame, view.notes))
    return Arrangement(needs(view), is_board, has_note, is_watching)


def inner(arrangement: Arrangement, size: tuple[int, int], pane: str) -> tuple[int, int]:
    """The cells and rows of a pane, without its border."""
    is_boxed = size[1] >= _BOXED
    place = arrangement.places(*size, is_boxed=is_boxed)[pane]
    return (place.width - 4, place.height - 2) if is_boxed else (place.width, place.height - 1)


@pytest.mark.few(4, 24)
@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_step_is_in_sight(name: str, count: int) -> None:
    """No line of it lies below the fold, whatever the graph could use and whatever is watched."""
    for language, is_watching in product(languages(), (False, True)):
        for view in spread(views(name, language=language), count):
            arrangement = arranged(view, is_board=True, is_watching=is_watching)
            for size in SIZES:
                cells, rows = inner(arrangement, size, "equation")
                content = equation_content(view, cells, rows)
                if view.frame.phase is Phase.UPDATE:  # of six formulas the one for all of them
                    seen = " ".join(" ".join(text_of(content, cells, rows)[:rows]).split())
                    assert equations(view, cells)[-1].partition(" = ")[0] in seen
                    continue
                assert content.size[1] <= rows, (view.frame.k, size)


@pytest.mark.few(6)
@pytest.mark.parametrize("name", NAMES)
def test_where_rows_are_short_words_go_and_numbers_stay(name: str) -> None:
    """Every formula is there, and what the formulas do not say."""
    for view in views(name, symbolic=False):
        if view.frame.phase is Phase.PARTIAL:
            whole = equation_content(view, 60, 20)
            short = text_of(equation_content(view, 60, 5), 60, 9)
            assert len(short) <= max(5, whole.size[1])
            shown = " ".join(" ".join(line.split()) for line in short)
            for text in (*equations(view, 60), *remarks(view)):
                assert text in shown, (view.frame.k, text)


@pytest.mark.few(4)
@pytest.mark.parametrize("name", NAMES)
def test_j_has_no_rows_to_spare_while_the_program_scrolls(name: str) -> None:
    """There is neither J nor v nor a gradient before the backward pass: others have their rows.

    Of a training the curve of the loss has them.
    """
    views_of_building = [v for v in views(name, symbolic=False) if v.frame.phase is Phase.BUILD]
    if has_loss(views_of_building[0]):
        assert all("loss" in needs(view) for view in views_of_building)
        return
    for view, is_watching in product(spread(views_of_building, 5), (False, True)):
        arrangement = arranged(view, is_board=True, is_watching=is_watching)
        for size in SIZES:
            cells, rows = inner(arrangement, size, "board")
            said = board_content(view, cells, rows).size[1]
            assert said <= rows, (view.frame.k, size)
            if rows > said:
                for pane in ("program", "graph", "equation"):
                    cells, rows = inner(arrangement, size, pane)
                    assert arrangement.needs[pane].rows(cells) <= rows, (view.frame.k, size, pane)


def test_the_rows_of_j_come_with_the_backward_pass() -> None:
    """And go to the program, and to what is told, where one steps back before it."""
    seeded = next(v for v in views("mlp-2-3-1", symbolic=False) if v.frame.phase is Phase.SEED)
    built = view_at("mlp-2-3-1", seeded.frame.k - 1, symbolic=False)
    rows = [
        inner(arranged(view, is_board=True, is_watching=False), (60, 20), pane)[1]
        for view in (built, seeded)
        for pane in ("board", "program")
    ]
    assert rows[0] == 2
    assert rows[1] >= 4
    assert rows[2] == 6


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_shown_however_narrow_the_screen(name: str) -> None:
    """As much of it as fits, with its shape: never an ellipsis alone."""
    for view in views(name, symbolic=False):
        if view.frame.edge is None:
            for cells in (40, 56, 78):
                lines = text_of(equation_content(view, cells, 9), cells, 9)
                if view.frame.phase is Phase.UPDATE:
                    value = view.frame.timeline.updates.of(view.frame.node.id)[-1].value
                    assert number(value.flat[view.frame.column]) in " ".join(lines)
                    continue
                assert not any(line.endswith("= …") for line in lines), (view.frame.k, lines)
