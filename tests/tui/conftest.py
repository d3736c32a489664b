"""Apps to press keys on, and their screens as text."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import pytest
import textual._wait
import textual.app
import textual.pilot
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.css.stylesheet import Stylesheet

import tui_backprop as tb
from tui_backprop.language.catalogue import languages
from tui_backprop.scenario.files import resolve
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.options import Options
from tui_backprop.tui.pages import entries
from tui_backprop.tui.runtime.background import SlicedWork
from tui_backprop.tui.screen import DebugScreen
from tui_backprop.tui.screenshot import picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion
    from textual.css.model import RuleSet
    from textual.pilot import Pilot
    from textual.widget import Widget

SMALL = (80, 24)
LARGE = (160, 48)
QUICK = Options(algebra=False)
UNDER_WAY = re.compile(r"searching: step [\d,]+")

WidgetType = TypeVar("WidgetType", bound="Widget")

# After each key Textual waits twice until a fiftieth of a second brings no work; that is most of
# the time that these tests take, and a two-hundredth tells as much: `Driver.settle` looks again.
textual._wait.SLEEP_GRANULARITY = 1 / 200
textual._wait.SLEEP_IDLE = 1 / 4000

_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _parsed_once(self: Stylesheet, css: str, *where: object, **how: object) -> list[RuleSet]:
    """The rules of a text of CSS: hundreds of apps would parse the same few texts."""
    key = (css, *where, *how.items(), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, *where, **how)  # type: ignore[arg-type]  # as given
    return _parsed[key]


Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign]  # see above


@cache
def _read(path: Path, _changed: int) -> tb.Scenario:
    return tb.load(path)


def load(path: str | Path) -> tb.Scenario:
    """A scenario, read once while its file stays as it is: the list reads all, for their titles."""
    found = resolve(path)
    return _read(found, found.stat().st_mtime_ns) if found.is_file() else tb.load(path)


setattr(entries, "load", load)  # noqa: B010 - mypy knows that it is imported there


class Driver:
    """An app on a terminal of its own, and what a test wants to know of it."""

    def __init__(self, app: DebuggerApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self.expected_faults: list[list[str]] = []

    def take_faults(self) -> list[str]:
        """What each error of the program itself came up in; from now on they are expected."""
        self.expected_faults = [list(report) for report in self.app.faults.reports]
        return [report[0] for report in self.app.faults.reports]

    async def press(self, *keys: str) -> None:
        """Press keys and wait until they are drawn."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Until nothing moves any more: a message may cause another, and that a new layout.

        A search that is under way does not count: what it has come to moves until its end.
        """
        before, now = "", " "
        while before != now:
            await self.pilot.pause(0.02)
            before, now = now, UNDER_WAY.sub("", self.text())

    async def shows(self, text: str) -> None:
        """Wait for a text that is found in the background, however busy the machine is."""
        for _ in range(200):
            if text in self.text():
                break
            await self.pilot.pause(0.05)
        await self.settle()

    async def write(self, text: str) -> None:
        """Type a text without the wait that `press` has for each key."""
        for character in text:
            self.app.simulate_key(character)
        for pump in (self.app, self.app.focused or self.app.screen):  # the way that they go
            arrived = asyncio.Event()
            if pump.call_later(arrived.set):
                with suppress(TimeoutError):  # one that closes answers nothing
                    await asyncio.wait_for(arrived.wait(), 2)
        await self.settle()

    async def speak(self, language: str) -> None:
        """Press the key of languages until it is this one."""
        for _ in languages():
            if self.screen.view_model.language != language:
                await self.press("l")
        assert self.screen.view_model.language == language

    @property
    def screen(self) -> DebugScreen:
        """The debugger's screen."""
        found = self.app.screen
        assert isinstance(found, DebugScreen)
        return found

    @property
    def session(self) -> tb.Session:
        """Its session."""
        return self.screen.view_model.session

    def find(self, kind: type[WidgetType]) -> WidgetType:
        """The one widget of a kind."""
        return self.app.screen.query_one(kind)

    def text(self) -> str:
        """The whole screen, a line per row."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    def picture(self) -> str:
        """The screen as SVG, as people save it."""
        return picture(self.app, "tui-backprop")

    def pane(self, name: str) -> str:
        """The cells of one pane, its border and title included."""
        widget = self.app.screen.query_one(f"#{name}")
        strips = widget.render_lines(widget.outer_size.region)
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@asynccontextmanager
async def running(
    scenario: tb.Scenario | str | Path | None = "vector-double",
    size: tuple[int, int] = SMALL,
    options: Options = QUICK,
) -> AsyncIterator[Driver]:
    """The debugger on a scenario, read or named; without one, as it starts with the list."""
    if scenario is not None and not isinstance(scenario, tb.Scenario):
        scenario = load(scenario)
    app = DebuggerApp(scenario, options)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        driver = Driver(app, pilot)
        yield driver
    # The screen survives errors of the program itself; a test must not.
    assert app.fatal is None, app.fatal
    assert [list(report) for report in app.faults.reports] == driver.expected_faults


@pytest.fixture
def run() -> Callable[..., AbstractAsyncContextManager[Driver]]:
    """`running`, for tests that want no import."""
    return running


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is to be given up leaves nearly all the time to the test.

    The pilot would wait after each key until the process does nothing: two seconds of searching.
    """

    async def a_moment(*_seconds: float) -> None:
        for _ in range(15):  # turns of the loop: on a busy machine no time would be long enough
            await asyncio.sleep(0.002)

    monkeypatch.setattr(SlicedWork.__init__, "__defaults__", (0.001,))
    for place in (textual.app, textual.pilot):
        monkeypatch.setattr(place, "wait_for_idle", a_moment)


class Svg(SingleFileSnapshotExtension):
    """A picture per test, for people to look at."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.fixture
def svg(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compares `Driver.picture` with the stored one."""
    return snapshot.use_extension(Svg)


def write_scenario(folder: Path, text: str, name: str = "a-scenario") -> Path:
    """A scenario file of one's own."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path
