"""The screen in Chinese: what it answers and what it refuses holds no English words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from textual.widgets import Static

from tests.chinese import english, names
from tests.tui.conftest import SMALL
from tui_backprop.dataclass import replace
from tui_backprop.render.text.charset import UNICODE, with_minus
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


@pytest.mark.exhaustive
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
        assert "there is no step 99: they count from 0 to" in await carried_out(driver, "goto 99")
        await driver.speak("zh")
        assert "没有第 99 步：步号从 0 到" in await carried_out(driver, "goto 99")
        texts = [line.text for line in driver.screen.view_model.log.lines]
        last = driver.session.last
        assert f"there is no step 99: they count from 0 to {last}" in texts
        assert f"没有第 99 步：步号从 0 到 {last}" in texts


@pytest.mark.exhaustive
async def test_every_word_follows_the_language_at_once(run: Run) -> None:
    """Titles and keys with it, by key and by command; what is opened next keeps it."""
    async with run("vector-double", SMALL, Options(algebra=False)) as driver:
        english_screen = driver.text()
        assert "─ graph ─" in english_screen
        assert "s step  S back" in english_screen
        await driver.press("l")
        text = driver.text()
        assert "─ 计算图 ─" in text
        assert "s 单步  S 退回" in text
        assert not re.search(r"─ [a-z]{2,} ", text)
        await carried_out(driver, "lang en")
        assert "s step  S back" in driver.text()
        assert "there is no language 'xx'; there are: en, zh" in await carried_out(
            driver, "lang xx"
        )
        await carried_out(driver, "language zh")
        await driver.press("o")
        assert "从这里开始" in driver.text()
        await driver.write("chain")
        await driver.press("enter")
        await driver.shows("chain.yaml")
        assert driver.screen.view_model.scenario.model.name == "chain"
        assert "s 单步" in driver.text()


@pytest.mark.few(1)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_numbers_in_answers_have_the_sign_that_panes_have(run: Run, language: str) -> None:
    """And are taken with it; a piece of a program keeps its own."""
    options = Options(algebra=False, language=language)
    async with run("vector-double", SMALL, options) as driver:
        await carried_out(driver, "set X = [−1, 2, -3e-5]")
        assert driver.session.trace.values["X"].tolist() == [-1, 2, -3e-5]
        assert "[−1, 2, −3e−05]" in await carried_out(driver, "print X")
        assert "x₁ (X[0]) - 3 = −4" in await carried_out(driver, "print X[0] - 3")
    async with run("vector-double", SMALL, replace(options, ascii=True)) as driver:
        await carried_out(driver, "set X = [-1, 2, 3]")
        assert "X = [-1, 2, 3]" in await carried_out(driver, "print X")


def test_a_sign_is_one_only_where_a_number_begins() -> None:
    """Not within names, code that is quoted, ranges and products."""
    kept = "x-1 'x**-1' '-3' 3-4 v[0]-2 --lang a* -b (x)-1 1 -x"
    assert with_minus(kept, UNICODE) == kept
    assert with_minus("-1 [-2, -.5] -inf 1e-05 < -3", UNICODE) == "−1 [−2, −.5] −inf 1e−05 < −3"


async def test_where_there_is_ascii_only_it_is_english(run: Run) -> None:
    """No screen of question marks: neither from the start nor by a key; asking says why."""
    async with run("vector-double", SMALL, replace(CHINESE, ascii=True)) as driver:
        await driver.press("l")
        text = driver.text()
        assert text.isascii()
        assert "- graph -" in text
        assert "??" not in text
        assert "'zh' needs characters that ASCII lacks" in await carried_out(driver, "lang zh")
