"""What ``check`` prints: a table, the disagreements with both numbers, one line to end with.

It stands apart from the command because a table and a JSON object say the same.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.json import json_text, spelled
from tui_backprop.render.text.spans import printable
from tui_backprop.render.text.table import Heading, table
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.errors import TuiBackpropError
    from tui_backprop.verify.report import Finding, Report, Testimony

_HEADINGS: Final = (
    Heading("scenario", is_elastic=True),
    Heading("witness"),
    Heading("compared", "right"),
    Heading("abs. error", "right"),
    Heading("rel. error", "right"),
    Heading("worst entry"),
    Heading("verdict"),
    Heading("", is_elastic=True),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """One scenario's result.

    Attributes:
        name: what it is called in the table.
        path: as it was given.
        report: what the witnesses found; None where it could not be read.
        error: why not; None where it could.
    """

    name: str
    path: str
    report: Report | None
    error: TuiBackpropError | None = None


def status(found: Sequence[Checked]) -> int:
    """The exit status: 2 where a file is bad, 1 where something disagrees."""
    if any(c.report is None for c in found):
        return 2
    return 0 if all(c.report is not None and c.report.is_sound for c in found) else 1


def as_lines(found: Sequence[Checked], cells: int | None) -> Iterator[str]:
    """The table, what disagrees, who was not there, and how many of each."""
    rows = [row for checked in found for row in _rows(checked)]
    if rows:
        yield from table(_HEADINGS, rows, cells)
        yield ""
    for checked in found:
        yield from map(printable, _disagreements(checked))
    yield from map(printable, dict.fromkeys(line for c in found for line in _absences(c)))
    yield _summary(found)


def as_json(found: Sequence[Checked]) -> str:
    """The same for programs."""
    return json_text({"format": 1, "scenarios": [spelled(_described(c)) for c in found]}, indent=2)


def _rows(checked: Checked) -> Iterator[tuple[str, ...]]:
    for number, t in enumerate(t for t in _testimonies(checked) if not t.is_absent):
        worst = t.worst
        yield (
            "" if number else checked.name,
            t.witness,
            f"{t.compared} of {t.total}" if t.total else "",
            "" if worst is None else _error_text(worst.absolute),
            "" if worst is None else _error_text(worst.relative),
            "" if worst is None or not worst.absolute else worst.entry,
            _verdict_text(t),
            _remark(t),
        )


def _testimonies(checked: Checked) -> tuple[Testimony, ...]:
    return () if checked.report is None else checked.report.testimonies


def _absences(checked: Checked) -> Iterator[str]:
    """Once under the table, since the same is true of every scenario."""
    for t in _testimonies(checked):
        if t.is_absent:
            yield f"{t.witness} was not asked: {t.remark}"


def _error_text(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _verdict_text(t: Testimony) -> str:
    count = {Verdict.DISAGREE: t.disagreed, Verdict.KINK: t.kinks}.get(t.verdict, 0)
    text = t.verdict.value.upper() if t.verdict is Verdict.DISAGREE else t.verdict.value
    return f"{text} ({count})" if count else text


def _remark(t: Testimony) -> str:
    parts = [t.remark] if t.remark else []
    if t.kink is not None:
        parts.append(f"{t.kink.entry}: {t.kink.remark}")
    if t.silence is not None:
        parts.append(f"{t.incomparable} not comparable, {t.silence.entry}: {t.silence.remark}")
    return "; ".join(parts)


def _disagreements(checked: Checked) -> Iterator[str]:
    for t in _testimonies(checked):
        for finding in t.disagreements:
            yield (
                f"{checked.name}: {finding.entry}: engine {finding.engine!r}, "
                f"{t.witness} {finding.witness!r}"
            )
            if finding.remark:
                yield f"  {finding.remark}"
        hidden = t.disagreed - len(t.disagreements)
        if hidden:
            yield f"{checked.name}: {hidden} more that disagree with {t.witness}"
        yield from (f"{checked.name}: {line}" for line in t.reports)
        if t.disagreed or t.reports:
            yield ""


def _summary(found: Sequence[Checked]) -> str:
    """``9 scenarios: 8 agree, 1 kink``."""
    counts = Counter(_outcome(c) for c in found)
    order = [*(v.value for v in Verdict), "not readable"]
    said = ", ".join(f"{counts[word]} {word}" for word in order if counts[word])
    return f"{len(found)} scenario{'s' if len(found) > 1 else ''}: {said}"


def _outcome(checked: Checked) -> str:
    return "not readable" if checked.report is None else checked.report.verdict.value


def _described(checked: Checked) -> dict[str, Any]:
    report = checked.report
    if report is None:
        return {"scenario": checked.name, "path": checked.path, "error": str(checked.error)}
    return {
        "scenario": checked.name,
        "path": checked.path,
        "verdict": report.verdict.value,
        "witnesses": [_testimony(t) for t in report.testimonies],
    }


def _testimony(t: Testimony) -> dict[str, Any]:
    return {
        "witness": t.witness,
        "verdict": t.verdict.value,
        "total": t.total,
        "compared": t.compared,
        "kinks": t.kinks,
        "not_comparable": t.incomparable,
        "disagreed": t.disagreed,
        "worst": _finding(t.worst),
        "disagreements": [_finding(f) for f in t.disagreements],
        "kink": _finding(t.kink),
        "remark": t.remark,
        "reports": t.reports,
    }


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "entry": finding.entry,
        "engine": finding.engine,
        "witness": finding.witness,
        "absolute": finding.absolute,
        "relative": finding.relative,
        "remark": finding.remark,
    }
