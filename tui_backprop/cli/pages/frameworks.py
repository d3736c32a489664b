"""What ``check --framework NAME`` prints: where a framework gives something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import joined, said, said_many
from tui_backprop.render.text.json import json_text, spelled
from tui_backprop.rules.conventions.measured import full_title, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.verify.frameworks import Changed, Departure, FrameworkReport

    Reported = tuple[str, FrameworkReport | TuiBackpropError]

_SHOWN: Final = 50
"""Nodes of one scenario that are listed."""


def framework_status(found: Sequence[Reported]) -> int:
    """The exit status: 2 where a file is bad, 1 where a gradient differs."""
    reports = [report for _, report in found]
    if any(isinstance(report, TuiBackpropError) for report in reports):
        return 2
    return int(any(not isinstance(r, TuiBackpropError) and r.changed for r in reports))


def framework_lines(found: Sequence[Reported]) -> Iterator[str]:
    """Each scenario: the steps, what is given there, and the gradients that differ."""
    for name, report in found:
        if not isinstance(report, TuiBackpropError):
            yield from _lines(name, report)


def _lines(name: str, report: FrameworkReport) -> Iterator[str]:
    framework = full_title(report.framework)
    if not report.departures and report.beside:
        told = said("{framework} gives nothing else that a walk can follow", framework=framework)
    elif not report.departures:
        told = said("{framework} gives nothing else where it was measured", framework=framework)
    else:
        told = said_many(
            len(report.departures),
            "{framework} gives something else at {count} node",
            "{framework} gives something else at {count} nodes",
            framework=framework,
        )
    yield joined(": ", [name, told])
    for departure in report.departures[:_SHOWN]:
        yield joined("", ["  ", _departure(departure, report.framework)])
    if (left := len(report.departures) - _SHOWN) > 0:
        yield joined("", ["  ", said("… {count} more", count=left)])
    for changed in report.changed:
        yield joined("", ["  ", _changed(changed, report.framework)])
    if report.departures and not report.changed:
        yield joined("", ["  ", said("no gradient of an input differs by it")])
    if report.silent:
        silent = said_many(
            report.silent,
            "{count} entry is at a point at which {framework} was not measured",
            "{count} entries are at points at which {framework} was not measured",
            framework=framework,
        )
        yield joined("", ["  ", silent])
    for beside in report.beside:
        told = said(
            "in the table, and not followed: {of} at {place} gives {ours} here, {theirs} in "
            "{framework}",
            of=beside.point.of, place=beside.point.place, ours=beside.ours, theirs=beside.theirs,
            framework=title(report.framework),
        )  # fmt: skip
        yield joined("", ["  ", told])


def _departure(found: Departure, framework: str) -> str:
    node = found.node
    where = said(
        "step {step}, {text}, {count} of {size}: {ours} here, {theirs} in {framework}",
        step=found.step, text=node.text, count=found.entries, size=node.size,
        ours=found.ours, theirs=found.theirs,
        framework=found.special.names.get(framework.partition("-")[0], title(framework)),
    )  # fmt: skip
    if found.is_followed:
        return where
    return joined("; ", [where, said("that is not followed below")])


def _changed(found: Changed, framework: str) -> str:
    return said_many(
        found.entries,
        "{name}.grad differs in {count} entry: {entry} = {ours} here, {theirs} in {framework}",
        "{name}.grad differs in {count} entries, most in {entry} = {ours} here, {theirs} in "
        "{framework}",
        name=found.name, entry=found.entry, ours=f"{found.ours:.6g}",
        theirs=f"{found.theirs:.6g}", framework=title(framework),
    )  # fmt: skip


def framework_json(found: Sequence[Reported]) -> str:
    """The reports as JSON, for programs."""
    described = {"format": 1, "scenarios": [spelled(_described(*one)) for one in found]}
    return json_text(described, indent=2)


def _described(name: str, report: FrameworkReport | TuiBackpropError) -> dict[str, Any]:
    if isinstance(report, TuiBackpropError):
        return {"scenario": name, "error": str(report)}
    return {
        "scenario": name,
        "framework": report.framework,
        "departures": [
            {
                "node": d.node.id, "text": d.node.text, "op": d.node.op, "step": d.step,
                "point": d.special.point, "entries": d.entries,
                "first": d.first, "here": d.ours, "there": d.theirs, "followed": d.is_followed,
            }
            for d in report.departures
        ],
        "gradients": [
            {"name": c.name, "entries": c.entries, "entry": c.entry, "here": c.ours,
             "there": c.theirs}
            for c in report.changed
        ],
        "not_measured": report.silent,
        "not_followed": [
            {"point": b.point.id, "op": b.point.op, "of": b.point.of, "here": b.ours,
             "there": b.theirs}
            for b in report.beside
        ],
    }  # fmt: skip
