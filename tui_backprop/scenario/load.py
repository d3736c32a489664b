"""Reads a scenario. (In progress.)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.scenario.model import Model


def load(path: Path, limits: Limits = DEFAULT_LIMITS) -> Model:
    """Read a scenario file."""
    raise NotImplementedError
