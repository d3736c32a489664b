"""The debugger's screen: it routes a view to the panes, and a key to a command.

Nothing here knows what a gradient is: the session decides, and panes draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.render.text.charset import told
from tui_backprop.tui.asking.console import Console, History
from tui_backprop.tui.colours import known_theme
from tui_backprop.tui.commands import find, first_words, is_moving, needs_argument
from tui_backprop.tui.drawing import DrawingScreen
from tui_backprop.tui.keymap import Footer, bindings
from tui_backprop.tui.panes import ViewPane
from tui_backprop.tui.walking.playing import WalkPlayer
from tui_backprop.tui.walking.reloading import Reloading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.debug.replay.script import Script
    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.desk import Playing
    from tui_backprop.tui.line_pane import LinePane
    from tui_backprop.tui.panes import ProgramPane, WatchingPane
    from tui_backprop.tui.view_model import ViewModel
    from tui_backprop.tui.walking.replaying import Replaying, ReplayPane


class DebugScreen(DrawingScreen):
    """All panes of one walk.

    Attributes:
        reloading: looks whether the scenario's file was changed.
        player: plays the walk.
        console: carries out lines.
        history: of typed lines.
        replay: what is played here; None where a person walks alone.
        put_away: ends the first steps, where somebody is told them.
        progress: the file that keeps how many answers were right; None to keep nothing.
        is_served: whether it is shown in a browser, to somebody who may touch no files here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("escape", "give_up", "Stop a search, or close an answer", show=False),
    ]
    ESCAPE_TO_MINIMIZE = False  # it is a command as `m` is, which may be recorded
    ALLOW_IN_MAXIMIZED_VIEW = "#replay, #status, #equation, #timeline, #footer, #drawer, Prompt"

    class Opened(Message):
        """A person asked for another scenario; an empty name asks for the list."""

        def __init__(self, scenario: str) -> None:
            super().__init__()
            self.scenario = scenario

    class Presented(Message):
        """A person presents: others may follow from now on."""

    def __init__(
        self,
        view_model: ViewModel,
        keys: Mapping[str, tuple[str, ...]],
        size: tuple[int, int],
        history: History | None = None,
        script: Script | None = None,
    ) -> None:
        super().__init__(view_model, keys, size)
        self.player = WalkPlayer(self)
        self.console = Console(self)
        self.reloading = Reloading(self)
        self.put_away: Callable[[], None] = lambda: None
        self.is_served = False
        self.history = history or History()
        self.progress: Path | None = None
        self.replay = None if script is None else self._replaying(script)

    def compose(self) -> ComposeResult:
        """The panes, in the order of the grid, and the keys."""
        if self.replay is not None:
            yield self.replay.pane
        yield from self.grid.panes
        yield self._footer
        yield self.reloading

    def _replaying(self, script: Script, bar: ReplayPane | None = None) -> Replaying:
        """The player of a replay; it begins when the person wants it to."""
        from tui_backprop.debug.background import perform_in_thread
        from tui_backprop.debug.replay.player import Player
        from tui_backprop.tui.walking.replaying import Replaying, shown_on

        session, show = self.view_model.session, shown_on(self)
        return Replaying(self, Player(session, script, perform_in_thread, show), bar)

    def switch_to(self, view_model: ViewModel, script: Script | None = None) -> None:
        """Show another scenario, and play a replay in it where there is one."""
        self.player.pause()
        self.put_away()
        bar = None
        if self.replay is not None:
            self.replay.pause()
            bar = self.replay.pane
            if script is None:
                self.replay.close()
            self.replay = None
        self.console.give_up()
        self.forget_answer()
        self.walk_in(view_model)
        if script is not None:
            self.replay = self._replaying(script, bar)
            if bar is None:
                self.mount(self.replay.pane, before=0)
        self.lay_out()
        self.mark()

    def on_screen_suspend(self) -> None:
        """Pause while another screen is on top."""
        self.player.pause()
        if self.replay is not None:
            self.replay.pause()

    def on_replay_pane_chosen(self, event: ReplayPane.Chosen) -> None:
        """A click on the bar of the replay goes there."""
        if self.replay is not None:
            try:
                self.replay.seek(event.position)
            except CommandError as error:
                self.warn(str(error))
            self.mark()

    def action_run(self, name: str) -> None:
        """Do what a key means."""
        # Who has read an answer leaves it as a pager is left: that must not end the program.
        if name != "quit" or not self._close_by_hand():
            self.choose(name)

    def choose(self, name: str) -> None:
        """Carry out a command, or ask for the rest of its line."""
        command = find(name)
        if self.is_busy and is_moving(command):
            self.give_up()
            return
        if needs_argument(command):
            self.ask(first_words(self.view_model.session, command))
            return
        self.attempt(name)

    def attempt(self, line: str) -> None:
        """Carry out a line that nobody typed; what cannot be done is said."""
        try:
            self.carry_out(line)
        except CommandError as error:
            self.warn(str(error))

    def action_give_up(self) -> None:
        """Stop a search; else show all panes again, close an answer, or end the first steps."""
        if self.is_busy:
            self.give_up()
        elif self.maximized_pane:
            self.attempt("maximize off")
        elif self._close_by_hand():
            return
        elif self.is_presenting:
            self.attempt("present off")
        else:
            self.put_away()

    def _close_by_hand(self) -> bool:
        """Close an answer, and tell who records the walk; whether there was one."""
        is_closed, hear = self.close_answer(), self.view_model.session.listener
        if is_closed and hear is not None:
            hear("answer off")
        return is_closed

    @property
    def language(self) -> str:
        """The one of the walk."""
        return self.view_model.language

    def told(self, text: str) -> str:
        """A sentence in the language of the walk."""
        return told(text, self.view_model.spoken, self.view_model.charset)

    # What the commands, the console and replays ask: see `Desk`.

    @property
    def playing(self) -> Playing:
        """The replay, or else the walk, which goes on by itself when somebody plays."""
        return self.player if self.replay is None else self.replay

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that takes longer than a moment."""
        return self.console.background.is_running

    def carry_out(self, line: str) -> None:
        """Carry out a line that nobody typed."""
        self.console.carry_out(line)

    def work(self, work: Resumable[Answer], name: str, put_back: Callable[[], None]) -> None:
        """Do something that may take long, as if it were a line."""
        self.console.work(work, name, put_back)

    def give_up(self) -> None:
        """Stop what is under way."""
        self.console.give_up()

    def answered(self, line: str, answer: Answer) -> None:
        """Show what came of a line that was carried out elsewhere."""
        self.console.answer(line, answer)

    def toggle_tape(self) -> None:
        """The graph as a tape where it is a drawing, else as a drawing."""
        self.view_model.graph_view = "drawing" if self.grid.graph.is_tape else "tape"

    def toggle_maximized(self) -> None:
        """The focused pane, else the graph, over the whole screen; or all of them again."""
        if self.is_reading:
            self.toggle_answer()
        elif self.maximized is None:
            self.present(is_presenting=False)
            self.maximize(self.focused or self.grid.graph)
        else:
            self.minimize()

    @property
    def maximized_pane(self) -> str:
        """The pane that lies over the whole screen; empty where all of them are there."""
        return "" if self.maximized is None else self.maximized.id or ""

    def maximize_pane(self, name: str) -> None:
        """A pane by its name over the whole screen; without a name, all of them again."""
        self.present(is_presenting=False)
        if name:
            self.maximize(self.grid.named(name))
        else:
            self.minimize()

    @property
    def is_presenting(self) -> bool:
        """Whether the step is shown alone, for a room."""
        return self.grid.is_presenting

    def present(self, *, is_presenting: bool) -> None:
        """The step alone, for a room, or all panes again."""
        if is_presenting == self.is_presenting:
            return
        self.minimize()
        self.set_focus(None)
        self.set_class(is_presenting, "-presenting")
        self.grid.present(is_presenting=is_presenting)
        self.mark()
        if is_presenting:
            self.post_message(self.Presented())

    def blank(self) -> None:
        """Nothing on the screen, until a key is pressed."""
        from tui_backprop.tui.pages.blank import BlankScreen

        self.app.push_screen(BlankScreen())

    def show_help(self) -> None:
        """The word of the pane that is looked at, then all commands, on a page of its own."""
        from tui_backprop.tui.pages.sheets import help_sheet

        looked_at = self.maximized or self.focused
        pane, first = "", tuple[str, ...]()
        if isinstance(looked_at, ViewPane) and looked_at.word:
            pane, first = looked_at.id or "", self.view_model.explained_pane(looked_at.word)
        spoken, charset = self.view_model.spoken, self.view_model.charset
        is_forward = self.view_model.session.timeline.is_forward
        self.app.push_screen(
            help_sheet(self.keys, charset, spoken, first, pane, self.ask, is_forward=is_forward)
        )

    def show_log(self) -> None:
        """The log over everything else, its last answer in sight."""
        from tui_backprop.tui.pages.sheets import LOG_TITLE, LogSheet

        above = self.app.screen
        if isinstance(above, LogSheet):
            above.page.show_latest()
            above.page.redraw()
        else:
            log, charset = self.view_model.log, self.view_model.charset
            self.app.push_screen(LogSheet(log, charset, self.told(LOG_TITLE), self.go, self.ask))

    def take_picture(self, keep: Callable[[str], None]) -> None:
        """Give what is to be seen to somebody, as SVG."""
        from tui_backprop.tui.screenshot import take

        take(self, self.app, keep)

    def choose_theme(self, name: str) -> None:
        """Colours by the name of a theme, or from a list."""
        if not name:
            self.app.search_themes()
            return
        try:
            self.app.theme = known_theme(name)
        except TuiBackpropError as error:
            raise CommandError(str(error)) from None

    def open(self, scenario: str) -> None:
        """Ask for another scenario."""
        self.post_message(self.Opened(scenario))

    def reload(self) -> None:
        """The scenario as its file is now, at the same event."""
        self.reloading.now()

    def leave(self) -> None:
        """End the program."""
        self.app.exit()

    def go(self, step: int) -> None:
        """Straight to a step, from wherever it was pointed at."""
        self.give_up()
        self.attempt(f"goto {step}")

    def on_footer_chosen(self, event: Footer.Chosen) -> None:
        """A click on a key does what is written there."""
        self.choose(event.name)

    def on_watching_pane_switched(self, event: WatchingPane.Switched) -> None:
        """A click on a breakpoint switches it off, or on again."""
        self.console.switch(event.number)

    def on_program_pane_toggled(self, event: ProgramPane.Toggled) -> None:
        """A click in front of a line sets a breakpoint there, or removes those that are."""
        numbers = " ".join(map(str, event.stops))
        self.attempt(f"delete {numbers}" if numbers else f"break :{event.line}")

    def on_view_pane_wanted(self) -> None:
        """A pane has another size than its picture."""
        self.mark()

    def on_line_pane_pointed(self, event: LinePane.Pointed) -> None:
        """A click on what stands for a step goes there."""
        self.go(event.step)
