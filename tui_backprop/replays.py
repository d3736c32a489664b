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
from tui_backprop.debug.replay.reading import ReplayError, read
from tui_backprop.debug.replay.recorder import Recorder
from tui_backprop.debug.replay.writing import TITLE
from tui_backprop.errors import Problem, TuiBackpropError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.shipped import resolve, resolve_replay, shipped
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from os import PathLike

    from tui_backprop.api import Scenario
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

    def player(self) -> Player:
        """At its beginning."""
        return Player(self.scenario.session(), self.script)


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
    text = _text(found, limits)
    script = read(text, str(found))
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
    try:
        if path.exists() and not _is_replay(path):
            raise TuiBackpropError(f"{path} is there and no replay: it is not overwritten")
        stream = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise TuiBackpropError(f"{path}: {error.strerror or error}") from None
    return Recorder(stream, monotonic, _name(scenario, path.parent), digest(scenario))


def _is_replay(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(len(TITLE) + 2).strip() in {TITLE, ""}
    except (OSError, ValueError):
        return False


def _text(path: Path, limits: Limits) -> str:
    try:
        if path.stat().st_size > limits.file_bytes:
            raise TuiBackpropError(
                f"{path} is larger than {limits.file_bytes:,} bytes "
                f"(raise it with --limit file_bytes={path.stat().st_size})"
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TuiBackpropError(f"{path}: not UTF-8 text, from byte {error.start} on") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TuiBackpropError(f"{path}: {reason}") from None


def _named(path: Path, script: Script, text: str) -> Path:
    """The scenario that a header names: a shipped one, or one in the replay's folder."""
    named = Path(script.scenario)
    if len(named.parts) == 1 and not named.suffix:
        found = next((p for p in shipped() if p.stem == named.name), None)
        if found is None:
            guess = near(named.name, [p.stem for p in shipped()])
            hint = f"did you mean '{guess[0]}'?" if guess else "'tui-backprop list' names them"
            raise _wrong(path, text, f"there is no shipped scenario '{named}'", hint)
        return found
    inside = (path.parent / named).resolve()
    if not inside.is_relative_to(path.parent.resolve()):
        raise _wrong(
            path, text, f"the scenario '{named}' lies outside the replay's folder",
            "name it yourself, with --scenario",
        )  # fmt: skip
    return inside


def _wrong(path: Path, text: str, message: str, hint: str) -> ReplayError:
    """A problem of the header's scenario."""
    lines = enumerate(text.splitlines(), 1)
    number = next((k for k, line in lines if line.strip().startswith("scenario")), 0)
    return ReplayError([Problem(message, number, 1, 1, hint)], str(path), text)


def _name(scenario: Scenario, folder: Path) -> str:
    """How a replay in a folder names a scenario."""
    path = scenario.path
    if path is None:
        raise TuiBackpropError("only a scenario that came from a file can be recorded")
    if resolve(path.stem) == path:
        return path.stem
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
