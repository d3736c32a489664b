"""The list of shipped scenarios, narrowed by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_backprop.api import load
from tui_backprop.errors import TuiBackpropError
from tui_backprop.render.text.charset import ascii_text
from tui_backprop.render.text.spans import clip, pad, printable
from tui_backprop.scenario.files import shipped
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.prompt import PRINTABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.render.text.charset import Charset

_NAME = 26
_SOON = 0.001
"""Seconds in which a key that waits has its turn."""


class Picker(BaseScreen):
    """Pick a scenario, or type the path of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("down", "move('cursor_down')", "Next", show=False, priority=True),
        Binding("up", "move('cursor_up')", "Previous", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Further down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Further up", show=False, priority=True),
    ]

    class Picked(Message):
        """A scenario was chosen: a file of the list, or what was typed."""

        def __init__(self, path: Path | str) -> None:
            super().__init__()
            self.path = path

    def __init__(
        self, charset: Charset, language: str, stay: Callable[[], bool] = lambda: False
    ) -> None:
        """A list.

        Args:
            charset: Unicode or ASCII.
            language: of the titles.
            stay: gives up what is being opened; true if something was.
        """
        super().__init__()
        self._stay = stay
        self._charset = charset
        self._language = language
        self._paths = shipped()
        self._titles: dict[Path, str] = {}

    def compose(self) -> ComposeResult:
        """A line to type in, and below it the scenarios that match."""
        yield Input(placeholder="type to search; enter opens; escape goes back",
                    restrict=PRINTABLE)  # fmt: skip
        yield OptionList(id="scenarios", markup=False)

    def on_mount(self) -> None:
        """Names at once; titles as they are read."""
        self.query_one(Input).focus()
        self._list("")
        self.call_after_refresh(self._read_title)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._list(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The marked scenario; where the list is empty, what was typed is a path."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.action_select()
        elif event.value.strip():
            self.post_message(self.Picked(event.value.strip()))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.post_message(self.Picked(self._paths[int(event.option_id or 0)]))

    def action_move(self, how: str) -> None:
        """Move the mark while the typing goes on."""
        options = self.query_one(OptionList)
        if options.size.height and options.size.width:  # else it has no lines to move over
            getattr(options, f"action_{how}")()

    def action_close(self) -> None:
        """Nothing picked; while one is being opened, go on picking."""
        if not self._stay():
            self.dismiss()

    def _list(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        words = typed.casefold().split()
        options.add_options(
            Option(Content(text), id=str(number))
            for number, text in enumerate(map(self._text, self._paths))
            if all(word in text.casefold() for word in words)
        )
        options.highlighted = 0 if options.option_count else None

    def _text(self, path: Path) -> str:
        name = printable(path.stem)
        name = pad(clip(name, _NAME, self._charset.ellipsis), _NAME)
        text = f"{name}  {self._titles.get(path, '')}"
        return ascii_text(text) if self._charset.is_ascii else text

    def _read_title(self) -> None:
        """Read one more scenario; the next one when there is time."""
        path = next((p for p in self._paths if p not in self._titles), None)
        if path is None or not self.is_attached:
            return
        try:
            self._titles[path] = printable(load(path).model.title.get(self._language))
        except TuiBackpropError as error:
            self._titles[path] = printable(f"cannot be read: {str(error).splitlines()[0]}")
        number = self._paths.index(path)
        options = self.query_one(OptionList)
        if any(option.id == str(number) for option in options.options):
            options.replace_option_prompt(str(number), Content(self._text(path)))
        self.set_timer(_SOON, self._read_title)
