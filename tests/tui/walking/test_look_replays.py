"""What a person does about the look is recorded, replayed to and fro, and passed over elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.tui.asking.test_console import type_line
from tests.tui.conftest import LARGE, QUICK, SMALL, Driver, running
from tui_backprop.dataclass import replace
from tui_backprop.debug.replay.player import Player
from tui_backprop.debug.replay.reader import ReplayError, read
from tui_backprop.debug.replay.script import Look, written
from tui_backprop.errors import CommandError
from tui_backprop.progress import run_to_end
from tui_backprop.render.export.text import ReplayTranscript
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.view import printed_view
from tui_backprop.replays import Recording, load_replay
from tui_backprop.tui.commands import VIEW_COMMANDS, looks_of
from tui_backprop.tui.looks import chosen

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "replay: 1\nscenario: vector-double\n\n"
LOOKS = [command.name for command in VIEW_COMMANDS if command.now is not None]
LINES = st.sampled_from((
    "tape", "tape on", "tape off", "tape auto", "total", "total on", "total off", "total X",
    "language zh", "language en", "language", "maximize", "maximize J", "maximize equation",
    "maximize off", "answer off", "step", "next", "end", "restart", "why X.grad[0]", "health",
    'mark "a"', 'say "b"', "display X",
))  # fmt: skip


def screen_of(driver: Driver) -> tuple[object, ...]:
    """How the walk looks, what of it, and which answer is open."""
    screen = driver.screen
    state = screen.answer_state
    lines = () if state is None else tuple(line.text for line in state.lines[1:])
    return looks_of(screen), driver.session.cursor, lines


def acts(path: Path) -> list[str]:
    """The lines of a recording, without their times."""
    return [written(line._replace(at=None)) for line in load_replay(path).script.lines]


@pytest.mark.exhaustive
@given(st.lists(LINES, min_size=1, max_size=7), st.data())
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_place_looks_the_same_from_both_sides(
    lines: list[str], data: st.DataObject
) -> None:
    """Forward, back to any line, forward again, and straight there."""
    script = read(HEADER + "\n".join(lines) + "\n")
    async with running(options=replace(QUICK, replay=script)) as driver:
        screen = driver.screen
        assert screen.replay is not None
        seen = [screen_of(driver)]
        for _ in script.lines:
            screen.carry_out("replay-forward")
            await driver.settle()
            seen.append(screen_of(driver))
        for _ in range(3):
            to = data.draw(st.integers(0, len(lines)))
            if data.draw(st.booleans()):
                screen.carry_out(f"replay-to {to}")
            while screen.replay.player.position != to:
                is_before = screen.replay.player.position < to
                screen.carry_out("replay-forward" if is_before else "replay-back")
                await driver.settle()
                assert screen_of(driver) == seen[screen.replay.player.position]
            await driver.settle()
            assert screen_of(driver) == seen[to]
    async with running(options=replace(QUICK, replay=script)) as driver:
        driver.screen.carry_out(f"replay-to {len(lines)}")
        await driver.settle()
        assert screen_of(driver) == seen[-1]


@pytest.mark.exhaustive
@given(st.lists(LINES.filter(lambda line: '"' not in line), max_size=7))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_was_recorded_looks_so_again_on_another_screen(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Where the tape would fit and the drawing was there: the words say which, not 'the other'."""
    path = tmp_path_factory.mktemp("walks") / "walk.replay"
    recording = Recording(path, tb.load("vector-double"))
    async with running(size=LARGE, options=replace(QUICK, recording=recording)) as driver:
        for line in lines:
            driver.screen.carry_out(line)
            await driver.settle()
        there = screen_of(driver)
    recording.close()
    script = load_replay(path).script
    async with running(size=SMALL, options=replace(QUICK, replay=script)) as driver:
        for _ in script.lines:
            driver.screen.carry_out("replay-forward")
            await driver.settle()
        assert screen_of(driver) == there


@pytest.mark.exhaustive
async def test_keys_are_recorded_as_the_words_of_what_they_did(tmp_path: Path) -> None:
    """By key, by line, by escape; a search as the step that it came to; nothing twice."""
    recording = Recording(tmp_path / "walk.replay", tb.load("vector-double"))
    async with running(size=LARGE, options=replace(QUICK, recording=recording)) as driver:
        await driver.press("t", "j", "l")
        await type_line(driver, "language zh")
        await type_line(driver, "maximize vᵀJ")
        await driver.press("escape", "m", "m")
        await type_line(driver, "search Y")
        await driver.press("end")
        await type_line(driver, "why X.grad[0]")
        await driver.press("a", "q")
        await driver.press("T", "escape", "?", "escape")
    recording.close()
    assert acts(tmp_path / "walk.replay") == [
        "tape on", "total on", "language zh", "maximize board", "maximize off", "maximize graph",
        "maximize off", "goto 2", "end", "why X.grad[0]", "answer large", "answer off",
    ]  # fmt: skip


