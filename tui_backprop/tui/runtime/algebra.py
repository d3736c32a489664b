"""What no first screen waits for: the panes of later steps, and the algebra."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Final

from tui_backprop.language.catalogue import language_of
from tui_backprop.render.formulas.symbolic import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

_SWITCH: Final = 0.0005
"""Seconds after which the thread lets a key through; Python's default of 0.005 is felt."""

_NEXT: Final = "tui_backprop.render.panes.jacobian", "tui_backprop.render.panes.vectors", "wcwidth"
"""Modules that some key soon needs, and that take longer to import than a key may take."""


def load_algebra(then: Callable[[], object], language: str = "en") -> None:
    """Import SymPy in a thread of its own, then call ``then`` from it.

    Before that, import what the next steps show, and read the catalogue of the language in which
    answers are told.

    The thread does not keep the program from leaving.
    """
    Thread(target=_load, args=(then, language), name="algebra", daemon=True).start()


def _load(then: Callable[[], object], language: str) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        for name in _NEXT:
            import_module(name)
        language_of(language)
        prepare()
    finally:
        sys.setswitchinterval(before)
    then()
