"""``tui-backprop learn``: the lessons in order, and which of them are done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import Command, add_json, add_limits, limits_of, load_scenario
from tui_backprop.cli.open import add_screen, open_screen, progress_file
from tui_backprop.cli.shared.output import in_ascii, in_json_ascii, terminal_width, write_lines
from tui_backprop.cli.shared.quick import quick_start
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said
from tui_backprop.scenario.lessons import LESSONS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tui_backprop.api import Scenario
    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.quiz.progress import Past, Progress


def _configure(parser: Parser) -> None:
    parser.add_argument(
        "lesson",
        metavar="N",
        nargs="?",
        type=_number,
        help=said("open this lesson on the screen, where 'quiz' asks; left out: list them"),
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help=said("open no screen: print the narration, and ask line by line"),
    )
    parser.add_argument(
        "--no-progress",
        action="store_true",
        help=said("neither read nor keep how many were right"),
    )
    add_json(parser)
    add_limits(parser)
    add_screen(parser)


def _number(text: str) -> int:
    import argparse

    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= len(LESSONS):
        raise argparse.ArgumentTypeError(
            said("expected the number of a lesson, from 1 to {most}, found '{text}'",
                 most=len(LESSONS), text=text)
        )  # fmt: skip
    return int(text)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.debug.quiz.progress import Progress

    progress = Progress(None if args.no_progress else progress_file())
    if args.lesson is None:
        return _listed(progress, args)
    if args.json:
        raise TuiBackpropError(said("as JSON there is the list of lessons, without a number"))
    name = LESSONS[args.lesson - 1].scenario
    if args.plain:
        return _told_and_asked(load_scenario(name, limits_of(args)), args)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TuiBackpropError(
            said("there is no terminal to open a screen in: 'learn --plain {number}' asks line by "
                 "line", number=args.lesson)
        )  # fmt: skip
    args.scenario, args.commands = name, []
    with quick_start():
        scenario = load_scenario(name, limits_of(args))
        told = said("lesson {number}: walk it with s, then type : and quiz", number=args.lesson)
        return open_screen(scenario, args, notices=[told])


def _told_and_asked(scenario: Scenario, args: argparse.Namespace) -> int:
    """Print what the lesson narrates, and ask its questions."""
    from tui_backprop.cli.quiz import asked_in_lines
    from tui_backprop.debug.quiz.quiz import questions

    spoken, cells, model = language_of(args.lang), terminal_width(), scenario.model
    lines = [model.title.get(args.lang), "", *model.graph.program.rstrip("\n").split("\n"), ""]
    told = [(note.at, note.text.get(args.lang).strip()) for note in model.notes]
    lines += [spoken.retold(said("{place}: {text}", place=at, text=text)) for at, text in told]
    write_lines(in_ascii(_broken(lines, cells), args))
    return asked_in_lines(questions(scenario.session()), "", model.name, args)


def _broken(lines: list[str], cells: int | None) -> Iterator[str]:
    from tui_backprop.render.text.spans import printable, wrap

    for line in map(printable, lines):
        yield from [line] if cells is None else wrap(line, cells) or [""]


def _listed(progress: Progress, args: argparse.Namespace) -> int:
    from tui_backprop.render.text.json import json_text
    from tui_backprop.render.text.table import Heading, table

    spoken = language_of(args.lang)
    pasts = [progress.past(lesson.scenario) for lesson in LESSONS]
    if args.json:
        found = [_described(n, args, past) for n, past in enumerate(pasts, 1)]
        body = {"format": 1, "next": _next(pasts), "lessons": found}
        write_lines(in_json_ascii([json_text(body, indent=2)], args))
        return 0
    headings = [Heading("", "right"), Heading(spoken.say("lesson"), is_elastic=True),
                Heading(spoken.say("scenario")), Heading(spoken.say("right"))]  # fmt: skip
    rows = [
        (str(n), spoken.retold(lesson.topic), lesson.scenario, spoken.retold(_done(past)))
        for n, (lesson, past) in enumerate(zip(LESSONS, pasts, strict=True), 1)
    ]
    following = _next(pasts)
    told = (
        said("all are done; 'tui-backprop list' shows hunts for bugs")
        if following is None
        else said("next: tui-backprop learn {number}", number=following)
    )
    lines = [*table(headings, rows, terminal_width()), "", spoken.retold(told)]
    if progress.notice:
        lines.append(spoken.retold(progress.notice))
    write_lines(in_ascii(lines, args))
    return 0


def _done(past: Past | None) -> str:
    if past is None:
        return ""
    return said("{right} of {count}", right=past.best, count=past.count)


def _is_done(past: Past | None) -> bool:
    return past is not None and past.best >= past.count


def _next(pasts: list[Past | None]) -> int | None:
    """The first lesson that is not done; None where all are."""
    return next((n for n, past in enumerate(pasts, 1) if not _is_done(past)), None)


def _described(number: int, args: argparse.Namespace, past: Past | None) -> dict[str, Any]:
    lesson = LESSONS[number - 1]
    return {
        "number": number,
        "topic": str(language_of(args.lang).retold(lesson.topic)),
        "scenario": lesson.scenario,
        "best": None if past is None else past.best,
        "count": None if past is None else past.count,
        "done": _is_done(past),
    }


LEARN: Final = Command(
    name="learn",
    summary=said("twelve lessons in order, each with three questions"),
    description=said(
        "List the lessons, and how many answers were right in each; open one on the screen, or "
        "read it and answer line by line. It is remembered which are done."
    ),
    configure=_configure,
    run=_run,
)
