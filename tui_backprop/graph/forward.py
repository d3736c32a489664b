"""Evaluation: values flow from the leaves along the tape.

It stands apart because the whole of it is one loop; the mathematics is in the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.graph.bound import bound_calls
from tui_backprop.graph.settled import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_backprop.graph.bound import Call
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array


def run_forward(
    graph: Graph,
    leaves: Mapping[str, Array],
    literals: Iterable[tuple[int, float]],
    calls: Iterable[Call] | None = None,
) -> Values:
    """Every value; whoever asks is quiet about NaN and infinities, which are data.

    Args:
        graph: the tape.
        leaves: value of every input and constant by name.
        literals: the numbers that the program states, by node id.
        calls: the ops as `bound_calls` has them; left out, they are bound on the way.
    """
    dtype = graph.dtype
    number = dtype.type
    raw: list[Any] = [None] * len(graph.nodes)
    for n, literal in literals:
        raw[n] = number(literal)
    for names in (graph.inputs, graph.constants):
        for name, n in names.items():
            # A number without axes goes on as such: arithmetic with arrays is slower.
            raw[n] = leaves[name][()]
    for n, call in bound_calls(graph.nodes) if calls is None else calls:
        found = call(raw)
        if type(found) is not number and found.dtype is not dtype:
            found = np.asarray(found, dtype=dtype)
        raw[n] = found
    return Values(raw, dtype)
