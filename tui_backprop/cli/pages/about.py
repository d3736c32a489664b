"""What the program says about itself: its scenarios, its ops, its files, its completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_json,
    add_limits,
    limits_of,
)
from tui_backprop.cli.shared.output import (
    charset_of,
    in_ascii,
    in_json_ascii,
    terminal_width,
    write_lines,
)
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse

    from tui_backprop.cli.commands import Parser
    from tui_backprop.program.library.definitions import Definition
    from tui_backprop.rules.rule import Rule


def _configure_list(parser: Parser) -> None:
    add_json(parser)
    add_limits(parser)


def _run_list(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.render.text.table import Heading, table
    from tui_backprop.scenario.files import shipped_replays

    found = _scenarios(args)
    if args.json:
        write_lines(in_json_ascii([json_text({"format": 1, "scenarios": found}, indent=2)], args))
        return 0
    spoken = language_of(args.lang)
    headings = [
        Heading(spoken.say("name")),
        Heading(spoken.say("folder")),
        Heading(spoken.say("title"), is_elastic=True),
    ]
    rows = [(s["name"], s["folder"], s["title"]) for s in found]
    write_lines(in_ascii(table(headings, rows, terminal_width()), args))
    names = spoken.say(", ").join(path.stem for path in shipped_replays())
    replays = spoken.say("replays: {names} (tui-backprop replay NAME)", names=names)
    write_lines(in_ascii(["", replays], args))
    return 0


def _scenarios(args: argparse.Namespace) -> list[dict[str, Any]]:
    from tui_backprop.scenario.files import folder, with_hunts
    from tui_backprop.scenario.load import load

    limits = limits_of(args)
    return [
        {
            "name": path.stem,
            "folder": "" if path.parent == folder() else path.parent.name,
            "title": load(path, limits).title.get(args.lang),
            "path": str(path),
        }
        for path in with_hunts()
    ]


LIST: Final = Command(
    name="list",
    summary=said("list the shipped scenarios"),
    description=said("List the scenarios that come with the program: each name opens or traces."),
    configure=_configure_list,
    run=_run_list,
)


_NAME: Final = 18
"""Cells of a name in the list; few are longer."""

_PLAIN_WIDTH: Final = 100
"""Cells of a line where nobody says how wide the output is."""


def _configure_ops(parser: Parser) -> None:
    parser.add_argument(
        "name", metavar=said("NAME"), nargs="?", help=said("explain one op, with an example")
    )
    add_json(parser)


def _run_ops(args: argparse.Namespace) -> int:
    from tui_backprop.cli.pages.maker_page import described
    from tui_backprop.program.library.definitions import definitions
    from tui_backprop.program.vocabulary.aliases import ALIASES
    from tui_backprop.program.vocabulary.explained import EXPLAINED
    from tui_backprop.render.text.json import json_text
    from tui_backprop.rules import RULES

    if args.name is not None:
        return _explain(args)
    if args.json:
        found = [_described(rule) for rule in RULES.values()]
        found += [_composed(op) for op in definitions().values()]
        found += [described(name) for name in EXPLAINED]
        write_lines(in_json_ascii([json_text({"format": 1, "ops": found}, indent=2)], args))
        return 0
    spoken = language_of(args.lang)
    more = spoken.say("tui-backprop ops NAME explains one, with an example")
    cells = terminal_width()
    told = {rule.name: rule.summary for rule in RULES.values()}
    told |= {op.name: op.summary for op in definitions().values()}
    lines = [_line(name, spoken.translated(text), cells) for name, text in told.items()]
    made = EXPLAINED.items()
    lines += [_line(name, spoken.retold(one.summary), cells) for name, one in made]
    names = [_line(name, spoken.say("is {op}", op=op), cells) for name, op in ALIASES.items()]
    write_lines(in_ascii([*lines, "", *names, "", more], args))
    return 0


def _line(name: str, told: str, cells: int | None) -> str:
    """A name and what it does, on one line; a long name takes of the room for that."""
    from tui_backprop.render.text.spans import clip

    text = f"{name:<{_NAME}}  {told}"
    return text if cells is None else clip(text, cells)


def _explain(args: argparse.Namespace) -> int:
    from tui_backprop.cli.pages.op_names import own_name
    from tui_backprop.render.text.json import json_text

    op = own_name(args.name)
    if args.json:
        described = {"format": 1, "ops": [_told(op)]}
        write_lines(in_json_ascii([json_text(described, indent=2)], args))
        return 0
    spoken = language_of(args.lang)
    is_alias = op != args.name
    head = [spoken.say("{name} is another name of {op}", name=args.name, op=op), ""]
    write_lines(in_ascii([*(head if is_alias else ()), *_page(op, args)], args))
    return 0


def _told(op: str) -> dict[str, Any]:
    """What is told of a row, of a composed op, or of a function that is neither."""
    from tui_backprop.cli.pages.maker_page import described
    from tui_backprop.program.library.definitions import definitions
    from tui_backprop.rules import RULES

    if op in RULES:
        return _latex(RULES[op])
    return _composed(definitions()[op]) if op in definitions() else described(op)


def _page(op: str, args: argparse.Namespace) -> list[str]:
    """The page of a row, of a composed op, or of a function that is neither."""
    from tui_backprop.cli.pages.composed_page import composed_page
    from tui_backprop.cli.pages.maker_page import maker_page
    from tui_backprop.cli.pages.op_page import op_page
    from tui_backprop.program.library.definitions import definitions
    from tui_backprop.rules import RULES

    width, spoken = terminal_width() or _PLAIN_WIDTH, language_of(args.lang)
    if op in RULES:
        return op_page(RULES[op], charset_of(args), width, spoken)
    if op in definitions():
        return composed_page(definitions()[op], charset_of(args), width, spoken)
    return maker_page(op, charset_of(args), width, spoken)


def _latex(rule: Rule) -> dict[str, Any]:
    from tui_backprop.cli.pages.op_page import op_latex

    return {**_described(rule), "latex": op_latex(rule)}


def _composed(op: Definition) -> dict[str, Any]:
    """What is told of a row, as far as there is one, and how the op is written."""
    from tui_backprop.cli.pages.composed_page import differentiable
    from tui_backprop.program.vocabulary.aliases import aliases_of

    return {
        "name": op.name,
        "aliases": aliases_of(op.name),
        "signature": op.signature,
        "written": op.example.partition(" = ")[2],
        "summary": op.summary,
        "convention": op.convention,
        "elementwise": False,
        "differentiable": differentiable(op),
        "definition": op.text,
    }


def _signature(rule: Rule) -> str:
    """``sum(x, axis=None, keepdims=False)``; a parameter without a default by its name alone."""
    from tui_backprop.program.compiling.arguments import signature

    return signature(rule)


def _described(rule: Rule) -> dict[str, Any]:
    from tui_backprop.program.vocabulary.aliases import aliases_of

    return {
        "name": rule.name,
        "aliases": aliases_of(rule.name),
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
    summary=said("list the ops that programs may use, or explain one"),
    description=said(
        "List every op and what it does. With a name: how that op is called, what it does at a "
        "kink, and an example worked through on small numbers, its partials in plain text and in "
        "LaTeX."
    ),
    configure=_configure_ops,
    run=_run_ops,
)


def _configure_schema(_parser: Parser) -> None:
    """It has no arguments."""


def _run_schema(args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.scenario.fields import json_schema

    write_lines(in_json_ascii([json_text(json_schema(language_of(args.lang)), indent=2)], args))
    return 0


SCHEMA: Final = Command(
    name="schema",
    summary=said("print the JSON Schema of scenario files"),
    description=said(
        "Print the JSON Schema of scenario format 1, for editors that complete and check."
    ),
    configure=_configure_schema,
    run=_run_schema,
)


_START_UP: Final = said(
    'bash, zsh: eval "$(tui-backprop completion bash)" in the start-up file, with the shell\'s '
    "name; fish: tui-backprop completion fish | source"
)


def _configure_completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help=said("the shell"))
    parser.epilog = _START_UP


def _run_completion(args: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    write_lines([shellcode(["tui-backprop"], shell=args.shell)])
    return 0


COMPLETION: Final = Command(
    name="completion",
    summary=said("print the completion script of a shell"),
    description=said(
        "Print what bash, zsh or fish runs to complete commands, options and scenarios."
    ),
    configure=_configure_completion,
    run=_run_completion,
)
