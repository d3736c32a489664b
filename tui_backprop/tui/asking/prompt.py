"""The command line at the bottom of the screen.

It owns what is typed: which earlier line is recalled, the word that is completed, and the message
under a line that could not be carried out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tui_backprop.debug.commands.completing import Completion
from tui_backprop.language.message import said
from tui_backprop.render.text.spans import printable, width, wrap
from tui_backprop.tui.asking.recall import Offer, Recall, common_start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Paste

    from tui_backprop.errors import CommandError

_LONGEST: Final = 10_000
PROMPT_TITLE: Final = said("command: enter runs it, tab completes, escape closes")
PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f]*"
"""The characters that may be typed: an escape sequence would reach the terminal."""
CONTROL: Final = r"[\x00-\x1f\x7f-\x9f]+"
"""The others, which are left out of what is pasted."""
_BEFORE_COLON: Final = r"\.\w+$|\[[^\]]*$|\s$"
"""What a ``:`` may stand behind within a line: a file, or a part of an index."""
_BESIDE: Final = 6
"""Lines of the screen that a message leaves: border, what was typed, caret, status, keys, title."""
_WORD: Final = r"[\w.@]+"
"""What is typed over as a whole where it was wrong."""


class LineInput(Input):
    """The line itself, with the keys of a shell; deleting takes the selection first.

    Attributes:
        is_wrong: whether it could not be carried out, and is as it was then.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+b", "cursor_left", "Left", show=False),
        Binding("ctrl+f", "cursor_right", "Right", show=False),
        Binding("alt+b", "cursor_left_word", "Left a word", show=False),
        Binding("alt+f", "cursor_right_word", "Right a word", show=False),
        Binding("alt+d", "delete_right_word", "Delete a word", show=False),
        Binding("alt+backspace", "delete_left_word", "Delete the word before", show=False),
    ]

    class Shortened(Message):
        """More lines were pasted than a line can hold."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    is_wrong = False

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in place of another; a ``:`` at an end of a failed line begins anew."""
        if text == ":" and self.is_wrong and self._may_begin_anew:
            self.value = ""
        else:
            super().replace(text, start, end)

    @property
    def _may_begin_anew(self) -> bool:
        """Whether a ``:`` here is no part of the line, as in ``break net.yaml:3``."""
        if not self.cursor_position:
            return True
        is_at_end = self.cursor_position == len(self.value)
        return is_at_end and re.search(_BEFORE_COLON, self.value) is None

    def action_delete_left_all(self) -> None:
        """Delete the selection, or else all before the cursor."""
        if self.selection.is_empty:
            super().action_delete_left_all()
        else:
            self.delete_selection()

    def on_paste(self, event: Paste) -> None:
        """Take the first line that is not empty, as far as there is room, without controls."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if not lines:
            return
        start, end = sorted(self.selection)
        room = _LONGEST - len(self.value) + end - start
        self.replace(re.sub(CONTROL, " ", lines[0][:_LONGEST])[:room], start, end)
        if len(lines) > 1:
            self.post_message(self.Shortened(len(lines)))


class Prompt(Vertical):
    """One line to type a command in; it stays open until it can be carried out.

    An empty line repeats the command before, by key or typed, where there is one to be repeated.
    What is offered in it, by a key, a completion or as the place of an error, is selected: typing
    replaces it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, id="prompt-close"),
        Binding("up", "recall(-1)", "Earlier line", show=False, id="prompt-earlier"),
        Binding("down", "recall(1)", "Later line", show=False, id="prompt-later"),
        Binding("ctrl+n", "recall(1)", "Later line", show=False),
        Binding("ctrl+r", "look_for", "Earlier line with this text", show=False, id="prompt-find"),
        Binding("tab", "complete(1)", "Complete", show=False, priority=True, id="prompt-complete"),
        Binding("shift+tab", "complete(-1)", "The offer before", show=False, priority=True),
    ]

    class Entered(Message):
        """A line was typed."""

        def __init__(self, prompt: Prompt, line: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.line = line

    class Grown(Message):
        """It takes another number of lines."""

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
        told: Callable[[str], str] = str,
        title: str = PROMPT_TITLE,
    ) -> None:
        """Begin with some words.

        Args:
            line: with which it begins.
            history: earlier lines, the last one last.
            complete: what a line up to the cursor may become.
            told: says a sentence in the language of the screen.
            title: what keys do in it.
        """
        super().__init__(id="prompt")
        self._title = title
        self._first = line
        self._recall = Recall(history)
        self._offer = Offer()
        self._complete = complete
        self._told = told
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

    def on_resize(self) -> None:
        """Others make room for it."""
        self.post_message(self.Grown())

    def begin_anew(self, title: str) -> None:
        """Empty, for what is no command: no line comes back in it, and none is completed."""
        self.border_title = self._title = title
        self._recall, self._offer = Recall(()), Offer()
        self._complete = lambda _line: Completion(0)
        self._first = ""
        if self.is_mounted:
            self._set("")

    def complain(self, error: CommandError) -> None:
        """Say what is wrong with the line, under the column, and leave it to be mended."""
        self._recall.add(self._input.value)
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
            word = re.compile(_WORD).match(line, column)
            self._input.selection = Selection(column if word is None else word.end(), column)
            self.call_after_refresh(self._point, text, width(line[:column]))
        self._input.is_wrong = how == "-wrong"
        self._statement.update(self._broken(text))
        self._statement.set_class(how == "-wrong", "-wrong")
        self._statement.add_class("-visible")

    def _point(self, text: str, cell: int) -> None:
        """A caret under a cell of the line, wherever that has scrolled to."""
        at = cell - int(self._input.scroll_offset.x)
        if not 0 <= at < self.size.width:
            return
        caret = " " * at + "^"
        fits = at + 2 + width(text) <= self.size.width
        self._statement.update(f"{caret} {text}" if fits else f"{caret}\n{self._broken(text)}")

    def _broken(self, text: str) -> str:
        """In lines; Textual would divide a name that stands between wide characters.

        As many as the screen has room for beside the line itself; what is left out has a sign.
        """
        lines = wrap(text, max(2, self.content_size.width))
        most = max(1, self.screen.size.height - _BESIDE)
        return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], "..."])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line over."""
        event.stop()
        self.post_message(self.Entered(self, event.value))

    def action_close(self) -> None:
        """Close, and do nothing."""
        self.post_message(self.Closed(self))

    def action_recall(self, by: int) -> None:
        """An earlier or a later line that begins as this one does before what is selected."""
        value = self._input.value
        begun = value[: min(self._input.selection)]
        self._set(self._recall.step(by, value, lambda line: line.startswith(begun)))

    def action_look_for(self) -> None:
        """An earlier line that contains what is typed."""
        value = self._input.value
        if not value.strip():
            hint = said("type a part of an earlier line first, then ctrl+r finds it")
            self._say(self._told(hint), None, "")
            return
        self._set(self._recall.step(-1, value, lambda line: value in line))

    def action_complete(self, by: int) -> None:
        """Lengthen the word before the cursor as far as it can only mean one thing.

        Where it may mean several, they are shown; again, and each is offered in turn.
        """
        line = self._input.value
        if self._offer.words and self._offer.line == line:
            self._offer = self._offer.next(by)
            self._input.value = self._offer.line
            self._input.selection = Selection(*self._offer.added)
            self._say(self._offer.shown(2 * self.size.width), None, "")
            return
        at = self._input.cursor_position
        found = self._complete(line[:at])
        if not found.words:
            return
        begun = line[: found.start] + common_start(found.words)
        if len(begun) >= at:
            self._set(begun + line[at:])
            self._input.cursor_position = len(begun)
        if len(found.words) > 1:
            cursor = self._input.cursor_position
            value = self._input.value
            self._offer = Offer(value, value[: found.start], found.words, value[cursor:], cursor)
            self._say(self._offer.shown(2 * self.size.width), None, "")

    def on_line_input_shortened(self, event: LineInput.Shortened) -> None:
        """Say that not all is there."""
        said_so = said("the first of {count} lines that were pasted", count=event.lines)
        # The line itself tells that it has changed after this message, and takes back what is said.
        self.call_after_refresh(self._say, self._told(said_so), None, "")

    @property
    def _statement(self) -> Static:
        return self.query_one("#complaint", Static)

    @property
    def _input(self) -> LineInput:
        return self.query_one(LineInput)

    def _set(self, line: str) -> None:
        self._input.value = line
        self._input.cursor_position = len(line)
