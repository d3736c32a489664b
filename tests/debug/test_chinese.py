"""In Chinese no answer and no refusal of a command holds English words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

import tui_backprop as tb
from tests.chinese import RIGHT, WRONG, english, names
from tests.marks import together
from tui_backprop.debug.commands import perform
from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import language_of
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from pathlib import Path

CHINESE: Final = language_of("zh")
NAMES: Final = [*names("vector-double"), *names("chain"), *names("dead-relu")]


def told(session: tb.Session, line: str) -> str:
    """What a line says in Chinese, whether it is carried out or not."""
    try:
        return CHINESE.answered(run_to_end(perform(session, line))).text
    except CommandError as error:
        return str(error.told(CHINESE.retold))


@pytest.mark.few(6)
@together("line", WRONG)
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


def test_a_display_that_does_not_fit_the_step() -> None:
    """Where it is added, and in the list of displays."""
    session = tb.load("mlp-2-3-1").session()
    session.goto(30)
    said = [told(session, line) for line in ("display v + x", "display")]
    assert [english(text, ["v + x", "add"]) for text in said] == [[], []], said


def test_a_path_that_is_shortened(tmp_path: Path) -> None:
    """Its entries, and its slopes."""
    program = "".join(f"  h{k + 1} = h{k} * 2\n" for k in range(19))
    path = tmp_path / "deep.yaml"
    path.write_text(f"format: 1\ninputs: {{h0: [1, 2]}}\nprogram: |\n{program}")
    session = tb.load(path).session()
    session.end()
    text = told(session, "why h0.grad[0]")
    assert english(text, [f"h{k}" for k in range(20)]) == [], text
    assert text.count("另有") == 3  # one structural zero, and what was left out twice
