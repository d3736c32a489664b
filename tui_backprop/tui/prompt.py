"""The command line at the bottom of the screen.

It owns what is typed: which earlier line is recalled, the word that is completed, and the message
under a line that could not be carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tui_backprop.language.message import said
from tui_backprop.render.text.spans import clip, printable, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.debug.commands.completing import Completion
    from tui_backprop.errors import CommandError

_LONGEST: Final = 10_000
PROMPT_TITLE: Final = said("command: enter runs it, tab completes, escape closes")
PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f]*"
"""The characters that may be typed or pasted: an escape sequence would reach the terminal."""


class LineInput(Input):
    """The line itself, in which deleting takes the selection first.

    Attributes:
        is_wrong: whether it could not be carried out, and is as it was then.
    """

    is_wrong = False

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert; a ``:`` in front of a line that failed begins another line."""
        if text == ":" and self.is_wrong and not self.cursor_position:
            self.value = ""
        else:
            super().insert_text_at_cursor(text)

    def action_delete_left_all(self) -> None:
        """Delete the selection, or else all before the cursor."""
        if self.selection.is_empty:
            super().action_delete_left_all()
        else:
            self.delete_selection()


class Prompt(Vertical):
    """One line to type a command in; it stays open until it can be carried out.

    An empty line repeats the command before, where there is one to be repeated.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, id="prompt-close"),
        Binding("up", "recall(-1)", "Earlier line", show=False, id="prompt-earlier"),
        Binding("down", "recall(1)", "Later line", show=False, id="prompt-later"),
        Binding("tab", "complete", "Complete", show=False, priority=True, id="prompt-complete"),
    ]

    class Entered(Message):
        """A line was typed."""

        def __init__(self, prompt: Prompt, line: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.line = line

    class Closed(Message):
        """Nothing is to be done."""

        def __init__(self, prompt: Prompt) -> None:
            super().__init__()
            self.prompt = prompt

    def __init__(
        self,
        line: str,
        history: Sequence[str],
        complete: Callable[[str], Completion],
        title: str = PROMPT_TITLE,
    ) -> None:
        super().__init__(id="prompt")
        self._title = title
        self._first = line
        self._lines = [*history, line]
        self._at = len(history)
        self._complete = complete
        self._spoken_of = ""

    def compose(self) -> ComposeResult:
        """The line, and under it a message, which is empty at first."""
        yield LineInput(self._first, select_on_focus=False, compact=True, max_length=_LONGEST,
                        restrict=PRINTABLE)  # fmt: skip
        yield Static(markup=False, id="complaint")

    def on_mount(self) -> None:
        """Type at once."""
        self.border_title = self._title
        self._input.focus()
        # What is there already is to be kept or to be typed over.
        head, equals, numbers = self._first.partition("= ")
        if numbers:
            self._input.selection = Selection(len(head + equals), len(self._first))

    def complain(self, error: CommandError) -> None:
        """Say what is wrong with the line, under the column, and leave it to be mended."""
        self._say(str(error), error.column, "-wrong")

    def on_input_changed(self) -> None:
        """What was said was about another line."""
        if self._input.value != self._spoken_of:
            self._input.is_wrong = False
            self._statement.remove_class("-visible")

    def _say(self, message: str, column: int | None, how: str) -> None:
        """A text under the line; the cursor goes where the column is."""
        self._spoken_of = line = self._input.value
        text = printable(message)
        if column is not None and column <= len(line):
            self._input.cursor_position = column
            self.call_after_refresh(self._point, text, width(line[:column]))
        self._input.is_wrong = how == "-wrong"
        self._statement.update(text)
        self._statement.set_class(how == "-wrong", "-wrong")
        self._statement.add_class("-visible")

    def _point(self, text: str, cell: int) -> None:
        """A caret under a cell of the line, wherever that has scrolled to."""
        at = cell - int(self._input.scroll_offset.x)
        if not 0 <= at < self.size.width:
            return
        caret = " " * at + "^"
        fits = at + 2 + width(text) <= self.size.width
        self._statement.update(f"{caret} {text}" if fits else f"{caret}\n{text}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line over."""
        event.stop()
        self.post_message(self.Entered(self, event.value))

    def action_close(self) -> None:
        """Close, and do nothing."""
        self.post_message(self.Closed(self))

    def action_recall(self, by: int) -> None:
        """An earlier or a later line of the history."""
        self._lines[self._at] = self._input.value
        self._at = min(max(self._at + by, 0), len(self._lines) - 1)
        self._set(self._lines[self._at])

    def action_complete(self) -> None:
        """Lengthen the word before the cursor as far as it can only mean one thing."""
        value, at = self._input.value, self._input.cursor_position
        found = self._complete(value[:at])
        if not found.words:
            return
        begun = value[: found.start] + common_start(found.words)
        if len(begun) >= at:
            self._set(begun + value[at:])
            self._input.cursor_position = len(begun)
        if len(found.words) > 1:
            self._say(clip("  ".join(found.words), 2 * self.size.width), None, "")

    @property
    def _statement(self) -> Static:
        return self.query_one("#complaint", Static)

    @property
    def _input(self) -> LineInput:
        return self.query_one(LineInput)

    def _set(self, line: str) -> None:
        self._input.value = line
        self._input.cursor_position = len(line)


def common_start(words: Sequence[str]) -> str:
    """The longest text that all the words begin with."""
    first, last = min(words), max(words)
    same = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last))] if same is None else first[:same]
