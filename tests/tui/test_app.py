"""The application: pickers, files that cannot be opened, configuration, palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList

from tests.tui.conftest import LARGE, write_scenario
from tui_backprop.debug.glossary.words import WORDS
from tui_backprop.scenario.files import shipped_replays, with_hunts
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.options import Options
from tui_backprop.tui.pages.entries import entries
from tui_backprop.tui.pages.palette import CommandProvider
from tui_backprop.tui.pages.picker import Picker
from tui_backprop.tui.pages.sheets import Sheet
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_without_a_scenario_the_list(run: Run) -> None:
    """Every scenario and replay under its heading; typing narrows it; enter opens."""
    async with run(None, LARGE) as driver:
        options = driver.find(OptionList).options
        assert [o.id for o in options if not o.disabled] == [str(k) for k in range(len(entries()))]
        assert {e.path for e in entries()} == {*with_hunts(), *shipped_replays()}
        groups = list(dict.fromkeys(entry.group for entry in entries()))
        assert [str(o.prompt) for o in options if o.disabled] == groups
        await driver.write("fan")
        rows = [(str(o.prompt).split()[0], o.disabled) for o in driver.find(OptionList).options]
        assert rows == [("First", True), ("fan-out", False), ("Replays:", True), ("fan-out", False)]
        await driver.press("enter")
        assert driver.screen.view_model.scenario.model.name == "fan-out"


@pytest.mark.few(0)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_who_starts_here_may_be_told_a_walk(run: Run, language: str) -> None:
    """The second entry is a replay; from a walk the list opens replays too."""
    options = Options(algebra=False, language=language)
    async with run(None, options=options) as driver:
        assert {"en": "Start here", "zh": "从这里开始"}[language] in driver.text()
        for _ in range(2):
            await driver.press("down", "enter")
            await driver.settle()
            assert driver.screen.view_model.scenario.model.name == "vector-double"
            assert driver.screen.replay is not None
            assert "0/" in driver.pane("replay")
            await driver.press("greater_than_sign")
            assert {"en": "The graph", "zh": "计算图"}[language] in driver.text()
            await driver.press("o")
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.replay is None
        await driver.press("colon")
        await driver.write("open nan-hunt")
        await driver.press("enter")
        await driver.settle()
        assert driver.screen.view_model.scenario.model.name == "where-sqrt"
        assert driver.screen.replay is not None


async def test_help_in_the_list(run: Run) -> None:
    """Where nothing is typed; within a search the mark is a part of it."""
    async with run(None) as driver:
        await driver.press("question_mark")
        assert isinstance(driver.app.screen, Sheet)
        assert "A scenario is a small program" in driver.text()
        await driver.press("escape")
        await driver.write("v?")
        assert driver.find(Input).value == "v?"
        assert isinstance(driver.app.screen, Picker)


async def test_the_list_shows_titles(run: Run) -> None:
    """As they are read."""
    async with run(None, LARGE) as driver:
        for _ in range(50):
            if "Y = 2X and y.backward(v)" in driver.text():
                break
            await driver.pilot.pause(0.02)
        assert "Y = 2X and y.backward(v)" in driver.text()


@pytest.mark.exhaustive
async def test_what_matches_nothing_is_said_and_escape_takes_it_back(run: Run) -> None:
    """Escape clears what is typed before it leaves; enter opens it as a file all the same."""
    async with run() as driver:
        await driver.press("o")
        everything = driver.find(OptionList).option_count
        await driver.write("sss")
        assert "nothing matches: enter opens what is typed as a file" in driver.text()
        await driver.press("down", "up", "pagedown")
        assert driver.find(OptionList).highlighted is None
        await driver.press("escape")
        assert driver.find(Input).value == ""
        assert driver.find(OptionList).option_count == everything
        assert "nothing matches" not in driver.text()
        await driver.write("sss")
        await driver.press("enter")
        assert "sss cannot be opened" in driver.text()
        await driver.press("escape", "escape")
        assert isinstance(driver.app.screen, Picker)
        await driver.press("escape")
        assert isinstance(driver.app.screen, DebugScreen)


async def test_leaving_the_list_leaves_the_program(run: Run) -> None:
    """With nothing behind it there is nothing to go back to."""
    async with run(None) as driver:
        await driver.press("escape")
        assert not driver.app.is_running or driver.app.return_code == 0


async def test_another_scenario(run: Run) -> None:
    """From the list, in place of the present one; escape keeps the present one."""
    async with run("vector-double") as driver:
        await driver.press("end", "o", "escape")
        assert driver.session.cursor == driver.session.last
        await driver.press("o")
        await driver.write("chain")
        await driver.press("enter")
        assert driver.screen.view_model.scenario.model.name == "chain"
        assert driver.session.cursor == 0
        assert "exp" in driver.pane("program")


async def test_a_file_that_cannot_be_opened_is_explained(run: Run, tmp_path: Path) -> None:
    """The whole block of problems, to be scrolled; then back."""
    path = write_scenario(tmp_path, "format: 1\nprogram: Y = tahn(X)\ninputs: {X: [1]}\n")
    async with run("vector-double", LARGE) as driver:
        driver.app.open(str(path))
        await driver.settle()
        assert "did you mean 'tanh'" in driver.text()
        await driver.press("escape")
        assert driver.screen.view_model.scenario.model.name == "vector-double"


@pytest.mark.few(2)
@pytest.mark.parametrize("name", ["no-such-scenario", "/", "/dev/null", "\x1b[31m"])
async def test_a_name_that_means_nothing_is_explained(run: Run, name: str) -> None:
    """No crash, no traceback."""
    async with run() as driver:
        driver.app.open(name)
        await driver.settle()
        assert not isinstance(driver.app.screen, DebugScreen)
        await driver.press("escape")
        assert isinstance(driver.app.screen, DebugScreen)


async def test_a_problem_from_the_list_returns_to_the_list(run: Run) -> None:
    """So that another one can be picked."""
    async with run(None) as driver:
        await driver.write("/no/such/file")
        await driver.press("enter")
        assert not isinstance(driver.app.screen, Picker)
        await driver.press("escape")
        assert isinstance(driver.app.screen, Picker)


async def test_a_changed_key(run: Run, tmp_path: Path) -> None:
    """It works, it is in the footer, and the old one does nothing."""
    config = tmp_path / "config.toml"
    config.write_text('[keys]\nstep = "x"\n', encoding="utf-8")
    async with run(options=Options(config=config, algebra=False)) as driver:
        await driver.press("s")
        assert driver.session.cursor == 0
        await driver.press("x")
        assert driver.session.cursor == 1
        assert "x step" in driver.pane("footer")


async def test_a_broken_configuration_is_said(run: Run, tmp_path: Path) -> None:
    """And the debugger starts."""
    config = tmp_path / "config.toml"
    config.write_text("[keys\n", encoding="utf-8")
    async with run(size=LARGE, options=Options(config=config, algebra=False)) as driver:
        assert "configuration" in driver.text()
        await driver.press("s")
        assert driver.session.cursor == 1


async def test_the_palette_offers_every_command(run: Run) -> None:
    """Before anything is typed, and each by its name."""
    async with run() as driver:
        provider = CommandProvider(driver.screen)
        offered = [str(hit.prompt) async for hit in provider.discover()]
        found = {text.split()[0] for text in offered if not text.startswith("What is ")}
        assert found == {command.name for command in ALL_COMMANDS}
        questions = [text for text in offered if text.startswith("What is ")]
        assert questions == [f"What is {word.name}?" for word in WORDS]
        for command in ALL_COMMANDS:
            hits = [str(hit.prompt) async for hit in provider.search(command.name)]
            assert any(command.name in hit for hit in hits)


async def test_the_palette_of_the_list_opens_what_it_offers(run: Run) -> None:
    """Commands that need no walk first, then everything that can be opened, by its title too."""
    async with run(None) as driver:
        await driver.shows("One x read five times")
        await driver.press("ctrl+p")
        assert "theme" in driver.text()
        await driver.write("read five times")
        await driver.shows("One x read five times")
        await driver.press("down", "enter")
        await driver.shows("fan-out.yaml")
        assert driver.screen.view_model.scenario.model.name == "fan-out"


async def test_the_palette_over_a_page_is_that_of_the_walk(run: Run) -> None:
    """A page has no commands of its own; what nothing matches says so, and does nothing."""
    async with run("vector-double") as driver:
        await driver.press("question_mark", "ctrl+p")
        assert "reverse-step" in driver.text()
        await driver.write("qqq")
        await driver.shows("nothing here has 'qqq'")
        assert "nothing here has 'qqq'" in driver.text()
        await driver.press("down", "enter")
        assert driver.screen.view_model.session.cursor == 0


async def test_a_command_of_the_palette_is_carried_out(run: Run) -> None:
    """As if its key had been pressed."""
    async with run() as driver:
        provider = CommandProvider(driver.screen)
        hits = [hit async for hit in provider.discover()]
        hits[0].command()
        await driver.settle()
        assert driver.session.cursor == 1


@pytest.mark.parametrize(("language", "question"), [("en", "What is v?"), ("zh", "v 是什么？")])
async def test_a_question_of_the_palette_is_answered(
    run: Run, language: str, question: str
) -> None:
    """In the language of the screen, with the numbers at hand."""
    async with run() as driver:
        await driver.speak(language)
        provider = CommandProvider(driver.screen)
        hit = next([hit async for hit in provider.search(question)].__iter__())
        assert str(hit.text) == question
        hit.command()
        await driver.settle()
        assert "[1, 2, 3]" in driver.text()


async def test_formulas_come_with_the_algebra(run: Run) -> None:
    """The step is drawn without waiting for it, and again when it is there."""
    async with run(options=Options()) as driver:
        driver.session.goto(7)
        await driver.press("s")
        for _ in range(600):
            if driver.screen.view_model.symbolic:
                break
            await driver.pilot.pause(0.05)
        await driver.settle()
        assert "∂(2·x₂)/∂x₂" in driver.pane("equation")


async def test_a_name_that_is_no_scenario(run: Run) -> None:
    """The list of near names is told as on the command line."""
    async with run("vector-double", LARGE) as driver:
        await driver.press("colon")
        await driver.write("open fan-uot")
        await driver.press("enter")
        assert "neither a file nor a shipped scenario" in driver.text()
        assert "did you mean 'fan-out'?" in driver.text()


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("leaf", "program"),
    [
        ("[]", "y = [] * X\nz = sum(y)"),
        ("{shape: [0, 3], fill: 1}", "y = X @ [1, 2, 3]\nz = sum(y)"),
        ("[1, 2, 3]", "w = [1, 0, 2]\ny = w * X + [X[0], 1, 2]\nz = y.sum()"),
    ],
)
async def test_lists_and_leaves_without_entries(
    run: Run, tmp_path: Path, leaf: str, program: str
) -> None:
    """Every pane draws them at every step, in both directions, drawing and tape."""
    text = "".join(f"  {line}\n" for line in program.splitlines())
    path = tmp_path / "lists.yaml"
    path.write_text(
        f"format: 1\ninputs:\n  X: {leaf}\nprogram: |\n{text}backward: {{of: z}}\n", "utf-8"
    )
    async with run(str(path), LARGE) as driver:
        for key in ("t", "j", "t"):
            for _ in range(driver.session.last):
                await driver.press("s")
            assert driver.session.cursor == driver.session.last
            await driver.press("home", key)


@pytest.mark.usefixtures("small_slices")
async def test_ctrl_c_tells_how_to_leave_and_gives_up_what_is_under_way(
    run: Run, tmp_path: Path
) -> None:
    """It ends nothing that a person did not want to end; a search stops where it was."""
    path = write_scenario(
        tmp_path,
        "format: 1\ninputs:\n  W: {shape: [1000, 1000], fill: 1}\n  x: {shape: [1000], fill: 1}\n"
        "program: |\n  y = W @ x\nbackward: {of: y}\n",
    )
    async with run(str(path), LARGE) as driver:
        await driver.press("ctrl+c")
        assert "q ends the program" in driver.text()
        driver.session.execute("break if sin(step) > 2")
        await driver.pilot.press("c")
        background = driver.screen.console.background
        running = [background.is_running]
        await driver.pilot.press("ctrl+c")
        running.append(background.is_running)
        assert running == [True, False]
        assert driver.session.cursor == 0
        await driver.press("s")
        assert driver.session.cursor == 1
