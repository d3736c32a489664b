"""The scenarios that come with the program, by name.

It stands apart from the reader because where they lie differs: inside the installed package, or
beside it in a checkout.
"""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

_ENDINGS = (".yaml", ".yml")
REPLAY_ENDING = ".replay"


def folder() -> Path:
    """Where the shipped scenarios are."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> tuple[Path, ...]:
    """Every shipped scenario: the first ones, then folder by folder, each sorted by name."""
    found = (p for p in folder().rglob("*") if p.suffix in _ENDINGS)
    return tuple(sorted(found, key=lambda p: (p.parent, p.stem)))


def resolve(scenario: str | PathLike[str]) -> Path:
    """A path as it is; the bare name of a shipped scenario as its path.

    Args:
        scenario: a path, or a name without its ending. A file in the working folder comes first.
    """
    path = Path(scenario)
    if path.suffix or len(path.parts) > 1 or _is_there(path):
        return path
    name = fspath(scenario)
    return next((p for p in shipped() if p.stem == name), path)


def _is_there(path: Path) -> bool:
    """Whether there is a file of that name; a name that no file can have is none."""
    try:
        return path.exists()
    except OSError:
        return False


def shipped_replays() -> tuple[Path, ...]:
    """Every replay that comes with them, by name."""
    return tuple(sorted((folder() / "replays").glob(f"*{REPLAY_ENDING}")))


def resolve_replay(replay: str | PathLike[str]) -> Path:
    """A path as it is; the bare name of a shipped replay as its path."""
    path = Path(replay)
    if path.suffix or len(path.parts) > 1 or _is_there(path):
        return path
    name = fspath(replay)
    return next((p for p in shipped_replays() if p.stem == name), path)
