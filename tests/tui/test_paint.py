"""Lines that go to the terminal past the compositor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyte
import pytest

from tests.marks import few_of
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.tui import board
from tui_backprop.tui.paint import Patch, can_paint, escape_sequences

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
        monkeypatch.setattr(board, "paint", terminal.paint)
        for command in [*WALK, "language", *WALK[:8]]:
            driver.screen.action_run(command)
            await driver.settle()
            assert terminal.text() == driver.text(), command


async def test_a_step_that_changes_little_paints_little(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that looks as before is not painted again; where nothing changed, none is."""
    painted: list[int] = []
    monkeypatch.setattr(board, "paint", lambda _screen, patches: painted.append(len(patches)))
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
