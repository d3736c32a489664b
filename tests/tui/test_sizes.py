"""Every screen and every dialog in a terminal of any size, from one cell on."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.marks import spread
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import QUICK, SMALL
from tui_backprop.render.text.charset import ascii_text
from tui_backprop.tui.line_pane import LinePane
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

SIZES = ((1, 1), (2, 1), (1, 8), (3, 3), (9, 4), (20, 5), (200, 1), (200, 60), SMALL)
BARE = "format: 1\ninputs: {X: [1, 2]}\nprogram: Y = X * X\nbackward: {of: Y, v: [1, 1]}\n"
_ASCII = Options(algebra=False, ascii=True)
DIALOGS = {
    "panes": ("s", "s", "s"),
    "watching": ("b", "s", "w", "escape"),
    "maximized": ("m",),
    "picker": ("o",),
    "themes": ("T",),
    "palette": ("ctrl+p",),
    "help": ("question_mark",),
    "log": ("i", "L"),
    "answer": ("end", "y"),
    "prompt": ("colon", "x", "enter"),
    "search": ("slash",),
}
MOVES = ("down", "pagedown", "pageup", "up", "end", "a", "backspace")


async def move(driver: Driver) -> None:
    """Press keys."""
    for key in MOVES:
        await driver.pilot.press(key)


@pytest.mark.few(0, 4)
@pytest.mark.parametrize(
    ("dialog", "options"),
    [
        ("panes", QUICK),
        *(
            pytest.param(dialog, options, marks=pytest.mark.exhaustive)
            for dialog, options in (
                ("panes", _ASCII),
                *((d, QUICK) for d in DIALOGS if d != "panes"),
            )
        ),
    ],
)
async def test_any_size(run: Run, dialog: str, options: Options) -> None:
    """Opened in it, and changed to it while it is open; nothing is raised, and the way back is."""
    # In a few cells the list fails inside the pilot, which asks for pictures itself; the program
    # asks for them by a timer. `tests/test_terminal_ends.py` has that in a real terminal.
    sizes = [size for size in SIZES if dialog != "picker" or (size[0] >= 20 and size[1] >= 5)]
    async with run(size=SMALL, options=options) as driver:
        await driver.press(*DIALOGS[dialog])
        for size in sizes:
            await driver.pilot.resize_terminal(*size)
            await move(driver)
            await driver.pilot.pause(0.01)
            assert not driver.app.faults.reports, (size, driver.app.faults.reports)
    for size in sizes[:6:2]:
        async with run(size=size, options=options) as driver:
            await driver.press(*DIALOGS[dialog])
            await move(driver)
            await driver.pilot.resize_terminal(*SMALL)
            await driver.pilot.pause(0.01)
            assert not driver.app.faults.reports, (size, driver.app.faults.reports)
            for _ in range(3):
                await driver.pilot.press("escape")
            await driver.pilot.press("end")
            assert driver.session.cursor == driver.session.last


@pytest.mark.exhaustive
@pytest.mark.few(1)
@pytest.mark.parametrize("count", [7, pytest.param(99, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("scenario", ["vector-double", "without-notes"])
async def test_the_panes_fill_the_screen(
    run: Run, scenario: str, count: int, tmp_path: Path
) -> None:
    """In each layout, with displays and without: the spans of each row of the grid make a row."""
    path = tmp_path / "bare.yaml"
    path.write_text(BARE, "utf-8")
    async with run(path if scenario == "without-notes" else scenario) as driver:
        for command in ("", "break Y"):
            if command:
                await type_line(driver, command)
            sizes = [*product((50, 80, 120, 160), (8, 15, 24, 36, 50))]
            for width, height in spread(sizes, count):
                await driver.pilot.resize_terminal(width, height)
                await driver.settle()
                layout = " ".join(sorted(c for c in driver.screen.classes if c[0] == "-"))
                assert not list(_holes(driver)), f"at {width} × {height}: {layout}"


@pytest.mark.few(2)
@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 12), (40, 8)])
async def test_a_maximized_pane_keeps_the_sentence_of_the_step(
    run: Run, size: tuple[int, int]
) -> None:
    """Below it, where there are ten lines or more; the pane itself is there at any size."""
    async with run(size=size) as driver:
        await driver.press("end", "S", "m")
        shown = {pane.id: pane for pane in driver.screen.grid.panes if pane.region.height}
        assert "graph" in shown
        assert ("equation" in shown) is (size[1] >= 10)
        if "equation" in shown:
            assert "X.grad₃" in driver.pane("equation")
            assert shown["graph"].region.bottom <= shown["equation"].region.y
        await driver.press("m")
        assert driver.screen.maximized is None


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_the_step_is_told_in_fewer_words_where_its_note_is_in_sight_then(
    run: Run, size: tuple[int, int]
) -> None:
    """And in all its words where not even fewer of them bring the end of the note in sight."""
    async with run("layer-norm", size) as driver:
        driver.screen.attempt("goto 47")
        await driver.settle()
        words = " ".join(driver.pane("equation").split())
        end = driver.screen.view_model.scenario.model.notes[-1].text.get("en").split()[-1]
        is_brief = " depends on " not in words
        assert is_brief is (size == (80, 24))
        assert (end in words) is is_brief, words


@pytest.mark.few(0)
@pytest.mark.parametrize("ascii", [False, True], ids=["unicode", "ascii"])
async def test_titles_use_the_whole_border(run: Run, *, ascii: bool) -> None:  # noqa: A002 - as the option is called
    """At any size: a title says all that fits, or is cut at the last cell, with an ellipsis."""
    ellipsis = "..." if ascii else "…"
    async with run("mlp-2-3-1", options=Options(algebra=False, ascii=ascii)) as driver:
        await driver.press("end", "S", "S")
        cut = whole = 0
        for width, height in product((40, 61, 80, 100, 133, 160), (12, 24, 30, 48)):
            await driver.pilot.resize_terminal(width, height)
            await driver.settle()
            lines = driver.text().splitlines()
            for pane in driver.screen.grid.panes:
                ways = (pane._content.title or pane._title).split("\n")
                if not (pane.region.height and pane.styles.border_top[0] and ways[0]):
                    continue
                x, y, cells, _ = pane.region
                border = lines[y][x : x + cells]
                said = [way for way in ways if ascii_text(way) in border or way in border]
                if said:
                    whole += 1
                    longer = ways[: ways.index(said[0])]
                    assert all(len(way) > cells - 6 for way in longer), border
                    continue
                assert ellipsis in border, (width, height, border)
                assert len(border.rpartition(ellipsis)[2]) <= 3 + len("  11-14/15"), border
                cut += 1
        assert cut
        assert whole


OPENED = {
    "panes": (),
    "answer": ("help break",),
    "large answer": ("help break", "answer large"),
    "maximized": ("maximize jacobian",),
    "watching": ("break h", "display norm(v)"),
    "help": ("help",),
}


@pytest.mark.few(1)
@pytest.mark.parametrize("opened", OPENED)
async def test_a_small_screen_and_back_changes_nothing(run: Run, opened: str) -> None:
    """In the middle of a step, whatever is open: all that was there is there again."""
    async with run("mlp-2-3-1", (160, 48)) as driver:
        driver.screen.attempt("goto 37")
        await driver.settle()
        for line in OPENED[opened]:
            if line == "help":
                await driver.press("question_mark", "pagedown")
            else:
                driver.screen.attempt(line)
            await driver.settle()
        before = driver.text()
        for size in ((60, 20), (80, 24), (160, 48)):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
        assert driver.text() == before


WALKS = {
    "mlp-2-3-1": (15, 18, 24, 36),
    "vector-double": (3, 4, 8, 12),
    "fan-out": (4, 6, 8),
    "attention-head": (30, 70, 100),
    "softmax-cross-entropy": (12, 20),
}


@pytest.mark.exhaustive
@pytest.mark.few(1, 4)
@pytest.mark.parametrize(
    ("scenario", "count"),
    [
        *((scenario, 6) for scenario in spread([*WALKS], 2)),
        *(pytest.param(scenario, 99, marks=pytest.mark.exhaustive) for scenario in WALKS),
    ],
)
async def test_what_the_step_is_about_is_on_the_screen(run: Run, scenario: str, count: int) -> None:
    """The node with its parent, the partial, its v and the entry of the gradient; at any size."""
    async with run(scenario) as driver:
        for size in spread([*product((60, 80, 100, 160), (20, 24, 30, 48))], count):
            await driver.pilot.resize_terminal(*size)
            for k in WALKS[scenario]:
                driver.screen.attempt(f"goto {k}")
                await driver.settle()
                frame, namer = driver.session.frame, driver.screen.view_model.view().namer
                if frame.edge is None:
                    continue
                assert namer.label(frame.edge.node) in driver.pane("graph"), (size, k)
                assert namer.label(frame.edge.parent) in driver.pane("graph"), (size, k)
                roles = {pane.id: _roles(pane) for pane in driver.screen.grid.panes}
                if roles["board"]:
                    assert roles["board"].count("current") == 2, (size, k)
                    assert "changed" in roles["board"], (size, k)
                else:
                    assert "current" in roles["jacobian"], (size, k)
                    assert "current" in roles["cotangent"], (size, k)
                    assert "changed" in roles["gradient"], (size, k)
                assert namer.partial(frame.edge, frame.row, frame.column) in driver.pane("equation")


def _roles(pane: LinePane) -> list[str]:
    """Of what is in sight of a pane; nothing where it is not shown."""
    return [role for line in pane._lines for _, role in line] if pane.region.height else []


def _holes(driver: Driver) -> Iterator[str]:
    """Where nothing is, line by line; between two columns of panes there may be one cell."""
    width, height = driver.screen.size
    shown = [pane for pane in driver.screen.query(LinePane) if pane.region.height]
    for y in range(height):
        end, before = 0, "the border"
        for pane in sorted(shown, key=lambda pane: pane.region.x):
            if pane.region.y <= y < pane.region.bottom:
                if pane.region.x > end + 1:
                    yield f"line {y}: between {before} and {pane.id}"
                end, before = pane.region.right, str(pane.id)
        if end < width:
            yield f"line {y}: behind {before}"


async def test_a_drawing_that_is_asked_for_has_room(run: Run) -> None:
    """It needs more rows than the tape, and gets those that others can spare."""
    async with run("vector-double", SMALL) as driver:
        await driver.press("end")
        before = driver.pane("graph").count("\n")
        await driver.press("t")
        assert driver.pane("graph").count("\n") > before
        assert "▲" in driver.pane("graph")
