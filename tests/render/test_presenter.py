"""The step alone: it has the numbers of the panes, whole, on the smallest screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.marks import few
from tests.render.views import NAMES, text_of, view_at, views
from tui_backprop.render.panes.equation import equation_content
from tui_backprop.render.presenter import presenter_content
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.render.text.spans import plain, width
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled, why_unknown

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.view import View

CELLS, ROWS = 80, 24
NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[−+]?\d+)?")
CUT = re.compile(r"\d(?:…|\.\.\.)")


def steps(name: str, **options: object) -> list[View]:
    """Every step of a scenario, a few of a long walk."""
    found = views(name, symbolic=False, **options)
    return found[:: max(1, len(found) // 40)]


def in_charset(view: View, charset: Charset) -> View:
    """With names that it can write too."""
    namer = Namer(view.namer.graph, view.namer.subscripts, charset)
    return replace(view, charset=charset, namer=namer)


def shown(view: View, cells: int = CELLS, rows: int = ROWS) -> list[str]:
    """All lines, and all of each."""
    return text_of(presenter_content(view, cells, rows), 10_000, 10_000)


def squeezed(text: str) -> str:
    """Without blanks: they are what the presenter has more of."""
    return "".join(text.split())


@pytest.mark.parametrize("name", few(NAMES, 8))
def test_it_has_the_numbers_of_the_panes_and_cuts_none(name: str) -> None:
    """Those of the step pane, and of the partial at hand, whole, in what 80 × 24 has room for."""
    for view in steps(name):
        lines = shown(view)
        assert len(lines) <= ROWS, view.frame.k
        assert max(map(width, lines)) <= CELLS, view.frame.k
        said = squeezed("".join(lines))
        pane = "".join(text_of(equation_content(view, CELLS, ROWS), CELLS, ROWS))
        assert not [n for n in NUMBER.findall(pane) if n not in said], view.frame.k
        assert not CUT.search("\n".join(lines)), view.frame.k
        if view.frame.edge is None or why_unknown(view.frame):
            continue
        _, p = pulled(view.frame)
        for value in (p.v, p.value, p.contribution, p.after):
            assert number(value, numerals_in(UNICODE)) in said, view.frame.k


@pytest.mark.few(3)
@pytest.mark.parametrize("name", few(NAMES, 4))
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_it_marks_the_entry_at_hand_without_colour(name: str, charset: Charset) -> None:
    """Wherever J is known there is one mark, and ASCII is ASCII."""
    for view in (in_charset(view, charset) for view in steps(name)):
        lines = presenter_content(view, CELLS, ROWS)
        if charset is ASCII:
            assert "\n".join(shown(view)).isascii(), view.frame.k
        if view.frame.J is None or why_unknown(view.frame):
            continue
        spans = [s for y in range(lines.size[1]) for s in lines.line(y, 0, CELLS)]
        marked = [s.text for s in spans if s.role == "current"]
        assert any(text[0] in "▐[" and text[-1] in "▌]" for text in marked), view.frame.k


@pytest.mark.parametrize("name", few(NAMES, 4))
def test_it_speaks_chinese(name: str) -> None:
    """In as many cells, the formulas as they are."""
    for view in steps(name, language="zh"):
        lines = shown(view)
        assert len(lines) <= ROWS, view.frame.k
        assert max(map(width, lines)) <= CELLS, view.frame.k
    assert shown(view_at(name, -1, language="zh")) != shown(view_at(name, -1))


def test_one_formula_a_line_with_room_around() -> None:
    """Equal sign under equal sign; within brackets as it was."""
    lines = shown(view_at("vector-double", 8))
    formulas = [line for line in lines if "  =  " in line]
    assert [line.strip() for line in formulas] == [
        "∂y₂/∂x₂  =  ∂(2·x₂)/∂x₂  =  2",
        "v₂ · ∂y₂/∂x₂  =  2 · 2  =  4",
        "X.grad₂  =  0 + 4  =  4",
    ]
    assert len({line.index("=") for line in formulas}) == 1
    assert not any(lines[lines.index(line) + 1] for line in formulas)


def test_what_is_not_computed_yet_is_no_product() -> None:
    """In ASCII neither: the same dot stands for it, and for the end of nothing."""
    view = view_at("vector-double", 4)
    assert any("X.grad₁:  · → 2" in line for line in shown(view))
    assert any(": . -> 2" in " ".join(line.split()) for line in shown(in_charset(view, ASCII)))


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (9, 4), (20, 5), (40, 10), (60, 12), (300, 90)])
def test_any_size(size: tuple[int, int]) -> None:
    """The formulas come first where there is no room."""
    for name in ("vector-double", "mlp-2-3-1", "layer-norm"):
        for view in steps(name)[::5]:
            lines = shown(view, *size)
            assert len(lines) <= size[1]
            if size[0] >= 60:
                assert max(map(width, lines), default=0) <= size[0]


def test_what_a_command_reported_stands_under_the_sentence() -> None:
    """There is no status line that could say it."""
    view = replace(view_at("vector-double", 8), reason="breakpoint 1: Y")
    assert "breakpoint 1: Y" in "\n".join(shown(view))
    content = presenter_content(view, CELLS, ROWS)
    last = [plain(content.line(y, 0, CELLS)).strip() for y in range(content.size[1])]
    assert [line for line in last if line][-1] == "breakpoint 1: Y"


@pytest.mark.parametrize("rows", [24, 48])
def test_a_click_leads_where_the_picture_points(rows: int) -> None:
    """From an entry of J to its partial, with blank lines between the rows or without."""
    view = view_at("vector-double", -1)
    content = presenter_content(view, CELLS, rows)
    led = {
        step
        for y in range(content.size[1])
        for x in range(CELLS)
        if (step := content.step_at(x, y)) is not None
    }
    partials = {v.frame.k for v in views("vector-double", symbolic=False) if v.frame.edge}
    assert led >= partials


def test_an_update_stands_beside_its_gradient() -> None:
    """There is no J at an update, and what the rule reads of the gradient is in sight."""
    view = view_at("adam-valley", -1)
    lines = shown(view)
    assert view.frame.phase is Phase.UPDATE
    assert not any("[" in line for line in lines)
    gradient = view.frame.adjoint(view.frame.node.id).entry(1)
    assert gradient is not None
    assert sum(number(gradient, numerals_in(UNICODE)) in line for line in lines) >= 2
