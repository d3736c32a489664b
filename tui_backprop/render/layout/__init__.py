"""A layered drawing of a computation graph: boxes and orthogonal wires in terminal cells."""

from tui_backprop.render.layout.canvas import NO_MARKS, Canvas, Labels, Marks
from tui_backprop.render.layout.layers import DEFAULT_OPTIONS, Options
from tui_backprop.render.layout.layout import Layout, Region, layout
from tui_backprop.render.layout.picking import Picked, pick

__all__ = [
    "DEFAULT_OPTIONS",
    "NO_MARKS",
    "Canvas",
    "Labels",
    "Layout",
    "Marks",
    "Options",
    "Picked",
    "Region",
    "layout",
    "pick",
]
