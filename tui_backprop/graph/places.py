"""Places as people write them, such as ``h@2`` or ``X.grad[1, 2]``: which node, which entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Shape


@dataclass(frozen=True, slots=True)
class Written:
    """A place in its parts; none of them is looked up yet.

    Attributes:
        name: of a node.
        is_gradient: whether ``.grad`` stands behind it.
        index: what stands between brackets; None where there are none.
    """

    name: str
    is_gradient: bool
    index: str | None


def split_place(text: str, name: str, index: str) -> Written | None:
    """The parts of a place; None where it is none.

    Args:
        text: as it was written, with spaces around it or without.
        name: the pattern of a name where it was written.
        index: the pattern of what may stand between brackets there.
    """
    found = re.fullmatch(rf"(?a)\s*({name})(\.grad)?\s*(?:\[({index})\])?\s*", text)
    return None if found is None else Written(found[1], bool(found[2]), found[3])


def node_called(name: str, graph: Graph, *, is_gradient: bool) -> int | None:
    """The node of a name: ``X.grad`` is of the input, even where the program binds X again."""
    found = graph.inputs.get(name) if is_gradient else None
    return graph.names.get(name) if found is None else found


def entry_at(index: Sequence[int], shape: Shape) -> tuple[int, ...] | None:
    """Coordinates from 0, negative ones counted from the end; None where there is no such entry.

    Fewer than there are axes name a row or a block.
    """
    fits = len(index) <= len(shape) and all(-n <= k < n for k, n in zip(index, shape, strict=False))
    return tuple(k % n for k, n in zip(index, shape, strict=False)) if fits else None
