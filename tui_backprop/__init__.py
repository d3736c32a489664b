"""A debugger for gradients that lives in the terminal.

    import tui_backprop as tb

    trace = tb.load("vector-double").trace()
    trace.grad["X"]
    frame = trace.timeline[9]

Importing loads neither Textual nor Rich nor SymPy.
"""

from tui_backprop.api import Scenario, load
from tui_backprop.debug.frame import Frame, Phase
from tui_backprop.debug.session import Session
from tui_backprop.debug.timeline import Timeline
from tui_backprop.debug.trace import Trace
from tui_backprop.errors import ScenarioError, TuiBackpropError
from tui_backprop.limits import Limits

__all__ = [
    "Frame",
    "Limits",
    "Phase",
    "Scenario",
    "ScenarioError",
    "Session",
    "Timeline",
    "Trace",
    "TuiBackpropError",
    "load",
]
__version__ = "0.1.0"
