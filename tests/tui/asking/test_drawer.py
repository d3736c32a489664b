"""Answers of several lines, in a drawer that leaves the panes in sight."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size

from tests.marks import few_of, spread
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.language.catalogue import languages
from tui_backprop.render.text.spans import width
from tui_backprop.tui.asking.drawer import Drawer, place_for
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.keymap import _normalized
from tui_backprop.tui.options import Options
from tui_backprop.tui.pages.sheets import LogSheet
from tui_backprop.tui.runtime.paint import can_paint
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

SIZES = ((80, 24), (100, 30), (139, 44), (140, 24), (160, 48), (200, 60))
ROOMS = ((80, 24), (120, 32), (120, 36), (120, 40), (100, 40), (139, 44), (160, 30))
"""Among them those at which an answer decides whether there are boxes around the panes."""
SMALLER = ((60, 20), (59, 30), (40, 12), (20, 5), (200, 6), (12, 9))


async def in_the_middle(driver: Driver, line: str = "where") -> None:
    """In the middle of a matrix of a network, with an answer."""
    driver.session.goto(39)
    await type_line(driver, line)


def drawer(driver: Driver) -> Drawer | None:
    """The drawer, where it is to be seen."""
    found = [d for d in driver.app.screen.query(Drawer) if d.display]
    return found[0] if found else None


def overlaps(driver: Driver) -> Iterator[str]:
    """Parts of the screen that lie over each other, or beyond its end."""
    screen = driver.app.screen
    mine = [w for w in screen.children if not w.has_class("-textual-system")]
    shown = [w for w in mine if w.display and w.region.area]
    for widget in shown:
        if not screen.region.contains_region(widget.region):
            yield f"{widget.id} at {widget.region} is outside"
    for one, other in combinations(shown, 2):
        if one.region.overlaps(other.region):
            yield f"{one.id} at {one.region} and {other.id} at {other.region}"


rooms = st.builds(Size, st.integers(1, 300), st.integers(1, 120))


@given(rooms, st.integers(0, 400), st.integers(1, 400), st.booleans())
def test_the_panes_keep_most_of_the_room(
    room: Size, longest: int, rows: int, is_large: bool
) -> None:
    """Of a usual terminal; a large answer leaves the graph, J and the step their lines."""
    place = place_for(room, longest, lambda _cells: rows, is_large=is_large)
    if place.is_beside:
        assert room.width - place.cells >= 70
        return
    assert place.cells <= rows
    assert place.cells <= max(room.height // 3, 4) or is_large
    if room.height >= 24:
        assert room.height - place.cells >= 10
    if rows <= room.height // 3:
        assert place.cells == rows


@pytest.mark.exhaustive
@pytest.mark.parametrize("count", [4, pytest.param(99, marks=pytest.mark.exhaustive)])
async def test_all_of_a_short_answer_is_in_sight(run: Run, count: int) -> None:
    """At any size, with a box around it or without; a long one grows where it says that it can."""
    async with run("vector-double") as driver:
        for line in ("break Y", "break X"):
            await type_line(driver, line)
        await driver.press("end")
        for line in ("J", "info b", "help break"):
            for size in spread(ROOMS, count):
                await driver.pilot.resize_terminal(*size)
                await type_line(driver, line)
                found = drawer(driver)
                assert found is not None
                rows, seen = found._content.size[1], found.content_size.height
                is_beside = found.region.height == size[1]
                if rows + 2 <= (size[1] if is_beside else size[1] // 3):
                    assert seen >= rows, (line, size)
                    assert is_beside or seen <= rows + 1, (line, size)  # with one to spare
                says, small = found.border_title or "", found.outer_size
                assert seen < rows or "makes it larger" not in says, (line, size)
                await driver.press("a")
                is_larger = found.outer_size.area > small.area
                assert is_larger or "makes it larger" not in says, (line, size)
                assert is_larger or "makes it smaller" not in str(found.border_title), (line, size)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("size", "typed"),
    few_of(
        [
            ((80, 24), ""),
            ((80, 24), "print X + nonsense"),
            ((160, 48), ""),
            ((100, 30), "watch W1 +"),
        ],
        SIZES,
        ["", "print X + nonsense", "watch W1 +"],
    ),
)
async def test_graph_j_and_the_partial_stay_in_sight(
    run: Run, size: tuple[int, int], typed: str
) -> None:
    """From 80 by 24 on, with a command line over them that complains, or without."""
    async with run("mlp-2-3-1", size) as driver:
        await in_the_middle(driver)
        if typed:
            await type_line(driver, typed)
            assert driver.find(Prompt).region.height >= 3
        assert not list(overlaps(driver))
        if driver.screen.query_one("#board").region.height:
            assert "▐" in driver.pane("board")
            assert "↓" in driver.pane("board")
        else:
            assert "▐" in driver.pane("jacobian")
            assert "◂" in driver.pane("gradient")
        assert "+ " in driver.pane("graph")
        assert "∂#6₂/∂w1₂₂ = " in driver.pane("equation")
        assert "8.13777" in driver.pane("equation")
        assert "0  loss" in driver.pane("drawer")
        assert "escape closes" in driver.pane("drawer")


@pytest.mark.few(0, 4)
@pytest.mark.parametrize(
    ("extra", "maximized"),
    few_of(
        [("break Y", False)],
        ["", "break Y", "replay"],
        [False, True],
    ),
)
async def test_nothing_lies_over_anything_at_any_size(
    run: Run, extra: str, *, maximized: bool
) -> None:
    """Resized from large to a few cells and back, with and without a line being typed."""
    async with run("vector-double", LARGE) as driver:
        if extra == "replay":
            driver.app.open("seed")
            await driver.settle()
        if extra == "break Y":
            await type_line(driver, extra)
        if maximized:
            await driver.press("m")
        await type_line(driver, "info node Y")
        for size in (*SIZES, *SMALLER, LARGE):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
            assert not list(overlaps(driver)), size
            await driver.press("colon")
            assert not list(overlaps(driver)), size
            await driver.press("escape")
        assert "node 2" in driver.pane("drawer")


@pytest.mark.parametrize(
    ("language", "size"),
    few_of([("en", (60, 20)), ("zh", (40, 12))], languages(), [SMALL, (60, 20), (40, 12)]),
)
async def test_it_says_how_it_is_closed(run: Run, size: tuple[int, int], language: str) -> None:
    """In the language of the screen, where there is little room for what was asked."""
    async with run("mlp-2-3-1", size, Options(algebra=False, language=language)) as driver:
        await in_the_middle(driver, "info node W1")
        title = driver.pane("drawer").splitlines()[0]
        assert ("scape" in title) if language == "en" else ("关闭" in title)
        assert all(width(line) <= size[0] for line in driver.text().splitlines())
        await driver.speak("en" if language == "zh" else "zh")
        title = driver.pane("drawer").splitlines()[0]
        assert ("scape" in title) if language != "en" else ("关闭" in title)


async def test_without_unicode(run: Run) -> None:
    """A terminal that has none gets none, and no colour is needed either."""
    async with run("mlp-2-3-1", SMALL, Options(algebra=False, ascii=True, color=False)) as driver:
        await in_the_middle(driver)
        assert driver.text().isascii()
        assert "escape closes" in driver.pane("drawer")


async def outcomes(driver: Driver) -> dict[str, object]:
    """What each key of each command does, seen from the middle of a walk.

    Not of those that end what is looked at, or the walk that was asked about.
    """
    found: dict[str, object] = {}
    start = driver.screen.view_model.state()
    for command in ALL_COMMANDS:
        for key in (
            command.keys if command.name not in {"quit", "answer", "language", "reload"} else ()
        ):
            driver.screen.view_model.put_back(start)
            driver.session.goto(20)
            await driver.press(_normalized(key))
            typed = [prompt._first for prompt in driver.app.screen.query(Prompt)]
            view = driver.app.screen_stack[0]
            assert isinstance(view, DebugScreen)
            model = view.view_model
            found[f"{key}: {command.name}"] = (
                type(driver.app.screen).__name__, typed, model.session.cursor, model.total,
                model.graph_view, view.maximized is None,
            )  # fmt: skip
            if view.maximized is not None:
                await driver.press("m")
            view.playing.pause()
            for _ in range(2):
                if driver.app.screen is not view or driver.app.screen.query(Prompt):
                    await driver.press("escape")
            driver.screen.give_up()
    return found


@pytest.mark.exhaustive
async def test_every_key_means_what_it_means_without_an_answer(run: Run) -> None:
    """It is no dialog: the walk goes on under it."""
    async with run("mlp-2-3-1") as driver:
        without = await outcomes(driver)
    async with run("mlp-2-3-1") as driver:
        await type_line(driver, "help break")
        assert await outcomes(driver) == without
        assert drawer(driver) is not None


async def test_it_stays_while_one_steps_on_and_costs_nothing(run: Run) -> None:
    """Lines are painted past Textual's compositor as ever."""
    async with run("mlp-2-3-1") as driver:
        await in_the_middle(driver)
        before = driver.pane("drawer")
        await driver.press("s", "S", "n", "N", "S")
        assert driver.session.cursor != 39
        assert driver.pane("drawer") == before
        assert can_paint(driver.screen)
        walked = driver.text()
        await driver.pilot.resize_terminal(81, 24)
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert driver.text() == walked


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_is_closed_and_comes_back(run: Run, key: str) -> None:
    """By escape, or as a pager is; the next one ends the program. Its key brings it back."""
    async with run("mlp-2-3-1") as driver:
        driver.session.goto(39)
        driver.screen.mark()
        await driver.settle()
        alone = driver.text()
        await type_line(driver, "where")
        await driver.press(key)
        assert drawer(driver) is None
        assert driver.text() == alone
        assert driver.app.is_running
        await driver.press("a")
        assert "0  loss" in driver.pane("drawer")


