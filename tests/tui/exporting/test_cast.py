"""Casts: the bytes that the app writes, at the times at which a replay plays, with its chapters."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pyte
import pytest

from tests.marks import few
from tests.readme import README
from tests.tui.exporting.support import of_replay, shown, written
from tui_backprop.cli import main
from tui_backprop.debug.replay.script import Mark, text_in
from tui_backprop.errors import TuiBackpropError
from tui_backprop.replays import load_replay
from tui_backprop.tui.exporting import unseen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tui_backprop.debug.replay.script import Script
    from tui_backprop.exports.subject import Subject
    from tui_backprop.tui.exporting.unseen import UnseenApp

REPLAY = """\
# tui-backprop replay
replay: 1
scenario: chain

mark en "First" zh "第一"
say en "Words" zh "话"
wait 4
step 2
@10.5 step
@12 mark "Second [1]"
assert x == 1.5
tape on
end
"""


ASCIINEMA = shutil.which(
    "asciinema", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
)


def made(folder: Path, text: str = REPLAY) -> Any:
    """A replay of ours."""
    path = folder / "ours.replay"
    path.write_text(text, "utf-8")
    return load_replay(path)


def lines_of(subject: Subject) -> tuple[dict[str, Any], list[Any]]:
    """The header, and the events."""
    header, *events = map(json.loads, written("cast", subject).decode().splitlines())
    return header, events


def screen_after(header: dict[str, Any], events: list[Any]) -> list[str]:
    """What another terminal shows after all events."""
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    for _, code, data in events:
        if code == "o":
            stream.feed(data)
    return [row.rstrip() for row in screen.display]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "language", "size"),
    [
        ("seed", "zh", "100x30"),
        *(
            pytest.param(name, language, size, marks=pytest.mark.exhaustive)
            for name, language, size in (
                ("mazur", "en", "80x24"), ("fan-out", "zh", "60x20"), ("nan-hunt", "en", "140x40"),
                ("nan-hunt", "zh", "100x30"),
            )
        ),
    ],
)  # fmt: skip
def test_another_terminal_ends_with_the_screen_of_the_app(
    name: str, language: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cell by cell; and the chapters are there, in the language that was asked for."""
    last: list[list[str]] = []
    plainly = unseen.show

    def show(
        subject: Subject,
        act: Callable[[UnseenApp, Pilot[object]], Awaitable[None]],
        script: Script | None = None,
    ) -> None:
        async def looked_at(app: UnseenApp, pilot: Pilot[object]) -> None:
            await act(app, pilot)
            last.append(shown(app))

        plainly(subject, looked_at, script)

    monkeypatch.setattr(f"{unseen.__package__}.cast.show", show)
    replay = load_replay(name)
    header, events = lines_of(of_replay(replay, language, size=size))
    assert f"{header['width']}x{header['height']}" == size
    assert screen_after(header, events) == last[0]
    length = len(replay.script.lines)
    assert f"{length}/{length}" in "\n".join(last[0])
    acts = (line.act for line in replay.script.lines)
    chapters = [text_in(act.name, language) for act in acts if isinstance(act, Mark)]
    assert [data for _, code, data in events if code == "m"] == chapters
    times = [at for at, _, _ in events]
    assert times[0] == 0.0
    assert times == sorted(times)


def test_time_passes_as_the_replay_plays(tmp_path: Path) -> None:
    """Waits, times of lines and pauses, and every one of them shorter where it is played faster."""
    replay = made(tmp_path)
    _, events = lines_of(of_replay(replay))
    found = {data: at for at, code, data in events if code == "m"}
    begun = found["First"]
    seen = {round(at - begun, 1) for at, code, _ in events if code == "o"}
    # The first sentence half a second after its mark; then 4 s, and 0.8 s after a command; the
    # times of two lines are 1.5 s apart; half a second and 0.3 s after a mark and a claim.
    assert {0.5, 4.5, 5.3} <= seen
    assert found["Second [1]"] - begun == pytest.approx(6.8, abs=0.05)
    assert {7.3, 7.6, 8.4} <= seen
    _, faster = lines_of(of_replay(replay, speed="4"))
    assert faster[-1][0] == pytest.approx(events[-1][0] / 4, abs=0.01)
    assert [code for _, code, _ in faster] == [code for _, code, _ in events]


