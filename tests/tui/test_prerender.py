"""Pictures that are made before they are asked for."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.render.views import view_at
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.view import View
from tui_backprop.tui.panes import is_same

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

OTHERS: dict[str, Any] = {
    "frame": view_at("vector-double", 5).frame,
    "namer": view_at("chain", 4).namer,
    "title": "another",
    "notes": (),
    "language": "zh",
    "charset": ASCII,
    "direction": "reverse",
    "reason": "a reason",
    "stops": (None,),
    "conditional": (None,),
    "breakpoints": (None,),
    "displays": (None,),
    "trials": ("v = [1, 0, 0]",),
    "before": view_at("vector-double", 5).frame,
    "inside": "encoder.0",
    "graph_view": "tape",
    "total": True,
    "product": True,
    "by": 0,
    "symbolic": False,
    "is_pending": True,
    "hidden": "notes",
}


def test_views_are_the_same_where_everything_is() -> None:
    """Two frames of one step are the same step."""
    assert is_same(view_at("vector-double", 4), view_at("vector-double", 4))


@pytest.mark.parametrize("name", [f.name for f in fields(View)])
def test_any_other_field_is_another_picture(name: str) -> None:
    """No part of a view may change without the picture being made anew."""
    view = view_at("vector-double", 4)
    assert not is_same(view, replace(view, **{name: OTHERS[name]}))


def test_the_same_step_before_is_the_same_picture() -> None:
    """Both frames are made anew each time, and mean the same."""
    view = view_at("vector-double", 4)
    one, other = (view_at("vector-double", 4).frame for _ in range(2))
    assert is_same(replace(view, before=one), replace(view, before=other))


async def test_a_foreseen_screen_is_the_screen(run: Run) -> None:
    """Walking with pauses, in which the next step is made early, shows what a jump shows."""
    async with run() as driver:
        await driver.press("g", *"5", "enter")
        await driver.press("s")
        await driver.pilot.pause(0.2)
        await driver.press("s")
        walked = driver.text()
    async with run() as driver:
        await driver.press("g", *"7", "enter")
        assert driver.text() == walked
