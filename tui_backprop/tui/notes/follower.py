"""The terminal of a speaker: it listens to the app that presents, and shows what it tells."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App
from textual.binding import Binding, BindingType

from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_after, language_of
from tui_backprop.language.message import said
from tui_backprop.render.speaker import SpeakerState, speaker_content
from tui_backprop.render.text.charset import ASCII, UNICODE, shown_languages, told
from tui_backprop.tui.colours import css_variables, offer_themes
from tui_backprop.tui.line_pane import BaseScreen, LinePane
from tui_backprop.tui.notes.channel import presented, runtime_folder
from tui_backprop.tui.notes.wire import LONGEST_LINE, from_line
from tui_backprop.tui.style_sheets import first_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from tui_backprop.render.text.spans import Content
    from tui_backprop.tui.options import Options

_AGAIN: Final = 0.5
"""Seconds between two looks whether somebody presents."""
_NOBODY: Final = said(
    "Nobody presents: 'tui-backprop present SCENARIO' in another terminal does, or 'present' in a "
    "debugger that is open. This terminal follows as soon as somebody does; q ends it."
)
_OVER: Final = said("The presentation is over; this terminal follows the next one. q ends it.")


class SpeakerPane(LinePane):
    """The notes."""

    def __init__(self, state: SpeakerState) -> None:
        super().__init__(state.charset, id="notes")
        self.state = state

    def make(self, width: int, height: int) -> Content:
        """What is to be said, and the time."""
        return speaker_content(self.state, width, height)


class NotesScreen(BaseScreen):
    """The notes alone; they can be scrolled."""

    def __init__(self, pane: SpeakerPane) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """The pane."""
        yield self._pane

    def on_mount(self) -> None:
        """The page keys scroll at once."""
        self._pane.focus()


class NotesApp(App[None]):
    """Follows the app that presents, and the next one when that is gone.

    Attributes:
        state: what is shown.
    """

    TITLE = "tui-backprop notes"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape,ctrl+c", "quit", "Leave", show=False, priority=True),
        Binding("l", "speak", "Another language", show=False),
    ]

    def __init__(self, options: Options, wanted: str = "", folder: Path | None = None) -> None:
        """Follow nobody yet.

        Args:
            options: how it looks.
            wanted: the name of a scenario, to follow no presentation of another; may be empty.
            folder: of the socket; None for the user's own.
        """
        super().__init__(
            css_path=[*first_sheets(options)], ansi_color=None if options.color else True
        )
        self.animation_level = "none"
        offer_themes(self, options.theme)
        self.set_class(not options.color, "-plain")
        charset = ASCII if options.ascii else UNICODE
        code = options.language if options.language in shown_languages(charset) else "en"
        self._options, self._wanted = options, wanted
        self._folder = folder or runtime_folder()
        self._heard_at = monotonic()
        self._elapsed = 0.0
        self.state = SpeakerState(None, "", 0.0, code, charset)
        self._status = _NOBODY
        self._pane = SpeakerPane(self.state)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, with those that must be readable in place of its own."""
        return {**super().get_css_variables(), **css_variables(self.theme)}

    def get_default_screen(self) -> NotesScreen:
        """The notes."""
        return NotesScreen(self._pane)

    def on_mount(self) -> None:
        """Look for somebody, and let the clock go."""
        self._show()
        self.run_worker(self._follow(), exit_on_error=False)
        if not self._options.is_still:
            self.set_interval(1.0, self._tick)

    def action_speak(self) -> None:
        """The next language."""
        now = self.state.language
        self.state = replace(
            self.state, language=language_after(now, shown_languages(self.state.charset))
        )
        self._show()

    def _tick(self) -> None:
        if self.state.facts is not None and not self._status:
            elapsed = self._elapsed + monotonic() - self._heard_at
            self.state = replace(self.state, elapsed=elapsed)
            self._show()

    def _show(self, status: str | None = None) -> None:
        if status is not None:
            self._status = status
        shown = told(self._status, language_of(self.state.language), self.state.charset)
        self.state = self._pane.state = replace(self.state, status=shown)
        self._pane.redraw()

    async def _follow(self) -> None:
        while True:
            try:
                path = presented(self._folder)
                if path is not None:
                    await self._listen(path)
            except TuiBackpropError as error:
                self._show(str(error))
            await asyncio.sleep(_AGAIN)

    async def _listen(self, path: Path) -> None:
        """Show what arrives until it ends.

        Raises:
            WireError: something else than facts arrived; it is not listened to any more.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(str(path), limit=LONGEST_LINE)
        except OSError:
            return  # left behind by an app that was killed, or by one that comes
        try:
            while line := await _line(reader):
                self._hear(line)
                await asyncio.sleep(0)  # keys come through, however much is sent
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        self._show(_OVER if self.state.facts is not None else _NOBODY)

    def _hear(self, line: bytes) -> None:
        facts = from_line(line)
        if self._wanted and facts.scenario != self._wanted:
            self.state = replace(self.state, facts=None)
            other = said("'{name}' is presented, and these are to be the notes of '{wanted}'",
                         name=facts.scenario, wanted=self._wanted)  # fmt: skip
            self._show(other)
            return
        self.state, self._status = self.state.heard(facts), ""
        self._heard_at, self._elapsed = monotonic(), facts.elapsed
        self._show()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next whole line; empty at the end, also where that cuts one short."""
    try:
        line = await reader.readline()
    except (OSError, ValueError):  # ValueError: longer than a line may be
        return b""
    return line if line.endswith(b"\n") else b""
