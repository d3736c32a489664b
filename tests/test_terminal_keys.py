"""Keys in a real terminal: however their bytes arrive, they do what they do one by one."""

from __future__ import annotations

import os
import random
import sys
import time
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser

from tests.fuzz.effort import effort
from tests.marks import few
from tests.test_terminal import Terminal
from tests.tui.conftest import QUICK, Driver, running
from tui_backprop.debug.replay.script import Do
from tui_backprop.debug.session import state_of
from tui_backprop.replays import load_replay
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.asking.prompt import Prompt

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message import Message

    from tui_backprop.render.view import View
    from tui_backprop.tui.screen import DebugScreen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

TYPED = (
    b":step 2\r:step 3\r:reverse-step\rn:goto X.grad[1]\r:break Y\rss:watch X.grad[2]\rS:step 2\r"
)
DONE = ["step 2", "step 3", "reverse-step", "next", "goto X.grad[1]", "break Y", "step", "step",
        "watch X.grad[2]", "reverse-step", "step 2"]  # fmt: skip


def recorded(path: Path, *pieces: bytes, pause: float = 0.0) -> list[str]:
    """The commands that are carried out when these bytes are typed."""
    path.unlink(missing_ok=True)
    terminal = Terminal("vector-double", "--record", str(path), "--no-history")
    terminal.wait_for("step 0/12")
    for piece in pieces:
        os.write(terminal.child.fileno(), piece)
        time.sleep(pause)
    terminal.wait_for("step 10/12")  # the last one: those before it may not have been drawn
    terminal.press("q", "q again leaves")  # there is a breakpoint
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0
    acts = [line.act for line in load_replay(path).script.lines]
    return [act.command for act in acts if isinstance(act, Do)]


@pytest.mark.exhaustive
@pytest.mark.exhaustive
def test_lines_that_arrive_at_once(tmp_path: Path) -> None:
    """One write, as a paste without brackets or a line that lags brings it."""
    assert recorded(tmp_path / "walk.replay", TYPED) == DONE


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", few([2, 1, 0], 1))
def test_lines_that_arrive_in_pieces(tmp_path: Path, seed: int) -> None:
    """Wherever they are cut, and with time between or without."""
    chance = random.Random(seed)  # noqa: S311 - the same pieces every time
    cuts = sorted(chance.sample(range(1, len(TYPED)), 12))
    pieces = [TYPED[a:b] for a, b in zip([0, *cuts], [*cuts, len(TYPED)], strict=True)]
    assert recorded(tmp_path / "walk.replay", *pieces, pause=0.02 * seed) == DONE


KEYS = st.lists(
    st.sampled_from(
        [b"s", b"S", b"n", b"f", b"z", b"t", b"\x1b[F", b"\x1b[H", b"b", b"L\x1b[A", b"?",
         b":step 2\r", b":goto Y\r", b":reverse-next\r", b":watch X.grad[1]\r", b"gY\r",
         b":set v = [1, 0, 0]\r", b":print X\r", b":nonsense\r", b":delete\r", b"L", b"q",
         b"\xff", b"\xe4\xb8\xad", b"/X\r", b"*", b":why X.grad[0]\r", b"o"]
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.exhaustive
@effort(0.3)
@given(keys=KEYS, data=st.data())
async def test_any_pieces_do_the_same(keys: list[bytes], data: st.DataObject) -> None:
    """A law: the same bytes lead to the same walk and the same screen, however they are cut."""
    typed = b"".join(keys)
    cuts = data.draw(st.lists(st.integers(0, len(typed)), max_size=5).map(sorted))
    pieces = [typed[a:b] for a, b in zip([0, *cuts], [*cuts, len(typed)], strict=True)]
    assert await after(pieces) == await after(list(keys))


async def after(pieces: list[bytes]) -> tuple[object, ...]:
    """Where bytes lead to that arrive piece by piece, with time between."""
    async with running(options=QUICK) as driver:
        decoded = TerminalBytes()
        for piece in pieces:
            for message in decoded.understood(piece):
                driver.app.post_message(message)
            await until_quiet(driver)
        if not driver.app.is_running or driver.app._exit:
            return ("left",)
        kinds = tuple(type(screen).__name__ for screen in driver.app.screen_stack)
        walk = next(
            s for s in driver.app.screen_stack if hasattr(s, "view_model")
        ).view_model.session
        state = {name: value for name, value in state_of(walk).items() if name in PLAIN}
        line = [p.query_one("Input").value for p in driver.app.screen.query(Prompt)]  # type: ignore[attr-defined]  # any
        return kinds, state, [b.text for b in walk.breakpoints], line


PLAIN = {"cursor", "direction", "reason", "_numbers"}


class TerminalBytes:
    """What a driver makes of bytes."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._parser = XTermParser()

    def understood(self, piece: bytes) -> list[Message]:
        """Keys."""
        text = self._decode(piece)
        return list(self._parser.feed(text)) if text else []


async def until_quiet(driver: Driver) -> None:
    """No key waits any more."""
    app = driver.app
    assert isinstance(app, DebuggerApp)
    await driver.pilot.pause(0.01)
    while app._keys._task is not None:
        await driver.pilot.pause(0.01)


async def test_keys_are_not_drawn_one_by_one_when_many_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key that is held down is followed, and the last picture is right."""
    async with running("mlp-2-3-1") as driver:
        parser = TerminalBytes()
        drawn: list[int] = []
        draw = driver.screen.grid.draw

        def counted(screen: DebugScreen, view: View) -> None:
            drawn.append(view.frame.k)
            draw(screen, view)

        monkeypatch.setattr(driver.screen.grid, "draw", counted)
        for message in parser.understood(b"s" * 30):
            driver.app.post_message(message)
        await until_quiet(driver)
        await driver.settle()
        assert driver.session.cursor == 30
        assert "step 30/" in driver.text()
        assert len(drawn) < 30
