"""Counting agreements while a witness speaks.

It stands apart from the report, which is what remains when the counting is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.verify.report import Finding, Testimony

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT: Final = 5
"""Disagreements that are kept with their numbers; the rest is counted."""


class Tally:
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
        self._compared += 1
        excess = finding.excess
        if excess <= 1:
            if self._worst is None or excess > self._worst.excess:
                self._worst = finding
            return
        remark = kink()
        if remark:
            self._kinks += 1
            self._kink = self._kink or _with(finding, remark)
            return
        self._disagreed += 1
        if len(self._disagreements) < _KEPT:
            self._disagreements.append(finding)
        if self._worst is None or excess > self._worst.excess:
            self._worst = finding

    def agree(self, count: int) -> None:
        """Take in many entries that were found to agree, none of them the worst."""
        self._compared += count

    def differ(self, count: int) -> None:
        """Take in many entries that were found to differ, none of them kept."""
        self._compared += count
        self._disagreed += count

    def skip(self, finding: Finding, why: str) -> None:
        """Take in an entry about which nothing can be said."""
        self._incomparable += 1
        self._silence = self._silence or _with(finding, why)

    def testimony(self, total: int, remark: str = "") -> Testimony:
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
        )


def _with(finding: Finding, remark: str) -> Finding:
    return Finding(finding.entry, finding.engine, finding.witness, finding.tolerance, remark)
