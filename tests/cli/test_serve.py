"""``serve``: a walk in a real browser, in a process of its own, that touches no file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.cli.browser import browser
from tests.devtools import PATIENCE, found
from tests.readme import README
from tui_backprop.cli import main, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAN_SERVE = find_spec("textual_serve") is not None and sys.platform != "win32"
needs_server = pytest.mark.skipif(not CAN_SERVE, reason="needs textual-serve, and signals")
needs_browser = pytest.mark.skipif(found() is None, reason="there is no Chromium")


class Served:
    """A server of ours.

    Attributes:
        address: of its page.
        process: that serves.
    """

    def __init__(self, process: subprocess.Popen[str], first: str) -> None:
        address = re.search(r"http://\S+", first)
        assert address, first
        self.process, self.address = process, address[0]

    def children(self) -> list[int]:
        """The processes of the visitors."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        return [int(pid) for pid in found.stdout.split()]

    def has_visitors(self, count: int) -> None:
        """Wait until there are so many."""
        until = time.monotonic() + PATIENCE
        while len(self.children()) != count:
            assert time.monotonic() < until, self.children()
            time.sleep(0.05)

    def status(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """What somebody gets who asks for a page."""
        request = urllib.request.Request(self.address + path, headers=headers)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - ours
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Served]:
    """A server at a free port, with a home of its own."""
    environment = {
        **os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"), "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(
            [str(README.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }  # fmt: skip
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_backprop", "serve", "--port", "0", *words],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline())
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


@pytest.mark.exhaustive
@needs_server
@needs_browser
def test_a_walk_in_a_browser(tmp_path: Path) -> None:
    """Steps forward and back, an answer, a refusal and an end; every byte from this machine."""
    with serving(tmp_path, "vector-double") as served, browser() as tab:
        tab.open(served.address)
        tab.wait_for("step 0/12")
        tab.click(900, 500)
        tab.type("ssss")
        tab.wait_for("step 4/12")
        tab.type("S")
        tab.wait_for("step 3/12")
        tab.type(":print X * 2\n")
        tab.wait_for("[2 4 6]")
        tab.type(":save stolen.txt\n")
        tab.wait_for("which a walk in a browser does not")
        tab.type("\x1b")
        tab.rest(1)  # with what follows at once, it would be another key
        elsewhere = [url for url in tab.asked if not url.startswith((served.address, "data:"))]
        # The page names a font of another host, and may not ask for it.
        assert all("fonts.googleapis.com" in url for url in elsewhere)
        assert tab.problems == []
        served.has_visitors(1)
        tab.type("q")
        served.has_visitors(0)
        tab.rest(1)
        assert tab.is_closed
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.exhaustive
@needs_server
@needs_browser
def test_each_visitor_is_a_process_and_there_is_a_limit(tmp_path: Path) -> None:
    """In their language; one more is told so, and comes in when somebody has left."""
    with serving(tmp_path, "chain", "--visitors", "1", "--lang", "zh") as served:
        with browser() as first, browser() as second:
            first.open(served.address)
            first.wait_for("单步")
            served.has_visitors(1)
            status, page = served.status()
            assert (status, "1" in page) == (503, True)
            assert served.status("/ws")[0] == 503
            first.open("about:blank")
            served.has_visitors(0)
            second.open(served.address)
            second.wait_for("单步")
        served.has_visitors(0)


@needs_server
def test_only_its_own_pages_come_in(tmp_path: Path) -> None:
    """No page of another site, and no name that somebody else points here."""
    with serving(tmp_path, "chain") as served:
        host = served.address.removeprefix("http://")
        port = host.rpartition(":")[2]
        assert served.status()[0] == 200
        assert served.status(Host=f"localhost:{port}")[0] == 200
        assert served.status(Host=f"evil.example:{port}")[0] == 403
        assert served.status(Host='"><script>')[0] in {400, 403}
        assert served.status("/ws", Origin="http://evil.example")[0] == 403
        assert served.status("/ws", Origin="null")[0] == 403
        assert "ws://localhost" in served.status(Host=f"localhost:{port}")[1]


@pytest.mark.exhaustive
@needs_server
def test_an_end_of_the_server_ends_its_visitors(tmp_path: Path) -> None:
    """And says nothing of it; without a scenario there is a list."""
    if found() is None:
        pytest.skip("there is no Chromium")
    with serving(tmp_path) as served, browser() as tab:
        tab.open(served.address)
        tab.wait_for("Start here")
        (child,) = served.children()
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(PATIENCE) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["no-such-thing"], "no-such-thing"),
        (["chain", "--port", "70000"], "expected a number from 0 to 65535, found '70000'"),
        (["chain", "--visitors", "0"], "expected a number from 1 to 1000, found '0'"),
        (["chain", "--theme", "projektor"], "did you mean 'projector'"),
        (["chain", "--host", "256.1.1.1", "--port", "0"], "nothing can listen at 256.1.1.1"),
    ],
)
@needs_server
def test_what_cannot_be_served_is_said(
    words: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anybody comes."""
    for name in ("TUI_BACKPROP_SERVED", "PYTHONUTF8"):
        monkeypatch.setenv(name, "")  # put back afterwards
    assert main(["serve", *words]) == 2
    assert message in capsys.readouterr().err


def test_without_textual_serve_its_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one types it."""
    monkeypatch.setattr(serve, "find_spec", lambda _name: None)
    assert main(["serve", "chain"]) == 2
    assert "pip install 'tui-backprop[web]'" in capsys.readouterr().err
