"""A debugger for gradients that lives in the terminal.

    import tui_backprop as tb

    trace = tb.load("vector-double").trace()
    trace.grad["X"]
    frame = trace.timeline[9]

Importing loads neither Textual nor Rich nor SymPy; NumPy and the engine come with the first name
that is asked for, so that the command line can decide how they start.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tui_backprop.version import __version__ as __version__

if TYPE_CHECKING:
    from tui_backprop.api import Scenario, load
    from tui_backprop.attach.function import trace
    from tui_backprop.attach.pytorch.recording import recording
    from tui_backprop.attach.pytorch.trace import attach
    from tui_backprop.attach.saved.reader import open_walk
    from tui_backprop.cli.live import debug
    from tui_backprop.debug.debugger import Debugger as Session
    from tui_backprop.errors import ScenarioError, TraceError, TuiBackpropError, UnknownError
    from tui_backprop.limits import Limits
    from tui_backprop.timeline.frame import Phase
    from tui_backprop.timeline.timeline import Frame, Timeline
    from tui_backprop.timeline.trace import Trace

__all__ = [
    "Frame",
    "Limits",
    "Phase",
    "Scenario",
    "ScenarioError",
    "Session",
    "Timeline",
    "Trace",
    "TraceError",
    "TuiBackpropError",
    "UnknownError",
    "attach",
    "debug",
    "load",
    "open_walk",
    "recording",
    "trace",
]

_HOMES = {
    "Frame": "timeline.timeline",
    "Limits": "limits",
    "Phase": "timeline.frame",
    "Scenario": "api",
    "ScenarioError": "errors",
    "Session": "debug.debugger",
    "Timeline": "timeline.timeline",
    "Trace": "timeline.trace",
    "TraceError": "errors",
    "TuiBackpropError": "errors",
    "UnknownError": "errors",
    "recording": "attach.pytorch.recording",
    "load": "api",
    "open_walk": "attach.saved.reader",
    "trace": "attach.function",
}
_NAMES_THERE = {"Session": "Debugger"}
"""What a public name is called at home, where that differs."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _CALLED:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    found = getattr(home, _NAMES_THERE.get(name, name))
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


_CALLED = {"attach": "attach.pytorch.trace", "debug": "cli.live"}
"""Functions that bear the name of a part of this package, and their homes."""


class _CalledPart(ModuleType):
    """A part of this package that can be called as well, as in ``tb.debug(loss)``."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """The function of that name, which has the documentation."""
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(f"{__name__}.{_CALLED[name]}"), name)(*given, **named)


class _Package(ModuleType):
    """This package. Importing a part binds its name here: some parts become functions by it."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Bind a name."""
        if name in _CALLED and type(value) is ModuleType:
            value.__class__ = _CalledPart
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
