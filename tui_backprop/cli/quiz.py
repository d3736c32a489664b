"""``tui-backprop quiz SCENARIO``: questions about a walk, on the command line or from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.shared.output import in_ascii, in_json_ascii, terminal_width, write_lines
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.quiz.question import Question
    from tui_backprop.debug.quiz.quiz import Quiz, Result

_LONGEST: Final = 20_000
"""Characters of a line that are read as an answer; no answer has as many."""
_MOST_BYTES: Final = 1 << 20
_MOST: Final = 100
_LEAVING: Final = frozenset({"quit", "exit", "q", ":q"})


def _configure(parser: Parser) -> None:
    add_scenario(parser)
    parser.add_argument(
        "--count",
        metavar="N",
        type=_count,
        help=said("ask at most so many, of a scenario that asks no questions of its own"),
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--answers",
        metavar=said("FILE"),
        type=Path,
        help=said(
            "ask nothing: mark a file with an answer a line, in the order of the questions; an "
            "empty line skips one"
        ),
    )
    way.add_argument(
        "--list", action="store_true", help=said("ask nothing: print the questions, numbered")
    )
    add_json(parser)
    parser.add_argument(
        "--no-progress",
        action="store_true",
        help=said("neither read nor keep how many were right"),
    )
    add_limits(parser)


def _count(text: str) -> int:
    import argparse

    if not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(
            said("expected a whole number from 1 to {most}, found '{text}'", most=_MOST, text=text)
        )
    return int(text)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.debug.quiz.choosing import MOST
    from tui_backprop.debug.quiz.quiz import marked, questions

    if args.json and args.answers is None and not args.list:
        raise TuiBackpropError(said("as JSON there are marks or questions: add {one} or {other}",
                                    one="--answers FILE", other="--list"))  # fmt: skip
    scenario = load_scenario(args.scenario, limits_of(args))
    session = scenario.session()
    if session.timeline.is_forward:
        session.execute("backward")  # questions are about reverse mode
    asked = questions(session, args.count or MOST)
    if not asked:
        raise TuiBackpropError(said("there is nothing to ask about this walk"))
    title = scenario.model.title.get(args.lang)
    if args.list:
        return _listed(asked, title, args)
    if args.answers is not None:
        return _marked(marked(asked, _answers(args.answers, len(asked))), title, args)
    return asked_in_lines(asked, title, scenario.model.name, args)


def _answers(path: Path, count: int) -> list[str]:
    """The lines of a file of answers to so many questions.

    Raises:
        FileError: it cannot be read, or is larger than any file of answers.
        TuiBackpropError: it is no text, or there are more answers than questions: then some of
            them stand beside the wrong question.
    """
    from tui_backprop.files import read_regular

    try:
        text = read_regular(path, _MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TuiBackpropError(said("{path}: this is no text in UTF-8", path=path)) from None
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > count:
        raise TuiBackpropError(
            said(
                "{path}: {found} lines for {count} questions: an answer is a line, and an empty "
                "line skips a question",
                path=path, found=len(lines), count=count,
            )
        )  # fmt: skip
    return lines


# Asking.


def asked_in_lines(
    asked: tuple[Question, ...], title: str, name: str, args: argparse.Namespace
) -> int:
    """Ask until all is answered, or nothing more comes; a round that was left goes on."""
    from tui_backprop.cli.open import progress_file
    from tui_backprop.debug.quiz.progress import Progress

    progress = Progress(None if args.no_progress else progress_file())
    past, quiz = progress.past(name), progress.going_on(name, asked)
    keys = said("{hint} gives a hint, an empty line skips, {leave} ends", hint="?", leave="quit")
    _say([*([title] if title else []), keys, *([past.text] if past else [])], args)
    while quiz.question is not None:
        number = len(quiz.results)
        _say(["", quiz.heading, *quiz.asked], args)
        while len(quiz.results) == number and not quiz.is_left:
            line = _line()
            if line is None or line.strip().casefold() in _LEAVING:
                quiz.leave()
            elif line.strip() in {"?", "？"}:
                _say([quiz.hint()], args)
            else:
                _say(quiz.answer(line), args)
    _say(["", *quiz.summary()], args)
    progress.remember(name, quiz)
    if progress.notice:
        _say([progress.notice], args)
    return 0 if quiz.is_perfect else 1


def _line() -> str | None:
    """The next line that is typed; None where there are no more. Of a long one only its start.

    Nobody sees what comes through a pipe, so it is written behind the prompt.
    """
    sys.stdout.write("> ")
    sys.stdout.flush()
    line = sys.stdin.readline(_LONGEST)
    rest = line
    while rest and not rest.endswith("\n"):
        rest = sys.stdin.readline(_LONGEST)
    if not sys.stdin.isatty():
        from tui_backprop.render.text.spans import printable

        sys.stdout.write(printable(line.rstrip("\r\n")[:200]) + "\n")
    return line.rstrip("\r\n") if line else None


def _say(lines: Iterable[str], args: argparse.Namespace) -> None:
    """Lines in the language that is asked for, broken where the terminal ends."""
    from tui_backprop.render.text.spans import printable, wrap

    spoken, cells = language_of(args.lang), terminal_width()
    told = [printable(spoken.retold(line)) for line in lines]
    broken = told if cells is None else [row for line in told for row in wrap(line, cells) or [""]]
    write_lines(in_ascii(broken, args))
    sys.stdout.flush()


# Without asking.


def _listed(asked: tuple[Question, ...], title: str, args: argparse.Namespace) -> int:
    from tui_backprop.debug.format import indented

    if args.json:
        described = [_described(n, q, args) for n, q in enumerate(asked, 1)]
        _write_json({"title": title, "questions": described}, args)
        return 0
    _say([title], args)
    for number, question in enumerate(asked, 1):
        head = said("{number}. {question}", number=number, question=question.text)
        _say([head, *(indented(line) for line in question.given)], args)
    return 0


def _marked(quiz: Quiz, title: str, args: argparse.Namespace) -> int:
    from tui_backprop.debug.format import indented
    from tui_backprop.debug.quiz.marking import shown

    if args.json:
        results = [_result(n, r, args) for n, r in enumerate(quiz.results, 1)]
        body = {"title": title, "right": quiz.right, "count": len(quiz.questions),
                "questions": results}  # fmt: skip
        _write_json(body, args)
        return 0 if quiz.is_perfect else 1
    lines = []
    for number, result in enumerate(quiz.results, 1):
        lines.append(said("{number}. {question}", number=number, question=result.question.text))
        told = said("skipped") if result.mark is None else result.mark.text
        answer = result.answer.strip()[:_MOST]
        lines.append(indented(joined(": ", [*([answer] if answer else []), told])))
        if result.mark is None or not result.mark.is_right:
            right = said("the right answer: {answer}", answer=shown(result.question))
            lines.append(indented(right))
    _say([title, *lines, "", next(quiz.summary())], args)
    return 0 if quiz.is_perfect else 1


def _described(number: int, question: Question, args: argparse.Namespace) -> dict[str, Any]:
    retold = language_of(args.lang).retold
    return {
        "number": number,
        "kind": question.kind,
        "step": question.step,
        "about": question.about,
        "question": str(retold(question.text)),
        "given": [str(retold(line)) for line in question.given],
    }


def _result(number: int, result: Result, args: argparse.Namespace) -> dict[str, Any]:
    from tui_backprop.debug.quiz.marking import shown

    retold, mark = language_of(args.lang).retold, result.mark
    evidence = None if mark is None or mark.evidence is None else mark.evidence.value
    return {
        **_described(number, result.question, args),
        "answer": result.answer,
        "outcome": result.outcome.value,
        "verdict": None if mark is None else mark.verdict.value,
        "text": None if mark is None else str(retold(mark.text)),
        "slips": [] if mark is None else [str(retold(name)) for name in mark.slips],
        "evidence": evidence,
        "right": str(retold(shown(result.question))),
    }


def _write_json(body: dict[str, Any], args: argparse.Namespace) -> None:
    from tui_backprop.render.text.json import json_text, spelled

    text = json_text(spelled({"format": 1, **body}), indent=2)
    write_lines(in_json_ascii(_lines(text), args))


def _lines(text: str) -> Iterator[str]:
    yield from text.split("\n")


QUIZ: Final = Command(
    name="quiz",
    summary=said("ask about a walk, and mark what is answered"),
    description=said(
        "Ask about a walk, and mark what is answered: a known slip is named. A scenario's own "
        "questions are asked where it has some. Exit status 1 if not all was right."
    ),
    configure=_configure,
    run=_run,
)
