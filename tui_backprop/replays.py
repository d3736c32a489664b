"""A replay with the scenario that it walks: read, checked, and recorded.

Which file a header may name, and whether it is still the one that was recorded, is decided here.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_backprop.api import load
from tui_backprop.dataclass import dataclass
from tui_backprop.debug.replay.player import Player
from tui_backprop.debug.replay.reader import LINE_END, ReplayError, read
from tui_backprop.debug.replay.script import TITLE
from tui_backprop.errors import Problem, TuiBackpropError
from tui_backprop.files import FileError, open_empty, open_regular, reason_of, set_aside
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.files import decode, read_bytes, resolve_replay, with_ending, with_hunts
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from tui_backprop.api import Scenario
    from tui_backprop.debug.replay.recorder import Recorder
    from tui_backprop.debug.replay.script import Script
    from tui_backprop.debug.session import Session
    from tui_backprop.limits import Limits

_HEAD: Final = 10_000
"""Characters in which a scenario has shown that it is one."""
_MOST_FILES: Final = 1000
"""Of one recording, one for each scenario that was opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A replay and its scenario, as read.

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
    if _is_scenario(text):
        raise TuiBackpropError(
            said("{path} is a scenario and no replay: 'tui-backprop open' opens it", path=found)
        )
    script = read(text, str(found))
    limits.check("replay_lines", len(script.lines), str(found))
    walked = load(_named(found, script, text) if scenario is None else scenario, limits)
    is_changed = bool(script.sha256) and script.sha256 != digest(walked)
    return Replay(found, script, walked, is_changed)


def _is_scenario(text: str) -> bool:
    """Whether a file is of the other kind: each has a field that the other one has not."""
    fields = {line.partition(":")[0] for line in text[:_HEAD].splitlines()}
    return fields >= {"format", "inputs"} and "replay" not in fields


def digest(scenario: Scenario) -> str:
    """The SHA-256 of a scenario's file, in hexadecimal."""
    from hashlib import sha256

    return sha256(scenario.model.raw).hexdigest()


class Recording:
    """A walk written down while it is walked; another scenario gets another file.

    Attributes:
        recorder: what writes now.
        path: of the file that is written now.
        kept: the earlier recording that stood there, under its new name; None where none did.
        lost: why something was not written; empty where all was.
    """

    def __init__(self, path: Path, scenario: Scenario) -> None:
        """Begin with the header; a recording that stands there is kept beside.

        Raises:
            TuiBackpropError: the file cannot be written, or is there and no replay.
        """
        self.path = self._first = path
        self.lost = ""
        self.when_lost: Callable[[str], None] = lambda _message: None
        self.kept = set_aside(path) if _is_replay(path) else None
        try:
            self.recorder = self._begun(path, scenario)
        except BaseException:
            if self.kept is not None:
                with suppress(OSError):
                    os.link(self.kept, path)
                    self.kept.unlink()
            raise

    def listen(self, session: Session) -> None:
        """Write down what a session carries out."""
        self.recorder.listen(session)

    def follow(self, scenario: Scenario, session: Session) -> None:
        """Go on with another scenario, in a file of its own beside the first.

        Raises:
            TuiBackpropError: there can be none; what follows is not recorded.
        """
        self.recorder.close()
        try:
            self.path = self._next()
            self.recorder = self._begun(self.path, scenario)
        except TuiBackpropError as error:
            self.lost = said("what follows is not recorded: {error}", error=str(error))
            raise TuiBackpropError(self.lost) from None
        self.listen(session)

    def close(self) -> None:
        """Nothing more will be written."""
        self.recorder.close()

    def _next(self) -> Path:
        """``walk-2.replay`` after ``walk.replay``."""
        stem = self._first.stem
        for number in range(2, _MOST_FILES):
            path = self._first.with_name(f"{stem}-{number}{self._first.suffix}")
            if not os.path.lexists(path):
                return path
        raise TuiBackpropError(said("there are {count} files beside {path}",
                                    count=f"{_MOST_FILES:,}", path=self._first))  # fmt: skip

    def _begun(self, path: Path, scenario: Scenario) -> Recorder:
        from tui_backprop.debug.replay.recorder import Recorder

        try:
            name, sha256 = _name(scenario, path.parent), digest(scenario)
        except (OSError, ValueError, RuntimeError) as error:
            raise TuiBackpropError(
                said("{path}: {reason}", path=path, reason=reason_of(error))
            ) from None
        is_there = os.path.lexists(path)
        # What a command may hold by way of a program is not always UTF-8.
        stream = TextIOWrapper(open_empty(path), "utf-8", "backslashreplace", newline="\n")
        try:
            recorder = Recorder(stream, monotonic, name, sha256)
        except (OSError, ValueError) as error:
            with suppress(OSError, ValueError):
                stream.close()
            with suppress(OSError):
                if is_there:
                    os.truncate(path, 0)
                else:
                    path.unlink()
            raise TuiBackpropError(
                said("{path}: {reason}", path=path, reason=reason_of(error))
            ) from None
        recorder.when_lost = self._lose
        return recorder

    def _lose(self, message: str) -> None:
        self.lost = said("{path}: {reason}", path=self.path, reason=message)
        self.when_lost(self.lost)


def _is_replay(path: Path) -> bool:
    """Whether an earlier recording stands there; False where nothing does yet.

    Raises:
        TuiBackpropError: something else does, or it cannot be told.
    """
    try:
        with open_regular(path) as file:
            first = file.readline(len(TITLE) + 2)
    except FileError as error:
        if isinstance(error.cause, FileNotFoundError):
            return False
        raise
    if first and first.rstrip(b"\r\n") != TITLE.encode():
        raise TuiBackpropError(
            said("{path} is there and no replay: it is not overwritten", path=path)
        )
    return bool(first)


def _named(path: Path, script: Script, text: str) -> Path:
    """The scenario that a header names: a shipped one, or one in the replay's folder."""
    named = script.scenario
    if is_bare(named):
        found = next((p for p in with_hunts() if p.stem == named), None)
        found = found or with_ending(path.parent / named)
        if found is None:
            hint = nearest(named, [p.stem for p in with_hunts()])
            hint = hint or said("'tui-backprop list' names them")
            message = said(
                "there is no shipped scenario '{name}', and no {name}.yaml beside this file",
                name=named,
            )
            raise _wrong(path, text, message, hint)
        return found
    try:
        folder = path.parent.resolve()
        inside = (folder / named).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        message = said("the scenario cannot be found: {reason}", reason=reason_of(error))
        raise _wrong(path, text, message, "") from None
    if not inside.is_relative_to(folder):
        raise _wrong(
            path, text,
            said("the scenario '{name}' lies outside the replay's folder", name=named),
            said("name it yourself, with --scenario"),
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
        raise TuiBackpropError(said("only a scenario that came from a file can be recorded"))
    if path in with_hunts():
        return path.stem
    try:
        inside = path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
    return f"./{inside}" if is_bare(inside) else inside
