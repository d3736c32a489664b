"""From a scenario to a running screen.

How often the screen is painted, and when Python collects garbage, is decided before Textual is
imported.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tui_backprop.api import Scenario
    from tui_backprop.tui.app import DebuggerApp
    from tui_backprop.tui.options import Options


def run(
    scenario: Scenario | None,
    options: Options,
    importing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> int:
    """Show the debugger until the person leaves; without a scenario, let one be picked.

    Textual is imported within ``importing()``. It returns the exit status; where a signal ended
    it, the signal's number below 0.

    Raises:
        Exception: there is no screen, because of that.
    """
    os.environ.setdefault("TEXTUAL_FPS", "120")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if not options.color:
        os.environ["NO_COLOR"] = "1"
    if not _is_utf8():
        options = replace(options, ascii=True)
    # Importing and the first frame make much and drop little: the collector would find nothing.
    gc.disable()
    try:
        with importing():
            from tui_backprop.tui.app import DebuggerApp

        app = DebuggerApp(scenario, options, _collect_again)
        with _left_in_order(app):
            app.run()
    finally:
        gc.enable()
    if app.signal:
        return -app.signal
    if app.fatal is not None:
        raise app.fatal
    return app.return_code or 0


def _left_in_order(app: DebuggerApp) -> AbstractContextManager[None]:
    """While the screen is up, a signal ends it before it ends the program."""
    if sys.platform == "win32":
        return nullcontext()
    from tui_backprop.tui.runtime.terminal import left_in_order

    return left_in_order(app)


def _is_utf8() -> bool:
    """Whether the terminal was said to understand more than ASCII."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _collect_again() -> None:
    """What start-up made stays; the collector need not look at it again and again."""
    gc.freeze()
    gc.enable()
