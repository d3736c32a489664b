"""A number that somebody derived by hand, about one graph.

It lies below both the reader that finds claims in a scenario and the debugger that checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.tolerance import Tolerance
    from tui_backprop.rules.types import Array, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A gradient, an intermediate adjoint, or partials, as the author of a scenario derived them.

    Attributes:
        text: what is claimed, counted from 0: ``X.grad[1]``, ``dY/dX[0]``.
        value: the claimed numbers; for partials in the shape of ``entries``, then of ``columns``.
        node: whose adjoint it is; of partials, the output y.
        entries: flat positions in ``node``.
        wrt: of partials, the node x that they are taken with respect to, through every path; None
            for an adjoint.
        columns: flat positions in ``wrt``; None for an adjoint.
        after: how many of the passes have been done.
        holds: False where the scenario says itself that the claim is wrong, to teach a slip.
        tolerance: how far it may be from the truth and still be right.
        by: who derived it, by language; a text without one stands under the empty string.
    """

    text: str
    value: Array
    node: int
    entries: IntArray
    wrt: int | None
    columns: IntArray | None
    after: int
    holds: bool
    tolerance: Tolerance
    by: Mapping[str, str]
