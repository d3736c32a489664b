"""The help page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.conftest import running
from tui_backprop.debug.glossary.words import WORDS
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width, plain
from tui_backprop.tui.asking.about import about_key
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.keymap import DEFAULTS, merged
from tui_backprop.tui.pages.legend import legend
from tui_backprop.tui.pages.sheets import HelpPage, Sheet
from tui_backprop.tui.panes import PANES

if TYPE_CHECKING:
    from tui_backprop.tui.panes import _Row


def test_lists_every_command_with_its_keys() -> None:
    """None can be forgotten."""
    lines = [plain(line) for line in HelpPage(DEFAULTS, UNICODE).lines(120)]
    for command in ALL_COMMANDS:
        begins = f"  {' '.join(command.keys):<9} {command.usage}  "
        row = next(line for line in lines if line.startswith(begins))
        assert command.help.split()[0] in row


def test_shows_the_keys_in_force() -> None:
    """A changed key, not the default."""
    text = "\n".join(plain(x) for x in HelpPage(merged({"step": "x"}).keys, UNICODE).lines(120))
    assert "  x         step [COUNT]" in text


@pytest.mark.parametrize("cells", [20, 40, 80, 160])
def test_is_broken_for_the_width(cells: int) -> None:
    """No line is longer than the page is wide, and none is cut in a page of usual width."""
    for line in HelpPage(DEFAULTS, UNICODE).lines(max(cells, 30)):
        assert line_width(line) <= max(cells, 30)


def test_is_ascii_where_it_must_be() -> None:
    """The legend explains the glyphs that are on the screen."""
    assert all(plain(line).isascii() for line in HelpPage(DEFAULTS, ASCII).lines(80))


@pytest.mark.parametrize("key", ["question_mark", "f1", "h"])
async def test_the_keys_that_open_help(key: str) -> None:
    """Where no pane has the focus, the page begins with how the screen is read."""
    async with running() as driver:
        await driver.press(key)
        assert isinstance(driver.app.screen, Sheet)
        assert "How to read the screen" in driver.text().split("\n")[1]


@pytest.mark.exhaustive
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_pane_that_is_looked_at_has_its_word_first(language: str) -> None:
    """The word of its row, with the numbers of the step, before all else; maximized too."""
    async with running() as driver:
        await driver.speak(language)
        driver.session.goto(9)
        for pane in (row for row in PANES if row.word):
            word = next(w for w in WORDS if w.name == pane.word)
            driver.app.screen.query_one(f"#{pane.id}").focus()
            await driver.press("question_mark")
            first = driver.text().split("\n")[1]
            assert word.name in first, pane.id
            assert language_of(language).retold(word.gist)[:50] in first, pane.id
            await driver.press("escape", "m", "question_mark")
            assert driver.text().split("\n")[1] == first, pane.id
            await driver.press("escape", "m")


@pytest.mark.few(2)
@pytest.mark.parametrize("pane", [row for row in PANES if row.word], ids=lambda row: row.id)
async def test_a_pane_that_is_looked_at_has_its_marks_next(pane: _Row) -> None:
    """Before the marks of all panes, and on the first page."""
    own = [mark for mark in legend(UNICODE) if pane.id in mark.panes]
    assert own
    async with running("vector-double", (80, 24)) as driver:
        driver.app.screen.query_one(f"#{pane.id}").focus()
        await driver.press("question_mark")
        text = driver.text()
        _, heading, after = text.partition("The marks of this pane")
        assert heading
        assert f"  {own[0].text}  " in after


def test_the_marks_are_those_that_are_drawn() -> None:
    """In each charset what a tape and a drawing are made of; each in a pane that there is."""
    panes = {row.id for row in PANES}
    for charset in (UNICODE, ASCII):
        marks = legend(charset)
        drawn = {glyph for mark in marks for glyph in mark.text.split()}
        assert {charset.pointer, charset.back, charset.breakpoint, charset.other, "+"} <= drawn
        assert charset.is_read in drawn
        assert all(mark.panes and panes.issuperset(mark.panes) for mark in marks)
        assert all(mark.text.isascii() or not charset.is_ascii for mark in marks)


async def test_a_command_of_the_screen_is_explained_too() -> None:
    """As those of the debugger are."""
    async with running() as driver:
        await driver.press("colon")
        await driver.write("help tape")
        await driver.press("enter")
        assert "The graph as a drawing or as a tape." in driver.text()


@pytest.mark.exhaustive
async def test_every_key_is_explained() -> None:
    """By its command; a word of the field, or a command that is typed so, goes first."""
    async with running() as driver:
        console = driver.screen.console
        for command in ALL_COMMANDS:
            for key in command.keys:
                if key == "?":
                    continue  # `help ?` is help's own name
                console.carry_out(f"help {key}")
                await driver.settle()
                told = [line.text for line in driver.screen.view_model.log.answer]
                assert f"the key {key} is the command {command.usage}" in told, key
                assert command.help in told


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ("m", ["the key m is the command maximize [PANE|off]", "One pane over the whole screen"]),
        ("v", ["v: ", "the key v is the command set WHAT = NUMBERS", "Other numbers for v"]),
        ("j", ["J: ", "the key j is the command total", "J of this edge"]),
        ("l", ["list", "The program", "also: l", "the key l is the command language",
               "Every word in another language"]),
        ("t", ["the key t is the command tape", "The graph as a drawing"]),
        ("S", ["the key S is the command reverse-step", "One partial back."]),
        ("s", ["step [COUNT]", "One partial forward", "also: s", "the key s is the command step"]),
    ],
)  # fmt: skip
async def test_a_key_beside_a_word_of_its_name(asked: str, lines: list[str]) -> None:
    """What is typed comes first, then what is pressed; nothing is said twice."""
    async with running() as driver:
        driver.screen.console.carry_out(f"help {asked}")
        await driver.settle()
        told = [line.text for line in driver.screen.view_model.log.answer[1:]]
        places = [next(k for k, t in enumerate(told) if t.startswith(line)) for line in lines]
        assert places == sorted(places)
        assert len(told) == len(set(told))


def test_a_changed_key_is_explained() -> None:
    """By the keys in force; one that means nothing is no key."""
    keys = merged({"tape": "A"}).keys
    told = about_key(keys, "A")
    assert told is not None
    assert told.lines[0].text == "the key A is the command tape [on|off|auto]"
    assert about_key(keys, "t") is None


async def test_a_forward_walk_has_its_own_marks_and_words() -> None:
    """What is explained is what is on the screen: t and tangents, no v and no gradient."""
    both = {mark.text: mark.meaning for mark in legend(UNICODE, is_forward=True)}
    assert {"t", "Y.tangent"} <= set(both)
    assert not [told for told in both.values() if "gradient" in told or "pulled back" in told]
    async with running("forward-mode", (80, 24)) as driver:
        driver.app.screen.query_one("#cotangent").focus()
        await driver.press("end", "question_mark")
        text = driver.text()
    assert text.split("\n")[1].startswith("│JVP: ")
    assert "  t  " in text
    assert "the tangent that is pushed forward" in text
