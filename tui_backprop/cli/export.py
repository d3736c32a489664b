"""``tui-backprop export``: a scenario, a replay or a saved walk as a file of another kind."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
    wants_color,
)
from tui_backprop.cli.shared.output import charset_of, in_ascii, write_lines
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import all_of, joined, said
from tui_backprop.tui.exporting.formats import EXPORTS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tui_backprop.cli.commands import Parser
    from tui_backprop.exports.formats import Format, Option
    from tui_backprop.exports.subject import Subject
    from tui_backprop.replays import Replay

_DIGITS: Final = 18
"""Of a step's number: no walk has more steps."""
_STDOUT: Final = "-"


def _configure(parser: Parser) -> None:
    what = said("a scenario, a replay or a saved walk: a file, or the name of a shipped one")
    add_scenario(parser, what=what)
    told = (said("{name}: {use}", name=name, use=form.use) for name, form in EXPORTS.items())
    parser.add_argument(
        "--to", metavar=said("FORMAT"), choices=tuple(EXPORTS), required=True,
        help=joined("; ", list(told)),
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar=said("FILE"),
        help=said("where to; - is the terminal; left out, a file beside you, called as it is"),
    )  # fmt: skip
    parser.add_argument(
        "--force", action="store_true", help=said("take the place of a file that is there")
    )
    parser.add_argument(
        "--step", metavar=said("K"), type=_step,
        help=said("the step that is meant, where a format shows one; left out, the last"),
    )  # fmt: skip
    for option, names in _options().items():
        use = said("{use} ({formats})", use=option.use, formats=all_of(names))
        if option.choices:
            parser.add_argument(option.flag, choices=option.choices, help=use)
        elif option.takes:
            parser.add_argument(option.flag, metavar=option.takes, help=use)
        else:
            parser.add_argument(option.flag, action="store_true", default=None, help=use)
    add_limits(parser)


def _step(text: str) -> int:
    import argparse

    number = text.removeprefix("-")
    if not number.isdecimal() or len(number) > _DIGITS:
        raise argparse.ArgumentTypeError(
            said("expected the number of a step, found '{text}'", text=text[:40])
        )
    return int(text)


def _options() -> dict[Option, list[str]]:
    """The options of all formats, each with those that take it."""
    found: dict[Option, list[str]] = {}
    for name, form in EXPORTS.items():
        for option in form.options:
            found.setdefault(option, []).append(name)
    return found


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.files import check_free, write_pieces

    form = EXPORTS[args.to]
    options = _given(args, form)
    subject = _subject(args, form, options)
    others = {Path(options[name]): name for name in form.beside if name in options}
    for path in others if not args.force else ():
        check_free(path)  # before the first file is written
    told = []
    if args.output == _STDOUT:
        for piece in form.write(subject):
            sys.stdout.buffer.write(piece)
    else:
        endings = [form.endings[name] for name in form.endings if name in options]
        path = Path(args.output or f"{subject.name}{[form.ending, *endings][-1]}")
        _check_apart(path, others)
        if not args.force:
            check_free(path)  # before work that may take long
        write_pieces(path, form.write(subject), over=args.force)
        told.append(path)
    for path, name in others.items():
        write_pieces(path, form.write(subject, name), over=args.force)
        told.append(path)
    spoken = language_of(args.lang)
    lines = [spoken.say("written: {file}", file=quote(str(path))) for path in told]
    write_lines(in_ascii(lines if args.output != _STDOUT else [], args))
    return 0


def _check_apart(path: Path, others: Mapping[Path, str]) -> None:
    """Refuse one file for two.

    Raises:
        FileError: another file that is to be written has the same name, or leads to the same place.
    """
    from tui_backprop.files import FileError

    for other, name in others.items():
        if os.path.realpath(other) == os.path.realpath(path):
            told = said("the file of {option} is the same one: give each a name of its own",
                        option=f"--{name}")  # fmt: skip
            raise FileError(path, told)


def _given(args: argparse.Namespace, form: Format) -> dict[str, Any]:
    """The options that were given.

    Raises:
        TuiBackpropError: another format takes one of them.
    """
    found = {}
    for option, names in _options().items():
        value = getattr(args, option.name)
        if value is None:
            continue
        if option not in form.options:
            raise TuiBackpropError(
                said(
                    "{option} is for {formats}, not for {name}",
                    option=option.flag, formats=all_of(names), name=args.to,
                )
            )  # fmt: skip
        found[option.name] = value
    return found


def _subject(args: argparse.Namespace, form: Format, options: dict[str, Any]) -> Subject:
    from tui_backprop.exports.subject import Subject
    from tui_backprop.render.view import printed_view

    replay = _replay(args)
    if form.needs_replay and replay is None:
        raise TuiBackpropError(
            said(
                "{name} is made of a replay: record one with 'tui-backprop open {scenario} "
                "--record FILE'",
                name=args.to,
                scenario=quote(str(args.scenario)),
            )
        )
    scenario = load_scenario(args.scenario, limits_of(args)) if replay is None else replay.scenario
    model = scenario.model
    timeline = scenario.trace().walked(zeros=model.view.zeros == "show")
    last = len(timeline) - 1
    step = last if args.step is None else args.step
    if not 0 <= step <= last:
        raise TuiBackpropError(
            said("the walk has no step {k}: it has 0 to {last}", k=step, last=last)
        )
    view = printed_view(model, timeline[step], args.lang, charset_of(args), symbolic=True)
    name = model.name if replay is None else replay.path.stem
    return Subject(view, model, name, replay, options, wants_color(args))


def _replay(args: argparse.Namespace) -> Replay | None:
    """The replay that is meant; None where it is a scenario or a saved walk."""
    from tui_backprop.scenario.files import is_replay

    if not is_replay(args.scenario):
        return None
    from tui_backprop.replays import load_replay

    return load_replay(args.scenario, limits_of(args), None)


EXPORT: Final = Command(
    name="export",
    summary=said("write a walk as a file for slides, pages, sheets or programs"),
    description=said(
        "Write a scenario, a replay or a saved walk as a file of another kind. It is written whole "
        "or not at all, and takes the place of no file unless told to."
    ),
    configure=_configure,
    run=_run,
)
