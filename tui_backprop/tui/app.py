"""The application: which screen is up, and what holds for all screens.

Another scenario is another screen.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath
from threading import Thread
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import constants
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen

from tui_backprop.api import load
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import NO_ANSWER, Answer, said
from tui_backprop.progress import Progress
from tui_backprop.render.formulas.symbolic import prepare
from tui_backprop.render.text.charset import ASCII, UNICODE, ascii_text, shown_languages, told
from tui_backprop.scenario.files import is_replay, unknown
from tui_backprop.tui.asking.console import History
from tui_backprop.tui.colours import css_variables, offer_themes
from tui_backprop.tui.keymap import Keymap, load_keymap
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.options import Options, is_animated
from tui_backprop.tui.runtime.background import SlicedWork
from tui_backprop.tui.runtime.faults import Faults, Guard
from tui_backprop.tui.runtime.key_queue import KeyQueue
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.style_sheets import REPLAY, first_sheets, read_once
from tui_backprop.tui.view_model import ViewModel

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
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.line_pane import LinePane
    from tui_backprop.tui.pages.picker import Picker
    from tui_backprop.tui.walking.reloading import Reloading


_CRAMPED: Final = (20, 8)
"""Columns and lines below which Textual's own lists may fail to be laid out; nothing is to be seen
there that a person could miss."""
_SHOWN: Final = 15.0
"""Seconds: what went wrong takes longer to read than what cannot be done."""


def _provider() -> type[Provider]:
    from tui_backprop.tui.pages.palette import CommandProvider

    return CommandProvider


class DebuggerApp(App[None]):
    """The debugger in a terminal.

    Attributes:
        options: what was chosen before the screen was there.
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
        self.options = options or Options()
        self.faults = Faults(self.options.faults)
        self.fatal: Exception | None = None
        self.signal = 0
        self._is_up = False
        self._guard = Guard(self.failed)
        super().__init__(
            css_path=[*first_sheets(self.options)],
            ansi_color=None if self.options.color else True,
        )
        if self.options.is_still or not is_animated():
            self.animation_level = "none"
        offer_themes(self, self.options.theme)
        self._guard.over(self)
        self._keys = KeyQueue(self, self._send, lambda: self._guard.at_work, self._catch_up)
        config = self.options.config
        self.keymap = Keymap() if config is None else load_keymap(config)
        self._scenario = scenario
        self._charset = ASCII if self.options.ascii else UNICODE
        is_shown = self.options.language in shown_languages(self._charset)
        self._language = self.options.language if is_shown else ENGLISH.code
        self._history = History(self.options.history)
        self._is_algebra_loaded = False
        self._is_guided, self._is_new = False, scenario is None
        self._opening = SlicedWork(self.set_timer)
        self.set_class(not self.options.color, "-plain")
        if self.keymap.changed:
            self.set_keymap(self.keymap.changed)

    def action_command_palette(self) -> None:
        """The list of commands."""
        from tui_backprop.tui.pages.palette import command_palette
        from tui_backprop.tui.pages.sheets import PageScreen

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
        if isinstance(self.screen, DebugScreen):
            from tui_backprop.tui.toasts import placed

            message = placed(self.screen, message)
        super().notify(ascii_text(message) if self._charset.is_ascii else message, **how)

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
        screen = next((s for s in self.screen_stack if isinstance(s, DebugScreen)), None)
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
        if isinstance(self.screen, DebugScreen) and self.screen.console.background.is_running:
            self.screen.console.give_up()
            return
        text = said("{key} ends the program", key=self.keymap.keys["quit"][0])
        if not any(isinstance(screen, DebugScreen) for screen in self.screen_stack):
            text = said("{key} ends the program", key="escape")
        self.notify(self._told(text), markup=False)

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

    def on_debug_screen_opened(self, event: DebugScreen.Opened) -> None:
        """A screen asks for another scenario."""
        self.open(event.scenario)

    def on_reloading_loaded(self, event: Reloading.Loaded) -> None:
        """The file of the scenario was read again: go on in what it says."""
        self._show(event.view_model, None)
        if isinstance(self.screen, DebugScreen):
            self.screen.console.answer("reload", event.answer)

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """A scenario was chosen from the list; the first of all by somebody new is guided."""
        self._is_guided = event.is_first and self._is_new
        self.open(event.path)

    def open(self, scenario: str | Path) -> None:
        """Show a scenario in place of the present one; without a name, the list of them."""
        if not scenario:
            from tui_backprop.tui.pages.picker import Picker

            picker = Picker(self._charset, self.language, self._stay)
            self.push_screen(picker, self._leave)
            return
        if complaint := "" if is_replay(scenario) else unknown(scenario):
            self._complain(scenario, TuiBackpropError(complaint))
            return
        progress = Progress()
        work = self._opened(scenario, progress)
        if isinstance(self.screen, DebugScreen):
            self.screen.console.give_up()
            self.screen.console.work(work, f"open {scenario}", lambda: None, progress)
        elif self._opening.begin(work, lambda _end: None, lambda: None) is None:
            text = said("opening {name}; escape stops", name=PurePath(scenario).name)
            self.notify(self._told(text), markup=False)

    def _stay(self) -> bool:
        """Give up what is being opened; false where nothing is."""
        was_opening = self._opening.is_running
        self._opening.give_up()
        return was_opening

    def _opened(self, scenario: str | Path, progress: Progress) -> Resumable[Answer]:
        """A scenario, behind a walk or the list: they stay in sight and can be stayed in."""
        from tui_backprop.debug.background import run_in_thread

        try:
            found, script = yield from run_in_thread(lambda: self._read(scenario), progress)
        except TuiBackpropError as error:
            self._complain(scenario, error)
        else:
            # Not before this is over: it gives up what is not.
            self.call_later(self._show, found, script)
        return NO_ANSWER

    def _read(self, scenario: str | Path) -> tuple[ViewModel, Script | None]:
        """A scenario, or a replay and the scenario that it walks."""
        if not is_replay(scenario):
            return self._view_model(load(scenario, self.options.limits), self.language), None
        from tui_backprop.replays import load_replay

        replay = load_replay(scenario, self.options.limits)
        return self._view_model(replay.scenario, self.language), replay.script

    def _complain(self, scenario: str | Path, error: TuiBackpropError) -> None:
        from tui_backprop.tui.pages.sheets import problem_sheet

        title = said("{name} cannot be opened: escape goes back", name=str(scenario))
        sheet = problem_sheet(self._told(title), self._told(str(error)), self._charset)
        self.push_screen(sheet)

    def _told(self, text: str) -> str:
        """A sentence in the language of the screen."""
        return told(text, language_of(self.language), self._charset)

    @property
    def language(self) -> str:
        """Of what is on top, and has one; before the first one that of the start."""
        screens = (s for s in reversed(self.screen_stack) if isinstance(s, BaseScreen))
        return next((s.language for s in screens if s.language), self._language)

    def _show(self, view_model: ViewModel, script: Script | None) -> None:
        """A scenario, with a replay where there is one, in place of the present one."""
        if script is not None:
            read_once(self, REPLAY)
        while len(self.screen_stack) > 1 and not isinstance(self.screen, DebugScreen):
            self.pop_screen()
        if isinstance(self.screen, DebugScreen):
            self.screen.switch_to(view_model, script)
            self._record_on(view_model.scenario, self.screen)
        else:
            self.push_screen(self._debugger(view_model, script))
        if self._is_guided and script is None and isinstance(self.screen, DebugScreen):
            from tui_backprop.tui.walking.guide import begin

            self._is_guided = self._is_new = False
            begin(self.screen, self.options.guided)

    def _record_on(self, scenario: Scenario, screen: DebugScreen) -> None:
        """A recording is of one scenario: another one gets a file of its own."""
        recording = self.options.recording
        if recording is None:
            return
        try:
            recording.follow(scenario, screen.view_model.session)
        except TuiBackpropError as error:
            screen.warn(str(error))
        else:
            screen.warn(screen.view_model.spoken.retold(
                said("this scenario is recorded in {path}", path=recording.path)
            ))  # fmt: skip

    def _leave(self, _: None) -> None:
        """The list was closed and nothing picked: with nothing behind it, the program ends."""
        if not isinstance(self.screen, DebugScreen):
            self.exit()

    def _debugger(self, view_model: ViewModel, script: Script | None = None) -> DebugScreen:
        screen = DebugScreen(view_model, self.keymap.keys, self.size, self._history, script)
        screen.failed = partial(self.failed, is_shown=True)
        screen.is_hurried = lambda: self._keys.is_behind
        return screen

    def _view_model(self, scenario: Scenario, language: str) -> ViewModel:
        view_model = ViewModel(scenario, self._charset, language)
        view_model.symbolic = self._is_algebra_loaded
        return view_model


_SWITCH: Final = 0.0005
"""Seconds after which the thread lets a key through; Python's default of 0.005 is felt."""


def load_algebra(then: Callable[[], object], language: str = "en") -> None:
    """Import SymPy in a thread of its own, then call ``then`` from it.

    Before that, read the catalogue of the language in which answers are told.

    The thread does not keep the program from leaving.
    """
    Thread(target=_load, args=(then, language), name="algebra", daemon=True).start()


def _load(then: Callable[[], object], language: str) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        language_of(language)
        prepare()
    finally:
        sys.setswitchinterval(before)
    then()
