"""``tui-backprop replay FILE``: a recorded walk, played again or checked."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from tui_backprop.cli.commands import Command, add_limits, limits_of
from tui_backprop.cli.open import add_screen, open_screen
from tui_backprop.cli.shared.output import charset_of, in_ascii, write_lines
from tui_backprop.cli.shared.quick import quick_start
from tui_backprop.dataclass import replace
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tui_backprop.cli.commands import Parser
    from tui_backprop.debug.replay.player import Event, Player
    from tui_backprop.debug.replay.script import Line
    from tui_backprop.render.view import View
    from tui_backprop.replays import Replay


def _configure(parser: Parser) -> None:
    parser.add_argument(
        "file",
        metavar=said("FILE"),
        help=said("a replay, or the name of a shipped one without its ending"),
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help=said(
            "open no screen: print what is done and said; exit status 1 if an assertion fails"
        ),
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help=said("with --headless: plain words without signs, as a screen reader speaks them"),
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help=said("with --headless: do not wait between the commands"),
    )
    parser.add_argument(
        "--scenario",
        metavar=said("SCENARIO"),
        help=said("walk this one, whatever the replay names: a file, or the name of a shipped one"),
    )
    add_limits(parser)
    add_screen(parser)
    parser.set_defaults(commands=[])


def _run(args: argparse.Namespace) -> int:
    with quick_start():
        from tui_backprop.replays import load_replay

        replay = load_replay(args.file, limits_of(args), args.scenario)
        if not args.headless:
            return _open_screen(replay, args)
    return _print_transcript(replay, args, _nothing if args.fast else _Clock().wait)


def open_replay(file: str, args: argparse.Namespace) -> int:
    """Read a replay and open it on the screen; the exit status."""
    from tui_backprop.replays import load_replay

    with quick_start():
        return _open_screen(load_replay(file, limits_of(args)), args)


def _open_screen(replay: Replay, args: argparse.Namespace) -> int:
    """Open the screen, paused at the beginning."""
    return open_screen(
        replay.scenario, args, replay=replay.script, notices=_notices(replay, args.lang)
    )


def _print_transcript(
    replay: Replay, args: argparse.Namespace, wait: Callable[[Line], None]
) -> int:
    """Print the transcript as it comes."""
    from tui_backprop.debug.replay.script import Claim
    from tui_backprop.language.catalogue import language_of
    from tui_backprop.render.view import printed_view

    player = replay.player(replay.scenario.limits.searched)
    # A transcript is printed at once; SymPy takes a second to come.
    view = printed_view(
        replay.scenario.model, player.session.frame, args.lang, charset_of(args), symbolic=False
    )
    title, lines_about = _transcript(view, plain=args.plain)
    write_lines(in_ascii([title, *_notices(replay, args.lang)], args))
    failures = claims = 0
    for event in _events(replay, player, wait, language_of(args.lang).retold):
        if view.frame is not player.session.frame:
            view = replace(view, frame=player.session.frame)
        write_lines(in_ascii(lines_about(event, view), args))
        sys.stdout.flush()
        failures += bool(event.failure)
        claims += isinstance(event.line.act, Claim)
    if failures:
        say = language_of(args.lang).say
        failed = say("{count} of {all} assertions failed", count=failures, all=claims)
        write_lines(in_ascii(["", failed], args))
    return 1 if failures else 0


def _transcript(view: View, *, plain: bool) -> tuple[str, Callable[[Event, View], Iterator[str]]]:
    """The title, and what puts an event into lines."""
    if plain:
        from tui_backprop.render.speech.transcript import SpokenReplay

        spoken = SpokenReplay(view.namer, view.language)
        return spoken.title(view.title), spoken.lines_about
    from tui_backprop.render.export.text import ReplayTranscript
    from tui_backprop.render.text.spans import printable

    return printable(view.title), ReplayTranscript(view.language).lines_about


def _notices(replay: Replay, language: str) -> list[str]:
    is_changed, dropped = replay.is_changed, replay.script.dropped
    if not (is_changed or dropped):
        return []
    from tui_backprop.render.export.text import notices

    return list(notices(language, is_changed=is_changed, dropped=dropped))


def _events(
    replay: Replay, player: Player, wait: Callable[[Line], None], retold: Callable[[str], str]
) -> Iterator[Event]:
    """The event of each line, as it is carried out.

    Raises:
        TuiBackpropError: a line cannot be carried out; the message has its place.
    """
    from tui_backprop.progress import run_to_end
    from tui_backprop.render.export.text import stopped

    while (line := player.next_line) is not None:
        wait(line)
        try:
            event = run_to_end(player.forward())
        except CommandError as error:
            told = stopped(line, error.told(retold), str(replay.path))
            raise TuiBackpropError(told) from error
        if event is not None:
            yield event


class _Clock:
    """Waits as a replay says."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def wait(self, line: Line) -> None:
        """Until the line's time has come; as long as it says, if it is a wait."""
        from tui_backprop.debug.replay.reader import LONGEST_WAIT
        from tui_backprop.debug.replay.script import Wait

        if line.at is not None:
            left = self._started + line.at - time.monotonic()
            time.sleep(min(max(0.0, left), LONGEST_WAIT))
        if isinstance(line.act, Wait):
            time.sleep(line.act.seconds)


def _nothing(_line: Line) -> None:
    """Wait for nothing."""


REPLAY: Final = Command(
    name="replay",
    summary=said("play a recorded walk again, or check it without a screen"),
    description=said("Play a replay: commands, narration, chapters and assertions in a text file."),
    configure=_configure,
    run=_run,
)
