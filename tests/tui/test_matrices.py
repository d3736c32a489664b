"""J on the screen: its title at every width, its picture, and what explains that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import LARGE, QUICK, SMALL
from tui_backprop.dataclass import replace
from tui_backprop.language.catalogue import languages
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

WIDTHS = (60, 79, 80, 100, 149, 160)


@pytest.mark.exhaustive
@pytest.mark.few(1)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("lines", [24, 30])
async def test_the_title_of_j_is_never_cut(run: Run, lines: int, language: str) -> None:
    """From 60 columns to 160; from 80 on the whole J says that it is."""
    options = replace(QUICK, language=language)
    async with run("mlp-classifier", (80, lines), options) as driver:
        await driver.press("end", "S", "S")
        for key in ("S", "j"):
            await driver.press(key)
            for columns in WIDTHS:
                await driver.pilot.resize_terminal(columns, lines)
                await driver.settle()
                title = driver.pane("jacobian").splitlines()[0]
                assert "…" not in title
                assert width(title) <= columns
                assert "∂E/∂W1" in title or key == "S"
                whole = driver.screen.view_model.spoken.say("whole graph")
                assert key == "S" or columns < 80 or whole in title


@pytest.mark.parametrize("language", languages())
async def test_the_signs_of_the_picture_are_explained(run: Run, language: str) -> None:
    """By the help of the pane that shows it."""
    async with run("conv2d-edges", LARGE, replace(QUICK, language=language)) as driver:
        driver.session.goto(40)
        await driver.press("s")
        driver.app.screen.query_one("#jacobian").focus()
        await driver.press("question_mark")
        text = driver.text()
        assert all(sign in text for sign in "▲▴▼▾┃━↓")


async def test_a_large_j_has_a_picture_at_80_by_24(run: Run) -> None:
    """The part around the cursor, and beside it all of the pattern."""
    async with run("conv2d-edges", SMALL) as driver:
        driver.session.goto(40)
        await driver.press("s")
        text = driver.pane("jacobian")
        assert "▐" in text
        assert "▲▼" in text
        assert "▸" in text
