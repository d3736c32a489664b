"""The app without anybody who looks: on a terminal that is a list of what was written to it."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Size

from tui_backprop.api import Scenario
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said
from tui_backprop.render.formulas.symbolic import prepare
from tui_backprop.timeline.trace import Trace
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.colours import known_theme
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from textual.app import App
    from textual.pilot import Pilot

    from tui_backprop.debug.replay.script import Script
    from tui_backprop.exports.subject import Subject

_SIZE: Final = re.compile(r"(\d{1,4})[x×](\d{1,4})", re.ASCII)
_USUAL: Final = (100, 30)
_LEAST, _MOST = (20, 8), (500, 200)
"""Columns and lines below which nothing is to be seen, and beyond which no terminal is."""
_MOMENT: Final = 0.004
"""Seconds between two looks whether all is drawn."""
_STILL: Final = 2
"""Looks in a row that must find nothing new."""


def size_of(options: Mapping[str, Any]) -> tuple[int, int]:
    """Columns and lines that are asked for.

    Raises:
        TuiBackpropError: they are none.
    """
    asked = options.get("size")
    if asked is None:
        return _USUAL
    found = _SIZE.fullmatch(asked)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(low <= n <= high for low, n, high in zip(_LEAST, size, _MOST, strict=True)):
        raise TuiBackpropError(
            said(
                "a size is columns and lines, from {least} to {most}; found '{found}'",
                least="x".join(map(str, _LEAST)), most="x".join(map(str, _MOST)), found=asked,
            )
        )  # fmt: skip
    return size


class UnseenApp(DebuggerApp):
    """The debugger as in a terminal, at the first step of a walk.

    Attributes:
        written: what the terminal was given since somebody took it.
    """

    def __init__(self, scenario: Scenario, options: Options) -> None:
        self.written: list[str] = []
        with _as_in_a_terminal(is_colored=options.color):
            super().__init__(scenario, options)

    def get_driver_class(self) -> type[Driver]:
        """A driver that no terminal is behind."""
        return _Driver

    @property
    def walk(self) -> DebugScreen:
        """The screen of the walk."""
        found = self.screen
        if not isinstance(found, DebugScreen):
            raise AssertionError("nobody opens a page here")
        return found

    async def settle(self, pilot: Pilot[object]) -> None:
        """Wait until all is done, drawn and written."""
        still = 0
        before = -1
        while still < _STILL:
            await pilot.pause(_MOMENT)
            is_still = before == len(self.written) and not self.walk.is_busy
            still = still + 1 if is_still and self.walk.is_drawn else 0
            before = len(self.written)


def show(
    subject: Subject,
    act: Callable[[UnseenApp, Pilot[object]], Awaitable[None]],
    script: Script | None = None,
) -> None:
    """Run the app on a walk, and do something in it.

    Args:
        subject: whose walk; size and theme are among its options.
        act: is called when the first frame is there, formulas and all.
        script: of a replay, to be played.

    Raises:
        TuiBackpropError: there is no such size or theme.
        RuntimeError: an error of the program itself was survived: what is shown is not what it
            should be.
    """
    size, theme, view = size_of(subject.options), subject.options.get("theme", ""), subject.view
    options = Options(
        ascii=view.charset.is_ascii,
        color=subject.color,
        theme=known_theme(theme) if theme else "",
        is_still=True,
        language=view.language,
        algebra=False,
        replay=script,
    )
    prepare()
    trace = subject.timeline.trace
    tried = trace if isinstance(trace, Trace) else None
    app = UnseenApp(Scenario(subject.model, tried=tried), options)

    async def begin(pilot: Pilot[object]) -> None:
        app.on_debugger_app_algebra_loaded()
        await app.settle(pilot)
        await act(app, pilot)
        app.exit()

    # `asyncio.run` would take Ctrl-C for a wish to cancel, which Textual takes for none.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(app.run_async(size=size, mouse=False, auto_pilot=begin))
    except BaseException:
        _end(loop)
        raise
    finally:
        loop.close()
    if app.fatal is not None:
        raise app.fatal
    for report in app.faults.reports:
        raise RuntimeError("\n".join(report))


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Let what is under way end in order: whatever is left of it would complain.

    An interrupt leaves the loop once more from each task that waits for the one it met.
    """
    loop.set_exception_handler(lambda _loop, _context: None)  # the task that has raised is known
    while tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        with suppress(KeyboardInterrupt):
            loop.run_until_complete(asyncio.wait(tasks))


class _Driver(Driver):
    """Gives what is written to the app, and types nothing."""

    def __init__(self, app: App[Any], **how: Any) -> None:
        super().__init__(app, **how)
        self._written = app.written if isinstance(app, UnseenApp) else []

    def write(self, data: str) -> None:
        self._written.append(data)

    def start_application_mode(self) -> None:
        """A clean screen without a cursor, of the size that was asked for."""
        self.write("\x1b[?25l\x1b[2J\x1b[H")
        size = Size(*(self._size or _USUAL))
        self._app.post_message(Resize(size, size))

    def disable_input(self) -> None:
        """There is none."""

    def stop_application_mode(self) -> None:
        """The screen stays as it is."""


@contextmanager
def _as_in_a_terminal(*, is_colored: bool) -> Iterator[None]:
    """While inside, the environment is that of a terminal with all colours, or with none."""
    before = dict(os.environ)
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ.pop("NO_COLOR", None)
    if not is_colored:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
