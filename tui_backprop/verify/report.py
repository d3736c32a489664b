"""What the witnesses say: numbers compared and counted, the worst entry, the verdict."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.tolerance import Tolerance
    from tui_backprop.rules.types import Array


class Verdict(Enum):
    """The result of one witness, or of all of them."""

    AGREE = "agree"
    """Every number compared agrees."""
    KINK = "kink"
    """Every number agrees but some at a kink, where the derivative is a choice."""
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
    """

    testimonies: tuple[Testimony, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest of them."""
        found = {t.verdict for t in self.testimonies}
        order = (Verdict.DISAGREE, Verdict.KINK, Verdict.AGREE)
        return next((v for v in order if v in found), Verdict.SILENT)

    @property
    def is_sound(self) -> bool:
        """Whether no witness disagrees."""
        return self.verdict is not Verdict.DISAGREE


_KEPT: Final = 5
"""Disagreements that are kept with their numbers; the rest is counted."""

_SHOWN: Final = 8
"""Of one array, looked at for the worst."""


class Counter:
    """The findings of one witness so far."""

    def __init__(self, witness: str) -> None:
        self.witness = witness
        self._compared = 0
        self._kinks = 0
        self._incomparable = 0
        self._disagreed = 0
        self._worst: Finding | None = None
        self._disagreements: list[Finding] = []
        self._kink: Finding | None = None
        self._silence: Finding | None = None

    def compare(self, finding: Finding, kink: Callable[[], str] = str) -> None:
        """Take in two numbers for one entry.

        Args:
            finding: the numbers.
            kink: asked only where they differ: why that is no error, or nothing.
        """
        excess = finding.excess
        remark = kink() if excess > 1 else ""
        if remark:
            self.excuse(finding, remark)
        elif excess > 1:
            self.disagree(finding)
        else:
            self._compared += 1
            self._weigh(finding)

    def disagree(self, finding: Finding, count: int = 1) -> None:
        """Take in entries that are not what they must be; one of them is named."""
        self._compared += count
        self._disagreed += count
        if len(self._disagreements) < _KEPT:
            self._disagreements.append(finding)
        self._weigh(finding)

    def agree(self, count: int) -> None:
        """Take in entries that are what they must be, whatever their numbers."""
        self._compared += count

    def _weigh(self, finding: Finding) -> None:
        if self._worst is None or finding.excess > self._worst.excess:
            self._worst = finding

    def compare_all(
        self, entry: Callable[[int], str], engine: Array, witness: Array, tolerance: Tolerance
    ) -> None:
        """Take in two flat arrays: the interesting entries one by one, the others counted.

        Args:
            entry: a place → what it is called.
            engine: our numbers, float64.
            witness: the others.
            tolerance: how far apart they may be.
        """
        if self._worst is not None and np.array_equal(engine, witness):
            self._compared += len(engine)  # a program has many arrays, and none of these is worse
            return
        excess = tolerance.excesses(engine, witness)
        wrong = np.flatnonzero(excess > 1)
        shown = {int(k) for k in wrong[:_SHOWN]} | {int(k) for k in np.argsort(-excess)[:1]}
        for k in sorted(shown):
            self.compare(Finding(entry(k), float(engine[k]), float(witness[k]), tolerance))
        hidden = len(wrong) - len(shown.intersection(wrong.tolist()))
        self._compared += len(engine) - len(shown)
        self._disagreed += hidden

    def excuse(self, finding: Finding, why: str, count: int = 1) -> None:
        """Take in entries that differ where the derivative is a choice; one of them is named."""
        self._compared += count
        self._kinks += count
        self._kink = self._kink or _with(finding, why)

    def skip(self, finding: Finding, why: str, count: int = 1) -> None:
        """Take in entries about which nothing can be said; one of them is named."""
        self._incomparable += count
        self._silence = self._silence or _with(finding, why)

    def testimony(self, total: int, remark: str = "", reports: tuple[str, ...] = ()) -> Testimony:
        """What has been found, of ``total`` entries that there are."""
        return Testimony(
            witness=self.witness,
            total=total,
            compared=self._compared,
            kinks=self._kinks,
            incomparable=self._incomparable,
            disagreed=self._disagreed,
            worst=self._worst,
            disagreements=tuple(self._disagreements),
            kink=self._kink,
            silence=self._silence,
            remark=remark,
            reports=reports,
        )


def _with(finding: Finding, remark: str) -> Finding:
    return Finding(finding.entry, finding.engine, finding.witness, finding.tolerance, remark)
