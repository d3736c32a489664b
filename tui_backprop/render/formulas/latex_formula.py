"""The formula of a partial in LaTeX, from the expression that the plain formula is written from.

It stands apart so that `symbolic` can load it, and SymPy with it, when the first one is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.formulas.algebra import write_by
from tui_backprop.render.formulas.latex import LatexHand

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.formulas.symbolic import Formula
    from tui_backprop.render.text.names import Namer


def write(evaluation: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer) -> Formula:
    """The formula of ∂y_j/∂x_i; see `algebra.write_by`."""
    return write_by(LatexHand(), evaluation, edge, place, namer)
