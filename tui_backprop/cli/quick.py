"""How a screen starts quickly: libraries are imported without what no screen needs.

Each library does without it elsewhere: NumPy without the documentation of its compiled functions
where Python runs with ``-OO``, asyncio without TLS where Python was built without it. Where a
release has no part of such a name, it is imported as ever; what was imported already stays.

Only a process that is the debugger's own does so, while it has no other thread.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quick_start() -> Iterator[None]:
    """Set up what makes a screen start quickly; call it before NumPy is imported."""
    # OpenBLAS starts its threads when NumPy is imported, which costs more than the small products
    # of a walk can win back. A person who sets the variable knows better.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Start-up makes much and drops little; the screen turns the collector on again.
    gc.disable()
    try:
        import_numpy()
        yield
    finally:
        gc.enable()


def import_numpy() -> None:
    """Import NumPy, where nobody has yet."""
    documentation = "numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"
    if "numpy" not in sys.modules:
        with _replaced(*map(ModuleType, documentation)):
            import numpy as np  # noqa: F401 - for those who import it later


@contextmanager
def light_textual() -> Iterator[None]:
    """Within it Textual is imported without TLS."""
    with _replaced(_Absent("ssl")):
        yield


class _Absent(ModuleType):
    """A module that cannot be imported."""


@contextmanager
def _replaced(*others: ModuleType) -> Iterator[None]:
    """Within it these stand for modules of their names; who imports one later has all of it."""
    known: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is allowed
    away = {m.__name__: None if isinstance(m, _Absent) else m for m in others}
    away = {name: module for name, module in away.items() if name not in known}
    known.update(away)
    try:
        yield
    finally:
        for name in away:
            known.pop(name, None)