async def test_a_command_to_leave_leaves(run: Run) -> None:
    """As a word, and where the footer says so; only the key closes what is being read first."""
    async with run("mlp-2-3-1") as driver:
        await in_the_middle(driver)
        assert driver.screen.app.is_running
        driver.screen.choose("quit")
        await driver.pilot.pause(0.05)
        assert driver.app._exit


async def test_its_key_needs_an_answer(run: Run) -> None:
    """And says so; an answer of one line can be read in it too."""
    async with run() as driver:
        await driver.press("end", "a")
        assert "nothing was asked yet: : asks" in driver.text()
        await type_line(driver, "print X")
        await driver.press("a")
        await driver.press("s", "S")
        assert "X = [1, 2, 3]" in driver.text()


@pytest.mark.few(1)
@pytest.mark.parametrize("size", [SMALL, (160, 30)])
async def test_it_scrolls_and_grows(run: Run, size: tuple[int, int]) -> None:
    """By keys whatever has the focus, and by the wheel; larger and as it was."""
    async with run("mlp-2-3-1", size) as driver:
        await type_line(driver, "help break")
        found = drawer(driver)
        assert found is not None
        small, first = found.size, driver.pane("drawer")
        await driver.press("pagedown")
        assert driver.pane("drawer") != first
        await driver.press("pageup")
        assert driver.pane("drawer") == first
        for wheel, moved in ((MouseScrollDown, True), (MouseScrollUp, False)):
            found.post_message(wheel(found, 3, 2, 0, 1, 0, False, False, False))
            await driver.settle()
            assert (driver.pane("drawer") != first) is moved
        await driver.press("a")
        assert found.size.area > small.area
        await driver.press("tab", "j", "down")
        assert driver.screen.focused is found
        lower = driver.pane("drawer")
        await driver.press("k", "up")
        assert driver.pane("drawer") != lower
        await driver.press("m")
        assert found.size == small
        assert driver.screen.maximized is None


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_line_leads_to_its_step(run: Run, size: tuple[int, int]) -> None:
    """Enter on the marked one, and on another; a click too. The answer stays."""
    async with run("mlp-2-3-1", size) as driver:
        await in_the_middle(driver)
        assert "▸  0" in driver.pane("drawer")
        await driver.press("enter")
        assert driver.session.frame.phase.value == "seed"
        await driver.press("tab", "j", "enter")
        assert "▸  1" in driver.pane("drawer")
        second = driver.session.cursor
        assert driver.session.frame.edge is not None
        await driver.press("end")
        rows = driver.pane("drawer").splitlines()
        y = next(y for y, row in enumerate(rows) if "→  2  " in row)
        await driver.pilot.click(Drawer, offset=(8, y))
        await driver.settle()
        assert driver.session.cursor not in {second, driver.session.last}
        assert drawer(driver) is not None


