"""The debugger's screen: keys, mouse, sizes, files with bad intentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.marks import few_of
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.language.catalogue import language_after
from tui_backprop.tui.commands import looks_of
from tui_backprop.tui.pages.sheets import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver
    from tui_backprop.render.view import View
    from tui_backprop.tui.screen import DebugScreen

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_seed_in_the_middle(run: Run, size: tuple[int, int]) -> None:
    """Every pane shows its part of the step that adds 4 to the second entry."""
    async with run("vector-double", size) as driver:
        driver.session.goto(7)
        await driver.press("s")
        assert "step 8/12" in driver.pane("status")
        assert "Y = 2 * X" in driver.pane("program")
        assert "X" in driver.pane("graph")
        assert "[ 1 2 3 ] ×  y₂ ⎢   0 ▐  2▌   · ⎥" in driver.pane("board")
        assert "↓ 1·0 + 2·2 + …" in driver.pane("board")
        assert "X.grad = [   2    4    · ]" in driver.pane("board")
        assert "v₂·∂y₂/∂x₂ = 2·2 = 4" in driver.pane("equation")
        assert "●" in driver.pane("timeline")
        assert "s step" in driver.pane("footer")


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["s"], 5), (["right"], 5), (["S"], 3), (["left"], 3), (["n"], 12), (["N"], 3),
        (["f"], 12), (["F"], 3), (["c"], 12), (["C"], 0), (["home"], 0), (["end"], 12),
        (["home", "n"], 1), (["end", "right"], 12), (["home", "left"], 0),
    ],
)  # fmt: skip
async def test_keys_walk(run: Run, keys: list[str], cursor: int) -> None:
    """Every key of the walk, from the first partial of the seed."""
    async with run() as driver:
        driver.session.goto(4)
        await driver.press(*keys)
        assert driver.session.cursor == cursor
        assert f"step {cursor}/12" in driver.text()


async def test_walking_back_shows_the_same_screens(run: Run) -> None:
    """Forward and backward differ in the direction that the status names, and in nothing else."""
    async with run("fan-out") as driver:
        forward = [_panes(driver)]
        for _ in range(driver.session.last):
            await _step(driver, "step")
            forward.append(_panes(driver))
        for before in reversed(forward[:-1]):
            await _step(driver, "reverse-step")
            assert _panes(driver) == before


def _panes(driver: Driver) -> dict[str, str]:
    shown = [pane.id or "" for pane in driver.screen.grid.panes if pane.region.height]
    return {name: driver.pane(name) for name in shown if name != "status"}


async def _step(driver: Driver, command: str) -> None:
    driver.screen.action_run(command)
    await driver.settle()


async def test_many_keys_are_drawn_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key counts, but the panes are drawn for the last one."""
    async with run() as driver:
        drawn: list[int] = []
        draw = driver.screen.grid.draw

        def counted(screen: DebugScreen, view: View) -> None:
            drawn.append(view.frame.k)
            draw(screen, view)

        monkeypatch.setattr(driver.screen.grid, "draw", counted)
        for _ in range(10):
            driver.screen.action_run("step")
        await driver.settle()
        assert driver.session.cursor == 10
        assert drawn == [10]


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("scenario", "size"),
    few_of(
        [
            ("vector-double", (1, 1)),
            ("mlp-2-3-1", (20, 5)),
            ("vector-double", (59, 33)),
            ("mlp-2-3-1", (300, 100)),
        ],
        ["vector-double", "mlp-2-3-1"],
        [(1, 1), (2, 2), (20, 5), (40, 12), (59, 33), (300, 100)],
    ),
)
async def test_any_size(run: Run, size: tuple[int, int], scenario: str) -> None:
    """Tiny, odd and huge terminals; what is there fits."""
    async with run(scenario, size) as driver:
        for command in ("step", "end", "tape", "total", "language", "restart"):
            await _step(driver, command)
        assert len(driver.text().splitlines()) == size[1]


async def test_resizing(run: Run) -> None:
    """The panes follow the terminal, down to nothing and back."""
    async with run(size=LARGE) as driver:
        driver.session.goto(8)
        await driver.press("s")
        before = driver.text()
        for size in (SMALL, (10, 3), LARGE):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
        assert driver.text() == before


async def test_toggles(run: Run) -> None:
    """Tape and drawing, zeros, the whole J, the language."""
    async with run(size=LARGE) as driver:
        await driver.press("end")
        was_tape = driver.screen.grid.graph.is_tape
        await driver.press("t")
        assert driver.screen.grid.graph.is_tape is not was_tape
        await driver.press("z")
        assert driver.session.last == 6
        await driver.press("j")
        assert driver.screen.view_model.total
        assert "whole" in driver.text()
        await driver.press("l")
        assert driver.screen.view_model.language == language_after("en")
        await driver.speak("zh")
        assert "反" in driver.text()


