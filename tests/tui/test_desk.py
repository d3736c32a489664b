"""Lines, commands and the walk that plays need a desk, not a screen."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest

import tui_backprop as tb
from tui_backprop.errors import CommandError
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.tui.asking.console import Console
from tui_backprop.tui.view_model import ViewModel
from tui_backprop.tui.walking.playing import WalkPlayer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.timer import Timer

    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.asking.drawer import DrawerState
    from tui_backprop.tui.desk import Dialogue


class _Clock:
    """A timer that rings when a test says so."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self.seconds = seconds
        self.ring = ring
        self.is_stopped = False

    def stop(self) -> None:
        """It rings no more."""
        self.is_stopped = True


class _PaperDesk:
    """A desk without a screen: it notes what is asked of it."""

    def __init__(self) -> None:
        self.view_model = ViewModel(tb.load("vector-double"), UNICODE)
        self.keys: Mapping[str, tuple[str, ...]] = {}
        self.replay = None
        self.progress = None
        self.asked: list[str] = []
        self.waiting: list[_Clock] = []
        self.beats: list[_Clock] = []
        self.playing = WalkPlayer(self)
        self.console = Console(self)

    @property
    def is_busy(self) -> bool:
        return self.console.background.is_running

    def carry_out(self, line: str) -> None:
        self.console.carry_out(line)
        while self.is_busy and self.waiting:
            self.waiting.pop(0).ring()

    def work(self, work: Resumable[Answer], name: str, put_back: Callable[[], None]) -> None:
        self.console.work(work, name, put_back)

    def give_up(self) -> None:
        self.console.give_up()

    def ask(self, line: str) -> None:
        self.asked.append(f"ask {line}".strip())

    def be_asked(self, dialogue: Dialogue) -> None:
        self.asked.append(f"be_asked {dialogue.title}")

    def mark(self) -> None:
        """Nothing is drawn."""

    def warn(self, message: str) -> None:
        self.asked.append(f"warn {message}")

    def failed(self, error: Exception, doing: str, /) -> str:
        raise AssertionError(doing) from error

    def toggle_tape(self) -> None:
        self.asked.append("toggle_tape")

    def toggle_maximized(self) -> None:
        self.asked.append("toggle_maximized")

    def take_picture(self, _keep: Callable[[str], None], /) -> None:
        self.asked.append("take_picture")

    def show_help(self) -> None:
        self.asked.append("show_help")

    def show_log(self) -> None:
        self.asked.append("show_log")

    def show_answer(self) -> None:
        self.asked.append("show_answer")

    def toggle_answer(self) -> None:
        self.asked.append("toggle_answer")

    maximized_pane, answer_size, answer_state, is_served = "", "off", None, False
    is_presenting = False

    def present(self, *, is_presenting: bool) -> None:
        self.asked.append(f"present {is_presenting}")

    def blank(self) -> None:
        self.asked.append("blank")

    def maximize_pane(self, name: str) -> None:
        self.asked.append(f"maximize_pane {name}".strip())

    def put_back_answer(self, state: DrawerState | None) -> None:
        raise AssertionError(state)

    def answered(self, line: str, answer: Answer) -> None:
        raise AssertionError(line, answer)

    def close_answer(self) -> bool:
        raise AssertionError("no drawer is open")

    def choose_theme(self, name: str) -> None:
        self.asked.append(f"choose_theme {name}".strip())

    def open(self, scenario: str) -> None:
        self.asked.append(f"open {scenario}".strip())

    def reload(self) -> None:
        self.asked.append("reload")

    def leave(self) -> None:
        self.asked.append("leave")

    def set_timer(self, delay: float, callback: Callable[[], None], /) -> Timer:
        self.waiting.append(_Clock(delay, callback))
        return cast("Timer", self.waiting[-1])

    def set_interval(self, interval: float, callback: Callable[[], None], /) -> Timer:
        self.beats.append(_Clock(interval, callback))
        return cast("Timer", self.beats[-1])


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("command", "ask"),
        ("help", "show_help"),
        ("help step", "show_answer"),
        ("answer", "toggle_answer"),
        ("log", "show_log"),
        ("maximize", "toggle_maximized"),
        ("maximize J", "maximize_pane J"),
        ("maximize off", "maximize_pane"),
        ("open", "open"),
        ("open fan-out", "open fan-out"),
        ("quit", "leave"),
        ("screenshot", "take_picture"),
        ("export svg", "take_picture"),
        ("tape", "toggle_tape"),
        ("theme", "choose_theme"),
        ("theme projector", "choose_theme projector"),
    ],
)
def test_a_command_asks_the_desk(line: str, asked: str) -> None:
    """Once, and for nothing else; a long answer is read in a drawer."""
    desk = _PaperDesk()
    desk.carry_out(line)
    assert desk.asked == [asked]


def test_the_walk_plays_as_far_as_a_breakpoint() -> None:
    """A step at every beat; what is played quicker beats anew."""
    desk = _PaperDesk()
    for line in ("break step 3", "play", "faster"):
        desk.carry_out(line)
    assert [(beat.seconds, beat.is_stopped) for beat in desk.beats] == [(0.5, True), (0.25, False)]
    cursors = []
    while not desk.beats[-1].is_stopped:
        desk.beats[-1].ring()
        cursors.append(desk.view_model.session.cursor)
    assert cursors == [1, 2, 3]
    assert not desk.playing.is_playing
    assert desk.asked == []


def test_playing_pauses_when_it_is_asked_again() -> None:
    """And goes on after that."""
    desk = _PaperDesk()
    played = []
    for _ in range(3):
        desk.carry_out("play")
        played.append((desk.playing.is_playing, desk.view_model.message))
    assert played == [(True, "playing"), (False, "paused"), (True, "playing")]


@pytest.mark.parametrize("line", ["replay-forward", "replay-back", "next-mark", "return"])
def test_where_nothing_is_replayed(line: str) -> None:
    """Whoever asks for it is told how a replay is opened."""
    desk = _PaperDesk()
    with pytest.raises(CommandError, match="no replay is open"):
        desk.carry_out(line)


def test_lines_and_commands_load_no_textual() -> None:
    """They know the desk by what may be asked of it."""
    code = "import sys, tui_backprop.tui.asking.console; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class _AskedDesk(_PaperDesk):
    """One that notes what is shown."""

    def answered(self, line: str, answer: Answer) -> None:
        self.asked.append(f"{line}: {answer.lines[0].text}")


def test_a_quiz_needs_a_desk_and_no_screen() -> None:
    """It stands before the step that is asked about, asks, and hands itself over for answers."""
    desk = _AskedDesk()
    desk.carry_out("end")
    desk.carry_out("quiz 1")
    shown, handed = desk.asked
    assert shown == "quiz: Is ∂Y[0]/∂X[1] zero whatever the numbers are?"
    assert handed.startswith("be_asked question 1 of 1: ")
    assert desk.view_model.session.cursor == 3
