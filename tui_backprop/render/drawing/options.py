"""The few numbers that shape a drawing.

They stand apart because the stages of a layout and its callers share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Options:
    """How a drawing is laid out.

    Attributes:
        longest_wire: layers that a drawn edge may span; a longer one leaves and arrives as a stub
            that names its other end.
        longest_leaf_wire: the same for edges from nodes without parents: a weight that is read again
            and again is named where it is read, instead of running along beside everything.
        most_ports: edges that arrive at one box as wires; further ones share one stub.
        gap: empty columns between two boxes.
        ordering_passes: barycentre passes over the whole graph.
        placement_passes: passes that draw boxes to the mean of their neighbours.
        effort: items times rounds that may be spent on exchanging neighbours that cross; it is
            what makes drawings of a readable size good, and large ones still quick.
    """

    longest_wire: int = 16
    longest_leaf_wire: int = 4
    most_ports: int = 16
    gap: int = 2
    ordering_passes: int = 16
    placement_passes: int = 16
    effort: int = 60_000


DEFAULT_OPTIONS: Final = Options()
