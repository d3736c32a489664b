"""Screens of text to read and close: help, the problems of a file, the log.

Help is made from the commands, so it can leave none out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from textual.binding import Binding

from tui_backprop.debug.commands import COMMANDS
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import said
from tui_backprop.render.text.charset import told
from tui_backprop.render.text.spans import Span, clip, lines_of, pad, printable, width, wrap
from tui_backprop.tui.asking.log_pane import LogPane
from tui_backprop.tui.commands import VIEW_COMMANDS
from tui_backprop.tui.line_pane import BaseScreen, LinePane
from tui_backprop.tui.pages.legend import legend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.debug.log import Log, LogLine
    from tui_backprop.errors import TuiBackpropError
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.tui.commands import AnyCommand
    from tui_backprop.tui.desk import Desk
    from tui_backprop.tui.pages.legend import Mark


Writer: TypeAlias = "Callable[[int], Sequence[Line]]"
"""Gives the lines for a width."""


class Page(LinePane):
    """A text as long as it likes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "pan(0, -1)", "Up", show=False),
        Binding("down,j", "pan(0, 1)", "Down", show=False),
        Binding("left,h", "pan(-4, 0)", "Left", show=False),
        Binding("right,l", "pan(4, 0)", "Right", show=False),
        Binding("space", "page(1)", "Page down", show=False),
        Binding("home,g", "page(-1000000)", "To the start", show=False),
        Binding("end,G", "page(1000000)", "To the end", show=False),
    ]

    def __init__(self, title: str, write: Writer, charset: Charset) -> None:
        super().__init__(charset, title, id="page")
        self._write = write

    def make(self, width: int, height: int) -> Content:
        """The whole text, broken for the width."""
        del height
        return lines_of(self._write(width))


