"""What a step of the debugger points at in a drawing.

It stands apart because the screen makes it from a frame, and only `canvas` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from tui_backprop.graph.model import Edge


def _none(_node: int) -> str:
    """No glyph at any node."""
    return ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What to point out.

    Attributes:
        node: the current node; its border is heavy.
        edges: the current edges, heavy: those of the node being built, or the one being pulled
            back through.
        is_backward: arrow heads of current edges point up, at their parents.
        pulled: nodes that the backward pass has left behind; their corners are round.
        stop: the glyph of a breakpoint at a node, for a corner of its box; empty for none.
        other: the glyph before a node's value where it is not what it was; empty where it is.
    """

    node: int | None = None
    edges: tuple[Edge, ...] = ()
    is_backward: bool = False
    pulled: Container[int] = ()
    stop: Callable[[int], str] = _none
    other: Callable[[int], str] = _none


NO_MARKS: Final = Marks()
