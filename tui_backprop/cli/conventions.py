"""``tui-backprop conventions [OP]``: what frameworks give where a gradient is a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import Command, add_framework, add_json
from tui_backprop.cli.output import in_ascii, in_json_ascii, terminal_width, write_lines
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import clauses, joined, said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tui_backprop.cli.commands import Parser
    from tui_backprop.cli.points_about import Section
    from tui_backprop.language.catalogue import Language
    from tui_backprop.rules.conventions.measured import Point

_PLAIN_WIDTH: Final = 100
"""Cells of a line where nobody says how wide the output is."""

HERE: Final = said("here")


def point_lines(point: Point, spoken: Language, width: int) -> Iterator[str]:
    """A point, and below it what is given there, each with all who give it."""
    from tui_backprop.rules.conventions.measured import is_same
    from tui_backprop.rules.conventions.words import gradients_text, outcomes
    from tui_backprop.verify.frameworks import gradients_here

    head = spoken.say("{of} at {place}", of=point.of, place=point.place)
    yield from _indented([head], width, "", "    ")
    ours = gradients_here(point)
    found = outcomes(point)
    if ours is not None and not any(is_same(ours, outcome.gradients) for outcome in found):
        yield from _indented([f"{gradients_text(ours)}  {spoken.translated(HERE)}"], width)
    for outcome in found:
        names: list[str] = [_by_call(point, name) for name in outcome.frameworks]
        if ours is not None and is_same(ours, outcome.gradients):
            names.insert(0, HERE)
        refused = said("refused ({error})", error=outcome.refusal)
        gives = refused if outcome.refusal else outcome.gives
        if outcome.words:
            gives = said("{gives} ({words})", gives=gives, words=outcome.words)
        line = joined("  ", [gives, clauses(names)])
        yield from _indented([spoken.retold(line)], width)


def _by_call(point: Point, framework: str) -> str:
    """A framework and its version; of the one that the op table goes by, the function as well."""
    from tui_backprop.rules.conventions.measured import full_title
    from tui_backprop.rules.conventions.words import NEWEST

    named = full_title(framework)
    call = point.calls.get(framework, "") if framework == NEWEST else ""
    return said("{framework} by {call}", framework=named, call=call) if call else named


def _indented(
    lines: list[str], width: int, first: str = "  ", further: str = "    "
) -> Iterator[str]:
    from tui_backprop.render.text.spans import wrap

    for line in lines:
        begins, *rest = wrap(line, max(width - len(further), 1))
        yield first + begins
        yield from (further + more for more in rest)


def _configure(parser: Parser) -> None:
    parser.add_argument("op", metavar=said("OP"), nargs="?", help=said("the points of one op only"))
    add_framework(
        parser, "--framework", said("what one framework gives, beside what is given here")
    )
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.cli.points_about import Section as _Section
    from tui_backprop.cli.points_about import points_about, sections
    from tui_backprop.rules.conventions.framework_names import check_framework
    from tui_backprop.rules.conventions.measured import measured

    framework = None if args.framework is None else check_framework(args.framework)
    if args.json:
        points = measured().points if args.op is None else points_about(args.op)
        chosen = tuple(point for point in points if framework is None or framework in point.grads)
        write_lines(in_json_ascii([_as_json(chosen, framework)], args))
        return 0
    every = [_Section("", (), measured().points)]
    found = every if args.op is None else sections(args.op)
    spoken, width = language_of(args.lang), terminal_width() or _PLAIN_WIDTH
    blocks = (("", *block) for one in found for block in _section(one, framework, spoken, width))
    lines = [line for block in blocks for line in block]
    write_lines(in_ascii(lines[1:], args))
    return 0


def _section(
    section: Section, framework: str | None, spoken: Language, width: int
) -> Iterator[list[str]]:
    """Blocks of lines: what is said, then the points."""
    from tui_backprop.rules.conventions.measured import full_title

    if section.said:
        yield [line for told in section.said
               for line in _indented([spoken.retold(told)], width, "", "")]  # fmt: skip
    if framework is None:
        for point in section.points:
            yield list(point_lines(point, spoken, width))
        return
    points = [point for point in section.points if framework in point.grads]
    if points:
        yield list(_framework_lines(points, framework, spoken))
    elif section.points:
        named = full_title(framework)
        none = said("none of these points was measured in {framework}", framework=named)
        yield list(_indented([spoken.retold(none)], width, "", ""))


def _framework_lines(points: Sequence[Point], framework: str, spoken: Language) -> Iterator[str]:
    """A table: where, what the framework gives, and what is given here."""
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.rules.conventions.measured import full_title, is_same
    from tui_backprop.rules.conventions.words import gradients_text
    from tui_backprop.verify.frameworks import gradients_here

    rows = []
    for point in points:
        given, ours = point.gives(framework), gradients_here(point)
        if given is not None:
            theirs = gradients_text(given)
        elif refusal := point.refusal(framework):
            theirs = spoken.say("refused ({error})", error=refusal)
        else:
            theirs = ", ".join(map(str, point.grads[framework]))
        own = "" if ours is None else gradients_text(ours)
        mark = "" if ours is None or is_same(given, ours) else "≠"
        rows.append((f"{point.of}, {point.place}", theirs, mark, own))
    headings = [
        Heading(spoken.say("point"), is_elastic=True),
        Heading(full_title(framework)),
        Heading(""),
        Heading(spoken.translated(HERE)),
    ]
    yield from table(headings, rows, terminal_width())


def _as_json(points: tuple[Point, ...], framework: str | None) -> str:
    from tui_backprop.render.text.json import json_text, spelled
    from tui_backprop.rules.conventions.measured import measured

    table = measured()
    chosen = [framework] if framework is not None else list(table.versions)
    described: dict[str, Any] = {
        "format": 1,
        "frameworks": {name: table.versions[name] for name in chosen},
        "dtypes": {name: table.dtypes[name] for name in chosen},
        "notes": {name: table.notes[name] for name in chosen if name in table.notes},
        "points": [_described(point, chosen) for point in points],
    }
    return json_text(spelled(described), indent=2)


def _described(point: Point, chosen: list[str]) -> dict[str, Any]:
    from tui_backprop.verify.frameworks import gradients_here

    def of(column: Any) -> dict[str, Any]:
        return {name: column[name] for name in chosen if name in column}

    ours = gradients_here(point)
    return {
        "id": point.id, "op": point.op, "at": point.at, "inputs": dict(point.inputs),
        "of": point.of, "here": None if ours is None else [x.tolist() for x in ours],
        "grads": of(point.grads), "values": of(point.values), "calls": of(point.calls),
    }  # fmt: skip


CONVENTIONS: Final = Command(
    name="conventions",
    summary=said("what frameworks give where a gradient is a choice"),
    description=said(
        "Print the measured table of special points: kinks, ties, zeros, infinities and singular "
        "matrices, and the gradient that each framework gives there. With an op its points; with "
        "a framework what it gives beside what is given here, and a mark where they differ."
    ),
    configure=_configure,
    run=_run,
)
