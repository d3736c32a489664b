"""Following the largest contributions up from an entry, and multiplying them down again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.debug.why.inflows import NOTHING
from tui_backprop.debug.why.trails import Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from tui_backprop.debug.why.inflows import Inflow, Inflows
    from tui_backprop.debug.why.trails import Entry, Hop
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.sums import PassWalk

_PLAIN: Final = 0
"""Multiplied as numbers are."""
_MASKED: Final = 1
"""A partial of 0 lets nothing through."""
_OWN: Final = 2
"""Multiplied as its derivative says."""


class Climb:
    """The way up from an entry, the lowest partial first.

    Attributes:
        entries: that were left on the way, the lowest first.
        is_done: whether it came to the output, or to an entry to which nothing contributes.
    """

    def __init__(self, walk: PassWalk, inflows: Inflows) -> None:
        self.entries: list[Entry] = []
        self.is_done = False
        self._walk = walk
        self._inflows = inflows
        self._pieces: list[tuple[Any, ...]] = []

    def up(self, entry: Entry, known: Container[Entry]) -> Entry:
        """Go on as far as blocks tell; where that ends."""
        of, (node, flat) = self._walk.run.of, entry
        while node != of and (node, flat) not in known:
            block = self._inflows.at(node)
            begin, stop = len(self.entries), block.nodes.stop
            first, starts, children, rows = (
                block.nodes.start,
                block.starts,
                block.children,
                block.rows,
            )
            chosen: list[int] = []
            child = 0
            while node < stop and node != of and (node, flat) not in known:
                at = starts[node - first] + flat
                child = children[at]
                if child < 0:
                    break
                chosen.append(at)
                self.entries.append((node, flat))
                node, flat = child, rows[at]
            self._keep(block, chosen, self.entries[begin:])
            if child < 0:
                self.is_done = child == NOTHING
                return node, flat
        self.is_done = node == of
        return node, flat

    def by_itself(self, hop: Hop, number: int) -> Entry:
        """Go on by a partial that was found otherwise; where it begins."""
        self.entries.append((hop.edge.parent, hop.i))
        self._pieces.append(([number], [hop.j], [hop.i], [hop.partial], [hop.others], [_OWN]))
        return hop.edge.node, hop.j

    def _keep(self, block: Inflow, chosen: list[int], entries: Sequence[Entry]) -> None:
        if not chosen:
            return
        at = np.array(chosen)
        rows = [block.rows[k] for k in chosen]
        kinds = np.where(block.is_plain[at], _PLAIN, _MASKED)
        self._pieces.append(
            (block.numbers[at], rows, [flat for _, flat in entries], block.partials[at],
             [block.others[k] for k in chosen], kinds)
        )  # fmt: skip

    def trail(self, above: tuple[Trail, int], times: Callable[[Array, Hop], Array]) -> Trail:
        """The partials of the way, downwards, behind the first ones of a trail."""
        trail, count = above
        *own, kinds = (np.concatenate(parts)[::-1] for parts in zip(*self._pieces, strict=True))
        own[3] = own[3].astype(trail.products.dtype)
        before = (trail.numbers, trail.rows, trail.columns, trail.partials, trail.others)
        numbers, rows, columns, partials, others = (
            np.concatenate([x[:count], y]) for x, y in zip(before, own, strict=True)
        )
        draft = Trail(trail.walk, trail.top, numbers, rows, columns, partials, others,
                      trail.products[: count + 1])  # fmt: skip
        return replace(draft, products=_multiplied(draft, kinds, count, times))


def trail_from(walk: PassWalk, top: Entry, seed: Array) -> Trail:
    """The trail of no partial."""
    none = np.zeros(0, dtype=np.intp)
    return Trail(walk, top, none, none, none, np.zeros(0, seed.dtype), none, seed.reshape(1))


def _multiplied(
    trail: Trail, kinds: Array, count: int, times: Callable[[Array, Hop], Array]
) -> Array:
    """The products of a trail, whose first ones are known, as the backward pass multiplies."""
    partials = trail.partials[count:]
    last = trail.products[count : count + 1]
    is_special = (kinds == _OWN) | ((kinds == _MASKED) & (partials == 0))
    with np.errstate(all="ignore"):
        if not is_special.any():
            made = np.multiply.accumulate(np.concatenate([last, partials]))
            return np.concatenate([trail.products[:count], made])
        found = [last[0]]
        for at, (partial, kind, special) in enumerate(
            zip(partials, kinds.tolist(), is_special.tolist(), strict=True), count
        ):
            if not special:
                found.append(found[-1] * partial)
            elif kind == _MASKED:
                found.append(partials.dtype.type(0))
            else:
                found.append(times(np.asarray(found[-1]), trail.hop(at))[()])
    return np.concatenate([trail.products[:count], np.array(found, dtype=partials.dtype)])
