"""The command line at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import language_after
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.asking.recall import common_start

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_a_command_is_typed_and_carried_out(run: Run) -> None:
    """The line closes, and the cursor is where it was sent."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("goto 7")
        await driver.press("enter")
        assert driver.session.cursor == 7
        assert not driver.screen.query(Prompt)
        assert driver.screen.focused is None


async def test_a_line_may_be_typed_ahead(run: Run) -> None:
    """Keys that arrive in the same instant as the one that opens the line belong to it."""
    async with run() as driver:
        await together(driver, ":goto 7\r")
        assert driver.session.cursor == 7
        assert not driver.screen.query(Prompt)
        await together(driver, ":nn\x1b")
        assert driver.session.cursor == 7
        assert not driver.screen.query(Prompt)


async def together(driver: Driver, characters: str) -> None:
    """Give keys to the app as a terminal does that has read all of them at once."""
    names = {":": "colon", " ": "space", "\r": "enter", "\x1b": "escape"}
    for character in characters:
        driver.app.post_message(Key(names.get(character, character), character))
    await driver.settle()
    await driver.settle()  # a line that closes goes after the picture has changed


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("key", "begins"),
    [
        ("colon", ""),
        ("g", "goto "),
        ("w", "watch "),
        ("slash", "search "),
        ("v", "set v = [1, 2, 3]"),
    ],
)
async def test_a_key_begins_its_line(run: Run, key: str, begins: str) -> None:
    """What needs an argument asks for it; v comes with its present numbers."""
    async with run() as driver:
        await driver.press(key)
        assert driver.find(Input).value == begins


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), "set v = [1, 0, 0]"),
        (("ctrl+u",), "set v = [1, 0, 0]"),
        (("backspace",), "set v = [1, 0, 0]"),
        (("left",), "set v = [1, 0, 0][1, 2, 3]"),
        (("right",), "set v = [1, 2, 3][1, 0, 0]"),
        (("end",), "set v = [1, 2, 3][1, 0, 0]"),
        (("ctrl+u", "ctrl+u"), "[1, 0, 0]"),
    ],
)
async def test_the_old_numbers_are_typed_over(run: Run, keys: tuple[str, ...], line: str) -> None:
    """They are marked; a cursor key keeps them."""
    async with run() as driver:
        await driver.press("v", *keys)
        await driver.write("[1, 0, 0]")
        assert driver.find(Input).value == line


async def test_the_other_v_is_set(run: Run) -> None:
    """As the first five minutes of the manual say."""
    async with run() as driver:
        await driver.press("v")
        await driver.write("[1, 0, 0]")
        await driver.press("enter", "end")
        assert list(driver.session.trace.grad["X"]) == [2, 0, 0]


async def test_an_error_leaves_the_line_to_be_mended(run: Run) -> None:
    """The message stands over it; escape gives up."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("goto 9999")
        await driver.press("enter")
        assert driver.find(Input).value == "goto 9999"
        assert "0 to 12" in driver.text()
        await driver.press("escape")
        assert not driver.screen.query(Prompt)
        assert driver.session.cursor == 0


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "line",
    [
        "[red]",
        "set v = [[[",
        "goto 9" + "9" * 400,
        "\x1b[2J",
        "__import__('os')",
        "中文 🧨",
        "/",
        "   ",
    ],
)
async def test_nonsense_does_no_harm(run: Run, line: str) -> None:
    """Whatever is pasted becomes a message or nothing."""
    async with run() as driver:
        await driver.press("colon")
        driver.find(Input).post_message(Paste(line))
        await driver.press("enter")
        assert driver.session.cursor == 0
        assert "\x1b" not in driver.text()


async def test_history_and_completion(run: Run) -> None:
    """Up brings the last line back; tab completes a word."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("goto 3")
        await driver.press("enter")
        await driver.press("colon")
        await driver.press("up")
        assert driver.find(Input).value == "goto 3"
        await driver.press("down")
        await driver.write("fini")
        await driver.press("tab")
        assert driver.find(Input).value == "finish"


