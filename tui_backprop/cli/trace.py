"""``tui-backprop trace SCENARIO``: the whole walk in words, as text, JSON, Markdown or LaTeX."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.cli.commands import (
    Command,
    add_ascii,
    add_language,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.output import charset_of, in_ascii, in_json_ascii, write_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tui_backprop.cli.commands import Parser
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View


class _Format(NamedTuple):
    """A way to write a walk down.

    Attributes:
        module: of `render`, imported when it is asked for.
        function: takes a view, the source of the scenario's numbers and a level, and gives lines.
        times: the sign of multiplication where only ASCII is wanted.
        is_json: whether it gives pieces of one JSON object instead of lines.
    """

    module: str
    function: str
    times: str = "*"
    is_json: bool = False

    def writer(self) -> Callable[[View, str, Level], Iterator[str]]:
        """The function itself."""
        found: Callable[[View, str, Level], Iterator[str]] = getattr(
            import_module(f"tui_backprop.render.{self.module}"), self.function
        )
        return found


_FORMATS: Final = {
    "text": _Format("export.text", "trace_text"),
    "json": _Format("export.json", "trace_json", is_json=True),
    "markdown": _Format("export.markdown", "trace_markdown", r"\*"),
    "latex": _Format("export.latex", "trace_latex"),
}
_USES: Final = (
    "text for people, json for programs, markdown and latex for notes and papers, with every "
    "partial as mathematics (default: text)"
)
_PLAIN: Final = _Format("speech.transcript", "plain_transcript")


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--format", choices=tuple(_FORMATS), help=_USES)
    either.add_argument(
        "--plain",
        action="store_true",
        help="one line of plain words for each step, without signs, as a screen reader speaks it",
    )
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
    from tui_backprop.render.view import printed_view
    from tui_backprop.timeline.timeline import Timeline

    scenario = load_scenario(args.scenario, limits_of(args))
    model, zeros = scenario.model, args.zeros or scenario.model.view.zeros
    first = Timeline(scenario.trace(), zeros=zeros == "show")[0]
    view = printed_view(model, first, args.lang, charset_of(args), symbolic=not args.no_formulas)
    form = _PLAIN if args.plain else _FORMATS[args.format or "text"]
    written = form.writer()(view, model.source, args.level)
    if form.is_json:
        sys.stdout.writelines(in_json_ascii(written, args))
    else:
        write_lines(in_ascii(written, args, form.times))
    return 0


TRACE: Final = Command(
    name="trace",
    summary="print the whole walk as text, words, JSON, Markdown or LaTeX",
    description="Print every step of a scenario's walk: build, seed, each partial, the gradients.",
    configure=_configure,
    run=_run,
)
