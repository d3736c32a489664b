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
from tui_backprop.tui import panes as grid
from tui_backprop.tui.runtime import paint
from tui_backprop.tui.runtime.paint import Patch, can_paint, escape_sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from textual.screen import Screen

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

WALK = ["step"] * 6 + ["end"] + ["reverse-step"] * 4 + ["reverse-finish", "next", "restart"]


class Terminal:
    """An emulated terminal that is only ever given patches."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._screen = pyte.Screen(*driver.app.size)
        self._stream = pyte.Stream(self._screen)
        for y, line in enumerate(driver.text().splitlines(), 1):
            self._stream.feed(f"\x1b[{y};1H{line}")

    def paint(self, _screen: Screen[None], patches: Sequence[Patch]) -> None:
        """Write patches as they would go to a real one."""
        self._stream.feed(escape_sequences(patches, self._driver.app.console))

    def text(self) -> str:
        """What a person would see."""
        return "\n".join(self._screen.display)


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
    """After every step of a walk, in English and in Chinese."""
    async with run(scenario, size) as driver:
        terminal = Terminal(driver)
        monkeypatch.setattr(grid, "paint", terminal.paint)
        for command in [*WALK, "language", *WALK[:8]]:
            driver.screen.action_run(command)
            await driver.settle()
            assert terminal.text() == driver.text(), command


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
