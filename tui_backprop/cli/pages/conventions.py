"""``tui-backprop conventions [OP]``: what frameworks give where a gradient is a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_backprop.cli.commands import Command, add_framework, add_json
from tui_backprop.cli.shared.output import in_ascii, in_json_ascii, terminal_width, write_lines
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import clauses, joined, said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tui_backprop.cli.commands import Parser
    from tui_backprop.cli.pages.points_about import Section
    from tui_backprop.language.catalogue import Language
    from tui_backprop.rules.conventions.measured import Point

_PLAIN_WIDTH: Final = 100
"""Cells of a line where nobody says how wide the output is."""

_BETWEEN: Final = 7
"""Cells of the mark where a number differs, and of the gaps between the columns."""

HERE: Final = said("here")


def point_lines(point: Point, spoken: Language, width: int) -> Iterator[str]:
    """A point, and below it what is given there, each with all who give it."""
    from tui_backprop.rules.conventions.measured import is_same
    from tui_backprop.rules.conventions.words import gradients_text, outcomes
    from tui_backprop.verify.frameworks import gradients_here

    yield from _indented([_head(point, spoken)], width, "", "    ")
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
    from tui_backprop.cli.pages.points_about import Section as _Section
    from tui_backprop.cli.pages.points_about import points_about, sections
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
        yield from _framework_blocks(points, framework, spoken, width)
    elif section.points:
        named = full_title(framework)
        none = said("none of these points was measured in {framework}", framework=named)
        yield list(_indented([spoken.retold(none)], width, "", ""))


class _Row(NamedTuple):
    """A point, what a framework gives there and what is given here, and a mark if they differ."""

    point: str
    theirs: str
    mark: str
    here: str


def _framework_blocks(
    points: Sequence[Point], framework: str, spoken: Language, width: int
) -> Iterator[list[str]]:
    """A table of the points that fit in the lines of one; of each of the others a block."""
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.rules.conventions.measured import full_title

    titles = _Row(spoken.say("point"), full_title(framework), "", spoken.translated(HERE))
    rows = [_row(point, framework, spoken) for point in points]
    fits = _fitting(titles, rows, width)
    short = [row for row, yes in zip(rows, fits, strict=True) if yes]
    if short:
        yield list(table([Heading(title) for title in titles], short))
    for point, row, yes in zip(points, rows, fits, strict=True):
        if yes:
            continue
        block = list(_indented([_head(point, spoken)], width, "", "    "))
        for mark, name, gives in (
            ("", titles.theirs, row.theirs), (row.mark, titles.here, row.here),
        ):  # fmt: skip
            told = said("{names}: {way}", names=name, way=gives)
            block += _indented([spoken.retold(told)], width, f"{mark or ' '} ")
        yield block


def _fitting(titles: _Row, rows: Sequence[_Row], width: int) -> list[bool]:
    """Which rows have numbers of a quarter of the width, and a point that fits before these."""
    from tui_backprop.render.text.spans import width as cells_of

    room = max(width // 4, cells_of(titles.theirs))
    is_short = [max(map(cells_of, (row.theirs, row.here))) <= room for row in rows]
    short = [titles, *(row for row, yes in zip(rows, is_short, strict=True) if yes)]
    taken = max(cells_of(row.theirs) for row in short) + max(cells_of(row.here) for row in short)
    left = width - taken - _BETWEEN
    return [yes and cells_of(row.point) <= left for row, yes in zip(rows, is_short, strict=True)]


def _head(point: Point, spoken: Language) -> str:
    return spoken.say("{of} at {place}", of=point.of, place=point.place)


def _row(point: Point, framework: str, spoken: Language) -> _Row:
    from tui_backprop.rules.conventions.measured import is_same
    from tui_backprop.rules.conventions.words import gradients_text
    from tui_backprop.verify.frameworks import gradients_here

    given, ours = point.gives(framework), gradients_here(point)
    if given is not None:
        theirs = gradients_text(given)
    elif refusal := point.refusal(framework):
        theirs = spoken.say("refused ({error})", error=refusal)
    else:
        theirs = ", ".join(map(str, point.grads[framework]))
    own = "" if ours is None else gradients_text(ours)
    mark = "" if ours is None or is_same(given, ours) else "≠"
    return _Row(f"{point.of}, {point.place}", theirs, mark, own)


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
