"""The first steps of somebody who has never seen the program: three of them, told under the walk.

Each is told until the person has done it. Then it goes away, and does not come back.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import TuiBackpropError
from tui_backprop.files import write_whole
from tui_backprop.language.message import about, said
from tui_backprop.render.text.spans import Span, lines_of, wrap
from tui_backprop.timeline.frame import Phase
from tui_backprop.tui.line_pane import LinePane
from tui_backprop.tui.style_sheets import read_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.render.text.spans import Content
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.tui.screen import DebugScreen
    from tui_backprop.tui.view_model import ViewModel

STEPS: Final = (
    said(
        "1 of 3: {step} puts one more node into the graph, with its value. Press it until the "
        "program is built.", step=""
    ),
    said(
        "2 of 3: the values are there; now back. {step} places v, the vector of backward(v), on "
        "the last one.", step=""
    ),
    said(
        "3 of 3: {step} takes one partial, times v, and adds it to the gradient of what was read. "
        "{back} takes it back.", step="", back=""
    ),
    said(
        "That is all: the rest is more of these. {word} says what v is, {help} explains every key, "
        "escape puts this away.", word="", help=""
    ),
)  # fmt: skip
"""What is to be pressed next, one after the other."""

FORWARD_STEPS: Final = (
    STEPS[0],
    said(
        "2 of 3: the values are there. {step} places t, a tangent, on an input: how fast it moves.",
        step=""
    ),
    said(
        "3 of 3: {step} takes one partial, times t, and adds it to the tangent of what reads it. "
        "{back} takes it back.", step="", back=""
    ),
    said(
        "That is all: the rest is more of these. {word} says what forward mode is, {help} explains "
        "every key, escape puts this away.", word="", help=""
    ),
)  # fmt: skip
"""Likewise in a forward walk."""

_WORD: Final = ":help v"
_FORWARD_WORD: Final = ":help JVP"
_RULES: Final = Path(__file__).with_name("guide.tcss")
_OFTEN: Final = 0.1
"""Seconds between two looks at where the person is: no key has to wait for that."""


def stage_of(frame: Frame) -> int:
    """How many of the steps somebody has done who stands at a frame."""
    if frame.phase is Phase.BUILD:
        return int(frame.built == len(frame.timeline.nodes))
    return 2 if frame.phase is Phase.SEED else 3


class Guide(LinePane, can_focus=False):
    """The bar that tells them.

    Attributes:
        stage: how many of the steps are done.
    """

    def __init__(
        self, view_model: ViewModel, keys: Mapping[str, tuple[str, ...]], marker: Path | None
    ) -> None:
        super().__init__(view_model.charset, id="guide")
        self.stage = 0
        self._view_model = view_model
        self._keys = keys
        self._marker = marker
        self._language = view_model.language

    def on_mount(self) -> None:
        """Look where the person is."""
        self.set_interval(_OFTEN, self.look)

    def look(self) -> None:
        """Tell the next step as soon as this one is done."""
        if len(self.app.screen_stack) > 1 and self.app.screen is not self.screen:
            if self.stage == len(STEPS) - 1:
                self.close()  # help, or another page: the person has found the way on
            return
        now = max(self.stage, stage_of(self._view_model.session.frame))
        language = self._view_model.language
        if (now, language) != (self.stage, self._language):
            self.stage, self._language = now, language
            self.redraw()

    def close(self) -> None:
        """Put it away for good."""
        if not self.is_attached:
            return
        if self._marker is not None:
            with suppress(TuiBackpropError, OSError):
                self._marker.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self._marker, b"")
        self.remove()

    def make(self, width: int, height: int) -> Content:
        """What is to be pressed next."""
        spoken = self._view_model.spoken
        names = {"step": "step", "back": "reverse-step", "help": "help"}
        keys = {word: self._keys[name][0] for word, name in names.items() if self._keys[name]}
        is_forward = self._view_model.session.timeline.is_forward
        said_now = (FORWARD_STEPS if is_forward else STEPS)[self.stage]
        word = _FORWARD_WORD if is_forward else _WORD
        told = spoken.retold(
            about(said_now, **{"step": "", "back": "", "help": "", "word": word, **keys})
        )
        lines = wrap(told, width)[:height]
        return lines_of(
            tuple((Span(line, "marker"),) for line in lines),
            title=spoken.retold(said("first steps")),
        )


def begin(screen: DebugScreen, marker: Path | None) -> None:
    """Show the guide under a walk, where nobody has been guided before.

    Args:
        screen: of the walk, which may not be up yet.
        marker: the file that says so; None where nobody keeps that.
    """
    if _is_new(marker):
        screen.call_after_refresh(_show, screen, Guide(screen.view_model, screen.keys, marker))


def _show(screen: DebugScreen, guide: Guide) -> None:
    screen.put_away = guide.close
    read_once(screen.app, _RULES)
    screen.mount(guide, before=0)  # what is docked takes its room before the panes


def _is_new(marker: Path | None) -> bool:
    try:
        return marker is None or not marker.exists()
    except OSError:
        return False
