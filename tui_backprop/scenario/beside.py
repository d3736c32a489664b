"""Where the commands of a scenario are kept: in a file beside it.

It stands apart because a shipped scenario has no such place. Whether the folder may be written is
asked by who writes: what lies there can be read all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.scenario.shipped import folder

if TYPE_CHECKING:
    from pathlib import Path


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
