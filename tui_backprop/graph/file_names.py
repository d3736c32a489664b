"""What the files of a program are called: by as much of their paths as tells them apart.

A path is written with ``/``, whatever the system; of a file below a folder, from there.
"""

from __future__ import annotations

import os.path
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


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


def heading(path: str, paths: Iterable[str], first: int) -> str:
    """What stands above the lines of a file in a program that is made of several."""
    return f"# {shortest(path, paths)}, from line {first}"


def place_of(program: str, files: Mapping[str, int], line: int) -> str:
    """The file and line that a line of a program is, as they are typed: ``model.py:31``.

    Args:
        program: the text.
        files: the path of each file, and what is added to its lines to have those of the text.
        line: of the text, from 1.

    Returns:
        The place; empty where the program is made of no files.
    """
    if len(files) == 1:
        ((path, offset),) = files.items()
        return f"{shortest(path, files)}:{line - offset}"
    above = program.splitlines()[: max(line - 1, 0)]
    for at in range(len(above), 0, -1):
        for path, offset in files.items() if above[at - 1].startswith("# ") else ():
            if above[at - 1] == heading(path, files, at + 1 - offset):
                return f"{shortest(path, files)}:{line - offset}"
    return ""
