"""The few numbers that shape a drawing.

They stand apart because the stages of a layout and its callers share them.
"""

from __future__ import annotations

from typing import Final

from tui_backprop.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How a drawing is laid out.

    Attributes:
        longest_wire: layers that a drawn edge may span; a longer one leaves and arrives as a stub
            that names its other end.
        longest_leaf_wire: the same for edges from nodes without parents: a weight that is read
            again and again is named where it is read, instead of running beside everything.
        most_ports: edges that arrive at one box as wires; further ones share one stub.
        gap: empty columns between two boxes.
        effort: items times rounds that a stage may spend; it makes drawings of a readable size
            good, and large ones still quick.
    """

    longest_wire: int = 16
    longest_leaf_wire: int = 4
    most_ports: int = 16
    gap: int = 2
    effort: int = 60_000

    def rounds(self, items: int, least: int, most: int) -> int:
        """How many passes over ``items`` items the effort pays for."""
        return min(max(self.effort // max(items, 1), least), most)


DEFAULT_OPTIONS: Final = Options()