class PageScreen(BaseScreen):
    """A page alone, and how it is closed: also by a command line, where one can be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon", "ask('')", "Type a command", show=False, id="command"),
        Binding("slash", "ask('search ')", "Search", show=False, id="search"),
    ]

    def __init__(self, page: LinePane, ask: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self._page = page
        self._ask = ask

    def compose(self) -> ComposeResult:
        """The page alone."""
        yield self._page

    def on_mount(self) -> None:
        """The arrows scroll, or choose, at once."""
        self._page.focus()

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def action_ask(self, line: str) -> None:
        """Back, and into a command line: what is typed then is typed there."""
        if self._ask is not None:
            self.dismiss()
            self._ask(line)


class Sheet(PageScreen):
    """A text and the keys that close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "close", "Close", show=False)
    ]

    def __init__(
        self,
        title: str,
        write: Writer,
        charset: Charset,
        ask: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(Page(title, write, charset), ask)


class BrokenSheet(Sheet):
    """What is wrong with the file of the walk below, and the key that loads it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", "Load again", show=False, id="reload"),
    ]

    def __init__(self, file: Path, error: TuiBackpropError, desk: Desk) -> None:
        spoken, charset = desk.view_model.spoken, desk.view_model.charset
        keys = desk.keys["reload"]

        def title(name: str) -> str:
            if not keys:
                return told(said("{file}: escape closes", file=name), spoken, charset)
            sentence = said("{file}: escape closes, {key} loads it again", file=name, key=keys[0])
            return told(sentence, spoken, charset)

        titles = (title(printable(name)) for name in (str(file), file.name))
        problem = _problem(spoken.retold(str(error)))
        super().__init__("\n".join(titles), problem, charset, desk.ask)
        self._desk = desk

    def action_reload(self) -> None:
        """Back to the walk, and there as this key does; where the file is still wrong, here."""
        self.dismiss()
        self._desk.carry_out("reload")


def problem_sheet(title: str, message: str, charset: Charset) -> Sheet:
    """What is wrong with a scenario that was to be opened."""
    return Sheet(title, _problem(message), charset)


def _problem(message: str) -> Writer:
    """What is wrong, as the command line would say it: a caret keeps its place."""
    lines = [printable(line) for line in message.splitlines()]

    def written(cells: int) -> list[Line]:
        """Broken where they are too long, but for what a caret stands under."""
        found: list[Line] = []
        for line, below in zip(lines, [*lines[1:], ""], strict=True):
            is_code = any(text.strip() and set(text) <= {" ", "^"} for text in (line, below))
            found += [(Span(text),) for text in ([line] if is_code else wrap(line, max(2, cells)))]
        return found

    return written


_HELP_TITLE: Final = said("help: escape closes")
LOG_TITLE: Final = said("log: enter goes to the step of a line, escape closes")
_PICKING: Final = (
    said("Type a part of a name or of a title; enter opens what is marked."),
    said("The arrows move the mark, page up and page down too."),
    said("Escape clears what is typed; where nothing is, it goes back."),
    said("A scenario is a small program with its numbers: you walk through its gradients."),
    said("A replay is such a walk that is told: space plays it, > goes on by a line."),
    said("Where nothing matches, enter opens what is typed: the path of a file of yours."),
    said("In a walk, ? lists every key, and ':help v' says what v is."),
)


def picker_sheet(charset: Charset, language: str) -> Sheet:
    """What there is to pick, and how."""
    spoken = language_of(language)
    title = told(_HELP_TITLE, spoken, charset)
    sentences = [told(sentence, spoken, charset) for sentence in _PICKING]
    return Sheet(title, lambda cells: [
        (Span(line),) for text in sentences for line in (*wrap(text, cells), "")
    ], charset)  # fmt: skip


class LogPage(LogPane):
    """All lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "choose_page(-1)", "Page up", show=False),
        Binding("pagedown,space", "choose_page(1)", "Page down", show=False),
        Binding("home,g", "choose(-1000000)", "To the start", show=False),
        Binding("end,G", "choose(1000000)", "To the end", show=False),
    ]

    def __init__(self, log: Log, charset: Charset, title: str) -> None:
        super().__init__(charset, title, id="log")
        self._log = log
        self.show_latest()

    @property
    def lines(self) -> Sequence[LogLine]:
        """Of the log."""
        return self._log.lines

    @property
    def edition(self) -> int:
        """How many lines there ever were."""
        return self._log.added

    def show_latest(self) -> None:
        """Choose the first line of the last answer that leads anywhere, and show all of it."""
        count = len(self.lines)
        self.choose_in(range(count - self._log.latest, count))

    def action_choose_page(self, pages: int) -> None:
        """As many lines further as there are in sight."""
        self.action_choose(pages * max(1, self.content_size.height - 1))


