"""``tui-backprop check SCENARIO...``: every scenario before all witnesses.

One bad file among many is reported, and the others are still checked.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_framework,
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.shared.output import (
    complain,
    in_ascii,
    in_json_ascii,
    terminal_width,
    write_lines,
)
from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import about, joined, said, said_many
from tui_backprop.render.text.json import json_text, spelled
from tui_backprop.render.text.spans import printable, width, wrap
from tui_backprop.render.text.table import Heading, table
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tui_backprop.api import Scenario
    from tui_backprop.cli.commands import Parser
    from tui_backprop.language.catalogue import Language
    from tui_backprop.limits import Limits
    from tui_backprop.verify.frameworks import FrameworkReport
    from tui_backprop.verify.report import Finding, Report, Testimony


_HEADINGS: Final = (
    Heading(said("scenario"), is_elastic=True),
    Heading(said("witness")),
    Heading(said("compared"), "right"),
    Heading(said("abs. error"), "right"),
    Heading(said("rel. error"), "right"),
    Heading(said("worst entry")),
    Heading(said("verdict")),
    Heading("", is_elastic=True),
)

_WITNESSES: Final = {
    "differences": said("differences"),
    "expect": said("expect"),
    "forward": said("forward mode"),
    "claims": said("claims"),
    "plant": said("plant"),
}
"""Those whose names are words."""

_VERDICTS: Final = {
    Verdict.AGREE: said("agree"),
    Verdict.KINK: said("kink"),
    Verdict.PLANTED: said("disagree, as planted"),
    Verdict.DISAGREE: said("DISAGREE"),
    Verdict.SILENT: said("nothing compared"),
    Verdict.ABSENT: said("not asked"),
}


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


def as_lines(
    found: Sequence[Checked], cells: int | None, language: Language = ENGLISH
) -> Iterator[str]:
    """The table, the entries that differ, witnesses that were absent, and the totals."""
    told = language.retold
    rows = [tuple(map(told, row)) for checked in found for row in _rows(checked)]
    headings = [heading.told(told) for heading in _HEADINGS]
    lines = [*table(headings, rows)] if rows else []
    remarks: list[str] = []
    if cells is not None and any(width(line) > cells for line in lines):
        lines = [*table(headings[:-1], [row[:-1] for row in rows], cells)]
        texts = (told(text) for checked in found for text in _remarks(checked))
        remarks = [line for text in texts for line in wrap(text, cells)]
    for block in (lines, remarks):
        yield from (*block, *[""] * bool(block))
    below = [line for checked in found for line in _disagreements(checked)]
    below += dict.fromkeys(line for c in found for line in _absences(c))
    yield from map(printable, map(told, below))
    yield told(_summary(found))


def as_json(found: Sequence[Checked]) -> str:
    """The results as JSON, for programs."""
    return json_text({"format": 1, "scenarios": [spelled(_described(c)) for c in found]}, indent=2)


def _rows(checked: Checked) -> Iterator[tuple[str, ...]]:
    for number, t in enumerate(t for t in _testimonies(checked) if not t.is_absent):
        worst = t.worst
        yield (
            "" if number else checked.name,
            _name(t),
            said("{compared} of {total}", compared=t.compared, total=t.total) if t.total else "",
            "" if worst is None else _error_text(worst.absolute),
            "" if worst is None else _error_text(worst.relative),
            "" if worst is None or not worst.absolute else worst.entry,
            _verdict_text(t),
            _remark(t),
        )


def _testimonies(checked: Checked) -> tuple[Testimony, ...]:
    return () if checked.report is None else checked.report.testimonies


def _name(t: Testimony) -> str:
    return _WITNESSES.get(t.witness, t.witness)


def _absences(checked: Checked) -> Iterator[str]:
    """The witnesses that are absent, once under the table: it is true of every scenario."""
    for t in _testimonies(checked):
        if t.is_absent:
            yield said("{witness} was not asked: {why}", witness=_name(t), why=t.remark)


def _error_text(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _verdict_text(t: Testimony) -> str:
    count = {Verdict.DISAGREE: t.disagreed, Verdict.KINK: t.kinks}.get(t.verdict, 0)
    text = _VERDICTS[t.verdict]
    return said("{verdict} ({count})", verdict=text, count=count) if count else text


def _remark(t: Testimony) -> str:
    parts = [t.remark] if t.remark else []
    if t.kink is not None:
        parts.append(joined(": ", [t.kink.entry, t.kink.remark]))
    if t.silence is not None:
        parts.append(
            said(
                "{count} not comparable, {entry}: {why}",
                count=t.incomparable,
                entry=t.silence.entry,
                why=t.silence.remark,
            )
        )
    return joined("; ", parts)


def _remarks(checked: Checked) -> Iterator[str]:
    """What stands behind a row where there is room, with the row's names."""
    for t in _testimonies(checked):
        if not t.is_absent and (remark := _remark(t)):
            yield joined(": ", [checked.name, _name(t), remark])