async def test_a_new_answer_takes_the_place_of_the_old_one(run: Run) -> None:
    """From its first line on; all of them are in the log, and a single line leaves it alone."""
    async with run("mlp-2-3-1") as driver:
        await driver.press("end")
        await type_line(driver, "help break")
        await driver.press("pagedown", "pagedown")
        await type_line(driver, "info node W1")
        assert "W1  node 0" in driver.pane("drawer").splitlines()[1]
        await type_line(driver, "print x")
        assert "W1  node 0" in driver.pane("drawer")
        assert "x = [1, 2]" in driver.pane("status")
        await driver.press("L", "home")
        assert "help break" in driver.text()


async def test_an_answer_that_is_not_so_any_more_goes(run: Run) -> None:
    """Where the same is asked again and a single line answers it."""
    async with run("where-sqrt") as driver:
        await type_line(driver, "origin nan")
        assert drawer(driver) is not None
        await type_line(driver, "set x = [4, 1, 1]")
        assert drawer(driver) is not None
        await type_line(driver, "origin nan")
        assert drawer(driver) is None


@pytest.mark.parametrize("opened", ["L", "question_mark"])
async def test_a_line_typed_over_a_page_is_not_lost(run: Run, opened: str) -> None:
    """The page goes, and the command line comes."""
    async with run() as driver:
        await driver.press(opened)
        assert driver.app.screen is not driver.app.screen_stack[0]
        await driver.press("colon")
        await driver.write("goto 7")
        await driver.press("enter")
        assert driver.session.cursor == 7
        await driver.press(opened)
        await driver.press("slash")
        await driver.write("mul")
        await driver.press("enter")
        assert driver.session.frame.node.name == "Y"