async def test_the_whole_j_is_by_any_input(run: Run) -> None:
    """A key goes from one input to the next and back to the edge; the title says which it is."""
    async with run("mlp-2-3-1", LARGE) as driver:
        await driver.press("end")
        inputs = [*driver.session.trace.graph.inputs]
        now = driver.session.timeline[driver.session.cursor].edge
        assert now is not None
        first = driver.session.trace.graph.nodes[now.parent].name
        seen = []
        for _ in inputs:
            await driver.press("j")
            seen.append(next(n for n in inputs if f"∂loss/∂{n} " in driver.pane("jacobian")))
            assert "whole" in driver.pane("jacobian")
            assert f"{seen[-1]}.grad" in driver.pane("gradient")
        assert seen[0] == first
        assert sorted(seen) == sorted(inputs)
        await driver.press("j")
        assert "whole" not in driver.pane("jacobian")
        assert not driver.screen.view_model.total


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("typed", "title"),
    [("total b1", "∂loss/∂b1 "), ("total h", "∂loss/∂h "), ("total W1", "∂loss/∂W1 ")],
)
async def test_the_whole_j_is_by_any_node(run: Run, typed: str, title: str) -> None:
    """As `J total` of the same name; and one input is no longer shown where it is off."""
    async with run("mlp-2-3-1", LARGE) as driver:
        driver.screen.carry_out("end")
        driver.screen.carry_out(typed)
        await driver.settle()
        assert title in driver.pane("jacobian")
        told = driver.session.execute(f"J {typed}")
        assert told.startswith(title.strip())
        assert looks_of(driver.screen)["total"] == typed.removeprefix("total ")
        driver.screen.carry_out("total off")
        await driver.settle()
        assert title not in driver.pane("jacobian")


@pytest.mark.parametrize("size", [(60, 20), SMALL])
async def test_the_way_back_from_another_language_is_read_in_either(
    run: Run, size: tuple[int, int]
) -> None:
    """Whoever pressed the key by chance cannot read the rest; at the next key it is gone."""
    async with run("mlp-classifier", size) as driver:
        driver.screen.attempt("goto 138")
        await driver.press("l")
        assert "· l: English" in driver.text().splitlines()[0]
        await driver.press("l")
        assert "· l: 中" in driver.text().splitlines()[0]
        await driver.press("S")
        assert "· l: " not in driver.text().splitlines()[0]


async def test_the_focused_pane_scrolls_and_does_not_steal_the_arrows(run: Run) -> None:
    """Shift and arrow scroll; the arrow alone still steps."""
    async with run("mlp-2-3-1") as driver:
        await driver.press("end")
        driver.app.screen.query_one("#graph").focus()
        await driver.press("shift+down")
        assert "2-6/13" in driver.pane("graph")
        await driver.press("left")
        assert driver.session.cursor == driver.session.last - 1
        assert "1-5/13" in driver.pane("graph")


async def test_one_pane_over_the_whole_screen(run: Run) -> None:
    """And back again."""
    async with run("mlp-2-3-1") as driver:
        before = driver.text()
        await driver.press("m")
        assert driver.app.screen.query_one("#graph").size.height == 15
        await driver.press("escape")
        assert driver.text() == before


async def test_playing(run: Run) -> None:
    """Space starts and stops; the speed changes."""
    async with run() as driver:
        await driver.press("plus", "space")
        while driver.session.cursor < 2:
            await driver.pilot.pause(0.05)
        await driver.press("space")
        at = driver.session.cursor
        await driver.pilot.pause(0.4)
        assert driver.session.cursor == at
        assert "paused" in driver.text()


async def test_searching(run: Run) -> None:
    """To the node's build step; again to the next; a text that is nowhere is said."""
    async with run("mlp-2-3-1") as driver:
        await driver.press("end", "slash")
        await driver.write("tanh")
        await driver.press("enter")
        assert driver.session.frame.node.label == "h"
        await driver.press("asterisk")
        assert driver.session.frame.node.label == "h"
        await driver.press("slash")
        await driver.write("zzz")
        await driver.press("enter")
        assert "no node and no note contains 'zzz'" in driver.text()


async def test_a_note_is_searched_too(run: Run) -> None:
    """To the step at which it is told."""
    async with run("vector-double", LARGE) as driver:
        await driver.press("slash")
        await driver.write("column 2.")
        await driver.press("enter")
        assert "'column 2.' found in the note at X.grad₂ (X.grad[1])" in driver.text()
        assert driver.session.cursor == 7


async def test_help_opens_and_closes(run: Run) -> None:
    """On a page of its own."""
    async with run() as driver:
        await driver.press("question_mark")
        assert "How to read the screen" in driver.text()
        assert driver.app.screen.query_one(Page).has_focus
        await driver.press("escape")
        assert driver.screen.view_model.session.cursor == 0


async def test_a_long_line_of_an_answer_is_broken_not_cut(run: Run) -> None:
    """A path through many nodes goes on below, with the product at its end."""
    async with run("mazur-network", SMALL) as driver:
        driver.session.end()
        await driver.press("y")
        shown = " ".join(driver.text().replace("│", " ").split())
        assert "the strongest of 2 paths, 'why h.grad[1]' says more" in shown
