"""``tui-backprop trace SCENARIO``: the whole walk in words, as text, JSON, Markdown or LaTeX."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import (
    Command,
    add_ascii,
    add_format,
    add_language,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.output import charset_of, in_ascii, in_json_ascii, write_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tui_backprop.api import Scenario
    from tui_backprop.cli.commands import Parser
    from tui_backprop.render.view import View


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    add_format(parser)
    parser.add_argument(
        "--level",
        choices=("partial", "node"),
        default="partial",
        help="every partial, or what each edge of a node adds as a whole (default: partial)",
    )
    parser.add_argument(
        "--zeros",
        choices=("show", "skip"),
        help="whether structurally zero partials are visited (default: as the scenario says)",
    )
    parser.add_argument(
        "--no-formulas",
        action="store_true",
        help="leave out the symbolic partials: much faster for a long walk",
    )
    add_language(parser)
    add_ascii(parser)
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    scenario = load_scenario(args.scenario, limits_of(args))
    view = _view(scenario, args)
    if args.format == "json":
        from tui_backprop.render.export.json import trace_json

        pieces = trace_json(view, args.level)
        sys.stdout.writelines(in_json_ascii(pieces, args))
    else:
        lines = _told(view, scenario.model.source, args)
        write_lines(in_ascii(lines, args, r"\*" if args.format == "markdown" else "*"))
    return 0


def _told(view: View, source: str, args: argparse.Namespace) -> Iterator[str]:
    """The walk in the format that a person asked for."""
    if args.plain:
        from tui_backprop.render.speech.transcript import (
            plain_transcript,
        )

        return plain_transcript(view, source, args.level)
    if args.format in {None, "text"}:
        from tui_backprop.render.export.text import trace_text

        return trace_text(view, source, args.level)
    from tui_backprop.render.export.document import document
    from tui_backprop.render.export.latex import LatexDocument
    from tui_backprop.render.export.markdown import Markdown

    markup = Markdown() if args.format == "markdown" else LatexDocument()
    return document(view, markup, source, args.level)


def _view(scenario: Scenario, args: argparse.Namespace) -> View:
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Timeline

    model = scenario.model
    charset = charset_of(args)
    zeros = (args.zeros or model.view.zeros) == "show"
    return View(
        frame=Timeline(scenario.trace(), zeros=zeros)[0],
        namer=Namer(model.graph, model.view.subscripts, charset),
        title=model.title.get(args.lang),
        notes=model.notes,
        language=args.lang,
        charset=charset,
        symbolic=not args.no_formulas,
    )


TRACE: Final = Command(
    name="trace",
    summary="print the whole walk as text, words, JSON, Markdown or LaTeX",
    description="Print every step of a scenario's walk: build, seed, each partial, the gradients.",
    configure=_configure,
    run=_run,
)
