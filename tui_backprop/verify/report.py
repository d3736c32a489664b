"""What the witnesses say: numbers compared, the worst entry, the verdict."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from tui_backprop.graph.tolerance import Tolerance


class Verdict(Enum):
    """The result of one witness, or of all of them."""

    AGREE = "agree"
    """Every number compared agrees."""
    KINK = "kink"
    """Every number agrees but some at a kink, where the derivative is a choice."""
    PLANTED = "disagree, as planted"
    """Some number differs, and it is the planted bug that makes it."""
    DISAGREE = "disagree"
    """Some number differs where it must not."""
    SILENT = "nothing compared"
    """There was nothing that this witness could compare."""
    ABSENT = "not asked"
    """This witness takes a library that is not there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One entry and the two numbers for it.

    Attributes:
        entry: which, counted from 0: ``dY[1]/dX[1]``, ``X.grad[1]``, ``Y[1]``.
        engine: our number.
        witness: the other one.
        tolerance: how far apart they may be.
        remark: why it counts as it does, such as the convention at a kink; may be empty.
    """

    entry: str
    engine: float
    witness: float
    tolerance: Tolerance
    remark: str = ""

    @property
    def absolute(self) -> float:
        """|engine − witness|; 0 for two equal infinities or two NaN."""
        return self.tolerance.distance(self.engine, self.witness)

    @property
    def relative(self) -> float:
        """The difference against the larger of the two; 0 where both are 0."""
        larger = max(abs(self.engine), abs(self.witness))
        return self.absolute / larger if self.absolute and larger else 0.0

    @property
    def excess(self) -> float:
        """The distance in units of the tolerance: above 1 the two disagree."""
        return self.tolerance.excess(self.engine, self.witness)


@dataclass(frozen=True, slots=True)
class Testimony:
    """Everything that one witness found.

    Attributes:
        witness: its name: ``SymPy``, ``differences``, ``expect``, ``PyTorch``, ``claims``.
        total: how many numbers the scenario has for it.
        compared: how many of them were compared; those at kinks and those that differ included.
        kinks: how many differ at a kink.
        incomparable: how many it looked at without being able to say anything.
        disagreed: how many differ.
        worst: the entry with the largest error for its tolerance, kinks apart; None if none.
        disagreements: the first entries that differ.
        kink: the first entry that differs at a kink; None if none.
        silence: the first entry that it could say nothing about; None if none.
        remark: why less than everything was compared; may be empty.
        is_absent: whether the witness is not there at all, and could not be asked.
        reports: what else is to be said, a line each.
    """

    witness: str
    total: int
    compared: int
    kinks: int = 0
    incomparable: int = 0
    disagreed: int = 0
    worst: Finding | None = None
    disagreements: tuple[Finding, ...] = ()
    kink: Finding | None = None
    silence: Finding | None = None
    remark: str = ""
    is_absent: bool = False
    reports: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """One word for all of it."""
        if self.is_absent:
            return Verdict.ABSENT
        if self.disagreed:
            return Verdict.DISAGREE
        if not self.compared:
            return Verdict.SILENT
        return Verdict.KINK if self.kinks else Verdict.AGREE


@dataclass(frozen=True, slots=True)
class Report:
    """What all witnesses found about one scenario.

    Attributes:
        testimonies: one per witness, always in the same order; of claims where there are any.
        is_planted: whether what disagrees does so by a planted bug, and by nothing else.
    """

    testimonies: tuple[Testimony, ...]
    is_planted: bool = False

    @property
    def verdict(self) -> Verdict:
        """The gravest of them."""
        if self.is_planted:
            return Verdict.PLANTED
        found = {t.verdict for t in self.testimonies}
        order = (Verdict.DISAGREE, Verdict.KINK, Verdict.AGREE)
        return next((v for v in order if v in found), Verdict.SILENT)

    @property
    def is_sound(self) -> bool:
        """Whether no witness disagrees."""
        return self.verdict is not Verdict.DISAGREE
