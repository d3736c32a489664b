"""The screen in Chinese: what it answers and what it refuses holds no English words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from textual.widgets import Static

from tests.chinese import english, names
from tests.tui.conftest import SMALL
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

CHINESE: Final = Options(algebra=False, language="zh")

WRONG: Final = (
    "stp", "goto 99", "print foo", "break write", "set Y = 3", "set X = [1, 2", "compare before",
    "undo", "search zzz", "source /nofile",
)  # fmt: skip
RIGHT: Final = (
    "goto 9", "break Y", "info breakpoints", "why X.grad[0]", "health", "compare chain",
    "goto claim", "zeros", "set X = [3, 4, 5]", "undo",
)  # fmt: skip
"""On `vector-double-slip`; the same law holds of many more without a screen."""


async def carried_out(driver: Driver, line: str) -> str:
    """What the screen says to a line: under it, in the status, and in the log."""
    view_model = driver.screen.view_model
    before = view_model.log.added
    await driver.press("colon")
    await driver.write(line)
    await driver.press("enter")
    said = [view_model.message]
    for complaint in driver.app.screen.query("#complaint").results(Static):
        said.append(str(complaint.render()))
        await driver.press("escape")
    while not isinstance(driver.app.screen, DebugScreen):  # a long answer has one of its own
        await driver.press("escape")
    added = view_model.log.added - before
    new = view_model.log.lines[-added:] if added else ()
    return "\n".join([*said, *(entry.text for entry in new if entry.kind != "typed")])


@pytest.mark.parametrize("lines", [WRONG, RIGHT], ids=["wrong", "right"])
async def test_nothing_is_answered_in_english(run: Run, lines: tuple[str, ...]) -> None:
    """Whatever is typed, beside names, code, commands and keys."""
    known = [*names("vector-double-slip"), *names("chain")]
    async with run("vector-double-slip", SMALL, CHINESE) as driver:
        found = {line: await carried_out(driver, line) for line in lines}
    silent = [line for line, text in found.items() if not re.search("[一-鿿]", text)]
    assert set(silent) <= {"goto 9"}
    left = {line: english(text, [*known, line]) for line, text in found.items()}
    assert {line: (words, found[line]) for line, words in left.items() if words} == {}


async def test_what_is_refused_is_told_in_the_language_of_the_moment(run: Run) -> None:
    """Switched live; the log keeps what was read."""
    async with run("vector-double", SMALL, Options(algebra=False)) as driver:
        assert "there is no step 99: 0 to" in await carried_out(driver, "goto 99")
        await driver.speak("zh")
        assert "没有第 99 步：0 到" in await carried_out(driver, "goto 99")
        texts = [line.text for line in driver.screen.view_model.log.lines]
        last = driver.session.last
        assert f"there is no step 99: 0 to {last}" in texts
        assert f"没有第 99 步：0 到 {last}" in texts
