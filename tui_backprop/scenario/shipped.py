"""The scenarios that come with the program, by name.

It stands apart from the reader because where they lie differs: inside the installed package, or
beside it in a checkout.
"""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from tui_backprop.spelling import near

_ENDINGS = (".yaml", ".yml")
_MOST_SHOWN = 100
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
    """A path as it is; the bare name of a scenario as the path of it.

    Args:
        scenario: a path, or a name without its ending. A file in the working folder of just that
            name comes first, then a shipped scenario, then a file there with an ending.
    """
    path = Path(scenario)
    if path.suffix or len(path.parts) > 1 or _is_there(path):
        return path
    name = fspath(scenario)
    found = next((p for p in shipped() if p.stem == name), None)
    return found or with_ending(path) or path


def with_ending(path: Path) -> Path | None:
    """The scenario of this name without its ending, where there is one."""
    if path.name in {"", ".", ".."}:
        return None
    return next((p for e in _ENDINGS if _is_there(p := path.with_name(path.name + e))), None)


def unknown(scenario: str | PathLike[str], *more: str) -> str:
    """What to say of a bare name that is no scenario; empty for any other.

    Args:
        scenario: as it was given.
        more: words that may have been meant as well.
    """
    path = resolve(scenario)
    if len(path.parts) != 1 or path.suffix or _is_there(path):
        return ""
    name = fspath(scenario)
    guess = near(name, [*(p.stem for p in shipped()), *more])
    hint = f"did you mean '{guess[0]}'?" if guess else "'tui-backprop list' shows what there is"
    short = name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"
    return f"'{short}' is neither a file nor a shipped scenario; {hint}"


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
