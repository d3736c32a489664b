"""Every theme can be read: contrast is measured in the cells that are really drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from textual import constants
from textual.app import App
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from tests.marks import spread
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.tui.colours import DEFAULT_THEME, OURS, THEMES, about, known_theme
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from rich.color import Color
    from rich.style import Style
    from textual.theme import Theme

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

TEXT: Final = 4.5
BORDER: Final = 3.0
"""What WCAG 2.2 asks of text (1.4.3) and of what is no text (1.4.11)."""
_LINES: Final = range(0x2500, 0x25A0)
"""Box drawing and block elements."""
_FILLED: Final = frozenset("▐▌█▊▎▔▁")
"""Blocks that only widen a background: nothing is read in them."""


def luminance(red: int, green: int, blue: int) -> float:
    """The relative luminance of a colour, after WCAG."""
    shares = (c / 255 for c in (red, green, blue))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(style: Style) -> float:
    """How much a cell's text stands out, 1 to 21."""
    front, behind = style.color, style.bgcolor
    assert front is not None
    assert behind is not None
    a, b = sorted((luminance(*_rgb(front)), luminance(*_rgb(behind))))
    return (b + 0.05) / (a + 0.05)


def _rgb(color: Color) -> tuple[int, int, int]:
    triplet = color.get_truecolor()
    return triplet.red, triplet.green, triplet.blue


def pale(driver: Driver, text: float = TEXT, border: float = BORDER) -> Iterator[str]:
    """The cells of a screen that are too pale, each with its contrast."""
    for strip in driver.app.screen._compositor.render_strips():
        line = "".join(segment.text for segment in strip)
        for segment in strip:
            cells = "".join(c for c in segment.text if not c.isspace() and c not in _FILLED)
            if not cells or segment.style is None:
                continue
            least = border if all(ord(c) in _LINES for c in cells) else text
            found = contrast(segment.style)
            if found < least or segment.style.dim:
                yield f"{found:.2f} {segment.text!r} in {line.strip()!r}"


VIEWS: Final[dict[str, tuple[tuple[int, int], tuple[str, ...]]]] = {
    "small": (SMALL, ("end",)),
    "large": (LARGE, ("end", "S", "S")),
    "focused": (SMALL, ("tab",)),
    "tape": (SMALL, ("t", "s")),
    "maximized": (SMALL, ("m",)),
    "watching": (SMALL, ("b", "s")),
    "picker": (SMALL, ("o", "down")),
    "help": (LARGE, ("question_mark",)),
    "log": (SMALL, ("i", "L")),
    "prompt": (SMALL, ("v",)),
    "palette": (SMALL, ("ctrl+p", "s", "t")),
    "themes": (SMALL, ("T", "down")),
    "toast": (SMALL, ("R",)),
    "wrong": (SMALL, ("end",)),
}

SOME: Final = (
    pytest.param(4, id="some"),
    pytest.param(100, id="all", marks=pytest.mark.exhaustive),
)


@pytest.mark.exhaustive
@pytest.mark.few(2, 4)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("share", [
    pytest.param(len(VIEWS), id="some"), pytest.param(1, id="all", marks=pytest.mark.exhaustive),
])  # fmt: skip
async def test_text_and_borders_stand_out(run: Run, view: str, share: int) -> None:
    """In every theme that is offered, on every screen and dialog; each theme on some at least."""
    size, keys = VIEWS[view]
    async with run("where-sqrt" if view == "wrong" else "mlp-2-3-1", size) as driver:
        themes = [*driver.app.available_themes]
        for theme in themes[[*VIEWS].index(view) % share :: share]:
            driver.app.theme = theme
            await driver.settle()
            if view == "prompt":
                await type_line(driver, "nonsense")
            await driver.press(*keys)
            found = list(pale(driver))
            assert not found, f"{theme}: {found[:5]}"
            await driver.press("escape", "escape", "home")


