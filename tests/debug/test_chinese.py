"""In Chinese no answer and no refusal of a command holds English words."""

from __future__ import annotations

from typing import Final

import pytest

import tui_backprop as tb
from tests.chinese import RIGHT, WRONG, english, names
from tui_backprop.debug.commands import perform
from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import language_of
from tui_backprop.progress import run_to_end

CHINESE: Final = language_of("zh")
NAMES: Final = [*names("vector-double"), *names("chain"), *names("dead-relu")]


def told(session: tb.Session, line: str) -> str:
    """What a line says in Chinese, whether it is carried out or not."""
    try:
        return CHINESE.answered(run_to_end(perform(session, line))).text
    except CommandError as error:
        return str(error.told(CHINESE.retold))


@pytest.mark.parametrize("line", WRONG)
@pytest.mark.parametrize("step", [0, 7])
def test_what_is_refused(line: str, step: int) -> None:
    """Before anything is known, and in the middle of the walk."""
    session = tb.load("vector-double").session()
    session.goto(step)
    with pytest.raises(CommandError) as caught:
        run_to_end(perform(session, line))
    text = str(caught.value.told(CHINESE.retold))
    assert english(text, [*NAMES, line]) == [], text
    assert any("一" <= character <= "鿿" for character in text)


@pytest.mark.parametrize("name", ["vector-double", "vector-double-slip", "dead-relu"])
def test_what_is_answered(name: str) -> None:
    """One line after the other."""
    session = tb.load(name).session()
    known = [*NAMES, *names(name)]
    for line in RIGHT:
        text = told(session, line)
        assert english(text, [*known, line]) == [], (line, text)


def test_english_is_found() -> None:
    """The laws above can fail."""
    assert english("没有 step 99: there is no foo", ["foo"]) == ["there", "is", "no"]
