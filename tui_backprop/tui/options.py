"""A person's choices from before the screen is there, named without importing Textual."""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.debug.replay.script import Script
    from tui_backprop.limits import Limits
    from tui_backprop.replays import Recording


_ANIMATIONS: Final = "TEXTUAL_ANIMATIONS"


def is_animated() -> bool:
    """Whether Textual's own animations were asked for: without that there are none."""
    return os.environ.get(_ANIMATIONS, "none").lower() != "none"


def is_stillness_asked() -> bool:
    """Whether the environment says that nothing may move."""
    return os.environ.get(_ANIMATIONS, "").lower() == "none"


SERVED: Final = "TUI_BACKPROP_SERVED"
"""In the environment of an app that is shown in a browser."""


def is_served() -> bool:
    """Whether the environment says that the screen is shown in a browser."""
    return bool(os.environ.get(SERVED))


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for one run.

    Attributes:
        ascii: whether every cell must be ASCII.
        color: False for a screen without colours.
        theme: one of the themes in `tui.colours`; empty for the default.
        is_still: whether nothing may move by itself, not even a cursor that blinks; the environment
            may say so.
        language: the code of one that there is.
        limits: what to refuse in scenarios that are opened.
        config: the person's configuration file; None for no file.
        algebra: whether SymPy is loaded after the first frame.
        history: the file of typed lines; None to keep none.
        faults: the file of errors of the program itself; None to write none.
        commands: lines to carry out when the first frame is there.
        recording: writes down what is carried out; None for nobody.
        replay: what is played in the scenario; None for nothing.
        guided: the file that says that somebody was guided here; None where nobody keeps that.
        progress: the file that keeps how many answers of quizzes were right; None to keep nothing.
        runtime: the folder of the socket for terminals of notes; None where nobody may
            follow.
        notices: what the person must know when the first frame is there.
        is_served: whether who sees the screen sits elsewhere, before a browser: what touches files
            is refused.
    """

    ascii: bool = False
    color: bool = True
    theme: str = ""
    is_still: bool = field(default_factory=is_stillness_asked)
    language: str = "en"
    limits: Limits = DEFAULT_LIMITS
    config: Path | None = None
    algebra: bool = True
    history: Path | None = None
    faults: Path | None = None
    commands: tuple[str, ...] = ()
    recording: Recording | None = None
    replay: Script | None = None
    guided: Path | None = None
    progress: Path | None = None
    runtime: Path | None = None
    notices: tuple[str, ...] = ()
    is_served: bool = False
