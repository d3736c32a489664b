"""The keys of claims: what an author says a gradient or a partial is."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.scenario.kinds import Choice, Integer, Real, Words
from tui_backprop.scenario.leaves import LEAF
from tui_backprop.scenario.records import Named, Record, Variants, key
from tui_backprop.scenario.texts import TEXT

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Kind, Word
    from tui_backprop.scenario.leaves import Leaf
    from tui_backprop.scenario.texts import Texts
    from tui_backprop.scenario.yaml_tree import Span


VALUE_NAME: Final = Words(said("the name of a value"))
"""What a value is called in complaints."""
_GRADIENT: Final = Words(said("a gradient"))


@dataclass(frozen=True, slots=True)
class QuotientFields:
    """``{of: Y, wrt: X}``."""

    of: Word | None = field(metadata=key(VALUE_NAME, "The output, or entries of it: Y, Y[1]."))
    wrt: Word | None = field(
        metadata=key(
            VALUE_NAME,
            "What it is differentiated with respect to, through every path: X, X[0].",
        )
    )


_HOLDS: Final = key(
    Choice((True, False)), "False for a claim that is wrong on purpose, to teach a slip."
)
_BY: Final = key(TEXT, "Who derived it, or where it is printed.")
_RTOL: Final = key(Real(0), "Relative tolerance.")
_ATOL: Final = key(Real(0), "Absolute tolerance.")


@dataclass(frozen=True, slots=True, eq=False)
class AdjointClaimFields:
    """``{of: X.grad, value: [2, 4, 6]}``."""

    span: Span
    of: Word | None = field(
        metadata=key(
            _GRADIENT,
            "A gradient, the adjoint of an intermediate value, or entries: X.grad, h.grad[1].",
        )
    )
    value: Leaf | None = field(metadata=key(LEAF, "The numbers, in the shape of what is claimed."))
    after: int | None = field(
        metadata=key(
            Integer(1), "After how many items of 'backward' it is claimed. Left out: after all."
        ),
        default=None,
    )
    holds: bool | None = field(metadata=_HOLDS, default=True)
    by: Texts | None = field(metadata=_BY, default=None)
    rtol: float | None = field(metadata=_RTOL, default=1e-6)
    atol: float | None = field(metadata=_ATOL, default=1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class PartialClaimFields:
    """``{partial: {of: Y, wrt: X}, value: [[2, 0], [0, 2]]}``."""

    span: Span
    partial: QuotientFields | None = field(
        metadata=key(Record(QuotientFields), "Which partials: dY/dX through the whole graph.")
    )
    value: Leaf | None = field(
        metadata=key(
            LEAF,
            "The numbers, in the shape of what is claimed: that of 'of', then that of 'wrt'. For "
            "vectors the matrix J.",
        )
    )
    holds: bool | None = field(metadata=_HOLDS, default=True)
    by: Texts | None = field(metadata=_BY, default=None)
    rtol: float | None = field(metadata=_RTOL, default=1e-6)
    atol: float | None = field(metadata=_ATOL, default=1e-9)


AnyClaim: TypeAlias = "AdjointClaimFields | PartialClaimFields"

CLAIM: Final[Kind[AnyClaim]] = Named(
    "claim",
    Variants({"partial": Record(PartialClaimFields), "of": Record(AdjointClaimFields)}),
)
