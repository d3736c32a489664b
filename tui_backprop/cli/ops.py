"""``tui-backprop ops``: the op table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import Command
from tui_backprop.cli.options import add_ascii, add_json
from tui_backprop.cli.output import charset_of, in_ascii, in_json_ascii, terminal_width, write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser
    from tui_backprop.rules.rule import Rule


_PLAIN_WIDTH: Final = 100
"""Cells of a line where nobody says how wide the output is."""


def _configure(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="explain one op, with an example")
    add_ascii(parser)
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.rules import RULES

    if args.name is not None:
        return _explain(args)
    if args.json:
        found = [_described(rule) for rule in RULES.values()]
        write_lines(in_json_ascii([json_text({"format": 1, "ops": found}, indent=2)], args))
        return 0
    headings = (
        Heading("op"),
        Heading("summary", is_elastic=True),
        Heading("convention", is_elastic=True),
    )
    rows = [(_signature(r), r.summary, r.convention) for r in RULES.values()]
    write_lines(in_ascii(table(headings, rows, terminal_width()), args))
    return 0


def _explain(args: argparse.Namespace) -> int:
    from tui_backprop.cli.op_page import op_latex, op_page
    from tui_backprop.render.text.json import json_text
    from tui_backprop.rules import find

    rule = find(args.name)
    if args.json:
        found = {**_described(rule), "latex": op_latex(rule)}
        write_lines(in_json_ascii([json_text({"format": 1, "ops": [found]}, indent=2)], args))
    else:
        page = op_page(rule, charset_of(args), terminal_width() or _PLAIN_WIDTH)
        write_lines(in_ascii(page, args))
    return 0


def _signature(rule: Rule) -> str:
    """``sum(x, axis=None, keepdims=False)``; a parameter without a default by its name alone."""
    from tui_backprop.program.arguments import signature

    return signature(rule)


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "signature": _signature(rule),
        "written": rule.text,
        "summary": rule.summary,
        "convention": rule.convention,
        "elementwise": rule.elementwise,
        "differentiable": [
            name
            for name, derivative in zip(rule.operands, rule.derivatives, strict=True)
            if derivative is not None
        ],
    }


COMMAND: Final = Command(
    name="ops",
    summary="list the ops that programs may use, or explain one",
    description="List every op: how it is called, what it does, what it does at a kink. With a "
    "name: that op, worked through on small numbers, its partials in plain text and in LaTeX.",
    configure=_configure,
    run=_run,
)