def _disagreements(checked: Checked) -> Iterator[str]:
    for t in _testimonies(checked):
        for finding in t.disagreements:
            yield said(
                "{scenario}: {entry}: engine {engine}, {witness} {number}",
                scenario=checked.name,
                entry=finding.entry,
                engine=repr(finding.engine),
                witness=_name(t),
                number=repr(finding.witness),
            )
            if finding.remark:
                yield said("  {remark}", remark=finding.remark)
        hidden = t.disagreed - len(t.disagreements)
        if hidden and t.disagreements:
            yield said(
                "{scenario}: {count} more that disagree with {witness}",
                scenario=checked.name,
                count=hidden,
                witness=_name(t),
            )
        yield from (joined(": ", [checked.name, line]) for line in t.reports)
        if t.disagreed or t.reports:
            yield ""


_COUNT: Final = "{count}"
_TOTALS: Final = {
    Verdict.AGREE: said("{count} agree", count=_COUNT),
    Verdict.KINK: said("{count} kink", count=_COUNT),
    Verdict.PLANTED: said("{count} disagree, as planted", count=_COUNT),
    Verdict.DISAGREE: said("{count} disagree", count=_COUNT),
    Verdict.SILENT: said("{count} nothing compared", count=_COUNT),
    None: said("{count} not readable", count=_COUNT),
}
"""By the verdict on a scenario; None is of one that could not be read."""


def _summary(found: Sequence[Checked]) -> str:
    """``9 scenarios: 8 agree, 1 kink``."""
    counts = Counter(None if c.report is None else c.report.verdict for c in found)
    told = joined(
        ", ", [about(_TOTALS[word], count=counts[word]) for word in _TOTALS if word in counts]
    )
    return joined(": ", [said_many(len(found), "{count} scenario", "{count} scenarios"), told])


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


_ENDINGS: Final = frozenset({".yaml", ".yml"})


def _configure(parser: Parser) -> None:
    what = said("files, names of shipped scenarios, or folders of scenarios")
    add_scenario(parser, nargs="+", what=what)
    add_framework(
        parser,
        "--framework",
        said("where a framework gives something else, instead of what the witnesses say"),
    )
    add_json(parser)
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    limits, language = limits_of(args), language_of(args.lang)
    if args.framework is not None:
        return _run_framework(args, limits, language)
    found = [_checked(name, limits) for name in _names(args.scenario)]
    if args.json:
        write_lines(in_json_ascii([as_json(found)], args))
    else:
        write_lines(in_ascii(as_lines(found, terminal_width(), language), args))
    for checked in found:
        if checked.error is not None:
            complain(checked.error, language, is_ascii=args.ascii)
    return status(found)


def _run_framework(args: argparse.Namespace, limits: Limits, language: Language) -> int:
    """Where a framework gives something else, for each scenario."""
    from tui_backprop.cli.pages.frameworks import framework_json, framework_lines, framework_status
    from tui_backprop.rules.conventions.framework_names import check_framework
    from tui_backprop.verify.frameworks import framework_report

    framework = check_framework(args.framework)
    found: list[tuple[str, FrameworkReport | TuiBackpropError]] = []
    for name in _names(args.scenario):
        try:
            model = _programmed(name, limits).model
            found.append((_shown(name), framework_report(model, framework, limits)))
        except TuiBackpropError as error:
            found.append((_shown(name), error))
    if args.json:
        write_lines(in_json_ascii([framework_json(found)], args))
    else:
        lines = map(printable, map(language.retold, framework_lines(found)))
        write_lines(in_ascii(lines, args))
    for _, report in found:
        if isinstance(report, TuiBackpropError):
            complain(report, language, is_ascii=args.ascii)
    return framework_status(found)


def _shown(name: str) -> str:
    return Path(name).stem if Path(name).suffix in _ENDINGS else name


def _checked(name: str, limits: Limits) -> Checked:
    """The report, or why there is none: one bad file does not keep the others from theirs."""
    from tui_backprop.verify.check import check

    try:
        return Checked(_shown(name), name, check(_programmed(name, limits)))
    except TuiBackpropError as error:
        return Checked(_shown(name), name, None, error)


def _programmed(name: str, limits: Limits) -> Scenario:
    """A scenario that has a program; a saved walk, which has none, is refused."""
    scenario = load_scenario(name, limits)
    trace = scenario.trace()
    if trace.is_recorded:
        raise TuiBackpropError(
            said(
                "{name}: a saved walk holds what another program computed, and no program to "
                "check it by; 'tui-backprop compare' tells where two walks differ",
                name=name,
            )
        )
    return replace(scenario, tried=trace)


def _names(given: list[str]) -> Iterator[str]:
    """Files and names as they are; a folder's scenarios in order."""
    for name in given:
        if not Path(name).is_dir():
            yield name
            continue
        found = sorted(p for p in Path(name).rglob("*") if p.suffix in _ENDINGS)
        if not found:
            raise TuiBackpropError(
                said("{name}: no scenarios (*.yaml, *.yml) in this folder", name=name)
            )
        yield from map(str, found)


CHECK: Final = Command(
    name="check",
    summary=said("verify scenarios against SymPy, differences, expect, PyTorch"),
    description=said(
        "Verify scenarios. SymPy differentiates every op's forward and is compared with the local "
        "Jacobians; central differences are compared with the gradients; what the file expects "
        "and claims with what came out, a wrong claim with the step where it departs; PyTorch's "
        "values and gradients, where it is installed, with all of ours. "
        "Exit status 1 where something disagrees, 2 where a file is bad."
    ),
    configure=_configure,
    run=_run,
)
