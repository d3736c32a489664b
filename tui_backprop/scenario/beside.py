"""Where the commands of a scenario are kept: in a file beside it.

It stands apart because a shipped scenario has no such place, and a folder may refuse to be written.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_backprop.scenario.shipped import folder

if TYPE_CHECKING:
    from pathlib import Path


def commands_beside(path: Path | None) -> Path | None:
    """``seed.commands`` beside ``seed.yaml``.

    Args:
        path: of the scenario; None where it came from no file.

    Returns:
        The file, which need not be there; None for a shipped scenario, and where nothing can be
        written.
    """
    if path is None or path.resolve().is_relative_to(folder()):
        return None
    return path.with_suffix(".commands") if os.access(path.parent, os.W_OK) else None
