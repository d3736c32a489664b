"""Clicks: on the timeline, on keys, on nodes and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import LARGE, SMALL
from tui_backprop.tui.keymap import Footer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_a_click_on_the_timeline_goes_there(run: Run) -> None:
    """The last cell is the last step."""
    async with run() as driver:
        await driver.pilot.click("#timeline", offset=(76, 0))
        await driver.settle()
        assert driver.session.cursor == driver.session.last


async def test_a_click_on_a_key_is_the_key(run: Run) -> None:
    """The footer's first button is step."""
    async with run() as driver:
        await driver.pilot.click(Footer, offset=(3, 0))
        await driver.settle()
        assert driver.session.cursor == 1


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_click_on_the_board_goes_to_what_stands_there(
    run: Run, size: tuple[int, int]
) -> None:
    """An entry of J to its partial, from wherever in the same J; a gradient to what wrote it."""
    async with run("vector-double", size) as driver:
        await driver.press("end")
        rows = driver.pane("board").splitlines()
        x = next(row for row in rows if "x₂" in row).index("x₂") + 1
        for name, arrives in (("y₂", 8), ("y₃", 9), ("X.grad", 9), ("y₁", 7), ("X.grad", 7)):
            y = next(y for y, row in enumerate(rows) if f"{name} " in row)
            await driver.pilot.click("#board", offset=(x, y))
            await driver.settle()
            assert driver.session.cursor == arrives


async def test_a_click_on_an_entry_of_j_goes_to_its_partial(run: Run) -> None:
    """From wherever in the same J; gradients are entry by entry in a pane of their own."""
    async with run("attention-head") as driver:
        driver.session.goto(100)
        driver.screen.mark()
        await driver.settle()
        frame = driver.session.frame
        rows = driver.pane("jacobian").splitlines()
        x = rows[1].index("₃₁") + 1
        y = next(y for y, row in enumerate(rows) if "₃₁ " in row[:5])
        await driver.pilot.click("#jacobian", offset=(x, y))
        await driver.settle()
        at = driver.session.frame
        assert at.edge == frame.edge
        assert (at.row, at.column) == (6, 4)
        rows = driver.pane("gradient").splitlines()
        y = next(y for y, row in enumerate(rows) if "₁₁ " in row)
        await driver.pilot.click("#gradient", offset=(3, y))
        await driver.settle()
        assert driver.session.frame.column == 0


async def test_a_click_on_a_node_goes_there(run: Run) -> None:
    """On the drawing and on the tape."""
    async with run("vector-double", LARGE) as driver:
        for toggles in ([], ["t"]):
            await driver.press("end", *toggles)
            rows = driver.pane("graph").splitlines()
            y = next(y for y, row in enumerate(rows) if "2 * X" in row)
            await driver.pilot.click("#graph", offset=(rows[y].index("2 * X"), y))
            await driver.settle()
            assert driver.session.frame.node.name == "Y"
            assert driver.session.cursor < driver.session.last


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_click_in_front_of_a_line_sets_a_breakpoint(
    run: Run, size: tuple[int, int]
) -> None:
    """And another takes it away; a click on the line itself goes there."""
    async with run("mlp-2-3-1", size) as driver:
        pane = driver.screen.query_one("#program")
        left, top = pane.content_region.offset - pane.region.offset
        await driver.pilot.click("#program", offset=(left, top + 1))
        await driver.settle()
        assert [b.text for b in driver.session.breakpoints] == ["line 2"]
        assert driver.session.cursor == 0
        assert "2◆" in driver.text()
        await driver.press("c")
        assert driver.session.frame.node.label == "h"
        await driver.pilot.click("#program", offset=(left + 1, top + 1))
        await driver.settle()
        assert not driver.session.breakpoints
        assert "2◆" not in driver.text()
        await driver.pilot.click("#program", offset=(left + 8, top))
        await driver.settle()
        assert driver.session.frame.node.label == "z"
        assert not driver.session.breakpoints


async def test_a_breakpoint_that_is_off_or_has_a_condition_is_marked_so(run: Run) -> None:
    """In the gutter as in the graph; those of an op stand at no line."""
    async with run("mlp-2-3-1", LARGE) as driver:
        for line, mark in (("break :2 if step > 3", "2◈"), ("disable 1", "2◇"), ("b h", "2◆")):
            driver.screen.carry_out(line)
            await driver.settle()
            assert mark in driver.pane("program")
        driver.screen.carry_out("b op add")
        await driver.settle()
        assert driver.pane("program").count("◆") == 1