async def test_commands_of_the_screen_have_names_too(run: Run) -> None:
    """What a key does, a word does."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("language")
        await driver.press("enter")
        assert driver.screen.view_model.language == language_after("en")


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("typed", "empty", "cursor"),
    [("step", "", 2), ("step 2", "", 4), ("n", "  ", 2), ("until step > 2", "", 4),
     ("goto 3", "", 3), ("print X", "", 0), ("search ultipl", "", 12), (":step", "", 2)],
)  # fmt: skip
async def test_an_empty_line_repeats_what_goes_on(
    run: Run, typed: str, empty: str, cursor: int
) -> None:
    """As in gdb and pdb; what would say the same again is not repeated."""
    async with run() as driver:
        for line in (typed, empty):
            await driver.press("colon")
            await driver.write(line)
            await driver.press("enter")
            assert not driver.screen.query(Prompt)
        assert driver.session.cursor == cursor


async def test_escape_repeats_nothing(run: Run) -> None:
    """Nor does an empty line where nothing was done."""
    async with run() as driver:
        await driver.press("colon", "enter")
        assert driver.session.cursor == 0
        await driver.press("colon")
        await driver.write("step")
        await driver.press("enter", "colon", "escape")
        assert driver.session.cursor == 1


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        ("s", 6 + 1), ("S", 4 - 1), ("S s", 5 + 1), ("m m t t", 5 + 5),
        ("L escape", 5 + 5), ("home", 0), ("b", 5), ("s b s", 7 + 1),
    ],
)  # fmt: skip
async def test_an_empty_line_repeats_what_a_key_did(run: Run, keys: str, cursor: int) -> None:
    """A key that is a command is one: no jump goes back to what was typed before it.

    A look at a pane is nothing done, and what has been done once for all is not done again.
    """
    async with run() as driver:
        await driver.press("colon")
        await driver.write("step 5")
        await driver.press("enter", *keys.split(), "colon", "enter")
        assert not driver.screen.query(Prompt)
        assert driver.session.cursor == cursor


async def test_what_is_repeated_and_fails_says_why(run: Run) -> None:
    """Under the empty line."""
    async with run() as driver:
        driver.screen.console.again = "redo"
        await driver.press("colon", "enter")
        assert "nothing to redo" in driver.text()
        assert driver.find(Input).value == ""


async def test_a_line_that_failed_is_had_back(run: Run) -> None:
    """After it was left, as in a shell."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("break fooo")
        await driver.press("enter", "escape", "colon", "up")
        assert driver.find(Input).value == "break fooo"
        await driver.press("backspace", "backspace", "backspace", "backspace", "Y", "enter")
        assert len(driver.session.breakpoints) == 1
        assert driver.screen.history.lines == ["break fooo", "break Y"]


async def test_the_caret_stands_at_the_error(run: Run) -> None:
    """To be mended there; a colon in front of a line that failed begins another one."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("print X + Z")
        await driver.press("enter")
        assert driver.find(Input).cursor_position == len("print X + ")
        await driver.press("delete", "X", "enter")
        assert not driver.screen.query(Prompt)
        await driver.press("colon")
        await driver.write("foo")
        await driver.press("enter")
        assert driver.find(Input).cursor_position == 0
        await driver.write(":goto 3")
        assert driver.find(Input).value == "goto 3"
        await driver.press("enter")
        assert driver.session.cursor == 3


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("size", "is_whole"), [((80, 24), True), ((60, 20), True), ((160, 48), True), ((40, 12), False)]
)
async def test_a_complaint_is_shown_whole(run: Run, size: tuple[int, int], is_whole: bool) -> None:
    """In as many lines as it takes; where the screen has not as many, a sign says so."""
    async with run(size=size) as driver:
        await driver.press("colon")
        await driver.write("print X")
        words = [f"word{n:02}" for n in range(70)]
        driver.find(Prompt).complain(CommandError(" ".join(words), 6))
        await driver.settle()
        assert all(word in driver.text() for word in words) is is_whole
        assert any(line.strip() == "..." for line in driver.text().splitlines()) is not is_whole
        assert any(line.startswith("print X") for line in driver.text().splitlines())
        await driver.press("escape")
        assert "word00" not in driver.text()


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("typed", "keys", "line"),
    [
        ("print X", ("ctrl+a", "ctrl+k"), ""),
        ("print X", ("ctrl+b", "ctrl+u"), "X"),
        ("print X", ("ctrl+w",), "print "),
        ("print X", ("alt+backspace",), "print "),
        ("print X", ("alt+b", "alt+b", "alt+d"), "X"),
        ("print X", ("ctrl+a", "alt+f", "ctrl+k"), "print "),
        ("print X", ("ctrl+a", "ctrl+f", "ctrl+d"), "pint X"),
        ("print X", ("ctrl+a", "ctrl+e", "backspace"), "print "),
    ],
)
async def test_the_keys_of_a_shell(run: Run, typed: str, keys: tuple[str, ...], line: str) -> None:
    """As readline has them."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write(typed)
        await driver.press(*keys)
        assert driver.find(Input).value == line


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("begins", "keys", "line"),
    [
        ((), ("up",), "set v = [1, 0, 0]"),
        ((), ("up", "up", "up", "down"), "goto 7"),
        ((), ("up", "ctrl+n"), ""),
        (("g", "o"), ("up",), "goto 7"),
        (("g", "o"), ("up", "up", "up"), "goto 3"),
        (("g", "o"), ("up", "up", "down", "down"), "go"),
        (("x",), ("up",), "x"),
        (("X",), ("ctrl+r",), "print X.grad"),
        (("3",), ("ctrl+r",), "goto 3"),
        (("o",), ("ctrl+r", "ctrl+r"), "goto 3"),
        (("x",), ("ctrl+r",), "x"),
    ],
)
async def test_earlier_lines_are_looked_for(
    run: Run, begins: tuple[str, ...], keys: tuple[str, ...], line: str
) -> None:
    """Those that begin as what is typed, or contain it; the way back ends at what was typed."""
    async with run() as driver:
        for earlier in ("goto 3", "print X.grad", "goto 7", "set v = [1, 0, 0]"):
            driver.screen.history.add(earlier)
        await driver.press("colon", *begins, *keys)
        assert driver.find(Input).value == line


