"""``tui-backprop health SCENARIO``: how large every value, gradient and local Jacobian is."""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.shared.output import (
    charset_of,
    in_ascii,
    in_json_ascii,
    terminal_width,
    write_lines,
)
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.health.record import Health, Units
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset

_DIGITS: Final = 4
_ELASTIC: Final = frozenset({"node", "flags"})


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument(
        "--plot",
        action="store_true",
        help=said("a picture of the gradient's norm along the depth too"),
    )
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.debug.health.measures import health
    from tui_backprop.debug.health.plot import health_plot
    from tui_backprop.debug.health.report import (
        remarks,
        root_lines,
        summary,
        unit_lines,
    )
    from tui_backprop.render.text.spans import printable

    trace = load_scenario(args.scenario, limits_of(args)).trace()
    found = health(trace)
    if args.json:
        write_lines(in_json_ascii(health_json(found), args))
        return 0
    spoken = language_of(args.lang)
    charset, cells = charset_of(args), terminal_width()
    lines = (*root_lines(trace, found), *unit_lines(found))
    roots = [spoken.retold(line.text) for line in lines]
    if roots:
        write_lines(in_ascii([*map(printable, roots), ""], args))
    write_lines(in_ascii(health_table(found, cells, charset, spoken), args))
    write_lines(in_ascii(["", *map(spoken.retold, (summary(found), *remarks(found)))], args))
    if args.plot:
        picture = health_plot(found, cells or 80, is_ascii=charset.is_ascii)
        write_lines(in_ascii(["", *(printable(spoken.retold(line)) for line in picture)], args))
    return 0


def health_table(
    found: Health,
    cells: int | None = None,
    charset: Charset | None = None,
    spoken: Language = ENGLISH,
) -> list[str]:
    """The lines of a table, a row for each node; by default in Unicode and of any width."""
    from tui_backprop.debug.health.report import COLUMNS, texts
    from tui_backprop.render.text.charset import UNICODE, spelled
    from tui_backprop.render.text.numbers import Numerals, number
    from tui_backprop.render.text.table import Heading, table_of_columns

    charset = charset or UNICODE
    headings = [
        Heading(
            spelled(spoken.retold(column.title), charset),
            "right" if column.is_number else "left",
            is_elastic=column.title in _ELASTIC,
        )
        for column in COLUMNS
    ]
    numerals = Numerals(digits=_DIGITS, charset=charset)
    write = partial(number, numerals=numerals)
    columns = [texts(found.nodes, c, write, charset.times, spoken.retold) for c in COLUMNS]
    return list(table_of_columns(headings, columns, cells))


def health_json(found: Health) -> Iterator[str]:
    """The report as the lines of one JSON object: a node a line, each as it comes."""
    from tui_backprop.render.text.json import json_text, spelled

    *head, nodes, end = json_text(spelled(_summary(found)), indent=2).split("\n")
    yield from head
    if not found.nodes:
        yield from (nodes, end)
        return
    yield nodes.removesuffix("]")
    *others, last = _json_of_nodes(found)
    yield from (f"    {line}," for line in others)
    yield from (f"    {last}", "  ]", end)


_KEYS: Final = {"id": "node", "grad": "adjoint"}
"""Keys of a node in JSON that its measurements have by another name."""


def _json_of_nodes(found: Health) -> Iterator[str]:
    """A JSON object for each node; what many nodes have alike is written once."""
    from tui_backprop.debug.health.columns import column
    from tui_backprop.debug.health.record import Units
    from tui_backprop.render.text.json import json_text, quoted, spelled

    def other(value: object) -> str:
        return json_text(spelled(_units(value) if isinstance(value, Units) else value))

    def real(value: float) -> str:
        return repr(value) if isfinite(value) else other(value)

    writers: dict[type, Callable[[Any], str]] = {float: real, int: repr, str: quoted}
    keys = ("id", "name", "op", "shape", "depth", "value", "grad", "rate", "jacobian", "dead",
            "saturated", "flags", "units")  # fmt: skip
    columns = []
    for key in keys:
        values = column(found.nodes, _KEYS.get(key, key))
        written = {value: writers.get(type(value), other)(value) for value in set(values)}
        columns.append(map(written.__getitem__, values))
    row = ", ".join(f'"{key}": %s' for key in keys)
    return map(f"{{{row}}}".__mod__, zip(*columns, strict=True))


def _summary(found: Health) -> dict[str, Any]:
    """All but the nodes, whose place is last and empty."""
    limits = found.thresholds
    return {
        "format": 1,
        "output": found.output,
        "pass": found.pass_number,
        "seed": found.seed,
        "left_out": found.left_out,
        "thresholds": {
            "vanishing": limits.vanishing,
            "exploding": limits.exploding,
            "flat": limits.flat,
            "steep": limits.steep,
            "share": limits.share,
            "entries": limits.entries,
        },
        "roots": [
            {
                "trouble": root.trouble,
                "node": root.node,
                "into": root.parent,
                "count": root.count,
                "factor": root.factor,
            }
            for root in found.roots
        ],
        "nodes": [],
    }


def _units(units: Units) -> dict[str, Any]:
    return {
        "axis": units.axis,
        "count": units.count,
        "samples": units.samples,
        "off": list(units.off),
    }


HEALTH: Final = Command(
    name="health",
    summary=said("measure values, gradients and local Jacobians, node by node"),
    description=said(
        "Measure every node: the norms of its value, its gradient in the last backward pass and "
        "its local Jacobian, the share of dead and saturated entries; and flag what vanishes, "
        "explodes, is dead or not finite, and say where it begins. Finding something is no error: "
        "exit status 0."
    ),
    configure=_configure,
    run=_run,
)
