"""Which values must be looked at one by one: those that differ, and the nearest to doing so.

A long program has a million values of one number, and all but a few agree: of these it is enough to
count them, and to keep the worst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.graph.arrays import Values
from tui_backprop.graph.tolerance import excesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.verify.pytorch.numbers import Numbers

_TOGETHER: Final = 8192
"""Nodes that are compared at once."""


def telling(
    evaluation: Evaluation, found: Numbers, rtol: float, atol: float
) -> Iterator[tuple[list[int], int]]:
    """The values of ops, many at a time.

    Args:
        evaluation: with the engine's values.
        found: PyTorch's.
        rtol: what they may differ by, in units of the larger.
        atol: of a sum also, in units of its largest entry.

    Yields:
        The nodes to look at, in order, and how many entries the others have, which all agree.
    """
    nodes = evaluation.graph.nodes
    values = evaluation.node_values
    raw = values.raw if isinstance(values, Values) else values
    for first in range(0, len(nodes), _TOGETHER):
        ops = [node for node in nodes[first : first + _TOGETHER] if node.rule is not None]
        alone = [n.id for n in ops if not n.size or not found.is_small(n.id)]
        small = ops if not alone else [n for n in ops if n.size and found.is_small(n.id)]
        if not small:
            yield alone, 0
            continue
        ids = np.array([node.id for node in small])
        widths = found.widths(ids)
        engine = _entries([raw[node.id] for node in small])
        allowed = _allowed(engine, widths, small, atol)
        worst = _largest(excesses(engine, found.entries(ids), rtol, allowed), widths)
        is_wrong = worst > 1
        looked_at = np.flatnonzero(is_wrong)
        if not is_wrong.all():  # of equal ones the first, as one by one
            looked_at = np.append(looked_at, np.argmax(np.where(is_wrong, -1.0, worst)))
        others = int(widths.sum() - widths[looked_at].sum())
        yield sorted([*alone, *ids[looked_at].tolist()]), others


def _entries(arrays: Sequence[Any]) -> Array:
    """Every entry of some values, one value after the other, as float64."""
    if any(isinstance(x, np.ndarray) for x in arrays):
        return np.concatenate([np.ravel(x) for x in arrays]).astype(np.float64)
    return np.array(arrays, dtype=np.float64)


def _allowed(engine: Array, widths: IntArray, nodes: Sequence[Node], atol: float) -> Array:
    """By how much each entry may differ for being a sum beside large ones."""
    is_sum = [node.rule is not None and not node.rule.elementwise for node in nodes]
    if not any(is_sum):
        return np.zeros(())
    largest = _largest(np.where(np.isfinite(engine), np.abs(engine), 0.0), widths)
    return np.repeat(np.where(is_sum, atol * largest, 0.0), widths)


def _largest(entries: Array, widths: IntArray) -> Array:
    """The largest entry of each value."""
    return np.asarray(np.maximum.reduceat(entries, np.cumsum(widths) - widths))
