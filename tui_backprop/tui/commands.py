"""The commands of the screen, all commands, and the way from a word or a key to its action.

Footer, palette, help screen and key bindings are derived from the list of all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands import COMMANDS, LEAVING, Command
from tui_backprop.debug.commands.command import count_of, look_up
from tui_backprop.debug.place_names import seed_word
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.message import joined, said, said_in, said_many
from tui_backprop.scenario.files import is_shipped
from tui_backprop.tui import looks
from tui_backprop.tui.text_search import find_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.session import Session
    from tui_backprop.tui.desk import Desk, Replay


Action: TypeAlias = "Callable[[Desk, str], str | None]"


@dataclass(frozen=True, slots=True)
class ViewCommand:
    """Something a person can ask of the screen.

    Attributes:
        name: its word; any unique prefix means it too.
        help: what it does, one sentence.
        run: does it; takes the desk and the rest of the line, returns what to report.
        keys: default keys.
        argument: how the rest of the line is written; empty where there is none.
        short: a word for the footer; empty where it is not shown there.
        aliases: other words for it.
        moves: whether it moves the cursor, so that a search that is under way stands against it.
        repeats: whether doing it once more goes on with it: an empty line then repeats it.
        now: of one that changes how the walk looks and nothing else, the argument that gives the
            look of now: it is recorded, and a replay may hold it.
        files: whether it reads or writes files, which nobody may who sees the screen in a browser.
    """

    name: str
    help: str
    run: Action
    keys: tuple[str, ...] = ()
    argument: str = ""
    short: str = ""
    aliases: tuple[str, ...] = ()
    moves: bool = False
    repeats: bool = False
    now: Callable[[Desk], str] | None = None
    files: bool = False

    def touches_files(self, argument: str) -> bool:
        """Whether it reads or writes files with this argument."""
        return self.files and not (self.name == "open" and is_shipped(argument.strip()))

    @property
    def usage(self) -> str:
        """Its word and its argument."""
        return joined(" ", [self.name, *([self.argument] if self.argument else [])])


def _play(desk: Desk, _argument: str) -> str:
    return desk.playing.toggle()


def _change_speed(by: int) -> Action:
    def run(desk: Desk, _argument: str) -> str:
        return desk.playing.change_speed(by)

    return run


def _search(desk: Desk, argument: str) -> str:
    view_model = desk.view_model
    view_model.found = argument.strip() or view_model.found
    if not view_model.found:
        raise CommandError(
            said("search for what? A part of a name, an expression, an op or a note")
        )
    session = view_model.session
    notes = view_model.scenario.model.notes
    found = find_text(session.timeline, notes, view_model.found, session.cursor)
    if found is None:
        raise CommandError(said("no node and no note contains '{text}'", text=view_model.found))
    if found.step == session.cursor:
        return said("'{text}' is here and nowhere else: {place}", text=view_model.found,
                    place=found.where)  # fmt: skip
    desk.carry_out(f"goto {found.step}")
    return said("'{text}' found in {place}", text=view_model.found, place=found.where)


def _in_replay(act: Callable[[Replay], object]) -> Action:
    """An action on the replay that is open."""

    def run(desk: Desk, _argument: str) -> str | None:
        found = act(_replay(desk))
        return found if isinstance(found, str) else None

    return run


def _replay(desk: Desk) -> Replay:
    if desk.replay is None:
        raise CommandError(
            said("no replay is open: {command} opens one", command=said("tui-backprop replay FILE"))
        )
    return desk.replay


def _jump(desk: Desk, argument: str) -> None:
    replay = _replay(desk)
    length = replay.length
    text = argument.strip()
    if not text.isdecimal() or len(text) > 18 or int(text) > length:
        raise CommandError(
            said(
                "expected how many lines, 0 to {last}; found {found}", last=length, found=repr(text)
            )
        )
    replay.seek(int(text))


def _leave(desk: Desk, _argument: str) -> None:
    # Nobody who has set no breakpoint waits for this.
    from tui_backprop.debug.commands.saved import unsaved

    view_model = desk.view_model
    lost = unsaved(view_model.session)
    if lost and lost != view_model.given_up:
        view_model.given_up = lost
        has_file = view_model.session.commands_file is not None
        raise CommandError(said_many(
            len(lost),
            "{count} breakpoint or display is not saved: {save} keeps it, {key} again leaves",
            "{count} breakpoints and displays are not saved: {save} keeps them, {key} again leaves",
            save=":save" if has_file else said(":save FILE"), key=desk.keys["quit"][0],
        ))  # fmt: skip
    desk.leave()


def _screenshot(desk: Desk, argument: str) -> None:
    # What draws pictures is imported when the first is asked for.
    from tui_backprop.tui.screenshot import path_for, save

    view_model = desk.view_model
    name, step = view_model.scenario.model.name, view_model.session.cursor
    save(desk, path_for(argument.strip(), name, step))


def _export(desk: Desk, argument: str) -> None:
    from tui_backprop.tui.exporting.command import export

    export(desk, argument.strip())


def _new(desk: Desk, argument: str) -> str:
    from tui_backprop.scenario.new import write_new

    try:
        path = write_new(argument.strip(), desk.view_model.spoken)
    except TuiBackpropError as error:
        raise CommandError(str(error)) from None
    desk.open(str(path))
    return said("written: {file}", file=path)


def _quiz(desk: Desk, argument: str) -> None:
    # Who is asked nothing has none of it imported.
    from tui_backprop.debug.quiz.choosing import MOST
    from tui_backprop.tui.asking.quizzing import Quizzing

    if desk.replay is not None:
        desk.replay.leave()
    Quizzing(desk, count_of(argument) if argument.strip() else MOST).begin()


def _call(method: Callable[[Desk, str], None]) -> Action:
    def run(desk: Desk, argument: str) -> str:
        method(desk, argument.strip())
        return ""

    return run


VIEW_COMMANDS: Final[tuple[ViewCommand, ...]] = (
    ViewCommand("play",
                said("Step by step on its own, until a breakpoint or the end; again to pause."),
                _play, ("space",), "", said_in("a key", "play"), moves=True),
    ViewCommand("faster", said("Play faster; a replay too."),
                _change_speed(1), ("+",), repeats=True),
    ViewCommand("slower", said("Play slower; a replay too."),
                _change_speed(-1), ("-",), repeats=True),
    ViewCommand("tape", said("The graph as a drawing or as a tape."),
                looks.TAPE.choose, ("t",), said("[on|off|auto]"), said_in("a key", "tape"),
                now=looks.TAPE.now),
    ViewCommand("total",
                said("J of this edge, of the whole graph by one input after the other, or as a "
                     "product of local ones."),
                looks.TOTAL.choose, ("j",), said("[on|off|product|NODE]"), now=looks.TOTAL.now),
    ViewCommand("replay-forward", said("One line of the replay forward."),
                _in_replay(lambda replay: replay.forward()), (">",), repeats=True),
    ViewCommand("replay-back", said("One line of the replay back."),
                _in_replay(lambda replay: replay.back()), ("<",), repeats=True),
    ViewCommand("next-mark", said("To the next chapter of the replay."),
                _in_replay(lambda replay: replay.mark(1)), ("]",), repeats=True),
    ViewCommand("previous-mark",
                said("To where this chapter of the replay begins, or the one before."),
                _in_replay(lambda replay: replay.mark(-1)), ("[",), repeats=True),
    ViewCommand("replay-to", said("To where so many lines of the replay are carried out."),
                _jump, (), said("N")),
    ViewCommand("return", said("Back to the replay, where it was left."),
                _in_replay(lambda replay: replay.come_back()), ("R",)),
    ViewCommand("search", said("To the next node, op or note that contains a text."),
                _search, ("/",), said("TEXT"), moves=True, repeats=True),
    ViewCommand("search-again", said("To the next one with the same text."),
                lambda desk, _: _search(desk, ""), ("*",), moves=True, repeats=True),
    ViewCommand("answer",
                said("The last answer of several lines again; an open one larger, or smaller."),
                looks.ANSWER.choose, ("a",), said("[on|large|off]"), now=looks.ANSWER.now),
    ViewCommand("log", said("Everything that was asked and answered; a line may lead to its step."),
                _call(lambda desk, _: desk.show_log()), ("L",)),
    ViewCommand("quiz",
                said("Be asked about the walk, step by step: ? gives a hint, escape ends it."),
                _quiz, (), said("[QUESTIONS]"), moves=True),
    ViewCommand("screenshot",
                said("A picture of the screen as SVG; without FILE, named after the step."),
                _screenshot, (), said("[FILE]"), files=True),
    ViewCommand("export", said("This walk at this step as another kind of file, never over one."),
                _export, (), said("FORMAT [FILE] [--force]"), files=True),
    ViewCommand("maximize",
                said("One pane over the whole screen: the focused one, else the graph."),
                looks.PANE.choose, ("m",), said("[PANE|off]"), now=looks.PANE.now),
    ViewCommand("present",
                said("The step alone, large and without frames, for a room; again for all panes."),
                looks.PRESENTER.choose, ("P",), said("[on|off]"), now=looks.PRESENTER.now),
    ViewCommand("blank", said("Nothing on the screen, until a key is pressed."),
                _call(lambda desk, _: desk.blank()), (".",)),
    ViewCommand("language", said("Every word in another language: by its code, or the next."),
                looks.LANGUAGE.choose, ("l",), said("[CODE]"), now=looks.LANGUAGE.now),
    ViewCommand("theme", said("Choose the colours: by name, or from the list."),
                _call(lambda desk, line: desk.choose_theme(line)), ("T",), said("[NAME]")),
    ViewCommand("open", said("Another scenario or replay: by name, by path, or from the list."),
                _call(lambda desk, line: desk.open(line)), ("o",), said("[SCENARIO]"),
                files=True),
    ViewCommand("new", said("Write a first scenario into a file of that name, and open it."),
                _new, (), said("NAME"), files=True),
    ViewCommand("reload", said("The scenario as its file is now, at the same step of the walk."),
                _call(lambda desk, _: desk.reload()), ("r",), files=True),
    ViewCommand("quit", said("Leave."),
                _call(_leave), ("q",), "", said_in("a key", "quit"), (LEAVING,)),
    ViewCommand("command", said("Type a command."),
                _call(lambda desk, line: desk.ask(line)), (":",), "", said_in("a key", "command")),
)  # fmt: skip


def looks_of(desk: Desk) -> dict[str, str]:
    """How the walk looks: each command about that, with the argument that gives the look of now."""
    return {c.name: c.now(desk) for c in VIEW_COMMANDS if c.now is not None}


def carry_out(desk: Desk, command: ViewCommand, argument: str) -> str | None:
    """Carry out a command of the screen; who records the walk is told what it changed of the look.

    Raises:
        CommandError: it cannot be carried out.
    """
    if command.now is None:
        return command.run(desk, argument)
    before = looks_of(desk)
    answer = command.run(desk, argument)
    hear = desk.view_model.session.listener
    if hear is not None:
        for name, now in looks_of(desk).items():
            if before[name] != now:
                hear(f"{name} {now}")
    return answer


def look_command(name: str) -> ViewCommand:
    """The command of a name that `looks_of` gives."""
    return next(c for c in VIEW_COMMANDS if c.name == name and c.now is not None)


AnyCommand: TypeAlias = Command | ViewCommand

ALL_COMMANDS: Final[tuple[AnyCommand, ...]] = (*COMMANDS, *VIEW_COMMANDS)
"""The debugger's, then the screen's, in the order of help and footer."""


def find(word: str, argument: str = "") -> AnyCommand:
    """The command that a word means: its name, an alias, its letter, or a unique prefix.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    return look_up(word, ALL_COMMANDS, argument, by_key=True)


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line, understood as far as its first word.

    Attributes:
        command: what is to be done.
        argument: the rest of the line.
        shift: how far the line as the debugger gets it begins before the line that was typed.
    """

    command: AnyCommand
    argument: str
    shift: int

    @property
    def line(self) -> str:
        """With the whole name of the command."""
        return f"{self.command.name} {self.argument}"


def read(line: str) -> ParsedLine | None:
    """What a line asks for; None where it asks for nothing.

    Raises:
        CommandError: its first word means no command.
    """
    bare = line.lstrip(" :")  # who types ':' into an open line means the line
    lead = len(line) - len(bare)
    if not bare or bare.startswith("#"):
        return None
    if bare.startswith("/"):
        return ParsedLine(find("search"), bare[1:], lead)
    word, _, argument = bare.partition(" ")
    try:
        command = find(word.rstrip(), argument)
    except CommandError as error:
        raise error.moved(lead) from None
    return ParsedLine(command, argument, lead + len(word) - len(command.name))


def is_moving(command: AnyCommand) -> bool:
    """Whether a search that is under way stands against it."""
    return command.moves if isinstance(command, ViewCommand) else command.name != "help"


def needs_argument(command: AnyCommand) -> bool:
    """Whether it can do nothing without the rest of its line."""
    return bool(command.argument) and not command.argument.startswith("[")


def first_words(session: Session, command: AnyCommand) -> str:
    """How the line begins that a person completes; ``v`` comes with its present numbers."""
    return f"{command.name} {_present_v(session)}" if command.name == "set" else f"{command.name} "


_MOST_EDITED: Final = 64


def _present_v(session: Session) -> str:
    """``v = [1, 2, 3]``: the seed of the present pass, or of the first."""
    timeline, word = session.timeline, seed_word(session.trace.graph)
    number = max(session.frame.pass_number, 0)
    walk = timeline.walks[number] if timeline.walks else None
    if walk is None or walk.run.seed.size > _MOST_EDITED:
        return f"{word} = "
    return f"{word} = " + re.sub(r"\.0(?![0-9])", "", str(walk.run.seed.tolist()))