async def test_who_watches_keeps_what_they_chose_themselves() -> None:
    """A line gives and takes what it changed, and nothing else."""
    script = read(f"{HEADER}step\ntotal on\nstep\n")
    async with running(options=replace(QUICK, replay=script)) as driver:
        await driver.press("greater_than_sign", "greater_than_sign", "l", "t")
        mine = looks_of(driver.screen)
        await driver.press("greater_than_sign")
        assert looks_of(driver.screen) == mine
        await driver.press("less_than_sign", "less_than_sign")
        assert looks_of(driver.screen) == {**mine, "total": "off"}


@pytest.mark.parametrize("name", LOOKS)
def test_where_there_is_no_screen_it_is_passed_over(name: str) -> None:
    """Whatever it is given: the walk goes on, and nothing is said."""
    scenario = tb.load("vector-double")
    script = read(f"{HEADER}step\n{name}\n{name} nothing known\nstep\n")
    assert [type(line.act) for line in script.lines[1:3]] == [Look, Look]
    player, said = Player(scenario.session(), script), list[str]()
    frame = player.session.frame
    view = printed_view(scenario.model, frame, "en", UNICODE, symbolic=False)
    while player.next_line is not None:
        event = run_to_end(player.forward())
        assert event is not None
        if isinstance(event.line.act, Look):
            said += ReplayTranscript("en").lines_about(event, view)
    assert (player.session.cursor, said) == (2, [])


@pytest.mark.parametrize("name", [c.name for c in VIEW_COMMANDS if c.now is None])
def test_what_does_more_than_change_the_look_is_no_line_of_a_replay(name: str) -> None:
    """It is refused before anything runs, with those that are."""
    with pytest.raises(ReplayError) as caught:
        read(f"{HEADER}step\n{name} x\nstep\n")
    message = caught.value.problems[0].message
    assert name in message
    assert all(look in message for look in LOOKS)


@pytest.mark.parametrize(("line", "meant"), [("taep", "tape"), ("maximise", "maximize")])
def test_a_look_mistyped_is_named(line: str, meant: str) -> None:
    """As any other word of a replay."""
    with pytest.raises(ReplayError) as caught:
        read(f"{HEADER}{line}\nstep\n")
    assert caught.value.problems[0].hint == f"did you mean '{meant}'?"


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("language xx", "there is no language 'xx'"), ("tape of", "unknown: 'of'"),
        ("total yes", "there is no 'yes'; there are: X, Y"), ("answer", "nothing was asked yet"),
        ("maximize jacobain", "no pane 'jacobain'; did you mean"),
        ("maximize zzzzz", "no pane 'zzzzz'; there are:"),
    ],
)  # fmt: skip
async def test_a_look_that_cannot_be_is_one_line(line: str, said: str) -> None:
    """On the command line, and of a replay with its line; nothing has changed."""
    script = read(f"{HEADER}{line}\n")
    async with running(options=replace(QUICK, replay=script)) as driver:
        before = looks_of(driver.screen)
        with pytest.raises(CommandError, match=said):
            driver.screen.carry_out(line)
        await driver.press("greater_than_sign")
        found = [note.message for note in driver.app._notifications]
        assert any("line 4" in note and said in note for note in found), found
        assert looks_of(driver.screen) == before


def test_every_command_of_the_look_says_its_choices() -> None:
    """What follows its word is optional, and written in its usage."""
    for command in VIEW_COMMANDS:
        if command.now is not None:
            assert command.argument.startswith("["), command.name
    assert chosen("  on ", ("on",)) == "on"


async def test_the_bar_of_a_replay_stays_while_one_pane_is_large() -> None:
    """Otherwise nobody would know that it goes on."""
    script = read(f"{HEADER}maximize J\nstep\n")
    async with running(options=replace(QUICK, replay=script)) as driver:
        await driver.press("greater_than_sign")
        assert driver.screen.maximized_pane == "jacobian"
        assert "paused  1/" in driver.text()
