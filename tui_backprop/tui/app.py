"""The application: what holds for all screens. Which of them is up says `opening`."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import constants
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said
from tui_backprop.render.text.charset import ascii_text
from tui_backprop.tui.asking.console import History
from tui_backprop.tui.colours import css_variables, offer_themes
from tui_backprop.tui.keymap import Keymap, load_keymap
from tui_backprop.tui.opening import OpeningApp
from tui_backprop.tui.options import Options, is_animated
from tui_backprop.tui.runtime.algebra import load_algebra
from tui_backprop.tui.runtime.faults import Faults, Guard
from tui_backprop.tui.runtime.key_queue import KeyQueue
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Provider
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.events import Event
    from textual.notifications import Notify
    from textual.widget import Widget

    from tui_backprop.api import Scenario
    from tui_backprop.debug.replay.script import Script
    from tui_backprop.tui.line_pane import LinePane
    from tui_backprop.tui.notes.teller import Teller
    from tui_backprop.tui.view_model import ViewModel


_CRAMPED: Final = (20, 8)
"""Columns and lines below which Textual's own lists may fail to be laid out; nothing is to be seen
there that a person could miss."""
_SHOWN: Final = 15.0
"""Seconds: what went wrong takes longer to read than what cannot be done."""


def _provider() -> type[Provider]:
    from tui_backprop.tui.pages.palette import CommandProvider

    return CommandProvider


class DebuggerApp(OpeningApp):
    """The debugger in a terminal.

    Attributes:
        keymap: the keys in force.
        faults: errors of the program itself, each survived.
        fatal: the error for which there is no screen; None while there is one.
        signal: the number of the signal that ended the program; 0 for none.
    """

    TITLE = "tui-backprop"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", "To the shell", show=False, priority=True),
    ]
    COMMANDS: ClassVar = {_provider}

    class AlgebraLoaded(Message):
        """Formulas may be asked for."""

    def __init__(
        self,
        scenario: Scenario | None = None,
        options: Options | None = None,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._when_ready = when_ready
        options = options or Options()
        self.faults = Faults(options.faults)
        self.fatal: Exception | None = None
        self.signal = 0
        self._is_up = False
        self._guard = Guard(self.failed)
        super().__init__(options, is_new=scenario is None)
        if self.options.is_still or not is_animated():
            self.animation_level = "none"
        offer_themes(self, self.options.theme)
        self._guard.over(self)
        self._keys = KeyQueue(self, self._send, lambda: self._guard.at_work, self._catch_up)
        config = self.options.config
        self.keymap = Keymap() if config is None else load_keymap(config)
        self._scenario = scenario
        self._history = History(self.options.history)
        self._teller: Teller | None = None
        self.set_class(not self.options.color, "-plain")
        if self.keymap.changed:
            self.set_keymap(self.keymap.changed)

    def action_command_palette(self) -> None:
        """The list of commands."""
        from tui_backprop.tui.pages.palette import command_palette
        from tui_backprop.tui.pages.sheets import PageScreen

        if self._light_up():
            return
        while isinstance(self.screen, PageScreen):  # it is about what lies below a page
            self.pop_screen()
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(command_palette(self.screen))

    def search_themes(self) -> None:
        """The list of themes, each with what it is for."""
        from tui_backprop.tui.pages.palette import theme_palette

        self.push_screen(theme_palette(self.screen))

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, with those that must be readable in place of its own."""
        return {**super().get_css_variables(), **css_variables(self.theme)}

    def get_default_screen(self) -> Screen[None]:
        """The debugger itself where there is a scenario: a screen less to lay out."""
        if self._scenario is None:
            return Screen()
        view_model = self._view_model(self._scenario, self._language)
        return self._debugger(view_model, self.options.replay)

    def on_mount(self) -> None:
        """Without a scenario, let one be picked."""
        if self._scenario is None:
            self.open("")

    def on_ready(self) -> None:
        """The first frame is on the screen: now there is time for the rest."""
        self._is_up = True
        self._when_ready()
        for problem in self.keymap.problems:
            self.notify(
                self._told(problem), title=self._told(said("configuration")), severity="warning",
                markup=False,
            )  # fmt: skip
        if isinstance(self.screen, DebugScreen):
            self._announce(self.screen)
            self.screen.console.carry_out_all(self.options.commands)
        if self.options.algebra:
            load_algebra(lambda: self.post_message(self.AlgebraLoaded()), self.options.language)

    async def on_debug_screen_presented(self) -> None:
        """Terminals of notes may follow from the first presentation on."""
        folder = self.options.runtime
        if self._teller is not None or folder is None:
            return
        from tui_backprop.tui.notes.presented import teller_on

        self._teller = teller_on(self._walk_on_top, self.failed)
        try:
            await self._teller.open(folder)
        except TuiBackpropError as error:
            self.notify(self._told(str(error)), severity="warning", markup=False)

    def on_unmount(self) -> None:
        """Nobody is told anything any more."""
        if self._teller is not None:
            self._teller.close()

    def _walk_on_top(self) -> DebugScreen | None:
        """The walk that is up, whatever lies over it."""
        screens = (s for s in reversed(self.screen_stack) if isinstance(s, DebugScreen))
        return next(screens, None)

    def _drawn(self) -> None:
        if self._teller is not None:
            self._teller.changed()

    def _announce(self, screen: DebugScreen) -> None:
        """Record the scenario that was opened first, if that was asked, and say what is to know."""
        recording = self.options.recording
        if recording is not None:
            recording.when_lost = screen.warn
            recording.listen(screen.view_model.session)
        for notice in self.options.notices:
            screen.warn(notice)

    def notify(self, message: str, **how: Any) -> None:
        """Say something in a corner; a plain terminal gets ASCII, whatever was typed."""
        message = ascii_text(message) if self._charset.is_ascii else message
        if isinstance(self.screen, DebugScreen):
            from tui_backprop.tui.toasts import placed

            message = placed(self.screen, message)
        super().notify(message, **how)

    def on_notify(self, event: Notify) -> None:
        """What stands there already is said again in its own place, not once more below it."""
        new = event.notification
        for old in list(self._notifications):
            if (old.message, old.title, old.severity) == (new.message, new.title, new.severity):
                self._unnotify(old, refresh=False)

    def get_driver_class(self) -> type[Driver]:
        """The driver between the app and the terminal."""
        if constants.DRIVER is not None or sys.platform == "win32":
            return super().get_driver_class()
        from tui_backprop.tui.runtime.terminal import TerminalDriver

        return TerminalDriver

    def _register_child(
        self, parent: DOMNode, child: Widget, before: int | None, after: int | None
    ) -> None:
        self._guard.over(child)
        if self.options.is_still and hasattr(child, "cursor_blink"):
            child.cursor_blink = False
        super()._register_child(parent, child, before, after)

    async def on_event(self, event: Event) -> None:
        """Keys, and what is pasted, wait until what came before them is done."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._keys.take(event)
        else:
            await super().on_event(event)

    async def _send(self, event: Event) -> None:
        try:
            await super().on_event(event)
        except Exception as error:  # noqa: BLE001 - the keys behind this one must come through
            self.failed(error, "a key")

    def _catch_up(self) -> None:
        for screen in self.screen_stack[-1:]:
            if isinstance(screen, DebugScreen):
                screen.catch_up()

    def _handle_exception(self, error: Exception) -> None:
        """Textual asks: an error that no handler of ours has met."""
        self.failed(error, "the screen")

    def on_line_pane_failed(self, event: LinePane.Failed) -> None:
        """A pane could not be drawn; it says so itself, in its place."""
        self.failed(event.error, event.pane, is_shown=True)

    def failed(self, error: Exception, doing: str, *, is_shown: bool = False) -> str:
        """Survive an error: say it once, unless it is shown already, and keep it for a report."""
        if self._has_no_room_for(error):
            return str(error)
        if not self._is_up:
            self._end_with(error)
            return str(error)
        if isinstance(error, TuiBackpropError):
            self.notify(self._told(str(error)), severity="warning", markup=False)
            return str(error)
        fault = self.faults.note(error, doing)
        screen = self._walk_on_top()
        sentence = fault.sentence
        if screen is not None:
            sentence = screen.view_model.spoken.retold(sentence)
            if fault.is_new:
                screen.view_model.log.failed(sentence, fault.report)
        if fault.is_new and not is_shown:
            with suppress(Exception):  # it is kept; more cannot be done
                self.notify(sentence, severity="error", timeout=_SHOWN, markup=False)
        return sentence

    def _has_no_room_for(self, error: Exception) -> bool:
        """Whether Textual could not lay out a list of its own in a terminal of a few cells."""
        is_cramped = self.size.width < _CRAMPED[0] or self.size.height < _CRAMPED[1]
        names = [frame.filename for frame in extract_tb(error.__traceback__)]
        last = PurePath(names[-1]) if names else PurePath()
        is_theirs = not {"textual", "rich"}.isdisjoint(last.parts)
        return is_theirs and (is_cramped or last.name == "_option_list.py")

    def _end_with(self, error: Exception) -> None:
        """Without a first screen there is nothing to stand."""
        if self.fatal is None:
            self.fatal = error
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl-C: give up what is under way; where nothing is, say which key ends the program."""
        if self._light_up():
            return
        if isinstance(self.screen, DebugScreen) and self.screen.console.background.is_running:
            self.screen.console.give_up()
            return
        text = said("{key} ends the program", key=self.keymap.keys["quit"][0])
        if not any(isinstance(screen, DebugScreen) for screen in self.screen_stack):
            text = said("{key} ends the program", key="escape")
        self.notify(self._told(text), markup=False)

    def _light_up(self) -> bool:
        """Bring back what a blank screen hides; whether there was one: keys of ours do so too."""
        from tui_backprop.tui.pages.blank import BlankScreen

        is_blank = isinstance(self.screen, BlankScreen)
        if is_blank:
            self.pop_screen()
        return is_blank

    def leave(self, number: int) -> None:
        """End because of a signal; from any thread, and from its handler."""
        self.signal = self.signal or number
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.exit)

    def on_debugger_app_algebra_loaded(self) -> None:
        """From now on the step pane shows formulas."""
        self._is_algebra_loaded = True
        for screen in self.screen_stack:
            if isinstance(screen, DebugScreen):
                screen.view_model.symbolic = True
                screen.mark()

    def _debugger(self, view_model: ViewModel, script: Script | None = None) -> DebugScreen:
        screen = DebugScreen(view_model, self.keymap.keys, self.size, self._history, script)
        screen.failed = partial(self.failed, is_shown=True)
        screen.progress = self.options.progress
        screen.when_drawn = self._drawn
        screen.is_hurried = lambda: self._keys.is_behind
        screen.is_served = self.options.is_served
        return screen
