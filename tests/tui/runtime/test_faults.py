"""Whatever is raised while the screen is up, it stands, says so, and the walk is the last good one.

Errors are put in where commands, panes and callbacks have their one guard each, and where they have
none of ours.
"""

from __future__ import annotations

from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from textual.widgets import Input

from tests.marks import few
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.session import state_of
from tui_backprop.replays import load_replay
from tui_backprop.tui import commands
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.options import Options
from tui_backprop.tui.pages.picker import Picker
from tui_backprop.tui.pages.sheets import LogPage, Sheet
from tui_backprop.tui.panes import PANES
from tui_backprop.tui.runtime.faults import Faults
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.view_model import ViewModel
from tui_backprop.tui.walking.replaying import Replaying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


class SilentError(Exception):
    """One that cannot even say what it is."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError("no")


ERRORS = (
    RuntimeError("a surprise"),
    KeyError("X"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    ZeroDivisionError("[bold]division[/] \x1b[31m"),
    OSError(5, "Input/output error"),
    ValueError("many\nlines"),
    AssertionError(),
    StopAsyncIteration(),
    SilentError(),
)
NAMES = [c.name for c in commands.ALL_COMMANDS if c.name != "command"]
"""All but the one that opens the line that they are typed in."""


def raising(error: Exception) -> Callable[..., NoReturn]:
    """A function that does nothing else."""

    def fail(*_given: object, **_named: object) -> NoReturn:
        raise error

    return fail


def spoiled(error: Exception) -> Callable[..., NoReturn]:
    """The same, but it leaves the session in disorder first."""

    def fail(session: Any, *_given: object) -> NoReturn:
        found = getattr(session, "view_model", None)
        walk = session if found is None else found.session
        walk.cursor, walk.breakpoints, walk.direction = 7, (None,), "sideways"
        if found is not None:
            found.language, found.total = "tlh", not found.total
        raise error

    return fail


def sliced(error: Exception) -> Callable[..., Iterator[int]]:
    """The same in the second slice of a search."""

    def fail(session: Any, *_given: object) -> Iterator[int]:
        yield from range(200_000)
        session.cursor = 11
        raise error

    return fail


def with_other(monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[..., Any]) -> None:
    """Exchange what a command does."""
    all_of_them = tuple(
        replaced(c, run=run) if c.name == name else c for c in commands.ALL_COMMANDS
    )
    monkeypatch.setattr(commands, "ALL_COMMANDS", all_of_them)
    own = tuple(c for c in all_of_them if c.name in {d.name for d in COMMANDS})
    monkeypatch.setattr("tui_backprop.debug.commands.COMMANDS", own)


def told(driver: Driver) -> str:
    """What lies over the screen for a while."""
    return "\n".join(note.message for note in driver.app._notifications)


async def goes_on(driver: Driver) -> None:
    """The next key works."""
    before = driver.session.cursor
    await driver.press("n")
    assert driver.session.cursor > before
    assert driver.app.is_running


@pytest.mark.exhaustive
@pytest.mark.few(2, 22)
@pytest.mark.parametrize("name", few(NAMES, 6))
async def test_a_command_that_fails_has_done_nothing(
    run: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name on the line: it says so, the session is as it was, and the next key works."""
    with_other(monkeypatch, name, spoiled(RuntimeError("a surprise")))
    async with run() as driver:
        await driver.press("s")
        session, view_model = driver.session, driver.screen.view_model
        before, language = state_of(session), view_model.language
        await driver.press("colon")
        await driver.write(name if name != "help" else "help step")
        await driver.press("enter")
        assert state_of(session) == before
        assert (view_model.language, view_model.total) == (language, False)
        assert "an error of the program itself" in driver.text()
        assert driver.find(Input).value.startswith(name)
        (fault,) = driver.take_faults()
        assert fault == f"{name}: RuntimeError: a surprise"
        await driver.press("escape")
        if name != "next":
            await goes_on(driver)


