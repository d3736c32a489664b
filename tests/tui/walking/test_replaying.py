"""A replay on the screen: paused at first, to and fro, left and returned to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.marks import few
from tests.tui.asking.test_console import LONG, NEVER
from tests.tui.conftest import write_scenario
from tui_backprop import load
from tui_backprop.debug.replay.reader import read
from tui_backprop.debug.replay.script import Say
from tui_backprop.errors import CommandError
from tui_backprop.replays import load_replay
from tui_backprop.scenario.files import shipped_replays
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.walking.replaying import ReplayPane

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui_backprop.tui.walking.replaying import Replaying

FORWARD, BACK, NEXT, PREVIOUS = (
    "greater_than_sign", "less_than_sign", "right_square_bracket", "left_square_bracket",
)  # fmt: skip


def an_app(text: str = "", **more: object) -> DebuggerApp:
    """On the fan-out's replay, or on another one in its scenario."""
    replay = load_replay("fan-out")
    script = read(f"replay: 1\nscenario: fan-out\n\n{text}") if text else replay.script
    return DebuggerApp(replay.scenario, Options(replay=script, algebra=False, **more))  # type: ignore[arg-type]  # options by name


def debugger(app: DebuggerApp) -> tuple[DebugScreen, Replaying]:
    """Its screen and what is played there."""
    assert isinstance(app.screen, DebugScreen)
    assert app.screen.replay is not None
    return app.screen, app.screen.replay


def shown(app: DebuggerApp) -> str:
    """The lines of the bar."""
    pane = app.screen.query_one(ReplayPane)
    width, height = pane.content_size
    return "\n".join(
        "".join(span.text for span in pane.make(width, height).line(y, 0, width))
        for y in range(height)
    )


async def ready(pilot: Pilot[None]) -> None:
    """The bar is there."""
    await pilot.pause(0.1)


async def test_it_is_paused_at_the_beginning() -> None:
    """Nothing moves; the keys are said."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        assert (replay.player.position, screen.view_model.session.cursor) == (0, 0)
        assert not replay.is_playing
        assert "paused  0/" in shown(app)
        assert "> <" in shown(app)


async def test_a_line_forward_and_back_and_from_chapter_to_chapter() -> None:
    """What is said stands under the bar, the chapter above it."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        await pilot.press(*[FORWARD] * 4)
        await pilot.pause()
        assert (replay.player.position, screen.view_model.session.cursor) == (4, 4)
        assert "reads x five times" in shown(app)
        await pilot.press(BACK)
        assert (replay.player.position, screen.view_model.session.cursor) == (3, 0)
        await pilot.press(NEXT)
        await pilot.pause()
        assert replay.player.position == replay.player.opening(replay.player.marks[1])
        await pilot.press(PREVIOUS)
        await pilot.pause()
        assert replay.player.position == replay.player.opening(replay.player.marks[0])
        assert screen.query_one(ReplayPane)._content.title == "Five edges"


@pytest.mark.parametrize(
    ("text", "landings"),
    [
        ('mark "A"\nsay "one"\nstep\nmark "B"\nstep\nsay "two"\nsay "three"\nstep\n', [2, 6]),
        ('step\nmark "A"\nmark "B"\nstep\nmark "C"\nsay "last"\n', [2, 3, 6]),
    ],
)
async def test_a_chapter_begins_with_its_first_sentence(text: str, landings: list[int]) -> None:
    """In both directions: what it needs is carried out; where nothing is said it is the mark."""
    app = an_app(text)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        _, replay = debugger(app)

        async def pressed(key: str) -> list[int]:
            found = []
            for _ in landings[: None if key == NEXT else -1]:
                await pilot.press(key)
                await pilot.pause()
                found.append(replay.player.position)
            return found

        assert await pressed(NEXT) == landings
        assert await pressed(PREVIOUS) == landings[-2::-1]


def test_every_shipped_chapter_opens_with_its_narration() -> None:
    """The narration is not empty where a chapter begins, unless nothing is said in it."""
    for path in shipped_replays():
        name = path.name.partition(".")[0]
        replay = load_replay(name)
        player = replay.player()
        for mark, end in zip(player.marks, (*player.marks[1:], player.length), strict=True):
            acts = [line.act for line in player.script.lines]
            said = isinstance(acts[player.opening(mark) - 1], Say)
            assert said is any(isinstance(act, Say) for act in acts[mark:end]), (name, mark)


