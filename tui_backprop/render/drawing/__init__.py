"""A layered drawing of a computation graph: boxes and orthogonal wires in terminal cells."""

from tui_backprop.render.drawing.canvas import Canvas
from tui_backprop.render.drawing.layout import Layout, Region, layout
from tui_backprop.render.drawing.marks import NO_MARKS, Marks
from tui_backprop.render.drawing.options import DEFAULT_OPTIONS, Options

__all__ = [
    "DEFAULT_OPTIONS",
    "NO_MARKS",
    "Canvas",
    "Layout",
    "Marks",
    "Options",
    "Region",
    "layout",
]
