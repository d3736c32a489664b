"""A screen on which a person asks in a command line, and is answered in a drawer.

Both take room from the panes. Nothing here knows what is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui_backprop.errors import CommandError
from tui_backprop.language.message import said
from tui_backprop.tui.commands import VIEW_COMMANDS
from tui_backprop.tui.line_pane import BaseScreen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.binding import BindingType
    from textual.events import Resize
    from textual.geometry import Size
    from textual.widget import Widget

    from tui_backprop.debug.commands.completing import Completion
    from tui_backprop.tui.asking.console import Console, History
    from tui_backprop.tui.asking.drawer import Drawer, DrawerState
    from tui_backprop.tui.asking.prompt import Prompt
    from tui_backprop.tui.desk import Dialogue
    from tui_backprop.tui.view_model import ViewModel
    from tui_backprop.tui.walking.replaying import Replaying


class AskingScreen(BaseScreen):
    """A screen with a command line and a drawer, each there when it is needed.

    Attributes:
        view_model: what is asked about.
        keys: the keys in force, by command name.
        console: carries out lines.
        history: of typed lines.
        replay: what is played here; None where a person walks alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_answer(-1)", "Page up", show=False, id="page-up"),
        Binding("pagedown", "page_answer(1)", "Page down", show=False, id="page-down"),
        Binding("enter", "go_answer", "To the step of an answer", show=False),
    ]
    # Which classes it has for its size, `lay_out` says: an answer beside the panes counts.
    HORIZONTAL_BREAKPOINTS = []  # noqa: RUF012 - Textual declares no class variable
    VERTICAL_BREAKPOINTS = []  # noqa: RUF012 - Textual declares no class variable

    view_model: ViewModel
    keys: Mapping[str, tuple[str, ...]]
    console: Console
    history: History
    replay: Replaying | None

    def __init__(self, classes: str) -> None:
        super().__init__(classes=classes)
        self._prompt: Prompt | None = None
        self._failed = ""
        self._dialogue: Dialogue | None = None
        self._focused_before: Widget | None = None
        self._drawer: Drawer | None = None

    def show_log(self) -> None:
        """All answers on a page of their own."""
        raise NotImplementedError

    def on_resize(self, event: Resize) -> None:
        """Lay out for another size."""
        self.lay_out(event.size)

    def lay_out(self, size: Size | None = None) -> None:
        """Give an answer its room, and the panes the layout for what is left of the screen."""
        room = self.size if size is None else size
        if self._drawer is not None:
            lines = 0 if self._prompt is None else self._prompt.outer_size.height
            lines += 0 if self.replay is None else self.replay.pane.outer_size.height
            room = self._drawer.fit(room, lines)
        self.lay_out_for(*room)

    def focus_next(self, selector: str | type[Widget] = "*") -> Widget | None:
        """The next pane; an answer comes first."""
        if self.focused is None and self._drawer is not None and self._drawer.is_open:
            self.set_focus(self._drawer)
            return self._drawer
        return super().focus_next(selector)

    def ask(self, line: str) -> None:
        """Open the command line with its first words."""
        from tui_backprop.tui.asking.prompt import PROMPT_TITLE, Prompt

        if self.replay is not None:
            self.replay.pause()
        if self._prompt is None:
            self._focused_before = self.focused
            title = self.told(PROMPT_TITLE)
            self._prompt = Prompt(line, self.history.lines, self._complete, self._retold, title)
            self.mount(self._prompt, before=0)

    def be_asked(self, dialogue: Dialogue) -> None:
        """Open the command line for answers, or go on in the one that is open."""
        self._dialogue = dialogue
        if self._prompt is None:
            self.ask("")
        self._ask_on(dialogue)

    def _ask_on(self, dialogue: Dialogue) -> None:
        if self._prompt is not None:
            self._prompt.begin_anew(self.told(dialogue.title))

    def _complete(self, line: str) -> Completion:
        from tui_backprop.debug.commands.completing import complete

        return complete(self.view_model.session, line, [command.name for command in VIEW_COMMANDS])

    def _retold(self, sentence: str) -> str:
        return self.view_model.spoken.retold(sentence)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Carry out the line, an empty one as the one before; what fails stays to be mended."""
        if self._dialogue is not None:
            self._answer(event, self._dialogue)
            return
        line = event.line if event.line.strip() else self.console.again
        try:
            self.console.carry_out(line, is_typed=True)
        except CommandError as error:
            event.prompt.complain(error.told(self.view_model.spoken.retold))
            self._failed = event.line
            return
        self.history.add(event.line)
        if self._dialogue is None:
            self._close(event.prompt)

    def _answer(self, event: Prompt.Entered, dialogue: Dialogue) -> None:
        """Hand an answer over; whatever comes of it, the line is there for the next or goes."""
        try:
            goes_on = dialogue.take(event.line)
        except CommandError as error:
            event.prompt.complain(error.told(self.view_model.spoken.retold))
            return
        if goes_on:
            self._ask_on(dialogue)
        else:
            self._dialogue = None
            self._close(event.prompt)

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """Take the line away; one that failed can be had back."""
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            dialogue.end()
        self.history.add(self._failed)
        self._close(event.prompt)

    def on_prompt_grown(self) -> None:
        """It takes more lines, or fewer: an answer gives way."""
        self.lay_out()

    def _close(self, prompt: Prompt) -> None:
        before = self._focused_before
        self.set_focus(before if before is not None and before.is_attached else None)
        self._prompt, self._failed = None, ""
        prompt.remove()
        self.lay_out()

    def show_answer(self) -> None:
        """The latest answer in a drawer; in the log where that is open."""
        from tui_backprop.tui.asking.drawer import drawer_on
        from tui_backprop.tui.pages.sheets import LogSheet

        if isinstance(self.app.screen, LogSheet):
            self.show_log()
            return
        if self._drawer is None:
            self._drawer = drawer_on(self, lambda: self.view_model, self.keys)
        self._drawer.show(self.view_model.log.answer)
        self.lay_out()
        self._drawer.redraw()  # where it is as large as before nobody else does

    def toggle_answer(self) -> None:
        """An open answer larger, or as large as before; else the last one again."""
        drawer = self._drawer
        if drawer is not None and drawer.lines:
            drawer.toggle()
            self.lay_out()
        elif len(self.view_model.log.answer) > 1:
            self.show_answer()
        else:
            raise CommandError(
                said("nothing was asked yet: {key} asks", key=self.keys["command"][0])
            )

    @property
    def answer_size(self) -> str:
        """How much of the screen an answer has."""
        drawer = self._drawer
        if drawer is None or not drawer.is_open:
            return "off"
        return "large" if drawer.is_large else "on"

    @property
    def answer_state(self) -> DrawerState | None:
        """What lies in the drawer; None where it is closed."""
        return None if self._drawer is None else self._drawer.state

    def put_back_answer(self, state: DrawerState | None) -> None:
        """What lay in the drawer."""
        if self._drawer is None or state is None:
            self.close_answer()
        elif state != self._drawer.state:
            self._drawer.show(state.lines)
            self._drawer.is_large = state.is_large
            self.lay_out()
            self._drawer.redraw()

    def close_answer(self) -> bool:
        """Give the panes the whole screen again; whether there was an answer to close."""
        drawer = self._drawer
        if drawer is None or not drawer.is_open:
            return False
        drawer.close()
        if self.focused is drawer:
            self.set_focus(None)
        self.lay_out()
        return True

    def action_page_answer(self, pages: int) -> None:
        """Further in an answer, whatever has the focus."""
        if self._drawer is not None:
            self._drawer.action_page(pages)

    def action_go_answer(self) -> None:
        """To the step of the marked line of an answer."""
        if self._drawer is not None and self._drawer.is_open:
            self._drawer.action_go()

    def draw_answer(self) -> None:
        """What changes on it while it is open."""
        if self._drawer is not None:
            self._drawer.follow_language()

    def forget_answer(self) -> None:
        """Close it for good."""
        if self._drawer is not None:
            self._drawer.clear()

    @property
    def is_reading(self) -> bool:
        """Whether an answer has the focus."""
        return self._drawer is not None and self.focused is self._drawer
