"""The screen: whatever is pressed, typed, clicked or resized, it stands and shows the session."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from textual.events import (
    MouseDown,
    MouseEvent,
    MouseMove,
    MouseScrollDown,
    MouseScrollUp,
    MouseUp,
)
from textual.events import Paste as Pasted

from tests.fuzz.effort import LIMITS, effort
from tests.fuzz.keys import HEIGHTS, WIDTHS, Click, Paste, Press, Resize, Scroll, Type, events
from tests.fuzz.scenarios import opened, valid_documents
from tests.fuzz.settings import configurations
from tests.tui.conftest import Driver
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.options import Options
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a key writes, it writes it there: a palette can keep pictures of the screen."""
    folder = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(folder)
    for name in ("HOME", "XDG_DOWNLOAD_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder))


# To find a smaller example takes minutes, and says little more.
@settings(effort(0.015), phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.data(), WIDTHS, HEIGHTS)
def test_no_key_takes_the_screen_down(data: st.DataObject, width: int, height: int) -> None:
    """In a terminal of any size, with any configuration, in either language."""
    text = data.draw(valid_documents(most=3))
    trace = opened(text).trace()
    Path("config.toml").write_bytes(data.draw(st.one_of(st.just(b""), configurations())))
    language = data.draw(st.sampled_from(["en", "zh"]))
    drawn = data.draw(st.lists(events(trace), min_size=1, max_size=12))
    options = Options(
        ascii=data.draw(st.booleans()), language=language, limits=LIMITS, algebra=False,
        config=Path("config.toml"), history=Path("history"),
    )  # fmt: skip
    app = DebuggerApp(opened(text) if data.draw(st.integers(0, 4)) else None, options)
    asyncio.run(carry_out(app, drawn, (width, height)))


async def carry_out(app: DebuggerApp, drawn: Sequence[object], size: tuple[int, int]) -> None:
    """One after the other; the app raises here what any of them raised in it."""
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await pilot.pause()
        for event in drawn:
            await happen(driver, pilot, event)
            if not app.is_running:
                return
            assert_shown(driver)
            assert not list(app.faults.reports), event


async def happen(driver: Driver, pilot: Pilot[None], event: object) -> None:
    """One of them."""
    width, height = driver.app.size
    match event:
        case Press(keys):
            await pilot.press(*keys)
        case Type(line, opening, end):
            await pilot.press(opening)
            for character in line:
                driver.app.simulate_key(character)
            await pilot.press(end)
        case Paste(text):
            driver.app.post_message(Pasted(text))
        case Click(x, y):
            at = (x % max(width, 1), y % max(height, 1))
            for kind in (MouseMove, MouseDown, MouseUp):
                driver.app.post_message(mouse(kind, at, button=1))
        case Scroll(x, y, is_up):
            at = (x % max(width, 1), y % max(height, 1))
            driver.app.post_message(mouse(MouseScrollUp if is_up else MouseScrollDown, at))
        case Resize(wide, high):
            await pilot.resize_terminal(wide, high)
    await pilot.pause()


def mouse(kind: type[MouseEvent], at: tuple[int, int], button: int = 0) -> MouseEvent:
    """As a terminal sends it; the Pilot's own click finds no widget where a screen has none."""
    x, y = at
    return kind(None, x, y, 0, 0, button, shift=False, meta=False, ctrl=False,
                screen_x=x, screen_y=y)  # fmt: skip


def assert_shown(driver: Driver) -> None:
    """No cell holds what a terminal would obey, and the session is one that makes sense."""
    assert not [c for c in driver.text().replace("\n", "") if category(c) == "Cc"]
    if isinstance(driver.app.screen, DebugScreen):
        session = driver.session
        assert session.frame.k == session.cursor <= session.last
