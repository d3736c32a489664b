"""What is told of the shipped scenarios, and where it is written down.

The transcripts beside this file are the meaning of the debugger, word for word. A change that means
to change it writes them anew with ``python -m tests.golden``, and the difference is read.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.cli import main
from tui_backprop.cli.trace import FORMATS
from tui_backprop.scenario.files import folder, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping


def _level(path: Path) -> tuple[str, ...]:
    """The first scenarios are told whole, the longer ones in the folders node by node."""
    return () if path.parent == folder() else ("--level", "node")


TRANSCRIPTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{f"{p.stem}.txt": (p.stem, *_level(p)) for p in shipped()},
        **{
            f"vector-double{form.ending}": ("vector-double", "--format", name)
            for name, form in FORMATS.items()
        },
        "vector-double.zh.txt": ("vector-double", "--lang", "zh"),
        "vector-double.ascii.txt": ("vector-double", "--ascii"),
        "vector-double.node.txt": ("vector-double", "--level", "node"),
        "vector-double.skip.txt": ("vector-double", "--zeros", "skip", "--no-formulas"),
        "vector-double.node.json": ("vector-double", "--format", "json", "--level", "node"),
        "vector-double.zh.md": ("vector-double", "--format", "markdown", "--lang", "zh"),
        "vector-double.zh.tex": ("vector-double", "--format", "latex", "--lang", "zh"),
        **{
            f"{name}.plain.{language}.txt": (name, "--plain", "--lang", language)
            for name in ("vector-double", "fan-out", "chain", "where-sqrt", "gradient-accumulation")
            for language in ("en", "zh")
        },
        "mlp-classifier.plain.node.txt": ("mlp-classifier", "--plain", "--level", "node"),
        "mlp-2-3-1.node.tex": ("mlp-2-3-1", "--format", "latex", "--level", "node"),
    }
)
"""File name → the words after ``tui-backprop trace``."""


def file_of(name: str) -> Path:
    """Where a transcript is kept."""
    return Path(__file__).with_name(name)


def tell(name: str) -> str:
    """What the command prints."""
    said = StringIO()
    with redirect_stdout(said):
        status = main(["trace", *TRANSCRIPTS[name]])
    assert status == 0
    return said.getvalue()
