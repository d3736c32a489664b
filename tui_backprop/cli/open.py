"""``tui-backprop [SCENARIO]``: the debugger in the terminal.

It must start quickly: it imports neither SymPy nor anything of the checks and transcripts.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import (
    Command,
    add_limits,
    add_scenario,
    limits_of,
    load_scenario,
    wants_color,
)
from tui_backprop.cli.shared.output import complain, in_ascii, write_lines
from tui_backprop.cli.shared.quick import light_textual, quick_start
from tui_backprop.dataclass import replace
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.api import Scenario
    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.replay.script import Script
    from tui_backprop.replays import Recording
    from tui_backprop.tui.options import Options

BAD_INPUT: Final = 2


def _configure(parser: Parser) -> None:
    what = said("a file or a shipped name; left out: pick a shipped one")
    add_scenario(parser, nargs="?", what=what)
    add_limits(parser)
    _add_commands(parser)
    add_screen(parser)


def add_screen(parser: Parser) -> None:
    """Add the options of every command that opens a screen."""
    parser.add_argument(
        "--config",
        metavar=said("FILE"),
        type=_present,
        help=said(
            "keys and settings, TOML; default: config.toml in the user's configuration folder"
        ),
    )
    add_looks(parser)
    parser.add_argument(
        "--no-history",
        action="store_true",
        help=said("neither read nor keep the lines that are typed"),
    )


def add_looks(parser: Parser) -> None:
    """Add the options that say how a screen looks."""
    parser.add_argument(
        "--theme",
        metavar=said("NAME"),
        default="",
        help=said(
            "colours; 'projector' is light, with thick lines, 'high-contrast' is dark; "
            "T on the screen lists them all (default: textual-dark, or TEXTUAL_THEME)"
        ),
    )
    parser.add_argument(
        "--still",
        action="store_true",
        help=said(
            "nothing moves by itself, not even a cursor that blinks; so does "
            "TEXTUAL_ANIMATIONS=none in the environment"
        ),
    )


def _add_commands(parser: Parser) -> None:
    """Add the options that carry out commands first, or instead of a screen."""
    one = parser.add_argument(
        "-e",
        "--execute",
        dest="commands",
        metavar=said("COMMAND"),
        action="append",
        default=[],
        help=said("carry out a line of the command language first; may be repeated"),
    )
    one.completer = _complete_command  # type: ignore[attr-defined]  # argcomplete's way
    parser.add_argument(
        "-x",
        "--source",
        dest="commands",
        metavar=said("FILE"),
        action="append",
        type=lambda path: f"source {path}",
        help=said("the same with each line of a file"),
    )
    add_record(parser)
    parser.add_argument(
        "--batch",
        action="store_true",
        help=said("open no screen: print the answers, and stop at the first command that fails"),
    )


def add_record(parser: Parser) -> None:
    """``--record``, wherever a person walks."""
    parser.add_argument(
        "--record",
        metavar=said("FILE"),
        type=Path,
        help=said("write every command with its time to a file that 'tui-backprop replay' plays"),
    )


def _complete_command(prefix: str, **_known: object) -> list[str]:
    from tui_backprop.debug.commands import COMMANDS

    return [command.name for command in COMMANDS if command.name.startswith(prefix)]


def _run(args: argparse.Namespace) -> int:
    with quick_start():
        limits = limits_of(args)
        scenario = None if args.scenario is None else load_scenario(args.scenario, limits)
        if scenario is None and (args.commands or args.batch or args.record):
            raise TuiBackpropError(said("name a scenario: commands are carried out in one"))
        return walk(scenario, args)


def walk(scenario: Scenario | None, args: argparse.Namespace) -> int:
    """Open a scenario as the arguments say, recorded where they say so; the exit status."""
    recording = _recording(args.record, scenario)
    try:
        status = _carry_on(scenario, args, recording)
    finally:
        if recording is not None:
            recording.close()
    if recording is None or not recording.lost:
        return status
    if not args.batch:
        _complain(recording.lost, args)  # it was said on a screen that is gone
    return status or BAD_INPUT


def _carry_on(
    scenario: Scenario | None, args: argparse.Namespace, recording: Recording | None
) -> int:
    """Open the scenario on a screen, or carry out its commands without one."""
    notices = [] if recording is None else list(_notices(recording))
    if scenario is None or not args.batch:
        return open_screen(scenario, args, recording, notices=notices)
    for notice in notices:
        _complain(notice, args)
    if recording is not None:
        recording.when_lost = partial(_complain, args=args)
    return run_batch(scenario, args, recording)


def run_batch(
    scenario: Scenario, args: argparse.Namespace, recording: Recording | None = None
) -> int:
    """Carry out commands one after the other without a screen, and return the exit status.

    Raises:
        TuiBackpropError: one of them cannot be carried out; a caret stands under its column.
    """
    from tui_backprop.debug.commands import perform
    from tui_backprop.progress import run_to_end
    from tui_backprop.render.export.text import refused
    from tui_backprop.render.text.spans import printable

    session = scenario.session()
    language = language_of(args.lang)
    session.most_searched = scenario.limits.searched
    if recording is not None:
        recording.listen(session)
    for line in args.commands:
        try:
            answer = language.answered(run_to_end(perform(session, line)))
        except CommandError as error:
            raise TuiBackpropError(refused(line, error.told(language.retold))) from error
        write_lines(in_ascii(map(printable, answer.text.splitlines()), args))
    return 0


def _complain(message: str, args: argparse.Namespace) -> None:
    complain(TuiBackpropError(message), language_of(args.lang), is_ascii=args.ascii)


def open_screen(
    scenario: Scenario | None,
    args: argparse.Namespace,
    recording: Recording | None = None,
    replay: Script | None = None,
    notices: Iterable[str] = (),
) -> int:
    """Show the debugger until the person leaves, and return the exit status.

    Args:
        scenario: what to open; None lets the person pick.
        args: of a command that was configured by `add_screen`.
        recording: writes down what is carried out.
        replay: what is played in the scenario.
        notices: what the person must know.

    Raises:
        TuiBackpropError: there is no terminal.
    """
    from tui_backprop.tui.options import is_served

    if is_served():
        return _open_served(scenario, args, replay)
    require_terminal(
        said("'tui-backprop replay FILE --headless' prints what is done and said")
        if replay is not None
        else said(
            "'tui-backprop trace {scenario}' prints the whole walk, 'tui-backprop list' the "
            "shipped scenarios, --batch with -e carries out commands",
            scenario=args.scenario or said("SCENARIO"),
        )
    )

    from tui_backprop.tui.notes.channel import runtime_folder
    from tui_backprop.tui.run import run

    options = replace(
        looks_of(args),
        limits=limits_of(args),
        config=args.config or _config(),
        history=None if args.no_history else _state() / "history",
        faults=_state() / "faults.txt",
        guided=None if args.no_history else _state() / "guided",
        progress=None if args.no_history else progress_file(),
        commands=tuple(args.commands),
        recording=recording,
        replay=replay,
        runtime=runtime_folder(),
        notices=tuple(notices),
    )
    return run(scenario, options, light_textual)


def _open_served(scenario: Scenario | None, args: argparse.Namespace, replay: Script | None) -> int:
    """Show it in a browser: none of this person's own files is read or written for a visitor."""
    from tui_backprop.tui.run import run

    options = replace(looks_of(args), limits=limits_of(args), replay=replay, is_served=True)
    return run(scenario, options, light_textual)


