"""What the program says about itself: its scenarios, its ops, its files, its completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_json,
    add_language,
    add_limits,
    limits_of,
)
from tui_backprop.cli.output import charset_of, in_ascii, in_json_ascii, terminal_width, write_lines

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser
    from tui_backprop.rules.rule import Rule


def _configure_list(parser: Parser) -> None:
    add_json(parser)
    add_language(parser)
    add_limits(parser)


def _run_list(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.scenario.files import shipped_replays

    found = _scenarios(args)
    if args.json:
        write_lines(in_json_ascii([json_text({"format": 1, "scenarios": found}, indent=2)], args))
        return 0
    headings = (Heading("name"), Heading("folder"), Heading("title", is_elastic=True))
    rows = [(s["name"], s["folder"], s["title"]) for s in found]
    write_lines(in_ascii(table(headings, rows, terminal_width()), args))
    replays = ", ".join(path.stem for path in shipped_replays())
    write_lines(in_ascii(["", f"replays: {replays} (tui-backprop replay NAME)"], args))
    return 0


def _scenarios(args: argparse.Namespace) -> list[dict[str, Any]]:
    from tui_backprop.scenario.files import folder, shipped
    from tui_backprop.scenario.load import load

    limits = limits_of(args)
    return [
        {
            "name": path.stem,
            "folder": "" if path.parent == folder() else path.parent.name,
            "title": load(path, limits).title.get(args.lang),
            "path": str(path),
        }
        for path in shipped()
    ]


LIST: Final = Command(
    name="list",
    summary="list the shipped scenarios",
    description="List the scenarios that come with the program: each name opens or traces.",
    configure=_configure_list,
    run=_run_list,
)


_PLAIN_WIDTH: Final = 100
"""Cells of a line where nobody says how wide the output is."""


def _configure_ops(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="explain one op, with an example")
    add_json(parser)


def _run_ops(args: argparse.Namespace) -> int:
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


OPS: Final = Command(
    name="ops",
    summary="list the ops that programs may use, or explain one",
    description="List every op: how it is called, what it does, what it does at a kink. With a "
    "name: that op, worked through on small numbers, its partials in plain text and in LaTeX.",
    configure=_configure_ops,
    run=_run_ops,
)


def _configure_schema(_parser: Parser) -> None:
    """It has no arguments."""


def _run_schema(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.scenario.fields import json_schema

    write_lines(in_json_ascii([json_text(json_schema(), indent=2)], args))
    return 0


SCHEMA: Final = Command(
    name="schema",
    summary="print the JSON Schema of scenario files",
    description="Print the JSON Schema of scenario format 1, for editors that complete and check.",
    configure=_configure_schema,
    run=_run_schema,
)


_START_UP: Final = (
    'bash, zsh: eval "$(tui-backprop completion bash)" in the start-up file, with the shell\'s '
    "name; fish: tui-backprop completion fish | source"
)


def _configure_completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
    parser.epilog = _START_UP


def _run_completion(args: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    write_lines([shellcode(["tui-backprop"], shell=args.shell)])
    return 0


COMPLETION: Final = Command(
    name="completion",
    summary="print the completion script of a shell",
    description="Print what bash, zsh or fish runs to complete commands, options and scenarios.",
    configure=_configure_completion,
    run=_run_completion,
)
