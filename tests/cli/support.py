"""Running the command line in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_backprop.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DOUBLE = """\
format: 1
title: {en: "twice", zh: "两倍"}
inputs: {X: [1, 2, 3]}
program: |
  Y = 2 * X
backward: {of: Y, v: [1, 2, 3]}
expect:
  grad: {X: [2, 4, 6]}
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Said:
    """A command in this process."""
    status = main([str(word) for word in words])
    found = capsys.readouterr()
    return Said(status, found.out, found.err)


def start(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, with no terminal."""
    return subprocess.run(
        [sys.executable, "-m", "tui_backprop", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


def write(folder: Path, text: str | bytes, name: str = "scenario.yaml") -> Path:
    """A scenario file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
