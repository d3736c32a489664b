"""What lies at the top of the project: nothing that somebody left behind."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {
    "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "CITATION.cff",
}  # fmt: skip
FOLDERS = {"tui_backprop", "tests", "scenarios", "findings"}


def test_nothing_else_lies_at_the_top() -> None:
    """Tracked files and folders, but for dot-files."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    words = [git, "-C", str(ROOT), "ls-files", "-z"]
    tracked = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in tracked.split("\0") if name and not name.startswith(".")]
    assert {path.parts[0] for path in paths if len(path.parts) > 1} <= FOLDERS
    assert {path.name for path in paths if len(path.parts) == 1} <= FILES
