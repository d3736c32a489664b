"""What ``--version`` says: the versions that a report of a fault needs, read without imports."""

from __future__ import annotations

import argparse
import os
import platform
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tui_backprop import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES: Final = ("numpy", "sympy", "textual", "PyYAML", "torch")
_NAMES: Final = {"numpy": "NumPy", "sympy": "SymPy", "textual": "Textual", "torch": "PyTorch"}


class ShowVersions(argparse.Action):
    """Prints them and leaves."""

    def __init__(self, option_strings: list[str], dest: str, **others: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **others)

    def __call__(self, parser: argparse.ArgumentParser, *_given: Any) -> None:
        """As argparse asks."""
        print(*lines(), sep="\n")
        parser.exit()


def lines() -> Iterator[str]:
    """The program's own version first, then those of what it stands on, then where it runs."""
    # Every start reads this module, and few ask.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - rare

    yield f"tui-backprop {__version__}"
    yield f"Python {platform.python_version()}"
    for package in _PACKAGES:
        try:
            found = version(package)
        except PackageNotFoundError:
            continue
        yield f"{_NAMES.get(package, package)} {found}{_libyaml() if package == 'PyYAML' else ''}"
    yield f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield f"terminal {' '.join(filter(None, map(_told, ('TERM_PROGRAM', 'TERM')))) or 'unknown'}"


def _told(name: str) -> str:
    """What the environment says, as far as it is a word."""
    return "".join(c for c in os.environ.get(name, "")[:40] if c.isprintable())


def _libyaml() -> str:
    """Whether PyYAML has its scanner in C, by whether the file is there."""
    spec = find_spec("yaml")
    folders = (spec.submodule_search_locations if spec else None) or ()
    files = (Path(folder, f"_yaml{ending}") for folder in folders for ending in EXTENSION_SUFFIXES)
    return " with libyaml" if any(file.exists() for file in files) else " without libyaml"
