"""A layered drawing of a computation graph: boxes and orthogonal wires in terminal cells."""

from tui_backprop.render.layout.canvas import NO_MARKS, Canvas, Labels, Marks, Picked, pick
from tui_backprop.render.layout.layers import DEFAULT_OPTIONS, Options
from tui_backprop.render.layout.layout import Layout, Region, layout

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
