"""Which part of a content is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import running
from tui_backprop.render.text.spans import Box
from tui_backprop.tui.camera import Camera

if TYPE_CHECKING:
    from tests.tui.conftest import Driver

LENGTHS = st.integers(1, 60)
SIZES = st.tuples(LENGTHS, LENGTHS)
CAMERAS = st.builds(Camera, st.integers(0, 60), st.integers(0, 60))


@st.composite
def boxes(draw: st.DrawFn, content: tuple[int, int]) -> Box:
    """A rectangle inside a content."""
    x, y = draw(st.integers(0, content[0] - 1)), draw(st.integers(0, content[1] - 1))
    width, height = draw(st.integers(1, content[0] - x)), draw(st.integers(1, content[1] - y))
    return Box(x, y, width, height)


@given(CAMERAS, SIZES, SIZES, st.data())
def test_focus_is_in_sight(
    camera: Camera, content: tuple[int, int], window: tuple[int, int], data: st.DataObject
) -> None:
    """After following, the focus is seen: all of it where it fits, else its start."""
    focus = data.draw(boxes(content))
    x, y = camera.followed(focus, content, window)
    assert x <= focus.x < x + window[0]
    assert y <= focus.y < y + window[1]
    if focus.width <= window[0]:
        assert focus.x + focus.width <= x + window[0]
    if focus.height <= window[1]:
        assert focus.y + focus.height <= y + window[1]


@given(CAMERAS, SIZES, SIZES, st.data())
def test_following_twice_is_following_once(
    camera: Camera, content: tuple[int, int], window: tuple[int, int], data: st.DataObject
) -> None:
    """What is in sight already moves nothing."""
    focus = data.draw(boxes(content))
    once = camera.followed(focus, content, window)
    assert once.followed(focus, content, window) == once


@given(CAMERAS, SIZES, SIZES, st.integers(-99, 99), st.integers(-99, 99))
def test_never_past_the_end(
    camera: Camera, content: tuple[int, int], window: tuple[int, int], columns: int, rows: int
) -> None:
    """However far it is moved, the window stays on the content, and at its start if that fits."""
    x, y = camera.moved(columns, rows, content, window)
    assert 0 <= x <= max(0, content[0] - window[0])
    assert 0 <= y <= max(0, content[1] - window[1])


@given(st.integers(3, 40), st.sampled_from([1, -1]))
def test_a_walk_through_many_rows_seldom_moves_them(height: int, way: int) -> None:
    """A page is turned about once in as many steps as three quarters of it has rows."""
    content, window = (10, 1000), (10, height)
    camera = Camera().followed(Box(0, 500, 10, 1), content, window)
    turns = 0
    for k in range(1, 401):
        after = camera.followed(Box(0, 500 + way * k, 10, 1), content, window)
        turns += after != camera
        camera = after
    assert turns <= 400 / (height - 1 - (height - 1) // 4) + 1


@pytest.mark.exhaustive
async def test_a_drawing_that_is_cut_says_at_which_side() -> None:
    """In its title; where all of it is in sight there is no sign."""
    async with running("conv2d-edges", (80, 24)) as driver:
        await draw(driver)
        driver.screen.grid.graph.focus()
        seen = set()
        for _ in range(20):
            await driver.press("shift+left")
        seen.add(title_of(driver)[-2:].strip())
        await driver.press("shift+right")
        seen.add(title_of(driver)[-2:].strip())
        for _ in range(20):
            await driver.press("shift+right")
        seen.add(title_of(driver)[-2:].strip())
        assert seen == {"›", "‹›", "‹"}
    async with running("vector-double", (160, 48)) as driver:
        await draw(driver)
        assert not {"‹", "›"} & set(title_of(driver))


async def draw(driver: Driver) -> None:
    """The last step, with the graph as a drawing."""
    driver.screen.view_model.graph_view = "drawing"
    await driver.press("end")


def title_of(driver: Driver) -> str:
    """What the border of the graph says."""
    return driver.pane("graph").split("\n")[0].strip(" ─╭╮")
