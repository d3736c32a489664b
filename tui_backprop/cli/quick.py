"""How a screen starts quickly: libraries are imported without what no screen needs.

Each library does without it elsewhere: NumPy without the documentation of its compiled functions
where Python runs with ``-OO``, asyncio without TLS where Python was built without it, PyYAML
without the expressions of its own scanner where it has libyaml's; and nobody runs type hints.
Together this takes longer than drawing the first screen. Where a release has no part of such a
name, it is imported as ever; what was imported already stays.

Only a process that is the debugger's own does so, while it has no other thread.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from tui_backprop.pattern import pattern

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
        import_libraries()
        yield
    finally:
        gc.enable()


def import_libraries() -> None:
    """Import NumPy and PyYAML, those that nobody has imported yet."""
    documentation = "numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"
    if "numpy" not in sys.modules:
        with _replaced(*map(ModuleType, documentation), _Hints("numpy._typing")):
            import numpy as np  # noqa: F401 - for those who import it later
    if "yaml" not in sys.modules:
        with _late_expressions():
            import yaml  # noqa: F401 - likewise


@contextmanager
def light_textual() -> Iterator[None]:
    """Within it Textual is imported without TLS, and without the widgets that its hints name."""
    with _replaced(_Absent("ssl"), _Hints("textual.types")):
        yield


class _Absent(ModuleType):
    """A module that cannot be imported."""


class _Hint(str):
    """The name of a type, which may have parameters and stand in a union."""

    __slots__ = ()

    def __getitem__(self, _parameters: object) -> _Hint:
        return self

    def __or__(self, _other: object) -> _Hint:
        return self

    __ror__ = __or__


class _Hints(ModuleType):
    """A module of nothing but types, each of which is its own name."""

    def __getattr__(self, name: str) -> _Hint:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Hint(f"{self.__name__}.{name}")


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


@contextmanager
def _late_expressions() -> Iterator[None]:
    """Within it a regular expression is compiled when it is first asked, whoever defines it."""
    compiled = re.compile
    re.compile = pattern  # type: ignore[assignment]  # it answers to the same methods
    try:
        yield
    finally:
        re.compile = compiled
