"""What was done wrong in a derivation by hand.

It stands apart from the searches for slips because there are several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True)
class Slip:
    """Something done wrong that gives exactly what is claimed.

    Attributes:
        name: what kind of slip, in a few words.
        text: what was done, and where, in one sentence.
        edge: the edge at which it was done; None where it is no single one.
        node: the node whose contributions were not added up; None otherwise.
        is_of_seed: whether it was done when v was placed.
        is_of_pass: whether it was done where the second pass begins.
    """

    name: str
    text: str
    edge: Edge | None = None
    node: int | None = None
    is_of_seed: bool = False
    is_of_pass: bool = False


Candidates: TypeAlias = "Iterator[tuple[Slip, Array]]"
"""Slips, each with the numbers that it gives."""
