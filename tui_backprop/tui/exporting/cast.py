"""A replay as asciinema plays it: what the app wrote to its terminal, and when.

The app plays the replay as it does on a screen; only its clock does not wait.
"""

from __future__ import annotations

import math
from json import dumps
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_backprop.debug.replay.script import Mark, text_in
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said
from tui_backprop.progress import listener
from tui_backprop.tui.exporting.unseen import show, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from textual.pilot import Pilot

    from tui_backprop.exports.subject import Subject
    from tui_backprop.replays import Replay
    from tui_backprop.tui.exporting.unseen import UnseenApp
    from tui_backprop.tui.walking.replaying import Replaying

_FASTEST: Final = 1000.0
_LOOKED_AT: Final = 2000
"""Thousandths of a second that the last frame stays, for who plays it again and again."""
_OUTPUT, _MARKER = "o", "m"


class _Event(NamedTuple):
    """A line of the file.

    Attributes:
        at: thousandths of a second after the beginning.
        code: what it is: output, or a marker.
        data: what is written, or the marker's name.
    """

    at: int
    code: str
    data: str


def cast(subject: Subject) -> Iterator[str]:
    """A header and events, as JSON, a line each; version 2 unless ``v3`` is asked for.

    Raises:
        TuiBackpropError: a line of the replay cannot be carried out, or an option means nothing.
    """
    replay = subject.replay
    if replay is None:
        raise AssertionError("a cast is made of a replay")
    speed = _speed(subject.options)
    is_v3 = bool(subject.options.get("v3"))
    columns, lines = size_of(subject.options)
    events: list[_Event] = []

    async def play(app: UnseenApp, pilot: Pilot[object]) -> None:
        playing = app.walk.replay
        if playing is None:
            raise AssertionError("the app was given a replay")
        recorder = _Recorder(app, pilot, playing, speed, events)
        if not await recorder.is_recorded():
            raise _stopped(replay, playing.player.position)
        # Whoever plays it in a terminal goes on below the last frame.
        end = f"\x1b[0m\x1b[{lines};{columns}H\x1b[?25h"
        at = events[-1].at + round(_LOOKED_AT / speed)
        events.append(_Event(at, _OUTPUT, end))

    show(subject, play, replay.script)
    return _lines((columns, lines), subject.view.title, events, is_v3=is_v3)


def _lines(
    size: tuple[int, int], title: str, events: list[_Event], *, is_v3: bool
) -> Iterator[str]:
    header = _header_v3 if is_v3 else _header
    yield f"{_json(header(*size, title))}\n"
    before = 0
    for event in events:
        yield f"{_json([(event.at - before) / 1000, event.code, event.data])}\n"
        if is_v3:  # each time counts from the event before
            before = event.at


_TERMINAL: Final = "xterm-256color"


def _header(columns: int, lines: int, title: str) -> dict[str, Any]:
    return {
        "version": 2, "width": columns, "height": lines, "title": title, "env": {"TERM": _TERMINAL}
    }  # fmt: skip


def _header_v3(columns: int, lines: int, title: str) -> dict[str, Any]:
    term = {"cols": columns, "rows": lines, "type": _TERMINAL}
    return {"version": 3, "term": term, "title": title}


def _json(value: object) -> str:
    return dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _speed(options: Mapping[str, Any]) -> float:
    asked = options.get("speed")
    if asked is None:
        return 1.0
    try:
        speed = float(asked)
    except ValueError:
        speed = 0.0
    if not (math.isfinite(speed) and 0 < speed <= _FASTEST):
        raise TuiBackpropError(
            said(
                "a speed is a number above 0, at most {most}; found '{found}'",
                most=f"{_FASTEST:g}", found=asked,
            )
        )  # fmt: skip
    return speed


class _Recorder:
    """Plays a replay to its end and notes what is written, and when it would have been."""

    def __init__(
        self,
        app: UnseenApp,
        pilot: Pilot[object],
        playing: Replaying,
        speed: float,
        events: list[_Event],
    ) -> None:
        self._app = app
        self._pilot = pilot
        self._playing = playing
        self._speed = speed
        self._events = events
        playing.wait = self._wait
        self._at = 0.0
        self._next: Callable[[], None] | None = None

    def _wait(self, seconds: float, tick: Callable[[], None]) -> None:
        """The clock: time passes when what comes next is taken."""
        self._at += seconds / self._speed
        self._next = tick

    async def is_recorded(self) -> bool:
        """Play; false where a line cannot be carried out."""
        heard = listener()
        self._write_down()
        self._app.walk.carry_out("play")
        while self._next is not None:
            tick, self._next = self._next, None
            player = self._playing.player
            if heard is not None:
                heard.report("playing", player.position, player.length)
            line = player.next_line
            if line is not None and isinstance(line.act, Mark):
                name = text_in(line.act.name, self._app.walk.view_model.language)
                self._note(_MARKER, name)
            now = self._now
            tick()
            await self._app.settle(self._pilot)
            self._write_down(now)
        if heard is not None:
            heard.end()
        return self._playing.player.next_line is None

    @property
    def _now(self) -> int:
        return round(1000 * self._at)

    def _write_down(self, at: int = 0) -> None:
        """What the app has written since the last time."""
        data = "".join(self._app.written)
        self._app.written.clear()
        if data:
            self._events.append(_Event(at, _OUTPUT, data))

    def _note(self, code: str, data: str) -> None:
        self._events.append(_Event(self._now, code, data))


def _stopped(replay: Replay, position: int) -> TuiBackpropError:
    """Why a replay did not come to its end."""
    line = replay.script.lines[position]
    return TuiBackpropError(
        said(
            "{path}:{line}: the replay does not go on here; {command} says why",
            path=str(replay.path), line=line.number,
            command=f"tui-backprop replay {replay.path} --headless",
        )
    )  # fmt: skip
