"""What lies at the top of the project: nothing that somebody left behind; and its one version."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

import tui_backprop

ROOT = Path(__file__).parent.parent
FILES = {
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
}
FOLDERS = {".ci", ".github", "findings", "scenarios", "tests", "tui_backprop"}


def test_nothing_else_lies_at_the_top() -> None:
    """Every tracked file and folder, those with a dot too."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    words = [git, "-C", str(ROOT), "ls-files", "-z"]
    tracked = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in tracked.split("\0") if name]
    assert {path.parts[0] for path in paths if len(path.parts) > 1} == FOLDERS
    assert {path.name for path in paths if len(path.parts) == 1} == FILES


def test_there_is_one_version() -> None:
    """The program's, the changelog's newest, and the one to cite, with one date."""
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heading = re.search(r"^## \[(\d[\w.]*)\] - (\S+)$", changes, flags=re.MULTILINE)
    assert heading is not None
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (str(cited["version"]), str(cited["date-released"])) == heading.groups()
    assert heading[1] == tui_backprop.__version__


def test_types_are_declared() -> None:
    """So that type checkers read the annotations of an installed package."""
    assert files("tui_backprop").joinpath("py.typed").is_file()
