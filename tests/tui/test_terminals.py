"""Terminals without Unicode, without colours, in other themes; files with bad intentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.marks import MANY, few, few_of, spread
from tests.tui.conftest import LARGE, SMALL, write_scenario
from tests.tui.test_colours import VIEWS
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import languages
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

ASCII_ONLY = Options(ascii=True, algebra=False)


@pytest.mark.parametrize(
    ("scenario", "size"),
    few_of([("mlp-2-3-1", SMALL)], ["vector-double", "mlp-2-3-1"], [SMALL, LARGE]),
)
async def test_ascii_is_ascii(run: Run, size: tuple[int, int], scenario: str) -> None:
    """No cell holds anything else, on any screen, in any language."""
    async with run(scenario, size, ASCII_ONLY) as driver:
        for keys in (["end"], ["t"], ["l"], ["C"], ["colon"], ["escape", "question_mark"]):
            await driver.press(*keys)
            assert driver.text().isascii(), driver.text()


@pytest.mark.exhaustive
@pytest.mark.few(1, 22)
@pytest.mark.parametrize(
    ("view", "scenario"),
    few_of(
        [(view, "mlp-2-3-1") for view in ("palette", "themes", "picker")],
        VIEWS,
        ["mlp-2-3-1", "where-sqrt", "attention-head", "mazur-network"],
    ),
)
async def test_every_view_is_ascii(run: Run, view: str, scenario: str) -> None:
    """Textual's own lists too, and in both languages."""
    size, keys = VIEWS[view]
    async with run(scenario, size, ASCII_ONLY) as driver:
        for _ in languages():
            await driver.press(*keys)
            assert driver.text().isascii(), driver.text()
            await driver.press("escape", "escape", "home", "l")


@pytest.mark.few(1, 30)
@pytest.mark.parametrize("command", few([c.name for c in COMMANDS], 5))
async def test_every_answer_is_ascii(
    run: Run, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And every refusal, in the corner or in the log, of whatever was typed."""
    monkeypatch.chdir(tmp_path)  # one of them writes files
    async with run("mlp-2-3-1", SMALL, ASCII_ONLY) as driver:
        for argument in ("", "W1", "step > 2", "x[0]", "nan", "∂é"):
            try:
                driver.screen.carry_out(f"{command} {argument}")
            except CommandError as error:
                driver.screen.warn(str(error))
            await driver.settle()
            assert driver.text().isascii(), driver.text()
            while not isinstance(driver.app.screen, DebugScreen):
                await driver.press("escape")
            driver.screen.give_up()


async def test_without_colours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves every cell in the terminal's own colours; the marks are still there."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with run(options=Options(color=False, algebra=False)) as driver:
        await driver.press("end")
        for strip in driver.app.screen._compositor.render_strips():
            for segment in strip:
                assert segment.style is not None
                for color in (segment.style.color, segment.style.bgcolor):
                    assert color is None or color.is_default
        assert "▐  2▌" in driver.pane("board")


async def test_hostile_texts_are_text(run: Run, tmp_path: Path) -> None:
    """Markup and escape sequences of a file are shown, not obeyed."""
    path = write_scenario(
        tmp_path,
        "format: 1\n"
        'title: "[red]a[/red] \\e[31m [link=x]"\n'
        "inputs: {X: [1, 2]}\n"
        "program: |\n"
        "  Y = X * X  # [bold]not bold[/] [/]\n"
        "backward: {of: Y}\n"
        'notes: [{at: Y, text: "[@click=app.quit]press[/] \\e]0;pwned\\a"}]\n',
    )
    async with run(path, LARGE) as driver:
        await driver.press("s")
        text = driver.text()
        assert "\x1b" not in text
        assert "[red]a[/red]" in text
        assert "[bold]not bold[/]" in text
        assert "[@click=app.quit]press[/]" in text


@pytest.mark.parametrize("count", MANY)
async def test_themes(run: Run, count: int) -> None:
    """Each theme draws the same, but for how thick its lines are."""
    async with run() as driver:
        await driver.press("end")
        text = driver.text().replace("━", "─")
        for theme in spread([*driver.app.available_themes], count):
            driver.app.theme = theme
            await driver.settle()
            assert driver.text().replace("━", "─") == text
