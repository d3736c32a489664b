"""``tui-backprop compare A B``: two walks, and the first step in which they differ."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.cli.commands import (
    Command,
    add_framework,
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.shared.output import in_ascii, in_json_ascii, write_lines
from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.compare import Comparison
    from tui_backprop.debug.lockstep import Difference
    from tui_backprop.timeline.trace import Trace


def _configure(parser: Parser) -> None:
    add_scenario(parser, what=said("the one: a file, or the name of a shipped scenario"))
    add_scenario(parser, nargs="?", what=said("the other"), name="other", metavar=said("OTHER"))
    add_framework(
        parser, "--as", said("compare with the same scenario as a framework differentiates it")
    )
    parser.add_argument(
        "--rtol",
        metavar="R",
        type=_tolerance,
        default=0.0,
        help=said("how far apart two numbers may be, relative to the larger (default: 0)"),
    )
    add_json(parser)
    add_limits(parser)


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(
            said("expected a number of at least 0, found '{text}'", text=text)
        )
    return value


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.debug.compare import compare, comparison_answer
    from tui_backprop.language.catalogue import language_of
    from tui_backprop.render.text.spans import printable

    left, right, other = _walks(args)
    found = compare(left.timeline, right.timeline, args.rtol)
    names = (args.scenario, other)
    makers = (left.made_by, right.made_by)
    if args.json:
        write_lines(in_json_ascii([_as_json(found, names, makers)], args))
    else:
        spoken = language_of(args.lang)
        lines = [line.text for line in spoken.answered(comparison_answer(found, names)).lines]
        if note := _made_by_others(makers):
            lines.append(spoken.retold(note))
        write_lines(in_ascii(map(printable, lines), args))
    return 0 if found.difference is None else 1


def _walks(args: argparse.Namespace) -> tuple[Trace, Trace, str]:
    """Both walks, and what the second is called.

    Raises:
        TuiBackpropError: neither a second scenario is named nor a framework, or both are.
    """
    limits, framework = limits_of(args), args.framework
    if (args.other is None) == (framework is None):
        raise TuiBackpropError(
            said(
                "name a second scenario, or a framework with --as: compare A B, compare A --as jax"
            )
        )
    first = load_scenario(args.scenario, limits)
    if framework is None:
        return first.trace(), load_scenario(args.other, limits).trace(), args.other
    from tui_backprop.rules.conventions.framework_names import check_framework
    from tui_backprop.rules.conventions.measured import full_title
    from tui_backprop.scenario.following import following

    if first.trace().is_recorded:
        raise TuiBackpropError(
            said(
                "{name}: a saved walk has no program that could be differentiated otherwise",
                name=args.scenario,
            )
        )
    framework = check_framework(framework)
    second = replace(first, model=following(first.model, framework, limits), tried=None)
    return first.trace(), second.trace(), full_title(framework)


def _made_by_others(makers: tuple[str, str]) -> str:
    """That two walks were computed by different programs, or by different versions of one."""
    if makers[0] == makers[1]:
        return ""
    first, second = (maker or "tui-backprop" for maker in makers)
    return said(
        "computed by {first} and by {second}: releases may differ in the last digits, and in who "
        "is paid for a tie",
        first=first,
        second=second,
    )


def _as_json(found: Comparison, names: tuple[str, str], makers: tuple[str, str]) -> str:
    from tui_backprop.render.text.json import json_text, spelled

    described = {
        "format": 1,
        "scenarios": names,
        "rtol": found.rtol,
        "verdict": found.verdict,
        "alike": found.alike,
        "difference": _described(found.difference),
        "graphs": _described(found.graphs),
    }
    if any(makers):
        described["made_by"] = makers
    return json_text(spelled(described), indent=2)


def _described(difference: Difference | None) -> dict[str, Any] | None:
    if difference is None:
        return None
    return {
        "steps": difference.steps,
        "what": difference.aspect,
        "place": difference.place,
        "sides": difference.sides,
    }


COMPARE: Final = Command(
    name="compare",
    summary=said("walk two scenarios in step to the first event that differs"),
    description=said(
        "Walk two scenarios, or saved walks, in step until the first event that differs: a node "
        "built, a seed, a partial, what it adds, or the sum it is added to. NaN equals NaN. Exit "
        "status 0 where the walks are equal, 1 where they differ, 2 where a file is bad."
    ),
    configure=_configure,
    run=_run,
)