@pytest.mark.few(1)
@pytest.mark.parametrize("error", few(ERRORS, 2))
@pytest.mark.parametrize("how", [spoiled, sliced])
async def test_whatever_is_raised_by_a_key(
    run: Run, how: Callable[..., Any], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, or in the middle of a search."""
    with_other(monkeypatch, "step", how(error))
    async with run(size=LARGE) as driver:
        await driver.press("n")
        before = state_of(driver.session)
        await driver.press("s")
        for _ in range(100):
            if not driver.screen.console.background.is_running:
                break
            await driver.pilot.pause(0.05)
        await driver.settle()
        assert state_of(driver.session) == before
        assert "an error of the program itself" in driver.text()
        (fault,) = driver.take_faults()
        assert fault.startswith(f"step: {type(error).__name__}")
        await goes_on(driver)


SHOWN = [row.id for row in PANES if row.id != "presenter"]  # which stands alone, when asked for
APART = ("jacobian", "cotangent", "gradient")
"""In place of the board."""


@pytest.mark.exhaustive
@pytest.mark.few(2)
@pytest.mark.parametrize("name", few([*SHOWN, "footer"], 3))
@pytest.mark.parametrize("part", ["make", "line"])
async def test_a_pane_that_cannot_be_drawn_says_so_in_its_place(
    run: Run, name: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are live; it is told once, however often it fails; and it comes back."""
    async with run(size=LARGE) as driver:
        await driver.press("s", "s", "s")
        if name in APART:
            await driver.press("j")  # J of the whole graph never stands on the board
        pane = driver.screen.query_one(f"#{name}")
        numbers = {*APART, "timeline"} if name in APART else {"board", "timeline"}
        others = [other for other in SHOWN if other != name]
        with monkeypatch.context() as spoiling:
            if part == "make":
                spoiling.setattr(pane, "make", raising(KeyError("X")))
            else:
                content = type("Content", (), {"title": "", "size": (9, 9), "focus": None})()
                content.line = raising(KeyError("X"))
                spoiling.setattr(pane, "make", lambda *_size: content)
            before = {other: driver.pane(other) for other in others}
            await driver.press("s", "s", "s", "s", "s")
            if name == "footer":
                driver.screen.query_one("#footer").redraw()  # type: ignore[attr-defined]  # it is ours
            assert "an error" in driver.pane(name).replace("\n", " ")
            changed = [other for other in others if driver.pane(other) != before[other]]
            assert (numbers - {name, "cotangent"}) <= set(changed)
            await driver.settle()
            assert len(driver.take_faults()) == 1
        await driver.press("s")
        if name != "footer":
            assert "an error" not in driver.pane(name)
        await goes_on(driver)


CALLBACKS = (
    (DebugScreen, "_prerender", ("s",)),
    (DebugScreen, "action_run", ("s",)),
    (DebugScreen, "ask", ("colon",)),
    (DebugScreen, "go", ()),
    (ViewModel, "next_view", ("s",)),
    (DebugScreen, "on_prompt_entered", ("colon", "s", "enter", "escape")),
    (Prompt, "on_mount", ("colon", "escape")),
    (Prompt, "action_recall", ("colon", "up", "escape")),
    (Prompt, "action_complete", ("colon", "tab", "escape")),
    (Prompt, "on_input_changed", ("colon", "x", "escape")),
    (LogPage, "make", ("L", "escape")),
    (LogPage, "action_choose", ("L", "down", "escape")),
    (Sheet, "on_mount", ("question_mark", "escape")),
    (Picker, "on_mount", ("o", "escape")),
    (Picker, "_read_title", ("o", "escape")),
    (Picker, "on_input_changed", ("o", "x", "escape", "escape")),
    (Picker, "action_move", ("o", "down", "escape")),
    (Picker, "on_option_list_option_selected", ("o", "enter", "escape")),
)


@pytest.mark.few(2)
@pytest.mark.parametrize("callback", few(CALLBACKS, 6))
async def test_a_handler_that_fails_ends_nothing(
    run: Run, callback: tuple[type, str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timers, messages, keys and what is mounted: said once, and the walk goes on."""
    kind, method, keys = callback
    async with run(size=LARGE) as driver:
        await driver.press("s")
        before = state_of(driver.session)
        with monkeypatch.context() as spoiling:
            spoiling.setattr(kind, method, raising(RuntimeError("a surprise")))
            await driver.press(*keys)
            if method == "go":
                await driver.pilot.click("#timeline", offset=(40, 0))
            await driver.pilot.pause(0.1)
            if keys != ("s",) or method == "action_run":
                assert state_of(driver.session) == before
            assert driver.app.is_running
            assert len(driver.take_faults()) == 1
        if not isinstance(driver.app.screen, DebugScreen):
            await driver.press("escape")
        if driver.screen.query(Prompt):
            await driver.press("escape")
        await goes_on(driver)


async def test_a_walk_that_cannot_be_shown_goes_back(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last state that could."""
    async with run() as driver:
        await driver.press("s", "s")
        view_model = driver.screen.view_model
        view = view_model.view

        def fails_from_3() -> Any:
            return view() if driver.session.cursor < 3 else raising(KeyError("X"))()

        monkeypatch.setattr(view_model, "view", fails_from_3)
        await driver.press("s")
        assert driver.session.cursor == 2
        assert "an error of the program itself" in told(driver)
        assert driver.take_faults() == ["view: KeyError: 'X'"]


async def test_playing_stops_at_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A metronome that would fail at every tick."""
    with_other(monkeypatch, "step", spoiled(RuntimeError("a surprise")))
    async with run() as driver:
        await driver.press("+", "+", "+", "space")
        await driver.pilot.pause(0.3)
        assert not driver.screen.player.is_playing
        assert driver.session.cursor == 0
        assert len(driver.take_faults()) == 1


async def test_a_line_that_cannot_be_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts are missing; escape takes away what is there."""
    async with run() as driver:
        with monkeypatch.context() as spoiling:
            spoiling.setattr(Prompt, "compose", raising(RuntimeError("a surprise")))
            await driver.press("colon", "escape")
            assert driver.take_faults()
        await driver.press("escape")
        await goes_on(driver)


@pytest.mark.few(2)
@pytest.mark.parametrize("keys", [("space",), ("greater_than_sign",), ("right_square_bracket",)])
async def test_a_replay_stands_where_it_stood(
    run: Run, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line is not carried out, and the walk is the replay's."""
    replay = load_replay("fan-out")
    options = Options(algebra=False, replay=replay.script)
    async with run(replay.scenario.path, options=options) as driver:
        bar = driver.screen.replay
        assert bar is not None
        await driver.press("greater_than_sign")
        with monkeypatch.context() as spoiling:
            spoiling.setattr(
                "tui_backprop.debug.replay.player.perform", spoiled(RuntimeError("a surprise"))
            )
            spoiling.setattr(
                "tui_backprop.debug.replay.player.Event", raising(RuntimeError("a surprise"))
            )
            await driver.press(*keys)
            await driver.pilot.pause(0.2)
            position = bar.player.position
            bar_state = state_of(driver.session)
            bar.player.resume()
            assert state_of(driver.session) == bar_state
            assert not bar.is_playing
            assert len(driver.take_faults()) == 1
        await driver.press("greater_than_sign")
        assert bar.player.position == position + 1


async def test_a_tick_of_a_replay_that_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no key and no command."""
    replay = load_replay("fan-out")
    options = Options(algebra=False, replay=replay.script)
    async with run(replay.scenario.path, options=options) as driver:
        with monkeypatch.context() as spoiling:
            spoiling.setattr(Replaying, "forward", raising(RuntimeError("a surprise")))
            await driver.press("space")
            await driver.pilot.pause(0.2)
            assert len(driver.take_faults()) == 1
        await driver.press("greater_than_sign")
        assert driver.screen.replay is not None
        assert driver.screen.replay.player.position == 1


async def test_an_error_is_written_down_and_in_the_log(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its traceback and the version; the sentence names the file, in the language in force."""
    path = tmp_path / "state" / "faults.txt"
    with_other(monkeypatch, "step", raising(RuntimeError("a surprise")))
    options = Options(algebra=False, faults=path, language="zh")
    async with run(options=options, size=(200, 40)) as driver:
        await driver.press("s")
        assert "程序自身出错" in told(driver)
        assert str(path) in told(driver).replace("\n", "")  # broken as it fits
        text = path.read_text(encoding="utf-8")
        assert text.startswith("tui-backprop ")
        assert "test_faults.py" in text
        assert "step: RuntimeError: a surprise" in text
        await driver.press("L")
        assert "RuntimeError: a surprise" in driver.text()
        assert "test_faults.py" in driver.text()
        driver.take_faults()


async def test_the_list_of_scenarios_stands_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no debugger behind it yet; opening works after."""
    async with run(None) as driver:
        with monkeypatch.context() as spoiling:
            spoiling.setattr("tui_backprop.tui.opening.load", raising(KeyError("X")))
            await driver.press("enter")
            assert driver.app.is_running
            assert "an error of the program itself" in told(driver)
            assert len(driver.take_faults()) == 1
        await driver.press("enter")
        assert driver.session.cursor == 0


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_what_the_widget_library_raises(
    run: Run, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a widget of its own, which goes on to live."""
    async with run(size=size) as driver:
        await driver.press("colon")
        with monkeypatch.context() as spoiling:
            spoiling.setattr(Input, "insert_text_at_cursor", raising(RuntimeError("a surprise")))
            await driver.press("x")
            assert len(driver.take_faults()) == 1
        await driver.write("goto 5")
        await driver.press("enter")
        assert driver.session.cursor == 5


def test_faults_are_bounded(tmp_path: Path) -> None:
    """However many there are; a file that cannot be written is not spoken of."""
    path = tmp_path / "faults.txt"
    faults = Faults(path)
    for k in range(2000):
        fault = faults.note(RuntimeError("x" * 10_000), f"command {k % 1000}")
        assert str(path) in fault.sentence
        assert fault.is_new is (k < 256)
    assert len(faults.reports) == 8
    assert path.stat().st_size < 10_000
    assert [p.name for p in tmp_path.iterdir()] == ["faults.txt"]
    lost = Faults(tmp_path / "faults.txt" / "no-folder" / "faults.txt")
    assert "--version" in lost.note(RuntimeError("x"), "step").sentence


def test_a_deep_traceback_is_cut() -> None:
    """Both ends of it are kept."""

    def deep(k: int) -> int:
        return deep(k - 1) + 1 if k else len(str(1 // k))

    with pytest.raises(ZeroDivisionError) as found:
        deep(500)
    report = Faults().note(found.value, "step").report
    assert len(report) < 130
    assert any("more …" in line for line in report)
