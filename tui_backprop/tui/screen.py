"""The debugger's screen: it routes a view to the panes, and a key to a command.

It stands between the panes, which only draw, and the stage, which decides: nothing here knows what
a gradient is.
"""

from __future__ import annotations

from asyncio import sleep
from typing import TYPE_CHECKING, ClassVar, Final

from textual.message import Message

from tui_backprop.errors import CommandError
from tui_backprop.tui.board import Board
from tui_backprop.tui.commands import ALL_COMMANDS, execute, find, first_words, needs_argument
from tui_backprop.tui.footer import Footer
from tui_backprop.tui.keymap import bindings
from tui_backprop.tui.player import Player
from tui_backprop.tui.role_screen import RoleScreen

_IDLE: Final = 0.01
"""Seconds without a key after which a person is taken to be looking."""

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key
    from textual.timer import Timer

    from tui_backprop.tui.line_pane import LinePane
    from tui_backprop.tui.prompt import Prompt
    from tui_backprop.tui.stage import Stage


class DebugScreen(RoleScreen):
    """All panes on one stage.

    Attributes:
        stage: what is shown.
        board: the panes that show it.
        keys: the keys in force, by command name.
        player: plays the walk.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    ALLOW_IN_MAXIMIZED_VIEW = "#status, #timeline, #footer, Prompt"

    class Opened(Message):
        """A person asked for another scenario; an empty name asks for the list."""

        def __init__(self, scenario: str) -> None:
            super().__init__()
            self.scenario = scenario

    def __init__(
        self, stage: Stage, keys: Mapping[str, tuple[str, ...]], size: tuple[int, int]
    ) -> None:
        view = stage.view()
        note = "" if view.notes else "-no-notes"
        super().__init__(classes=f"{self.classes_of(*size)} {note}")
        self.stage = stage
        self.keys = keys
        self.player = Player(self.set_interval)
        self.board = Board(view)
        self._is_marked = False
        self._foresight: Timer | None = None
        self._history: list[str] = []
        self._prompt: Prompt | None = None

    def compose(self) -> ComposeResult:
        """The panes, in the order of the grid, and the keys."""
        yield from self.board.panes
        yield Footer(self.stage.charset, self.keys)

    def restage(self, stage: Stage) -> None:
        """Show another scenario."""
        self.player.stop()
        self.stage = stage
        self.set_class(not stage.view().notes, "-no-notes")
        self.mark()

    def on_screen_suspend(self) -> None:
        """Nobody is looking."""
        self.player.stop()

    def mark(self) -> None:
        """Draw soon: once, however many keys arrive until then."""
        if not self._is_marked:
            self._is_marked = True
            self.call_later(self._draw)

    def _draw(self) -> None:
        self._is_marked = False
        self.board.draw(self, self.stage.view())
        if self._foresight is not None:
            self._foresight.stop()
        self._foresight = self.set_timer(_IDLE, self._foresee)

    async def _foresee(self) -> None:
        """While nobody presses a key: make what the next press will most likely show."""
        view = self.stage.next_view()
        for pane in self.board.panes if view is not None else ():
            await sleep(0)
            if self._is_marked or view is None:
                return
            pane.foresee(view)

    def action_run(self, name: str) -> None:
        """What every key does: carry out a command, or ask for the rest of its line."""
        command = find(name)
        if needs_argument(command):
            self.ask(first_words(self, command))
            return
        try:
            self.execute(name)
        except CommandError as error:
            self.notify(str(error), severity="warning", markup=False)

    def execute(self, line: str) -> None:
        """Carry out a line.

        Raises:
            CommandError: it cannot be carried out.
        """
        answer = execute(self, line)
        self.stage.message, _, more = answer.partition("\n")
        if more:
            from tui_backprop.tui.sheet import answer_sheet  # noqa: PLC0415 - few are long

            self.app.push_screen(answer_sheet(line, answer, self.stage.charset))
        self.mark()

    def ask(self, line: str) -> None:
        """Open the command line with its first words."""
        from tui_backprop.tui.prompt import Prompt  # noqa: PLC0415 - not before it is asked for

        if self._prompt is None:
            names = self.stage.session.trace.graph.names
            words = [*(command.name for command in ALL_COMMANDS), *names]
            self._prompt = Prompt(line, self._history, words)
            self.mount(self._prompt)

    def takes(self, event: Key) -> bool:
        """Whether a key that nothing on the screen wanted belongs to a command line to come."""
        return self._prompt is not None and self._prompt.takes(event)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Carry out the line; what fails stays to be mended."""
        try:
            self.execute(event.line)
        except CommandError as error:
            event.prompt.complain(str(error))
            return
        if event.line.strip():
            self._history.append(event.line)
        self.set_focus(None)
        self._prompt = None
        event.prompt.remove()

    def on_footer_chosen(self, event: Footer.Chosen) -> None:
        """A click on a key is the key."""
        self.action_run(event.name)

    def on_line_pane_pointed(self, event: LinePane.Pointed) -> None:
        """A click on what stands for a step goes there."""
        self.execute(f"goto {event.step}")