def looks_of(args: argparse.Namespace) -> Options:
    """How a screen looks, of a command that was configured by `add_looks`.

    Raises:
        TuiBackpropError: there is no theme of that name.
    """
    from tui_backprop.tui.options import Options, is_stillness_asked

    if args.theme:
        from tui_backprop.tui.colours import known_theme

    return Options(
        ascii=args.ascii,
        color=wants_color(args),
        theme=known_theme(args.theme) if args.theme else "",
        is_still=args.still or is_stillness_asked(),
        language=args.lang,
    )


def personal_options() -> Options:
    """The choices of somebody who gave none on a command line."""
    from tui_backprop.cli.language import spoken_in
    from tui_backprop.tui.notes.channel import runtime_folder
    from tui_backprop.tui.options import Options

    return Options(
        config=_config(),
        history=_state() / "history",
        faults=_state() / "faults.txt",
        progress=progress_file(),
        runtime=runtime_folder(),
        language=spoken_in(os.environ).code,
    )


def _notices(recording: Recording) -> Iterator[str]:
    """What became of an earlier recording, and that this one will not find its scenario."""
    if recording.kept is not None:
        yield said("the earlier recording is kept as {path}", path=recording.kept)
    if Path(recording.recorder.scenario).is_absolute():
        name = recording.recorder.scenario
        yield said("to play this recording, name its scenario: --scenario {name}", name=name)


def _recording(path: Path | None, scenario: Scenario | None) -> Recording | None:
    """The recording that writes the walk down, if one is asked for."""
    if path is None or scenario is None:
        return None
    from tui_backprop.replays import Recording

    return Recording(path, scenario)


def _present(text: str) -> Path:
    """A file that is named is meant: without it the person would not get what was asked for."""
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(
            said("there is no file '{path}': name one that is there", path=text)
        )
    return path


def _config() -> Path:
    from platformdirs import user_config_path

    return user_config_path("tui-backprop") / "config.toml"


def _state() -> Path:
    from platformdirs import user_state_path

    return user_state_path("tui-backprop")


def progress_file() -> Path:
    """Where it is remembered how many answers of quizzes were right."""
    from platformdirs import user_data_path

    return user_data_path("tui-backprop") / "quiz.json"


def has_terminal() -> bool:
    """Whether a screen can be opened here."""
    # Textual reads stdin and draws on stderr; a stdout that is a file wants text.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(s is not None and s.isatty() for s in streams) and os.environ.get("TERM") != "dumb"


def require_terminal(instead: str) -> None:
    """Let only somebody through who can see a screen.

    Raises:
        TuiBackpropError: there is no terminal; the message says what there is instead.
    """
    if not has_terminal():
        raise TuiBackpropError(
            said("this is no terminal to open a screen in; {instead}", instead=instead)
        )


OPEN: Final = Command(
    name="open",
    summary=said("open the debugger; done where no command is named"),
    description=said(
        "Open the debugger on a scenario; without one, on a picker of the shipped ones."
    ),
    configure=_configure,
    run=_run,
)
