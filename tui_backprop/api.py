"""What a Python program holds: a scenario that can be traced.

It stands above reader and debugger because it joins them: the reader knows no steps, the debugger
no files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.provenance import Provenance
from tui_backprop.debug.trace import Trace
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.load import load as read
from tui_backprop.scenario.shipped import resolve

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.scenario.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A scenario file, read and checked.

    Attributes:
        model: everything the file says.
        limits: what is refused in it, and in the scenarios that its traces are compared with.
    """

    model: Model
    limits: Limits = DEFAULT_LIMITS

    @property
    def title(self) -> str:
        """The title in English where there is one."""
        return self.model.title.get("en")

    @property
    def path(self) -> Path | None:
        """The file it came from."""
        return self.model.path

    def trace(self) -> Trace:
        """Forward and backward, vectorised; every step of it addressable."""
        model = self.model
        return Trace(
            model.graph,
            model.leaves,
            model.passes,
            zeros=model.view.zeros == "show",
            provenance=Provenance(model.claims, lambda path: load(path, self.limits).trace()),
        )


def load(path: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Scenario:
    """Read a scenario.

    Args:
        path: a file, or the name of a shipped scenario without its ending.
        limits: what to refuse.

    Raises:
        ScenarioError: the file cannot be read or is not a scenario; every problem with its place.
    """
    return Scenario(read(resolve(path), limits), limits)