@pytest.mark.parametrize("count", SOME)
async def test_a_picture_of_j_stands_out(run: Run, count: int) -> None:
    """Its signs and its rulers, in every theme; those below 0 have a colour of their own."""
    async with run("conv2d-edges", SMALL) as driver:
        driver.session.goto(40)
        for theme in spread([*driver.app.available_themes], count):
            driver.app.theme = theme
            await driver.settle()
            await driver.press("s")
            assert "▼" in driver.text()
            found = list(pale(driver))
            assert not found, f"{theme}: {found[:5]}"
            strips = driver.app.screen._compositor.render_strips()
            styles = {g: s.style for strip in strips for s in strip for g in "▲▼" if g in s.text}
            colours = {style.color for style in styles.values() if style is not None}
            assert len(colours) == 2


async def test_a_pale_colour_is_found(run: Run) -> None:
    """A theme as Textual has it would not pass."""
    async with run() as driver:
        assert not list(pale(driver))
        driver.app.stylesheet.set_variables(
            {**driver.app.get_css_variables(), "quiet": "#555555", "rule": "#333333"}
        )
        driver.app.stylesheet.reparse()
        driver.app.stylesheet.update(driver.app)
        await driver.settle()
        lines = "\n".join(pale(driver))
        assert "step" in lines
        assert "─" in lines


def test_what_is_offered() -> None:
    """Ours first, and none whose colours only the terminal knows."""
    names = [*THEMES]
    assert names[: len(OURS)] == [theme.name for theme in OURS] == ["projector", "high-contrast"]
    assert {*BUILTIN_THEMES} - {*names} == {"ansi-dark", "ansi-light"}
    assert len({about(theme) for theme in THEMES.values()}) == len(OURS) + 2


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
async def test_ours_are_strong(run: Run, theme: Theme) -> None:
    """Faint text has what WCAG asks for its best grade, and so do the marks."""
    async with run("mlp-2-3-1", options=Options(algebra=False, theme=theme.name)) as driver:
        await driver.press("end", "S", "S")
        assert driver.app.theme == theme.name
        assert not list(pale(driver, text=7.0, border=4.5))
        assert ("━" in driver.text().splitlines()[1]) is (theme.name == "projector")


async def test_a_theme_by_its_name(run: Run) -> None:
    """From the command, from the list; a name that is none stays to be mended."""
    async with run() as driver:
        await type_line(driver, "theme projector")
        assert driver.app.theme == "projector"
        await type_line(driver, "theme projektor")
        assert "there is no theme 'projektor'; did you mean 'projector'?" in driver.text()
        await driver.press("escape", "T")
        await driver.write("tired eyes")
        await driver.press("down", "enter")
        assert driver.app.theme == "high-contrast"


def test_no_such_theme() -> None:
    """The nearest is named; where none is near, all are."""
    assert known_theme("nord") == "nord"
    with pytest.raises(TuiBackpropError, match=r"'zzz'; there are: projector, high-contrast, "):
        known_theme("zzz")


async def test_a_theme_that_is_not_offered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment it gives the default."""
    monkeypatch.setattr(App.theme, "_default", "ansi-dark")
    async with run() as driver:
        assert driver.app.theme == DEFAULT_THEME
        assert not list(pale(driver))


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("is_asked", "environment", "blinks", "level"),
    [
        (False, None, True, "none"),
        (False, "full", True, "full"),
        (False, "none", False, "none"),
        (True, "full", False, "none"),
    ],
)
async def test_stillness(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    is_asked: bool,
    environment: str | None,
    blinks: bool,
    level: str,
) -> None:
    """Asked for, nothing moves by itself: the option is stronger than the environment."""
    monkeypatch.delenv("TEXTUAL_ANIMATIONS", raising=False)
    if environment is not None:
        monkeypatch.setenv("TEXTUAL_ANIMATIONS", environment)
        monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", environment)
    options = Options(algebra=False)
    if is_asked:
        options = replace(options, is_still=True)
    async with run(options=options) as driver:
        assert driver.app.animation_level == level
        for keys in (("colon",), ("escape", "ctrl+p"), ("escape", "o")):
            await driver.press(*keys)
            assert driver.find(Input).cursor_blink is blinks