class LogSheet(PageScreen):
    """The log and the keys that close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,L", "close", "Close", show=False),
    ]

    def __init__(
        self,
        log: Log,
        charset: Charset,
        title: str,
        go: Callable[[int], None],
        ask: Callable[[str], None],
    ) -> None:
        self.page = LogPage(log, charset, title)
        super().__init__(self.page, ask)
        self._go = go

    def on_line_pane_pointed(self, event: LinePane.Pointed) -> None:
        """Back to the panes, at the step."""
        event.stop()
        self.dismiss()
        self._go(event.step)


_KEYS: Final = 9
_NARROWEST: Final = 24
_SCROLLING: Final = (
    ("tab", said("the next pane; shift+tab the one before, a click any of them")),
    (
        "shift+left",
        said("scroll the pane that has the focus; so do page up, page down and the wheel"),
    ),
    ("ctrl+p", said("the palette: every command, found by typing")),
    ("ctrl+z", said("to the shell, where fg comes back")),
    (
        "escape",
        said("close this page, the command line, a pane over the whole screen; stop a search"),
    ),
    (
        said("click"),
        said(
            "a node, an entry of J or of a gradient, the timeline, a line: to its step; "
            "the number of a line: a breakpoint there, or none; a breakpoint: off, on"
        ),
    ),
)
_TYPING: Final = said(
    "Any command can be typed after ':', with a part of its name if no other begins so: "
    "':fin', ':goto 12', ':goto h', ':watch W.grad[0, 1]', ':set v = [1, 0, 0]'. "
    "There, as in programs, entries count from 0. tab completes a word, up brings back a line, "
    "an empty line repeats the last step or search, typed or by a key. "
    "An answer of more than a line opens beside the panes: page up and page down scroll it, enter "
    "goes to the step of the marked line, escape closes it. "
    "':help break' says all about a command, ':help v' what v is, with the numbers at hand; "
    "':help word' lists such words. A pane that has the focus puts its own word first here."
)

Row = tuple[str, str]


def help_sheet(
    keys: Mapping[str, tuple[str, ...]],
    charset: Charset,
    spoken: Language,
    first: Sequence[str] = (),
    pane: str = "",
    ask: Callable[[str], None] | None = None,
    *,
    is_forward: bool = False,
) -> Sheet:
    """The page on a screen of its own."""
    page = HelpPage(keys, charset, spoken, is_forward=is_forward)
    write = partial(page.lines, first=first, pane=pane)
    return Sheet(page.told(_HELP_TITLE), write, charset, ask)


class HelpPage:
    """How the screen is read, and every command with its keys.

    Args:
        keys: in force, by command name.
        charset: Unicode or ASCII.
        spoken: the language that it is written in.
        is_forward: whether the walk on the screen is a forward one.
    """

    def __init__(
        self,
        keys: Mapping[str, tuple[str, ...]],
        charset: Charset,
        spoken: Language = ENGLISH,
        *,
        is_forward: bool = False,
    ) -> None:
        self._is_forward = is_forward
        self._keys = keys
        self._charset = charset
        self._spoken = spoken

    def told(self, text: str) -> str:
        """A sentence in the language of the page."""
        return told(text, self._spoken, self._charset)

    def lines(self, cells: int, first: Sequence[str] = (), pane: str = "") -> list[Line]:
        """The whole page.

        Args:
            cells: how wide it is.
            first: sentences that come before everything else, the first of them as a heading.
            pane: that is looked at, whose marks are explained next; may be empty.
        """
        marks = legend(self._charset, is_forward=self._is_forward)
        lines = _paragraphs(first, cells)
        own = [mark for mark in marks if pane in mark.panes]
        if own:
            lines += self._section(said("The marks of this pane"), map(_meaning, own), cells)
        lines += self._section(said("How to read the screen"), map(_meaning, marks), cells)
        for group in dict.fromkeys(command.group for command in COMMANDS):
            rows = [self._row(c) for c in COMMANDS if c.group == group]
            lines += self._section(group, rows, cells)
        return [
            *lines,
            *self._section(said("The screen"), map(self._row, VIEW_COMMANDS), cells),
            *self._section(said("Moving about"), _SCROLLING, cells),
            (Span(self.told(said("Typing commands")), "title"),),
            *((Span(line),) for line in wrap(self.told(_TYPING), cells)),
        ]

    def _row(self, command: AnyCommand) -> Row:
        """``s right  step [COUNT]``, and what it does."""
        keys = f"{' '.join(self._keys.get(command.name, ())):<{_KEYS}} "
        return keys + self.told(command.usage), command.help

    def _section(self, title: str, told: Iterable[Row], cells: int) -> list[Line]:
        """A heading and a table, its right column broken under itself."""
        rows = [(self.told(key), self.told(text)) for key, text in told]
        left = min(max(width(key) for key, _ in rows), max(cells - _NARROWEST - 4, 2))
        right = max(cells - left - 4, 2)
        lines: list[Line] = [(Span(self.told(title), "title"),)]
        for key, text in rows:
            for n, part in enumerate(wrap(text, right)):
                lines.append(
                    (Span(f"  {pad(clip('' if n else key, left), left)}  ", "title"), Span(part))
                )
        return [*lines, ()]


def _paragraphs(sentences: Sequence[str], cells: int) -> list[Line]:
    """Each on lines of its own, and an empty line after them."""
    lines: list[Line] = [
        (Span(part, "" if number else "title"),)
        for number, sentence in enumerate(sentences)
        for part in wrap(printable(sentence), cells)
    ]
    return [*lines, ()] if lines else []


def _meaning(mark: Mark) -> Row:
    return mark.text, mark.meaning
