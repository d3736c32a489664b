"""Nothing is cut while there is room for it, and what is cut says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.marks import few
from tests.render.views import titled_view
from tui_backprop.api import load
from tui_backprop.render.panes.node_state import rows_state
from tui_backprop.render.panes.program import program_content
from tui_backprop.render.panes.tape import Tape
from tui_backprop.render.panes.tape_columns import ADJOINT_LABEL, GAP
from tui_backprop.render.text.arrays import shape_text, summary
from tui_backprop.render.text.charset import ASCII, UNICODE, Charset
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import line_width, plain, width
from tui_backprop.scenario.files import shipped

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.render.panes.node_state import RowState
    from tui_backprop.render.view import View

WIDTHS: Final = (24, 36, 44, 53, 62, 76, 90, 104, 130, 200)
_ENDLESS: Final = 10_000
_LONGEST: Final = 14
"""Cells of a number at most, with the blank before it: fewer may be left free."""


def needed(tape: Tape, k: int, state: RowState, cells: int) -> int:
    """Cells of a row in which nothing is cut, of the columns that the tape has at this width."""
    columns, rows = tape.columns(cells), tape.rows
    numerals = numerals_in(tape.charset)
    texts = {
        "name": width(rows.label(k)),
        "text": width(rows.text(k)),
        "shape": width(shape_text(rows.graph.nodes[k].shape, tape.charset)),
    }
    found = [max(size, getattr(columns, column)) for column, size in texts.items()
             if getattr(columns, column)]  # fmt: skip
    assert state.value is not None
    value = line_width(summary(state.value, _ENDLESS, numerals=numerals))
    if state.adjoint is not None and columns.adjoint:
        found.append(max(value, columns.value))
        value = ADJOINT_LABEL + line_width(
            summary(state.adjoint, _ENDLESS, numerals=numerals, marks=state.adjoint_marks)
        )
    note = GAP + width(f"◂ {state.notes[-2:][0]}") if state.notes else 0
    total: int = 3 + tape.gutter(cells).cells + sum(size + GAP for size in (*found, value)) + note
    return total


@pytest.mark.few(4, 58)
@pytest.mark.parametrize("path", few(shipped(), 6), ids=lambda path: path.stem)
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_rows_of_the_tape_use_their_room(path: Path, charset: Charset) -> None:
    """At every width and step: a number or a text that is cut had no room."""
    trace = load(path).trace()
    timeline = trace.timeline
    tape = Tape(titled_view(trace, charset=charset).namer, charset)
    for step in range(0, timeline.length, max(1, timeline.length // 7)):
        seen = titled_view(trace, frame=timeline[step], charset=charset)
        for k in range(seen.frame.built):
            state = rows_state(seen, tape.rows, k)
            for cells in WIDTHS:
                line = plain(tape.row(k, state, cells))
                assert width(line) == cells
                if charset.ellipsis in line:
                    assert needed(tape, k, state, cells) > cells, (step, k, cells, line)
                    assert len(line) - len(line.rstrip()) < _LONGEST + 12, line


def view_of(path: Path, charset: Charset = UNICODE) -> View:
    """A view of a scenario's first step."""
    return titled_view(load(path).trace(), charset=charset)


@pytest.mark.parametrize("path", few(shipped(), 6), ids=lambda path: path.stem)
def test_lines_of_the_program_say_that_they_go_on(path: Path) -> None:
    """And only they."""
    view = view_of(path)
    content = program_content(view, 80, 9)
    whole = [plain(content.line(y, 0, 500)).rstrip() for y in range(content.size[1])]
    for cells in range(8, 60, 3):
        for y, line in enumerate(whole):
            shown = plain(content.line(y, 0, cells))
            assert width(shown) == cells
            expected = line if width(line) <= cells else f"{line[: cells - 1]}…"
            assert shown.rstrip() == expected.rstrip()


def test_a_line_that_is_scrolled_to_its_end_is_whole() -> None:
    """The sign stands for what is to the right, not for what is to the left."""
    content = program_content(view_of(shipped()[4]), 20, 9)
    y, length = max(
        ((y, len(plain(content.line(y, 0, 500)).rstrip())) for y in range(content.size[1])),
        key=lambda found: found[1],
    )
    assert "…" in plain(content.line(y, 0, length - 1))
    assert "…" not in plain(content.line(y, 5, length))
