"""The list of shipped scenarios and replays, in groups, narrowed by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_backprop.language.catalogue import language_after, language_of
from tui_backprop.language.message import said
from tui_backprop.render.text.charset import ascii_text, shown_languages, told
from tui_backprop.render.text.spans import clip, pad
from tui_backprop.tui.asking.prompt import PRINTABLE
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.pages.entries import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.tui.pages.entries import Entry

_NAME = 26
_SOON = 0.001
"""Seconds in which a key that waits has its turn."""


_HINT: Final = said("type to search; enter opens; ? helps; escape goes back")
_NO_MATCH: Final = said("nothing matches: enter opens what is typed as a file")


class SearchInput(Input):
    """What is searched for; a question mark that begins nothing asks for help instead."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here."""
        return (character != "?" or bool(self.value)) and super().check_consume_key(key, character)


class Picker(BaseScreen):
    """Pick a scenario or a replay, or type the path of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("down", "move('cursor_down')", "Next", show=False, priority=True),
        Binding("up", "move('cursor_up')", "Previous", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Further down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Further up", show=False, priority=True),
        Binding("question_mark,f1", "help", "Help", show=False, priority=True),
    ]

    class Picked(Message):
        """A scenario or a replay was chosen: a file of the list, or what was typed."""

        def __init__(self, path: Path | str, *, is_first: bool = False) -> None:
            super().__init__()
            self.path = path
            self.is_first = is_first

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
        self.charset = charset
        self._language = language
        self._entries = entries()
        self._titles: dict[Path, str] = {}

    @property
    def language(self) -> str:
        """The one of the titles."""
        return self._language

    def told(self, text: str) -> str:
        """A sentence in the language of the titles."""
        return told(text, language_of(self._language), self.charset)

    @property
    def offers(self) -> Iterator[tuple[Path, str, str]]:
        """What may be picked: its path, its name, and its title."""
        for entry in self._entries:
            if not entry.is_first:
                yield entry.path, entry.name, self._titles.get(entry.path, "")

    def compose(self) -> ComposeResult:
        """A line to type in, and below it the scenarios that match."""
        yield SearchInput(placeholder=self.told(_HINT), restrict=PRINTABLE)
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
        entry = self._entries[int(event.option_id or 0)]
        self.post_message(self.Picked(entry.path, is_first=entry.is_first))

    def action_move(self, how: str) -> None:
        """Move the mark while the typing goes on."""
        options = self.query_one(OptionList)
        if options.size.height and options.size.width:  # else it has no lines to move over
            getattr(options, f"action_{how}")()

    def action_help(self) -> None:
        """What there is to pick, and how."""
        from tui_backprop.tui.pages.sheets import picker_sheet

        self.app.push_screen(picker_sheet(self.charset, self._language))

    def speak_next(self) -> None:
        """Say everything in the next language from now on."""
        self._language = language_after(self._language, shown_languages(self.charset))
        search = self.query_one(SearchInput)
        search.placeholder = self.told(_HINT)
        self._titles.clear()
        self._list(search.value)
        self._read_title()

    def action_close(self) -> None:
        """Nothing picked; while one is being opened, or something is typed, go on picking."""
        if self._stay():
            return
        search = self.query_one(SearchInput)
        if search.value:
            search.value = ""
        else:
            self.dismiss()

    def _list(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        words = typed.casefold().split()
        group = ""
        for number, entry in enumerate(self._entries):
            text = self._text(entry)
            if words and (entry.is_first or not all(w in text.casefold() for w in words)):
                continue
            if entry.group != group:
                group = entry.group
                options.add_option(Option(self._heading(group), disabled=True))
            options.add_option(Option(Content(f"  {text}"), id=str(number)))
        if options.option_count:
            options.highlighted = 1
        else:
            options.add_option(Option(Content(self.told(_NO_MATCH)), disabled=True))

    def _heading(self, group: str) -> Content:
        text = self.told(group)
        return Content.styled(ascii_text(text) if self.charset.is_ascii else text, "bold")

    def _text(self, entry: Entry) -> str:
        name = pad(clip(entry.name, _NAME, self.charset.ellipsis), _NAME)
        text = f"{name}  {self._titles.get(entry.path, '')}"
        return ascii_text(text) if self.charset.is_ascii else text

    def _read_title(self) -> None:
        """Read one more scenario; the next one when there is time."""
        unread = next((e for e in self._entries if e.path not in self._titles), None)
        if unread is None or not self.is_attached:
            return
        self._titles[unread.path] = unread.title(self._language)
        options = self.query_one(OptionList)
        if options.highlighted is None:  # perhaps the title has what is searched for
            self._list(self.query_one(SearchInput).value)
        listed = {option.id for option in options.options}
        for number, entry in enumerate(self._entries):
            if entry.path == unread.path and str(number) in listed:
                options.replace_option_prompt(str(number), Content(f"  {self._text(entry)}"))
        self.set_timer(_SOON, self._read_title)