async def test_a_page_knows_the_key_that_was_chosen_for_typing(run: Run, tmp_path: Path) -> None:
    """As the walk does."""
    config = tmp_path / "config.toml"
    config.write_text('[keys]\ncommand = "comma"\n', "utf-8")
    async with run(options=Options(algebra=False, config=config)) as driver:
        await driver.press("L", "comma")
        await driver.write("goto 7")
        await driver.press("enter")
        assert driver.session.cursor == 7


async def test_a_line_typed_with_an_answer_open_is_not_lost(run: Run) -> None:
    """Nor is where one was reading."""
    async with run("mlp-2-3-1") as driver:
        await in_the_middle(driver)
        await driver.press("tab")
        await driver.press("colon")
        await driver.write("goto 7")
        await driver.press("enter")
        assert driver.session.cursor == 7
        assert driver.screen.focused is drawer(driver) is not None


async def test_an_answer_that_comes_while_the_log_is_open_is_in_the_log(run: Run) -> None:
    """And nowhere else."""
    async with run("mlp-2-3-1") as driver:
        screen = driver.screen
        await driver.press("L")
        screen.carry_out("info node W1")
        await driver.settle()
        assert isinstance(driver.app.screen, LogSheet)
        assert "W1  node 0" in driver.text()


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_answers_of_a_replay_open_while_it_plays(run: Run) -> None:
    """Until its next chapter."""
    async with run(None) as driver:
        driver.app.open("nan-hunt")
        await driver.settle()
        replay = driver.screen.replay
        assert replay is not None
        lines = replay.player.script.lines
        at = next(n for n, line in enumerate(lines) if "origin nan" in repr(line))
        replay.seek(at)
        await driver.settle()
        replay.forward()
        await driver.settle()
        assert "origin nan" in driver.pane("drawer")
        assert not list(overlaps(driver))
        await driver.press("right_square_bracket")
        assert drawer(driver) is None


async def test_another_scenario_has_no_answers_yet(run: Run) -> None:
    """What was asked about the one before is gone."""
    async with run("mlp-2-3-1") as driver:
        await in_the_middle(driver)
        driver.app.open("chain")
        await driver.settle()
        assert drawer(driver) is None
        await driver.press("a")
        assert "nothing was asked yet" in driver.text()


async def test_no_title_stands_over_nothing(run: Run) -> None:
    """Where the step leaves a single row, the note begins below it and not with its title alone."""
    async with run("fan-out") as driver:
        await driver.press("end")
        await type_line(driver, "why x.grad")
        rows = driver.pane("equation").splitlines()
        assert "note" not in rows[-1]
