"""Evaluation: values flow from the leaves along the tape.

It stands apart because the whole of it is one loop; the mathematics is in the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.graph.arrays import Values
from tui_backprop.progress import reported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.graph.bound import Call


def run_forward(raw: list[Any], calls: Iterable[Call], dtype: np.dtype[Any]) -> Values:
    """Every value; whoever asks is quiet about NaN and infinities, which are data.

    Args:
        raw: of each node, by its id, the number or array of a leaf; the ops' are filled in.
        calls: the ops in tape order, as `bound_calls` has them.
        dtype: of every number.
    """
    number = dtype.type
    for n, call in reported("evaluating", calls, len(raw)):
        found = call(raw)
        if type(found) is not number and found.dtype is not dtype:
            found = np.asarray(found, dtype=dtype)
        raw[n] = found
    return Values(raw, dtype)
