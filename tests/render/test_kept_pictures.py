"""What is kept between pictures: one is the same, whatever was shown before it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.marks import few
from tests.render.views import NAMES
from tui_backprop.api import load
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import entry
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.tui.panes import PANES
from tui_backprop.tui.view_model import ViewModel

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line
    from tui_backprop.render.view import View

WINDOWS = ((38, 6), (76, 14), (116, 20))
STEPS = ("step", "reverse-step") * 4 + ("next", "reverse-next", "finish")
OTHERS = ("end", "restart", "set", "set", "undo", "zeros", "break 2", "break 1 if 1 > 2", "delete",
          "unfold", "fold", "zh", "en", "tape", "drawing", "total", "product")  # fmt: skip
MOVES = st.lists(st.sampled_from(STEPS * 4 + OTHERS), min_size=5, max_size=20)


def made(view: View, *names: str) -> list[tuple[str, int, str, list[Line]]]:
    """All pictures of a view, or those of some panes, in several windows, line by line."""
    found = []
    for row in PANES:
        if names and row.id not in names:
            continue
        for width, height in WINDOWS:
            content = row.picture(view, width, height)
            top = 0 if content.focus is None else max(0, content.focus.y - 2)
            lines = [content.line(y, 0, width) for y in range(top, top + height)]
            found.append((row.id, width, content.title, lines))
    return found


def afresh(view: View) -> View:
    """The view of a graph that nothing is kept of: what is kept belongs to who names its nodes."""
    namer = view.namer
    other = Namer(namer.graph, namer.subscripts, namer.charset, is_forward=view.frame.is_forward)
    return replace(view, namer=other)


@pytest.mark.few(2)
@pytest.mark.parametrize("name", ["vector-double", "mlp-2-3-1", "matvec", "forward-mode"])
def test_every_step_of_a_walk_is_drawn_as_if_it_were_the_first(name: str) -> None:
    """The panes of which most is kept, there and back."""
    model = ViewModel(load(name), UNICODE)
    for move in ["end", *["reverse-step"] * 60, *["step"] * 60]:
        do(model, move)
        view = model.view()
        assert made(view, "graph", "board") == made(afresh(view), "graph", "board"), view.frame.k


@pytest.mark.parametrize("name", ["vector-double", "mlp-2-3-1"])
def test_what_is_set_at_a_step_is_drawn(name: str) -> None:
    """Breakpoints come, are switched off and go while the walk stands still."""
    model = ViewModel(load(name), UNICODE)
    for move in ("goto 6", "break :1", "break :2 if 1 > 2", "disable 1", "enable 1", "break 3",
                 "delete 1", "delete", "set", "undo"):  # fmt: skip
        do(model, move)
        view = model.view()
        assert made(view) == made(afresh(view)), move


def do(model: ViewModel, move: str) -> None:
    """Carry out a command, or look at the walk in another way."""
    if move in {"zh", "en"}:
        model.language = move
    elif move in {"tape", "drawing"}:
        model.graph_view = move  # type: ignore[assignment]  # it is one of these
    elif move in {"total", "product"}:
        setattr(model, move, not getattr(model, move))
    elif move == "set":
        graph = model.session.timeline.trace.graph
        first = next(iter(graph.inputs.values()))
        model.session.execute(f"set {entry(graph, first, 0)} = {model.session.cursor + 0.25}")
    else:
        with suppress(CommandError):  # not every walk has all of it
            model.session.execute(move)


@pytest.mark.parametrize("name", few(NAMES, 3))
@settings(max_examples=3, deadline=None)
@given(moves=MOVES, part=st.floats(0, 1), charset=st.sampled_from([UNICODE, ASCII]))
def test_a_picture_owes_nothing_to_those_before_it(
    name: str, charset: Charset, moves: list[str], part: float
) -> None:
    """Whoever has looked at every step sees what somebody sees who only came there."""
    model = ViewModel(load(name), charset)
    model.session.goto(int(part * model.session.last))
    for move in moves:
        do(model, move)
        view = model.view()
        assert made(view) == made(afresh(view)), move
