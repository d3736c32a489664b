"""``tui-backprop check SCENARIO...``: every scenario before all witnesses.

It stands apart from what it prints, so that one bad file among many is dealt with here alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.command import Command
from tui_backprop.cli.complaints import complain
from tui_backprop.cli.options import (
    add_json,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
)
from tui_backprop.cli.output import terminal_width, write_lines
from tui_backprop.errors import TuiBackpropError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tui_backprop.cli.checked import Checked
    from tui_backprop.cli.command import Parser
    from tui_backprop.limits import Limits

_ENDINGS: Final = frozenset({".yaml", ".yml"})


def _configure(parser: Parser) -> None:
    what = "files, names of shipped scenarios, or folders of scenarios"
    add_scenario(parser, nargs="+", what=what)
    add_json(parser)
    add_limits(parser)


def _run(args: argparse.Namespace) -> int:
    from tui_backprop.cli.checked import as_json, as_lines, status  # noqa: PLC0415 - `Command.run`

    limits = limits_of(args)
    found = [_checked(name, limits) for name in _names(args.scenario)]
    if args.json:
        write_lines([as_json(found)])
    else:
        write_lines(as_lines(found, terminal_width()))
    for checked in found:
        if checked.error is not None:
            complain(checked.error)
    return status(found)


def _checked(name: str, limits: Limits) -> Checked:
    """The report, or why there is none: one bad file does not keep the others from it."""
    from tui_backprop.cli.checked import Checked  # noqa: PLC0415 - see `Command.run`
    from tui_backprop.verify.check import check  # noqa: PLC0415 - the same

    shown = Path(name).stem if Path(name).suffix in _ENDINGS else name
    try:
        return Checked(shown, name, check(load_scenario(name, limits)))
    except TuiBackpropError as error:
        return Checked(shown, name, None, error)


def _names(given: list[str]) -> Iterator[str]:
    """Files and names as they are; a folder's scenarios in order."""
    for name in given:
        if not Path(name).is_dir():
            yield name
            continue
        found = sorted(p for p in Path(name).rglob("*") if p.suffix in _ENDINGS)
        if not found:
            raise TuiBackpropError(f"{name}: no scenarios (*.yaml, *.yml) in this folder")
        yield from map(str, found)


COMMAND: Final = Command(
    name="check",
    summary="verify scenarios against SymPy, differences, expect, PyTorch",
    description=(
        "Verify scenarios. SymPy differentiates every op's forward and is compared with the local "
        "Jacobians; central differences are compared with the gradients; what the file expects "
        "and claims with what came out, a wrong claim with the step where it departs; PyTorch's "
        "values and gradients, where it is installed, with all of ours. "
        "Exit status 1 where something disagrees, 2 where a file is bad."
    ),
    configure=_configure,
    run=_run,
)
