"""Terminals that follow an app that presents: they see where it is, and it waits for none."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.asking.test_console import type_line
from tests.tui.conftest import QUICK, Driver, running
from tui_backprop.dataclass import replace
from tui_backprop.debug.replay.reader import read
from tui_backprop.tui.notes import teller as telling
from tui_backprop.tui.notes.channel import is_possible, listening
from tui_backprop.tui.notes.follower import NotesApp
from tui_backprop.tui.notes.wire import LONGEST_LINE, from_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from textual.pilot import Pilot

    from tui_backprop.render.speaker import Facts

pytestmark = pytest.mark.skipif(not is_possible(), reason="no Unix sockets here")
TOLD = (
    'replay: 1\nscenario: vector-double\n\nsay en "first" zh "先"\nstep\nsay "second"\nmark "a"\n'
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Of the socket; short enough for its path."""
    with tempfile.TemporaryDirectory(prefix="tb") as name:
        yield Path(name) / "tb"


class Client:
    """One who listens without a screen."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def facts(self) -> Facts:
        """The next that arrive."""
        return from_line(await asyncio.wait_for(self.reader.readline(), 5))

    async def until(self, holds: Callable[[Facts], bool]) -> Facts:
        """The first of which something holds."""
        while not holds(facts := await self.facts()):
            pass
        return facts


@asynccontextmanager
async def listener(folder: Path) -> AsyncIterator[Client]:
    """Somebody who follows."""
    reader, writer = await asyncio.open_unix_connection(
        str(folder / "notes.socket"), limit=LONGEST_LINE
    )
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def presenting(folder: Path, scenario: str = "vector-double", **options: Any) -> Any:
    """An app that may be followed."""
    return running(scenario, options=replace(QUICK, runtime=folder, **options))


async def test_nobody_may_follow_before_it_presents(folder: Path) -> None:
    """A session of one's own opens no socket."""
    async with presenting(folder) as driver:
        await driver.press("s", "s")
        assert not folder.exists()
        await driver.press("P")
        assert (folder / "notes.socket").is_socket()
    assert not (folder / "notes.socket").exists()


async def test_everybody_is_told_each_step(folder: Path) -> None:
    """Several of them, at once and after each key, also when the panes are up again."""
    async with presenting(folder) as driver:
        await driver.press("P")
        async with listener(folder) as one, listener(folder) as two:
            assert (await one.facts()).step == (await two.facts()).step == 0
            await driver.press("s", "s", "s")
            for client in (one, two):
                facts = await client.until(lambda f: f.step == 3)
                assert facts.scenario == "vector-double"
                assert facts.words["en"] != facts.words["zh"]
            await driver.press("escape", "end")
            facts = await one.until(lambda f: f.step == driver.session.last)
            assert (facts.last, facts.upcoming_step) == (driver.session.last, None)


async def test_notes_of_now_and_next(folder: Path) -> None:
    """In both languages, and at which step the next one is."""
    async with presenting(folder) as driver:
        await driver.press("P")
        notes = driver.screen.view_model.scenario.model.notes
        async with listener(folder) as client:
            facts = await client.facts()
            assert facts.upcoming_step is not None
            await driver.press("g")
            await driver.write(f"{facts.upcoming_step}")
            await driver.press("enter")
            there = await client.until(lambda f: f.step == facts.upcoming_step)
        assert facts.upcoming["zh"] in there.note["zh"]
        assert any(note.text.get("zh") in there.note["zh"] for note in notes)


async def test_a_replays_narration(folder: Path) -> None:
    """What was said last, and what it says next; in a new chapter nothing was said yet."""
    async with presenting(folder, replay=read(TOLD)) as driver:
        await type_line(driver, "present on")
        async with listener(folder) as client:
            assert (await client.facts()).upcoming["zh"] == "先"
            await driver.press("greater_than_sign")
            facts = await client.until(lambda f: f.note["en"].startswith("first"))
            assert facts.upcoming["en"] == "second"
            driver.screen.carry_out("replay-to 3")
            await client.until(lambda f: f.note["en"].startswith("second"))
            driver.screen.carry_out("replay-to 4")
            facts = await client.until(lambda f: "second" not in f.note["en"])
            assert facts.upcoming["en"] == ""


async def test_whoever_speaks_is_dropped(folder: Path) -> None:
    """Nothing that is sent is read as anything; the app and the others go on."""
    async with presenting(folder) as driver:
        await driver.press("P")
        async with listener(folder) as other:
            for line in (b"quit\n", b'{"notes": 1}\n', b"\x00" * 100_000, b":open /etc/passwd\n"):
                async with listener(folder) as hostile:
                    await hostile.facts()
                    with suppress(OSError):
                        hostile.writer.write(line)
                        await hostile.writer.drain()
                    with suppress(OSError):
                        assert await asyncio.wait_for(hostile.reader.read(), 5) == b""
            await driver.press("s")
            await other.until(lambda f: f.step == 1)
            assert driver.session.cursor == 1
            assert driver.app.is_running


