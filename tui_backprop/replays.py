"""A replay with the scenario that it walks, read and checked.

It stands beside the Python interface because it joins the same two, reader and debugger: which file
a header may name, and whether it is still the one that was recorded.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tui_backprop.api import load
from tui_backprop.dataclass import dataclass
from tui_backprop.debug.replay.player import Player
from tui_backprop.debug.replay.reading import LINE_END, ReplayError, read
from tui_backprop.debug.replay.writing import TITLE
from tui_backprop.errors import Problem, TuiBackpropError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.files import decode, read_bytes
from tui_backprop.scenario.shipped import resolve_replay, shipped
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from os import PathLike

    from tui_backprop.api import Scenario
    from tui_backprop.debug.replay.recorder import Recorder
    from tui_backprop.debug.replay.script import Script
    from tui_backprop.limits import Limits


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What was read.

    Attributes:
        path: of its file.
        script: what is done.
        scenario: what is walked.
        is_changed: whether the scenario is another file than the one that was recorded.
    """

    path: Path
    script: Script
    scenario: Scenario
    is_changed: bool

    def player(self, most_searched: int | None = None) -> Player:
        """At its beginning.

        Args:
            most_searched: steps that one search of it looks at one by one; None for any number,
                where somebody is there to give it up.
        """
        session = self.scenario.session()
        session.most_searched = most_searched
        return Player(session, self.script)


def load_replay(
    path: str | PathLike[str],
    limits: Limits = DEFAULT_LIMITS,
    scenario: str | PathLike[str] | None = None,
) -> Replay:
    """Read a replay and its scenario.

    Args:
        path: a file, or the name of a shipped replay without its ending.
        limits: what to refuse.
        scenario: to be walked instead of the one that the replay names.

    Raises:
        TuiBackpropError: the file cannot be read, is no replay, or names a scenario that it may
            not name; every problem with its place.
    """
    found = resolve_replay(path)
    text = decode(read_bytes(found, limits), str(found), limits)
    script = read(text, str(found))
    limits.check("replay_lines", len(script.lines), str(found))
    walked = load(_named(found, script, text) if scenario is None else scenario, limits)
    is_changed = bool(script.sha256) and script.sha256 != digest(walked)
    return Replay(found, script, walked, is_changed)


def digest(scenario: Scenario) -> str:
    """The SHA-256 of a scenario's file, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and many replays name no hash

    return sha256(scenario.model.raw).hexdigest()


def start_recording(path: Path, scenario: Scenario) -> Recorder:
    """What writes the walk over a scenario into a file, beginning with the header.

    Raises:
        TuiBackpropError: the file cannot be written, or is there and no replay.
    """
    from tui_backprop.debug.replay.recorder import Recorder  # noqa: PLC0415 - few are recorded

    try:
        if path.exists() and not _is_replay(path):
            raise TuiBackpropError(f"{path} is there and no replay: it is not overwritten")
        name, sha256 = _name(scenario, path.parent), digest(scenario)
        return Recorder(path.open("w", encoding="utf-8", newline="\n"), monotonic, name, sha256)
    except (OSError, ValueError, RuntimeError) as error:
        raise TuiBackpropError(f"{path}: {_reason(error)}") from None


def _is_replay(path: Path) -> bool:
    """Whether it may be overwritten: an earlier recording, or nothing yet."""
    try:
        if not path.is_file():
            return False
        with path.open(encoding="utf-8", newline="") as file:
            return file.readline(len(TITLE) + 2).rstrip("\r\n") == TITLE or not path.stat().st_size
    except (OSError, ValueError):
        return False


def _reason(error: Exception) -> object:
    return getattr(error, "strerror", None) or error


def _named(path: Path, script: Script, text: str) -> Path:
    """The scenario that a header names: a shipped one, or one in the replay's folder."""
    named = script.scenario
    if is_bare(named):
        found = next((p for p in shipped() if p.stem == named), None)
        if found is None:
            guess = near(named, [p.stem for p in shipped()])
            hint = f"did you mean '{guess[0]}'?" if guess else "'tui-backprop list' names them"
            raise _wrong(path, text, f"there is no shipped scenario '{named}'", hint)
        return found
    try:
        folder = path.parent.resolve()
        inside = (folder / named).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise _wrong(path, text, f"the scenario cannot be found: {_reason(error)}", "") from None
    if not inside.is_relative_to(folder):
        raise _wrong(
            path, text, f"the scenario '{named}' lies outside the replay's folder",
            "name it yourself, with --scenario",
        )  # fmt: skip
    return inside


def is_bare(name: str) -> bool:
    """Whether a header's scenario is a shipped one: no folder and no ending."""
    return "/" not in name and not Path(name).suffix


def _wrong(path: Path, text: str, message: str, hint: str) -> ReplayError:
    """A problem of the header's scenario."""
    lines = enumerate(LINE_END.split(text), 1)
    number = next((k for k, line in lines if line.strip().startswith("scenario")), 0)
    return ReplayError([Problem(message, number, 1, 1, hint)], str(path), text)


def _name(scenario: Scenario, folder: Path) -> str:
    """How a replay in a folder names a scenario; by its whole path where it lies elsewhere."""
    path = scenario.path
    if path is None:
        raise TuiBackpropError("only a scenario that came from a file can be recorded")
    if path in shipped():
        return path.stem
    try:
        inside = path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
    return f"./{inside}" if is_bare(inside) else inside
