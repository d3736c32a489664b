"""Lines that go to the terminal past the compositor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyte
import pytest
from textual.app import App
from textual.screen import Screen as TextualScreen
from textual.widget import Widget

from tests.marks import few, few_of
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.tui import grid
from tui_backprop.tui.runtime import paint
from tui_backprop.tui.runtime.paint import can_paint

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from textual.screen import Screen

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

WALK = ["step"] * 6 + ["end"] + ["reverse-step"] * 4 + ["reverse-finish", "next", "restart"]
WATCHED = ["display 1", "end", "break 3", "total", "reverse-finish", "delete", "undisplay"]


class Terminal:
    """An emulated terminal that is given what a real one would be.

    That is our patches, and what Textual draws where panes lie elsewhere than before.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._screen = pyte.Screen(*driver.app.size)
        self._stream = pyte.Stream(self._screen)
        for y, line in enumerate(driver.text().splitlines(), 1):
            self._stream.feed(f"\x1b[{y};1H{line}")

    def display(self, _screen: Screen[None], update: Any) -> None:
        """Write an update as it would go to a real one; Textual leaves out those of a batch."""
        app = self._driver.app
        if update is not None and not app._batch_count:
            self._stream.feed(update.render_segments(app.console))

    def text(self) -> str:
        """What a person would see."""
        lines, columns = range(self._screen.lines), range(self._screen.columns)
        # The second cell of a wide character is empty, and no blank.
        return "\n".join("".join(self._screen.buffer[y][x].data for x in columns) for y in lines)


@pytest.mark.few(0, 6)
@pytest.mark.parametrize(
    ("scenario", "size"),
    few_of(
        [("vector-double", SMALL), ("mlp-2-3-1", (50, 30))],
        ["vector-double", "mlp-2-3-1", "vector-double-ones"],
        [SMALL, LARGE, (50, 30)],
    ),
)
async def test_the_terminal_shows_what_textual_would_draw(
    run: Run, monkeypatch: pytest.MonkeyPatch, scenario: str, size: tuple[int, int]
) -> None:
    """After every step of a walk, in English and in Chinese, wherever panes come and go."""
    async with run(scenario, size) as driver:
        terminal = Terminal(driver)
        monkeypatch.setattr(driver.app, "_display", terminal.display)
        for command in [*WALK, "language", *WALK[:8], *WATCHED]:
            driver.screen.attempt(command)
            await driver.settle()
            assert terminal.text() == driver.text(), command


async def test_off_the_board_and_onto_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pane that comes back shows the step that one is at."""
    async with run("attention-head", (100, 30)) as driver:
        terminal = Terminal(driver)
        monkeypatch.setattr(driver.app, "_display", terminal.display)
        shown = []
        for k in (60, 20, 100, 122, 70, 21, 20, 61):
            driver.screen.attempt(f"goto {k}")
            await driver.settle()
            assert terminal.text() == driver.text(), k
            shown.append(bool(driver.screen.query_one("#board").region.height))
            if not shown[-1]:
                assert "▐" in driver.pane("jacobian")
                partial = driver.session.frame.partial
                assert partial is not None
                assert f"{abs(partial.v):.3g}"[:4] in driver.pane("cotangent"), k
        assert shown == [False, True, False, True, False, True, True, False]


async def test_a_step_that_changes_little_paints_little(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that looks as before is not painted again; where nothing changed, none is."""
    painted: list[int] = []
    monkeypatch.setattr(grid, "paint", lambda _screen, patches: painted.append(len(patches)))
    async with run(size=LARGE) as driver:
        driver.session.goto(8)
        for _ in range(2):
            driver.screen.mark()
            await driver.settle()
        assert painted[-1] == 0
        driver.screen.action_run("step")
        await driver.settle()
        assert 0 < painted[-1] < 24


async def test_what_lies_over_the_panes_is_not_painted_over(run: Run) -> None:
    """A message, a page, the palette: then Textual's compositor does it."""
    async with run() as driver:
        screen = driver.screen
        assert can_paint(screen)
        screen.notify("over the panes")
        await driver.settle()
        assert not can_paint(screen)
        driver.app.clear_notifications()
        await driver.press("question_mark")
        assert not can_paint(screen)


def without(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Textual keeps a private part for itself: `paint` asks in vain, as if it were gone."""
    given: Any = getattr(owner, name, None)

    def get(self: Any) -> Any:
        if sys._getframe(1).f_globals["__name__"] == paint.__name__:
            raise AttributeError(name)
        own = vars(self)
        return own[name] if name in own else given.__get__(self, type(self))

    def put(self: Any, value: Any) -> None:
        vars(self)[name] = value

    monkeypatch.setattr(owner, name, property(get, put), raising=False)


PRIVATE = [
    *((App, name) for name in paint._OF_APP),
    *((TextualScreen, name) for name in paint._OF_SCREEN),
    *((Widget, name) for name in paint._OF_WIDGET),
    (None, "_compositor"),
]


@pytest.mark.few(1)
@pytest.mark.parametrize("part", few(PRIVATE, 3), ids=lambda part: part[1])
async def test_the_screen_draws_where_a_private_part_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, part: tuple[type | None, str]
) -> None:
    """As slowly as Textual does, and the same."""
    keys = ("s", "s", "n", "end", "S", "t")
    async with run(size=LARGE) as driver:
        await driver.press(*keys)
        expected = driver.text()
    owner, name = part
    if owner is None:
        monkeypatch.setattr(paint, "_UPDATE", None)
    else:
        without(monkeypatch, owner, name)
    async with run(size=LARGE) as driver:
        assert not can_paint(driver.screen)
        await driver.press(*keys)
        assert driver.text() == expected


def test_a_private_module_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is painted past the compositor, and nothing is raised."""
    assert paint._UPDATE is not None
    monkeypatch.setitem(sys.modules, "textual._compositor", None)
    assert paint._compositor_update() is None
