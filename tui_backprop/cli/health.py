"""``tui-backprop health SCENARIO``: how large every value, gradient and local Jacobian is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.options import (
    add_ascii,
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.output import charset_of, in_ascii, in_json_ascii, terminal_width, write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument(
        "--plot", action="store_true", help="a picture of the gradient's norm along the depth too"
    )
    add_ascii(parser)
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.debug.health.measures import health
    from tui_backprop.debug.health.plot import health_plot
    from tui_backprop.debug.health.report import (
        remarks,
        root_lines,
        summary,
    )
    from tui_backprop.render.export.health import health_json, health_table
    from tui_backprop.render.text.spans import printable

    trace = load_scenario(args.scenario, limits_of(args)).trace()
    found = health(trace)
    if args.json:
        write_lines(in_json_ascii(health_json(found), args))
        return 0
    charset, cells = charset_of(args), terminal_width()
    roots = [line.text for line in root_lines(trace, found)]
    if roots:
        write_lines(in_ascii([*map(printable, roots), ""], args))
    write_lines(in_ascii(health_table(found, cells, charset), args))
    write_lines(in_ascii(["", summary(found), *remarks(found)], args))
    if args.plot:
        picture = health_plot(found, cells or 80, is_ascii=charset.is_ascii)
        write_lines(in_ascii(["", *map(printable, picture)], args))
    return 0


COMMAND: Final = Command(
    name="health",
    summary="measure values, gradients and local Jacobians, node by node",
    description=(
        "Measure every node: the norms of its value, its gradient in the last backward pass and "
        "its local Jacobian, the share of dead and saturated entries; and flag what vanishes, "
        "explodes, is dead or not finite, and say where it begins. Finding something is no error: "
        "exit status 0."
    ),
    configure=_configure,
    run=_run,
)
