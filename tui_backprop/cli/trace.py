"""``tui-backprop trace SCENARIO``: the whole walk in a format, by the table of formats."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.cli.commands import (
    Command,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.shared.output import charset_of, in_ascii, in_json_ascii, write_lines
from tui_backprop.language.message import all_of, joined, said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from tui_backprop.cli.commands import Parser
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View


class Format(NamedTuple):
    """A way to write a walk down.

    Attributes:
        module: of `render`, imported when it is asked for.
        function: takes a view, the source of the scenario's numbers and a level, and gives lines.
        title: what people call it.
        ending: of a file that holds it.
        use: whom or what it is for, after its name in the help; formats that stand side by side
            may share one.
        times: the sign of multiplication where only ASCII is wanted.
        is_json: whether it gives pieces of one JSON object instead of lines.
    """

    module: str
    function: str
    title: str
    ending: str
    use: str = ""
    times: str = "*"
    is_json: bool = False

    def writer(self) -> Callable[[View, str, Level], Iterator[str]]:
        """The function itself."""
        found: Callable[[View, str, Level], Iterator[str]] = getattr(
            import_module(f"tui_backprop.render.{self.module}"), self.function
        )
        return found


_PAPERS: Final = said("for notes and papers, with every partial as mathematics")

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({
    "text": Format("export.text", "trace_text", said("text"), ".txt", said("for people")),
    "json": Format("export.json", "trace_json", "JSON", ".json", said("for programs"),
                   is_json=True),
    "markdown": Format("export.markdown", "trace_markdown", "Markdown", ".md", _PAPERS, r"\*"),
    "latex": Format("export.latex", "trace_latex", "LaTeX", ".tex", _PAPERS),
})  # fmt: skip
"""By the word after ``--format``; the first is the default."""

_DEFAULT: Final = next(iter(FORMATS))
_PLAIN: Final = Format("speech.transcript", "plain_transcript", said("words"), ".txt")
_LINE: Final = 64
"""Cells of a line in the list of commands."""


def _summary() -> str:
    """With the titles of all formats, or as many words as fit into one line."""
    first, *others = (form.title for form in FORMATS.values())
    names = [first, _PLAIN.title, *others]
    titles = said("{names} or {last}", names=joined(", ", names[:-1]), last=names[-1])
    tried = (
        said("print the whole walk as {titles}", titles=titles),
        said("print the walk as {titles}", titles=titles),
    )
    fitting = (text for text in tried if len(text) <= _LINE)
    count = len(FORMATS) + 1
    return next(fitting, said("print the whole walk, in any of {count} forms", count=count))


def _uses() -> str:
    """The formats and whom they are for: ``text for people, json for programs``."""
    uses = groupby(FORMATS, lambda name: FORMATS[name].use)
    told = (said("{names} {use}", names=all_of(names), use=use) for use, names in uses)
    return said("{uses} (default: {name})", uses=joined(", ", told), name=_DEFAULT)


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--format", choices=tuple(FORMATS), help=_uses())
    either.add_argument(
        "--plain",
        action="store_true",
        help=said(
            "one line of plain words for each step, without signs, as a screen reader speaks it"
        ),
    )
    parser.add_argument(
        "--level",
        choices=("partial", "node"),
        default="partial",
        help=said("every partial, or what each edge of a node adds as a whole (default: partial)"),
    )
    parser.add_argument(
        "--zeros",
        choices=("show", "skip"),
        help=said("whether structurally zero partials are visited (default: as the scenario says)"),
    )
    parser.add_argument(
        "--no-formulas",
        action="store_true",
        help=said("leave out the symbolic partials: much faster for a long walk"),
    )
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.render.view import printed_view

    scenario = load_scenario(args.scenario, limits_of(args))
    model, zeros = scenario.model, args.zeros or scenario.model.view.zeros
    first = scenario.trace().walked(zeros=zeros == "show")[0]
    view = printed_view(model, first, args.lang, charset_of(args), symbolic=not args.no_formulas)
    form = _PLAIN if args.plain else FORMATS[args.format or _DEFAULT]
    written = form.writer()(view, model.source, args.level)
    if form.is_json:
        sys.stdout.writelines(in_json_ascii(written, args))
    else:
        write_lines(in_ascii(written, args, form.times))
    return 0


TRACE: Final = Command(
    name="trace",
    summary=_summary(),
    description=said(
        "Print every step of a scenario's walk: build, seed, each partial, the gradients."
    ),
    configure=_configure,
    run=_run,
)
