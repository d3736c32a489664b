"""The local Jacobians of many ops that are alike, of all of them at once."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from tui_backprop.graph.arrays import held, stacked
from tui_backprop.graph.jacobian import coordinates
from tui_backprop.graph.model import Edge
from tui_backprop.rules.derivative import Structural
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.health.alike import Alike
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array, Shape


class _NotByEntryError(Exception):
    """A row reads more of an operand than the entries at the places that it is asked for."""


class _Stacked:
    """Arrays of one shape that are indexed as if there were only one.

    It answers what rows ask of operands, as symbols do: the shape, and entries by coordinates.
    """

    def __init__(self, arrays: Array, places: Shape) -> None:
        self.shape = arrays.shape[1:]
        self.ndim = len(self.shape)
        self.dtype = arrays.dtype
        self._arrays = arrays
        self._places = places

    def __getitem__(self, index: Any) -> Array:
        at = index if isinstance(index, tuple) else (index,)
        is_whole = len(at) == self.ndim and not any(isinstance(c, slice) or c is None for c in at)
        if not is_whole or np.broadcast_shapes(*map(np.shape, at)) not in {(), self._places}:
            raise _NotByEntryError
        found = self._arrays[(slice(None), *at)]
        # Of one place for all places that are asked for.
        return found if found.ndim > 1 else found[:, None]

    def __array__(self, *_args: object, **_more: object) -> NoReturn:
        raise _NotByEntryError

    def __iter__(self) -> NoReturn:
        raise _NotByEntryError


def stacked_entries(
    evaluation: Evaluation, group: Alike, argument: int, numbers: Sequence[int]
) -> Array | None:
    """The partials inside the pattern of one argument of many ops, a row for each op.

    None where that is not to be had: the pattern depends on numbers, or the row states its entries
    by more than the entries of its operands.
    """
    derivative = group.rule.derivatives[argument]
    if not isinstance(derivative, Structural) or derivative.is_picked or derivative.part.regroups:
        return None
    first, nodes, values = group.first, evaluation.graph.nodes, evaluation.node_values
    pattern = evaluation.patterns.of(Edge(first.parents[argument], first.id, argument))
    places = pattern_entries(pattern, range(pattern.shape[1]))
    count = places[0].size
    if not count:
        return None
    asked = _unlike(count, (len(numbers), *_lengths(first.shape, *group.shapes)))
    j, i = (np.pad(x, (0, asked - count), mode="edge") for x in places)
    at = coordinates(j, first.shape), coordinates(i, group.shapes[argument])

    def read(chosen: Sequence[int], shape: Shape) -> _Stacked:
        return _Stacked(stacked(held(values, chosen), shape, evaluation.graph.dtype), j.shape)

    y = read(numbers, first.shape)
    operands = [
        read([nodes[n].parents[k] for n in numbers], own) for k, own in enumerate(group.shapes)
    ]
    try:
        with np.errstate(all="ignore"):
            found = derivative.part.entry(np, *at, y, *operands, **first.params)
        partials = np.asarray(found, dtype=evaluation.graph.dtype)
        if partials.ndim and partials.shape[-1] not in {1, asked}:
            return None
        return np.broadcast_to(partials, (len(numbers), asked))[:, :count]
    except (_NotByEntryError, AttributeError, IndexError, TypeError, ValueError):
        return None


def _unlike(count: int, lengths: Sequence[int]) -> int:
    """How many places to ask for: no fewer, and not as many as anything else is long.

    So a row that reads a whole axis is told from one that reads an entry for each place.
    """
    return next(n for n in range(count, count + len(lengths) + 3) if n not in lengths and n > 1)


def _lengths(*shapes: Shape) -> Iterator[int]:
    for shape in shapes:
        yield from (*shape, prod(shape))