def test_version_3_says_how_long_after_each_other(tmp_path: Path) -> None:
    """The same events; the times add up to those of version 2."""
    replay = made(tmp_path)
    header, events = lines_of(of_replay(replay))
    newer, later = lines_of(of_replay(replay, v3=True))
    assert (header["version"], newer["version"]) == (2, 3)
    assert newer["term"] == {"cols": 100, "rows": 30, "type": "xterm-256color"}
    assert [code for _, code, _ in later] == [code for _, code, _ in events]
    terminal = {"width": 100, "height": 30}
    assert screen_after(terminal, later) == screen_after(terminal, events)
    gaps = [b[0] - a[0] for a, b in pairwise(events)]
    assert [event[0] for event in later[1:]] == pytest.approx(gaps, abs=1e-6)


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast", "1e9"])
def test_a_speed_is_a_number_above_0(tmp_path: Path, speed: str) -> None:
    """What is none is refused with what was found."""
    with pytest.raises(TuiBackpropError, match=f"found '{speed}'"):
        written("cast", of_replay(made(tmp_path), speed=speed))


def test_a_replay_that_does_not_go_on_is_no_cast(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line is named, and no file is left."""
    path = tmp_path / "broken.replay"
    path.write_text(REPLAY.replace("step 2", "goto 99"), "utf-8")
    out = tmp_path / "out.cast"
    assert main(["export", str(path), "--to", "cast", "-o", str(out)]) == 2
    assert f"{path}:8: the replay does not go on here" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_an_interrupt_ends_it_with_one_line_and_no_file(tmp_path: Path) -> None:
    """How far it is was shown until then."""
    steps = "step\nreverse-step\n" * 2000
    (tmp_path / "long.replay").write_text(f"{REPLAY}restart\n{steps}", "utf-8")
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-m", "tui_backprop", "export", "long.replay", "--to", "cast"],
        cwd=tmp_path, timeout=60,
        env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8",
             "PYTHONPATH": os.pathsep.join([str(README.parent), *sys.path])},
    )  # fmt: skip
    child.expect(r"playing the replay: \d+ of 4,010; Ctrl-C stops")
    child.kill(signal.SIGINT)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert child.before is not None
    left = re.split(rb"\x1b\[K|\r\n?", child.before)
    told = [line for line in left if line and b"playing the replay" not in line]
    assert told == [b"tui-backprop: interrupted"]
    assert [path.name for path in tmp_path.iterdir()] == ["long.replay"]


def test_what_is_no_replay_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """And an option that is another format's."""
    assert main(["export", "chain", "--to", "cast", "-o", "-"]) == 2
    assert "cast is made of a replay" in capsys.readouterr().err
    assert main(["export", "chain", "--to", "svg", "--speed", "2", "-o", "-"]) == 2
    assert "--speed is for cast, not for svg" in capsys.readouterr().err


@pytest.mark.few(1)
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.skipif(ASCIINEMA is None, reason="asciinema is not installed")
@pytest.mark.parametrize("words", few([("cat",), ("play", "-s", "1000")], 2))
def test_asciinema_plays_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Its terminal ends as any other does, below the last frame."""
    subject = of_replay(made(tmp_path), "zh", size="80x24")
    path = tmp_path / "out.cast"
    path.write_bytes(written("cast", subject))
    child: pexpect.spawn[bytes] = pexpect.spawn(
        str(ASCIINEMA), [*words, str(path)], dimensions=(24, 80), timeout=60,
        env={**os.environ, "ASCIINEMA_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert child.before is not None
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(child.before)
    assert [row.rstrip() for row in screen.display] == screen_after(*lines_of(subject))
