"""How the program of the product says the points: as the point itself is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.api import Scenario
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tests.conventions.points import Point


def evaluate(point: Point) -> tuple[Any, list[Any]]:
    """The value and a gradient for each input; None where nothing comes back."""
    leaves = "".join(f"  {name}: {_written(x)}\n" for name, x in point.inputs.items())
    trace = Scenario(
        loads(f"format: 1\ninputs:\n{leaves}program: |\n  result = {point.of}\n")
    ).trace()
    value = np.asarray(trace.value(trace.graph.names["result"]))
    return value, [trace.grad.get(name) for name in point.inputs]


def _written(x: Any) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_written, x))}]"
    return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(repr(x), repr(x))
