"""An app that opens scenarios and replays, each in place of the one before, or a list of them.

What is opened is read behind what is in sight, which stays there until it can be shown.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from textual.app import App

from tui_backprop.api import load
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import NO_ANSWER, Answer, said
from tui_backprop.progress import Progress
from tui_backprop.render.text.charset import ASCII, UNICODE, shown_languages, told
from tui_backprop.scenario.files import is_replay, unknown
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.runtime.background import SlicedWork
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.style_sheets import REPLAY, first_sheets, read_once
from tui_backprop.tui.view_model import ViewModel

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.api import Scenario
    from tui_backprop.debug.replay.script import Script
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.options import Options
    from tui_backprop.tui.pages.picker import Picker
    from tui_backprop.tui.walking.reloading import Reloading


class OpeningApp(App[None]):
    """Knows what is open, in which language, and how another is opened.

    Attributes:
        options: what was chosen before the screen was there.
    """

    def __init__(self, options: Options, *, is_new: bool) -> None:
        """Open nothing yet.

        Args:
            options: as chosen.
            is_new: whether whoever picks the first of the list may be guided.
        """
        self.options = options
        super().__init__(
            css_path=[*first_sheets(options)],
            ansi_color=None if options.color else True,
        )
        self._charset = ASCII if options.ascii else UNICODE
        is_shown = options.language in shown_languages(self._charset)
        self._language = options.language if is_shown else ENGLISH.code
        self._is_algebra_loaded = False
        self._is_guided, self._is_new = False, is_new
        self._opening = SlicedWork(self.set_timer)

    def _debugger(self, view_model: ViewModel, script: Script | None = None) -> DebugScreen:
        """A screen for a walk."""
        raise NotImplementedError

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

    def _view_model(self, scenario: Scenario, language: str) -> ViewModel:
        view_model = ViewModel(scenario, self._charset, language)
        view_model.symbolic = self._is_algebra_loaded
        return view_model
