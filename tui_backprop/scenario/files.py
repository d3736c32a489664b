"""From a path or a shipped name to the text of a scenario, and where the shipped files are.

Opening a path can hang, flood or give anything at all, so much is refused before YAML is read.
"""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_backprop.errors import LimitError, Problem, place_of
from tui_backprop.files import FileError, TooLargeError, read_regular
from tui_backprop.language.message import said
from tui_backprop.scenario.report import Report
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from tui_backprop.limits import Limits


_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_bytes(path: Path, limits: Limits) -> bytes:
    """The bytes of a regular file, at most ``limits.file_bytes`` of them.

    Raises:
        ScenarioError: it is missing, unreadable, too large, a directory, a pipe or a device.
    """
    report = Report(str(path), limits=limits)
    try:
        return read_regular(path, limits.file_bytes)
    except TooLargeError as error:
        _check_size(error.size, report)
        raise AssertionError("the limit that was exceeded is this one") from error
    except FileError as error:
        if isinstance(error.cause, FileNotFoundError):
            _refuse(report, said("there is no such file"))
        what = error.reason
        if error.cause:
            what = said("the file cannot be read: {reason}", reason=what)
        _refuse(report, what)


def decode(raw: bytes, name: str, limits: Limits) -> str:
    """The text, a byte order mark removed.

    Raises:
        ScenarioError: it is too large, or not UTF-8; the place is that of the first such byte.
    """
    report = Report(name, limits=limits)
    _check_size(len(raw), report)
    if raw.startswith(_UTF16):
        _refuse(report, said("the file is UTF-16, not UTF-8"), said("save it as UTF-8"))
    if (nul := raw.find(b"\0")) >= 0:
        _refuse(report, said("a binary file, not a text: it has a zero byte at position {place}",
                             place=f"{nul:,}"))  # fmt: skip
    try:
        return raw.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        # Its own bytes: those behind a byte order mark, which is no part of the text.
        before = error.object[: error.start].decode()
        message = said("not UTF-8: byte {byte}", byte=f"0x{error.object[error.start]:02x}")
        report.add(Problem(message, *place_of(before, len(before)), hint=said("save it as UTF-8")))
        raise report.error() from None


def _check_size(found: int, report: Report) -> None:
    try:
        report.limits.check("file_bytes", found, said("this file"))
    except LimitError as error:
        _refuse(report, str(error))


def _refuse(report: Report, message: str, hint: str = "") -> NoReturn:
    report.whole(message, hint)
    raise report.error()


def commands_beside(path: Path | None) -> Path | None:
    """``seed.commands`` beside ``seed.yaml``.

    Args:
        path: of the scenario; None where it came from no file.

    Returns:
        The file, which need not be there; None for a shipped scenario.
    """
    if path is None or path.resolve().is_relative_to(folder()):
        return None
    return path.with_suffix(".commands")


_ENDINGS = (".yaml", ".yml")
_MOST_SHOWN = 100
REPLAY_ENDING = ".replay"


def folder() -> Path:
    """Where the shipped scenarios are."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


_HUNTS = "hunts"


def shipped() -> tuple[Path, ...]:
    """Every shipped scenario: the first ones, then folder by folder, each sorted by name.

    The hunts, whose gradients are wrong on purpose, are apart.
    """
    found = (p for p in folder().rglob("*") if p.suffix in _ENDINGS and p.parent.name != _HUNTS)
    return tuple(sorted(found, key=lambda p: (p.parent, p.stem)))


def hunts() -> tuple[Path, ...]:
    """Every shipped scenario in which a bug is planted, from easy to hard."""
    return tuple(sorted((folder() / _HUNTS).glob("*.yaml")))


def with_hunts() -> tuple[Path, ...]:
    """Every scenario that is known by its name, in the order of `shipped`."""
    return tuple(sorted((*shipped(), *hunts()), key=lambda p: (p.parent, p.stem)))


def is_shipped(name: str) -> bool:
    """Whether a word is the name of a shipped scenario or replay, or none at all."""
    return not name or any(path.stem == name for path in (*with_hunts(), *shipped_replays()))


def resolve(scenario: str | PathLike[str]) -> Path:
    """The path itself; a bare name is the path of a shipped scenario.

    Args:
        scenario: a path, or a name without its ending. A file in the working folder of just that
            name comes first, then a shipped scenario, then a file there with an ending.
    """
    path = Path(scenario)
    if path.suffix or len(path.parts) > 1 or _is_there(path):
        return path
    name = fspath(scenario)
    found = next((p for p in with_hunts() if p.stem == name), None)
    return found or with_ending(path) or path


def with_ending(path: Path) -> Path | None:
    """The scenario of this name without its ending, where there is one."""
    if path.name in {"", ".", ".."}:
        return None
    return next((p for e in _ENDINGS if _is_there(p := path.with_name(path.name + e))), None)


def unknown(scenario: str | PathLike[str], *more: str) -> str:
    """The message for a bare name that is no scenario; empty for any other path.

    Args:
        scenario: as it was given.
        more: words that may have been meant as well.
    """
    path = resolve(scenario)
    if len(path.parts) != 1 or path.suffix or _is_there(path):
        return ""
    name = fspath(scenario)
    hint = nearest(name, [*(p.stem for p in with_hunts()), *more])
    hint = hint or said("'tui-backprop list' shows what there is")
    short = name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"
    return said("'{name}' is neither a file nor a shipped scenario; {hint}", name=short, hint=hint)


def _is_there(path: Path) -> bool:
    """Whether there is a file of that name; a name that no file can have is none."""
    try:
        return path.exists()
    except OSError:
        return False


def shipped_replays() -> tuple[Path, ...]:
    """Every replay that comes with them, by name."""
    return tuple(sorted((folder() / "replays").glob(f"*{REPLAY_ENDING}")))


def is_replay(name: str | PathLike[str]) -> bool:
    """Whether a name means a replay: by its ending, or as that of a shipped one and no scenario."""
    if Path(name).suffix == REPLAY_ENDING:
        return True
    return bool(unknown(name)) and resolve_replay(name) != Path(name)


def resolve_replay(replay: str | PathLike[str]) -> Path:
    """The path itself; the bare name of a shipped replay is the path of that replay."""
    path = Path(replay)
    if path.suffix or len(path.parts) > 1 or _is_there(path):
        return path
    name = fspath(replay)
    return next((p for p in shipped_replays() if p.stem == name), path)
