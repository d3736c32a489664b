"""The formula of a step's partial, made when it is asked for and then kept.

SymPy takes a third of a second to import, too long before the first frame: it is imported when the
first formula is asked for.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.kinks import followed_at
from tui_backprop.render.text.numbers import DEFAULT

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.names import Namer
    from tui_backprop.timeline.timeline import Frame

_ALGEBRA = "tui_backprop.render.formulas.algebra"
_POINTS = "tui_backprop.rules.conventions.points"
_LATEX = "tui_backprop.render.formulas.latex"


@dataclass(frozen=True, slots=True)
class Formula:
    """A partial as mathematics, in plain text or in LaTeX.

    Attributes:
        function: what is differentiated, such as ``2·x₂``, or ``x′·x″`` for ``x * x``.
        variable: what it is differentiated by, such as ``x₂`` or ``x′``.
        partial: its derivative, such as ``2``, ``1 − tanh²(x₂)`` or ``x″``.
        symbolic: the same in the entries' own names, without primes.
    """

    function: str
    variable: str
    partial: str
    symbolic: str


def prepare() -> None:
    """Load what a partial is explained by; meant for a thread after the first frame."""
    import_module(_POINTS)
    _algebra().warm_up()


def has_formula(frame: Frame) -> bool:
    """Whether a row of the table states the op of a frame; nobody knows a formula of others."""
    rule = frame.node.rule
    return rule is not None and not rule.computed_by


def formula(frame: Frame, namer: Namer, digits: int = DEFAULT.digits) -> Formula | None:
    """The formula of a frame's partial, its numbers with so many digits; None where it has none."""
    if frame.edge is None or not has_formula(frame):
        return None
    if followed_at(frame.timeline.trace, frame.edge, frame.row, frame.column):
        return None  # the formula is the table's, which the walk leaves here
    return _formula(frame.timeline.trace, frame.edge, (frame.row, frame.column), namer, digits)


def latex(frame: Frame, namer: Namer) -> Formula | None:
    """The formula of a frame's partial in LaTeX, by a namer that writes Unicode."""
    if frame.edge is None or not has_formula(frame):
        return None
    place = frame.row, frame.column
    written: Formula = import_module(_LATEX).write(frame.timeline.trace, frame.edge, place, namer)
    return written


@lru_cache(maxsize=512)
def _formula(
    trace: Evaluation, edge: Edge, place: tuple[int, int], namer: Namer, digits: int
) -> Formula:
    written: Formula = _algebra().write(trace, edge, place, namer, digits)
    return written


def _algebra() -> Any:
    return import_module(_ALGEBRA)
