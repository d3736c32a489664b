"""How a screen starts quickly: libraries are imported without what no screen needs.

Each library does without it elsewhere: NumPy without the documentation of its compiled functions
where Python runs with ``-OO``, asyncio without TLS where Python was built without it, PyYAML
without the expressions of its own scanner where it has libyaml's. Together they take longer than
drawing the first screen. Where a release has no part of such a name, it is imported as ever.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENTATION: Final = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")


@contextmanager
def quick_start() -> Iterator[None]:
    """Set up what makes a screen start quickly; call it before NumPy is imported."""
    # OpenBLAS starts its threads when NumPy is imported, which costs more than the small products
    # of a walk can win back. A person who sets the variable knows better.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Start-up makes much and drops little; the screen turns the collector on again.
    gc.disable()
    try:
        import_libraries()
        yield
    finally:
        gc.enable()


def import_libraries() -> None:
    """Import NumPy, asyncio and PyYAML, those that nobody has imported yet.

    It changes what others import meanwhile, so there must be no other thread yet.
    """
    if "numpy" not in sys.modules:
        with _replaced({name: ModuleType(name) for name in _DOCUMENTATION}):
            import numpy as np  # noqa: F401 - for those who import it later
    if "asyncio" not in sys.modules and "ssl" not in sys.modules:
        with _replaced({"ssl": None}):
            import asyncio  # noqa: F401 - likewise
    if "yaml" not in sys.modules:
        with _late_expressions():
            import yaml  # noqa: F401 - likewise


@contextmanager
def _replaced(modules: dict[str, ModuleType | None]) -> Iterator[None]:
    """Within it these modules are others; None is for one that cannot be imported."""
    known: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is allowed
    known.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del known[name]


@contextmanager
def _late_expressions() -> Iterator[None]:
    """Within it a regular expression is compiled when it is first asked, whoever defines it."""
    compiled = re.compile
    re.compile = pattern  # type: ignore[assignment]  # it answers to the same methods
    try:
        yield
    finally:
        re.compile = compiled