async def test_whoever_moves_leaves_it_and_returns() -> None:
    """The walk is put to where the replay stood."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, _ = debugger(app)
        await pilot.press(*[FORWARD] * 4)
        await pilot.press("end", "b")
        await pilot.pause()
        assert "left" in shown(app)
        assert screen.view_model.session.cursor == screen.view_model.session.last
        await pilot.press("R")
        await pilot.pause()
        assert "paused" in shown(app)
        assert (screen.view_model.session.cursor, screen.view_model.session.breakpoints) == (4, ())


async def test_it_plays_at_the_speed_that_is_asked_for() -> None:
    """To its end, at most eight times as fast as it was recorded."""
    app = an_app("step\nwait 0.4\nstep\nassert y == 12\nstep\n")
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        await pilot.press(*["plus"] * 9)
        assert replay.speed == 8
        await pilot.press("space")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if not replay.is_playing:
                break
        assert replay.player.position == replay.player.length
        assert screen.view_model.session.cursor == 3
        await pilot.press(*["minus"] * 9)
        assert replay.speed == 0.25


async def test_a_click_on_the_bar_jumps() -> None:
    """To its end and to its beginning."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        _, replay = debugger(app)
        pane = app.screen.query_one(ReplayPane)
        await pilot.click(pane, offset=(pane.content_size.width - 2, 1))
        await pilot.pause(0.1)
        assert replay.player.position == replay.player.length


@pytest.mark.parametrize(("text", "said"), [("goto 999\nstep\n", "line 4"), ("step\n", "the end")])
async def test_what_cannot_be_carried_out_is_said(text: str, said: str) -> None:
    """With the line; nothing has moved, and nothing crashes."""
    app = an_app(text)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await ready(pilot)
        await pilot.press(FORWARD, FORWARD)
        await pilot.pause()
        assert any(said in note.message for note in app._notifications)


@pytest.mark.few(2)
@pytest.mark.parametrize("size", [(80, 24), (160, 48), (50, 12), (20, 5)])
async def test_there_is_room_on_every_screen(size: tuple[int, int]) -> None:
    """The bar takes its lines from the panes; a tiny screen has none."""
    app = an_app(ascii=True)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press(*[FORWARD] * 4, NEXT, BACK)
        await pilot.pause()
        assert debugger(app)[1].player.position


async def test_without_a_replay_its_keys_say_so() -> None:
    """And do nothing."""
    app = DebuggerApp(load_replay("seed").scenario, Options(algebra=False))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press(FORWARD)
        await pilot.pause()
        assert any("no replay is open" in note.message for note in app._notifications)


async def test_playing_waits_for_a_command_that_searches() -> None:
    """And goes on when it is done."""
    app = an_app("step\nuntil step >= 9\nstep\n")
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        screen.console.background.seconds = 0.0  # every step of a search is a slice of its own
        await pilot.press(*["plus"] * 9, "space")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if not replay.is_playing:
                break
        assert (replay.player.position, screen.view_model.session.cursor) == (3, 10)


@pytest.mark.few(1)
@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize("key", few([BACK, "R", PREVIOUS], 2))
async def test_who_moves_the_replay_gives_up_a_search_in_it(key: str, tmp_path: Path) -> None:
    """Position and walk never part."""
    script = read(f'replay: 1\nscenario: x\n\nmark "a"\nstep\nmark "b"\nstep\n{NEVER}\n')
    app = DebuggerApp(load(write_scenario(tmp_path, LONG)), Options(replay=script, algebra=False))
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        await pilot.press(*[FORWARD] * 5)
        before = screen.console.background.is_running
        await pilot.press(key)
        await pilot.pause()
        assert (before, screen.console.background.is_running) == (True, False)
        where = {BACK: (3, 1), "R": (4, 2), PREVIOUS: (3, 1)}[key]
        assert (replay.player.position, screen.view_model.session.cursor) == where


async def test_a_key_of_the_replay_returns_to_it_even_where_it_cannot_go_on() -> None:
    """Before its first line there is none; the walk stands there all the same."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        await pilot.press("s", BACK)
        await pilot.pause()
        assert not replay.is_away
        assert (replay.player.position, screen.view_model.session.cursor) == (0, 0)
        assert "paused  0/" in shown(app)


async def test_an_answer_of_many_lines_is_there_to_be_read() -> None:
    """All of it in the log, once, under the command that it answers."""
    app = an_app("end\nwhy x.grad\n")
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, _ = debugger(app)
        await pilot.press(*[FORWARD] * 2)
        await pilot.pause()
        lines = [line.text for line in screen.view_model.log.lines]
        assert sum("5 contributions" in line for line in lines) == 1
        assert sum("why x.grad" in line for line in lines) == 1
        assert any("last bit" in line for line in lines)


async def test_a_prompt_pauses_and_any_place_can_be_jumped_to() -> None:
    """The beginning too."""
    app = an_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        screen, replay = debugger(app)
        await pilot.press("space")
        before = replay.is_playing
        await pilot.press("colon")
        assert (before, replay.is_playing) == (True, False)
        await pilot.press("escape")
        screen.console.carry_out("replay-to 4")
        screen.console.carry_out("replay-to 0")
        assert (replay.player.position, screen.view_model.session.cursor) == (0, 0)
        with pytest.raises(CommandError):
            screen.console.carry_out("replay-to 999")
