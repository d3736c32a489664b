"""How large the arrays were that a saved walk does not hold, read and looked at."""

from __future__ import annotations

from math import isnan, prod
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from tui_backprop.graph.model import Edge
from tui_backprop.graph.sizes import Size
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.attach.saved.archive import Archive
    from tui_backprop.attach.saved.item import Item
    from tui_backprop.rules.types import Array, Shape


class SavedSizes(NamedTuple):
    """What is known of arrays that are not there.

    Attributes:
        item: where the head says so.
        values: by node.
        cotangents: likewise.
        edges: of what edges handed on.
        told: those of these edges whose op tells what it hands on.
    """

    item: Item
    values: dict[int, Size]
    cotangents: dict[int, Size]
    edges: dict[Edge, Size]
    told: frozenset[Edge]

    @classmethod
    def read(
        cls,
        archive: Archive,
        item: Item,
        shapes: Sequence[Shape],
        parents: Sequence[tuple[int, ...]],
    ) -> Self:
        """Read them; each is one that an array of its shape may have."""
        fields = item.keys(("values", "cotangents", "contributions", "told"))
        last = len(shapes) - 1
        values, v = (fields[key].numbers(0, last) for key in ("values", "cotangents"))
        edges = edges_of(fields["contributions"], parents)
        told = edges_of(fields["told"], parents)
        if not set(told) <= set(edges):
            fields["told"].refuse(said("expected edges whose size is told"))
        of = [*values, *v, *(edge.parent for edge in edges)]
        numbers = archive.array("sizes", 3 * len(of), np.dtype(np.float64)).reshape(-1, 3)
        found = [
            _size(item, row, prod(shapes[n])) for n, row in zip(of, numbers.tolist(), strict=True)
        ]
        first, second = len(values), len(values) + len(v)
        return cls(
            item,
            dict(zip(values, found[:first], strict=True)),
            dict(zip(v, found[first:second], strict=True)),
            dict(zip(edges, found[second:], strict=True)),
            frozenset(told),
        )

    def check_others(
        self, values: Sequence[Array | None], cotangents: Sequence[Array | None]
    ) -> None:
        """Refuse a size of an array that is there."""
        for sizes, arrays in ((self.values, values), (self.cotangents, cotangents)):
            if any(arrays[n] is not None for n in sizes):
                self.item.refuse(said("expected sizes of arrays that are not there"))


def edges_of(item: Item, parents: Sequence[tuple[int, ...]]) -> list[Edge]:
    """Edges by node and argument, ascending."""
    found: list[Edge] = []
    for part in item.items():
        pair = part.items(2)
        if len(pair) != 2:
            part.refuse(said("expected a node and an argument"))
        n = pair[0].whole(0, len(parents) - 1)
        a = pair[1].whole(0, len(parents[n]) - 1)
        if found and (found[-1].node, found[-1].argument) >= (n, a):
            part.refuse(said("expected ascending edges, each once"))
        found.append(Edge(parents[n][a], n, a))
    return found


def _size(item: Item, row: list[float], most: int) -> Size:
    norm, *counts = row
    is_right = all(count.is_integer() and count >= 0 for count in counts) and sum(counts) <= most
    if not is_right or not (norm >= 0 or isnan(norm)):
        told = said("{row} is no norm and no counts of {most} entries", row=row, most=f"{most:,}")
        item.refuse(told)
    return Size(norm, int(counts[0]), int(counts[1]))