async def test_who_does_not_read_is_dropped_and_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys have their effect, and the memory of what waits has an end."""
    monkeypatch.setattr(telling, "MOST_WAITING", 20_000)
    async with presenting(folder, "mlp-2-3-1") as driver:
        await driver.press("P")
        sleeper = socket.socket(socket.AF_UNIX)
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sleeper.connect(str(folder / "notes.socket"))
        with sleeper:
            teller = driver.app._teller
            assert teller is not None
            await driver.settle()
            assert len(teller.followers) == 1
            for _ in range(3000):
                teller._tell_all()
                if not teller.followers:
                    break
            await driver.settle()
            assert not teller.followers
            await driver.press("s")
            assert driver.session.cursor == 1


async def test_so_many_and_no_more(folder: Path) -> None:
    """The seventeenth is sent away."""
    async with presenting(folder) as driver:
        await driver.press("P")
        path = str(folder / "notes.socket")
        clients = [await asyncio.open_unix_connection(path) for _ in range(17)]
        await driver.settle()
        assert driver.app._teller is not None
        assert len(driver.app._teller.followers) == telling.MOST_FOLLOWERS
        with suppress(OSError):
            assert await asyncio.wait_for(clients[-1][0].read(), 5) == b""
        for _, writer in clients:
            writer.close()


async def test_who_presents_second_says_so(folder: Path) -> None:
    """And presents all the same."""
    found, _ = listening(folder)
    with found:
        async with presenting(folder) as driver:
            await driver.press("P")
            assert any("presents already" in n.message.replace("\n", " ")
                       for n in driver.app._notifications)  # fmt: skip
            assert driver.screen.is_presenting
            await driver.press("s")


@asynccontextmanager
async def notes(
    folder: Path, wanted: str = "", **options: Any
) -> AsyncIterator[tuple[NotesApp, Pilot[None]]]:
    """A terminal of notes."""
    app = NotesApp(replace(QUICK, **options), wanted, folder)
    async with app.run_test(size=(60, 24)) as pilot:
        yield app, pilot


def text(app: NotesApp) -> str:
    """All that it shows."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def shows(app: NotesApp, pilot: Pilot[None], part: str) -> None:
    """Wait for a text."""
    for _ in range(200):
        if part in text(app):
            return
        await pilot.pause(0.05)
    raise AssertionError(text(app))


class Server:
    """One who stands in for the app, and says what it likes."""

    def __init__(self, folder: Path, *lines: bytes) -> None:
        self.folder = folder
        self.lines = lines
        self.server: asyncio.Server | None = None

    async def __aenter__(self) -> None:
        found, _ = listening(self.folder)

        async def said(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                for line in self.lines:
                    writer.write(line)
                    await writer.drain()
                await asyncio.sleep(0.2)
            writer.close()

        self.server = await asyncio.start_unix_server(said, sock=found)

    async def __aexit__(self, *_error: object) -> None:
        assert self.server is not None
        self.server.close()


async def test_a_terminal_follows_and_stays(folder: Path) -> None:
    """It waits for somebody, follows, says when it is over, and speaks the other language."""
    async with notes(folder) as (app, pilot):
        await shows(app, pilot, "Nobody presents")
        async with presented_apart(folder) as driver:
            await shows(app, pilot, "step 0 of")
            await driver.press("s", "s")
            await shows(app, pilot, "step 2 of")
            await pilot.press("l")
            await shows(app, pilot, "步")
            await pilot.press("l")
        await shows(app, pilot, "presentation is over")
        await pilot.press("q")
    assert app.return_code == 0


@asynccontextmanager
async def presented_apart(folder: Path) -> AsyncIterator[Driver]:
    """An app that presents."""
    async with presenting(folder) as driver:
        await driver.press("P")
        yield driver


async def test_another_scenario_is_not_followed(folder: Path) -> None:
    """It says which is presented."""
    async with notes(folder, "fan-out") as (app, pilot), presented_apart(folder):
        await shows(app, pilot, "'vector-double' is presented")


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "line",
    [
        b"\x1b]0;owned\x07\n",
        b"[" * 100_000 + b"\n",
        b"x" * (LONGEST_LINE + 10) + b"\n",
        b"quit\n",
        json.dumps({"notes": 1, "run": "q"}).encode() + b"\n",
        b"no end",
        b"",
    ],
    ids=["escape", "deep", "long", "word", "command", "cut", "nothing"],
)
async def test_whatever_a_stranger_sends(folder: Path, line: bytes) -> None:
    """The terminal stays up, shows none of it, and can be left."""
    async with Server(folder, line), notes(folder) as (app, pilot):
        await pilot.pause(0.4)
        assert app.is_running
        assert "owned" not in text(app)
        assert "xxx" not in text(app)
        assert app.state.facts is None
        await pilot.press("q")
    assert app.return_code == 0


async def test_keys_come_through_a_flood(folder: Path) -> None:
    """However much is sent, it can be left."""
    async with presented_apart(folder) as driver:
        teller = driver.app._teller
        assert teller is not None
        line = teller._line()
    assert line is not None
    async with Server(folder, *[line * 20] * 500), notes(folder) as (app, pilot):
        await shows(app, pilot, "step 0 of")
        await asyncio.wait_for(pilot.press("q"), 10)
    assert app.return_code == 0


async def test_a_plain_terminal(folder: Path) -> None:
    """ASCII, and nothing that moves by itself."""
    async with notes(folder, ascii=True, color=False, is_still=True) as (app, pilot):
        async with presented_apart(folder):
            await shows(app, pilot, "step 0 of")
            assert text(app).isascii()
        await pilot.press("escape")
