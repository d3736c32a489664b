"""What the files of a program are called: by as much of their paths as tells them apart.

A path is written with ``/``, whatever the system; of a file below a folder, from there.
"""

from __future__ import annotations

import os.path
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def path_in(folder: Path | None, file: str) -> str:
    """The path of a file as it is typed in a folder: from there, or whole where it is elsewhere.

    A path is one word of a command, so that spaces in it are written ``_``.
    """
    path = PurePath(file if file.startswith("<") else os.path.normpath(file))
    if folder is not None and path.is_relative_to(folder):
        path = path.relative_to(folder)
    return "_".join(path.as_posix().split())


def here() -> Path | None:
    """The folder that we are in; None where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return None


def meant(word: str, paths: Iterable[str]) -> Sequence[str]:
    """The paths that a word may mean: the one that it is, or all that end in it."""
    known = list(paths)
    if word in known:
        return [word]
    return [path for path in known if path.endswith(f"/{word}")] if word else []


def shortest(path: str, paths: Iterable[str]) -> str:
    """The least of a path that means it among others: ``model.py``, or ``a/model.py``."""
    known = list(paths)
    parts = path.split("/")
    tails = ("/".join(parts[-count:]) for count in range(1, len(parts)))
    return next((tail for tail in tails if meant(tail, known) == [path]), path)
