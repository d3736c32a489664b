"""What is kept between pictures: one is the same, whatever was shown before it."""

from __future__ import annotations

from contextlib import suppress
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
from tui_backprop.tui.panes import PANES
from tui_backprop.tui.view_model import ViewModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line

WINDOWS = ((38, 6), (76, 14), (116, 20))
STEPS = ("step", "reverse-step", "next", "reverse-next", "finish", "end", "restart", "goto 5")
OTHERS = ("break 2", "break 1 if 1 > 2", "delete 1", "unfold", "fold", "undo", "zeros", "set")
LOOKS = ("zh", "en", "tape", "drawing", "auto", "total", "product", "symbolic")
MOVES = st.lists(st.sampled_from(STEPS * 4 + OTHERS + LOOKS), min_size=1, max_size=12)


def made(model: ViewModel) -> list[tuple[str, int, str, list[Line]]]:
    """All pictures of a view in windows of several sizes, line by line."""
    view = model.view()
    found = []
    for row in PANES:
        for width, height in WINDOWS:
            content = row.picture(view, width, height)
            top = 0 if content.focus is None else max(0, content.focus.y - 2)
            lines = [content.line(y, 0, width) for y in range(top, top + height)]
            found.append((row.id, width, content.title, lines))
    return found


def do(model: ViewModel, move: str) -> None:
    """Carry out a command, or look at the walk in another way."""
    if move in {"zh", "en"}:
        model.language = move
    elif move in {"tape", "drawing", "auto"}:
        model.graph_view = move  # type: ignore[assignment]  # it is one of these
    elif move in {"total", "product", "symbolic"}:
        setattr(model, move, not getattr(model, move))
    elif move == "set":
        graph = model.session.timeline.trace.graph
        first = next(iter(graph.inputs.values()))
        model.session.execute(f"set {entry(graph, first, 0)} = {model.session.cursor + 0.25}")
    else:
        with suppress(CommandError):  # not every walk has all of it
            model.session.execute(move)


def walked(name: str, charset: Charset, moves: Sequence[str], *, is_seen: bool) -> ViewModel:
    """A walk of its own; with all pictures made on the way, or none."""
    model = ViewModel(load(name), charset)
    for move in moves:
        do(model, move)
        if is_seen:
            made(model)
    return model


@pytest.mark.parametrize("name", few(NAMES, 6))
@settings(max_examples=4, deadline=None)
@given(moves=MOVES, charset=st.sampled_from([UNICODE, ASCII]))
def test_a_picture_owes_nothing_to_those_before_it(
    name: str, charset: Charset, moves: list[str]
) -> None:
    """Whoever has looked at every step sees what somebody sees who only came there."""
    seen = walked(name, charset, moves, is_seen=True)
    unseen = walked(name, charset, moves, is_seen=False)
    assert made(seen) == made(unseen)