async def test_what_a_key_offers_has_its_own_history(run: Run) -> None:
    """The line before the numbers that are marked is what earlier ones begin with."""
    async with run() as driver:
        for earlier in ("set v = [1, 0, 0]", "goto 3"):
            driver.screen.history.add(earlier)
        await driver.press("v", "up")
        assert driver.find(Input).value == "set v = [1, 0, 0]"


async def test_completions_are_offered_in_turn(run: Run) -> None:
    """What is offered is marked: typing replaces it, a cursor key keeps it."""
    async with run() as driver:
        await driver.press("colon", "r", "e", "tab")
        line = driver.find(Input)
        assert (line.value, line.selected_text) == ("re", "")
        assert "redo" in driver.text()
        await driver.press("tab")
        assert line.value.startswith("re")
        assert line.value == f"re{line.selected_text}" != "re"
        first = line.value
        await driver.press("tab")
        assert line.value != first
        await driver.press("shift+tab")
        assert line.value == first
        await driver.press("s")
        assert line.value == "res"
        await driver.press("tab", "tab", "end", "space")
        assert line.value == "restart "


async def test_the_wrong_word_is_marked(run: Run) -> None:
    """Typing replaces it where it is, and the rest of the line stays."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write("prnt X.grad")
        await driver.press("enter")
        line = driver.find(Input)
        assert (line.selected_text, line.cursor_position) == ("prnt", 0)
        await driver.write("print")
        assert line.value == "print X.grad"
        await driver.press("enter", "colon")
        await driver.write("foo")
        await driver.press("enter")
        await driver.write("print v")
        assert driver.find(Input).value == "print v"


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("failed", "then", "line"),
    [
        ("goto 9999", ":goto 3", "goto 3"),
        ("foo", ":goto 3", "goto 3"),
        ("print X + ", ":", "print X +: "),
        ("break other.yaml", ":3", "break other.yaml:3"),
        ("goto 9999", "9:", "goto 99999:"),
    ],
)
async def test_a_colon_begins_anew_where_it_is_no_part_of_a_line_that_failed(
    run: Run, failed: str, then: str, line: str
) -> None:
    """What failed is brought back by up, and is in no file."""
    async with run() as driver:
        await driver.press("colon")
        await driver.write(failed)
        await driver.press("enter")
        await driver.write(then)
        assert driver.find(Input).value == line
        await driver.press("ctrl+e", "ctrl+u", "up")
        assert driver.find(Input).value == failed
        assert failed not in driver.screen.history.lines


async def test_of_several_pasted_lines_the_first_is_taken(run: Run) -> None:
    """It is said so, and none is carried out."""
    async with run() as driver:
        await driver.press("colon")
        driver.find(Input).post_message(Paste("\n  goto 7\ngoto 9\n"))
        await driver.settle()
        assert driver.find(Input).value == "  goto 7"
        assert "the first of 2 lines" in driver.text()
        assert driver.session.cursor == 0
        await driver.press("enter")
        assert driver.session.cursor == 7


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("pasted", "line"),
    [
        ("print\tX", "print X"),
        ("\x1b[31mprint X\x1b[0m", " [31mprint X [0m"),
        ("\x00\x07", " "),
        ("\n\n", ""),
        ("9" * 2**20, "9" * 10_000),
        ("\x1b[2J中" * 2**17, " [2J中" * 2_000),
    ],
)
async def test_pasted_junk_is_harmless(run: Run, pasted: str, line: str) -> None:
    """A control character is a blank, and a line has an end."""
    async with run() as driver:
        await driver.press("colon")
        driver.find(Input).post_message(Paste(pasted))
        await driver.settle()
        assert driver.find(Input).value == line
        await driver.press("enter", "escape")
        assert driver.session.cursor == 0
        assert "\x1b" not in driver.text()


def test_common_start() -> None:
    """The longest text that all words begin with."""
    assert common_start(["reverse-step", "reverse-next", "restart"]) == "re"
    assert common_start(["step"]) == "step"
    assert common_start(["a", "b"]) == ""
