"""How a screen starts quickly: libraries are imported without what no screen needs.

Each library does without it elsewhere: NumPy without the documentation of its compiled functions
where Python runs with ``-OO``, asyncio without TLS where Python was built without it. Where a
release has no part of such a name, it is imported as ever; what was imported already stays.

Only a process that is the debugger's own does so, while it has no other thread.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

from tui_backprop.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_DOCUMENTATION: Final = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")


@contextmanager
def quick_start() -> Iterator[None]:
    """Set up what makes a screen start quickly; call it before NumPy is imported."""
    # OpenBLAS starts its threads when NumPy is imported, which costs more than the small products
    # of a walk can win back. A person who sets the variable knows better.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Start-up makes much and drops little; the screen turns the collector on again.
    with collector_paused():
        import_numpy()
        yield


def import_numpy() -> None:
    """Import NumPy, where nobody has yet."""
    if "numpy" not in sys.modules:
        with _replaced({name: ModuleType(name) for name in _DOCUMENTATION}):
            import numpy as np  # noqa: F401 - for those who import it later


@contextmanager
def light_textual() -> Iterator[None]:
    """Within it Textual is imported without TLS."""
    with _replaced({"ssl": None}):
        yield


@contextmanager
def _replaced(others: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Within it these stand for modules that nobody has imported; None cannot be imported."""
    known: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is allowed
    away = {name: module for name, module in others.items() if name not in known}
    known.update(away)
    try:
        yield
    finally:
        for name in away:
            known.pop(name, None)
