"""Counting the agreements and differences of one witness while it runs.

It stands beside the report, which a command line reads without NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.verify.report import Finding, Testimony

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.tolerance import Tolerance
    from tui_backprop.rules.types import Array

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
