"""The debugger's commands: each one object with its words, keys and help.

It stands apart from the session so that footer, palette, help screen, command line and the README
table are derived from one place, and none of them can disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.literals import parse_numbers, parse_place
from tui_backprop.debug.stops import NodeStop, StepStop, WriteStop
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.session import Session
    from tui_backprop.debug.stops import Stop

Action: TypeAlias = "Callable[[Session, str], str]"


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can ask of a session.

    Attributes:
        name: its word; any unique prefix means it too.
        help: what it does, one sentence.
        run: does it; takes the session and the rest of the line, returns what to report.
        keys: default keys, in the names terminals use: ``s``, ``right``, ``home``.
        argument: how the rest of the line is written, for help; empty where there is none.
        short: a word for the footer; empty where it is not shown there.
        aliases: other words for it.
    """

    name: str
    help: str
    run: Action
    keys: tuple[str, ...] = ()
    argument: str = ""
    short: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """Its word and its argument."""
        return f"{self.name} {self.argument}".strip()


def _count(argument: str) -> int:
    text = argument.strip()
    if not text:
        return 1
    if not text.isdecimal() or len(text) > 18 or int(text) < 1:
        raise CommandError(f"expected how many, a whole number from 1: {text!r}")
    return int(text)


def _step_number(session: Session, argument: str) -> int:
    text = argument.strip()
    if text.isdecimal() and len(text) <= 18 and int(text) <= session.last:
        return int(text)
    raise CommandError(f"there is no step {text}: 0 to {session.last}")


def _nothing(argument: str) -> None:
    if argument.strip():
        raise CommandError(f"this command takes no argument: {argument.strip()!r}")


def _step(session: Session, argument: str) -> str:
    session.step(_count(argument))
    return session.reason


def _reverse_step(session: Session, argument: str) -> str:
    session.reverse_step(_count(argument))
    return session.reason


def _next(session: Session, argument: str) -> str:
    session.next(_count(argument))
    return session.reason


def _reverse_next(session: Session, argument: str) -> str:
    session.reverse_next(_count(argument))
    return session.reason


def _plain(move: Callable[[Session], object]) -> Action:
    def run(session: Session, argument: str) -> str:
        _nothing(argument)
        move(session)
        return session.reason

    return run


def _goto(session: Session, argument: str) -> str:
    text = argument.strip().removeprefix("step ").strip()
    if text.removeprefix("-").isdecimal():
        session.goto(_step_number(session, text))
        return ""
    stop = _stop(session, text.removeprefix("node "))
    first = next(stop.steps(session.timeline), None)
    if first is None:
        raise CommandError(f"no step of this walk writes '{text}'")
    session.goto(first.start)
    return stop.label


def _stop(session: Session, text: str) -> Stop:
    place = parse_place(text, session.trace.graph)
    if place.is_gradient or place.flat is not None:
        return WriteStop(place.node, place.flat, text.strip())
    return NodeStop(place.node, text.strip())


def _break(session: Session, argument: str) -> str:
    text = argument.strip()
    stop: Stop
    if text.startswith("step "):
        k = _step_number(session, text.removeprefix("step "))
        stop = StepStop(k, f"breakpoint at step {k}")
    elif text:
        found = _stop(session, text)
        if not isinstance(found, NodeStop):
            raise CommandError(f"'{text}' is an adjoint: watch {text}")
        stop = NodeStop(found.node, f"breakpoint at {text}")
    else:
        node = session.frame.node
        stop = NodeStop(node.id, f"breakpoint at {node.label}")
    if stop in session.stops:
        session.remove_stop(stop)
        return f"{stop.label}: removed"
    session.add_stop(stop)
    return f"{stop.label}: set"


def _watch(session: Session, argument: str) -> str:
    if not argument.strip():
        raise CommandError("watch what? A gradient or one of its entries, such as X.grad[0]")
    place = parse_place(argument, session.trace.graph)
    stop = WriteStop(place.node, place.flat, f"watch {argument.strip()}")
    if stop in session.stops:
        session.remove_stop(stop)
        return f"{stop.label}: removed"
    if next(stop.steps(session.timeline), None) is None:
        raise CommandError(f"no step of this walk writes '{argument.strip()}'")
    session.add_stop(stop)
    return f"{stop.label}: stops at each step that writes it"


def _delete(session: Session, argument: str) -> str:
    text = argument.strip()
    if not text:
        count = len(session.stops)
        session.stops = ()
        return f"{count} breakpoints and watches removed"
    number = _count(text)
    if number > len(session.stops):
        raise CommandError(f"there is no breakpoint {number}; there are {len(session.stops)}")
    stop = session.stops[number - 1]
    session.remove_stop(stop)
    return f"{stop.label}: removed"


def _info(session: Session, argument: str) -> str:
    _nothing(argument.strip().removeprefix("breakpoints"))
    if not session.stops:
        return "no breakpoints and no watches"
    return "  ".join(f"{n}: {stop.label}" for n, stop in enumerate(session.stops, 1))


def _set(session: Session, argument: str) -> str:
    target, equals, numbers = argument.partition("=")
    if target.strip() != "v" or not equals:
        raise CommandError("expected v = NUMBERS, such as: set v = [1, 0, 0]")
    session.set_v(parse_numbers(numbers))
    return session.reason


COMMANDS: Final[tuple[Command, ...]] = (
    Command("step", "One partial forward; while building, one node.", _step,
            ("s", "right"), "[COUNT]", "step", ("s",)),
    Command("reverse-step", "One partial back.", _reverse_step,
            ("S", "left"), "[COUNT]", "back", ("rs",)),
    Command("next", "To the end of this edge's VJP; while building, one node.", _next,
            ("n", "down"), "[COUNT]", "next"),
    Command("reverse-next", "To before this edge's VJP.", _reverse_next,
            ("N", "up"), "[COUNT]", "", ("rn",)),
    Command("finish", "Until every edge of this node has been pulled back.",
            _plain(lambda s: s.finish()), ("f",), "", "finish"),
    Command("reverse-finish", "To before this node was begun.",
            _plain(lambda s: s.reverse_finish()), ("F",)),
    Command("continue", "To the next breakpoint or watch, else to the end.",
            _plain(lambda s: s.continue_()), ("c",), "", "continue"),
    Command("reverse-continue", "Back to a breakpoint or watch, else to the start.",
            _plain(lambda s: s.reverse_continue()), ("C",), "", "", ("rc",)),
    Command("goto", "To a step by its number, a node, or the first write of a gradient entry.",
            _goto, ("g",), "K | NODE | X.grad[I]"),
    Command("restart", "To the first step.", _plain(lambda s: s.restart()), ("home",)),
    Command("end", "To the last step.", _plain(lambda s: s.end()), ("end",)),
    Command("break", "Set or remove a breakpoint: this node, another, or a step.",
            _break, ("b",), "[NODE | step K]", "break"),
    Command("watch", "Stop at each step that writes a gradient or one of its entries.",
            _watch, ("w",), "X.grad[I]"),
    Command("delete", "Remove a breakpoint or watch by its number, or all.",
            _delete, (), "[NUMBER]"),
    Command("info", "List breakpoints and watches.", _info, (), "breakpoints"),
    Command("set", "Another v for every backward pass; the cursor stays on the same event.",
            _set, ("v",), "v = NUMBERS"),
    Command("zeros", "Visit partials that are structurally zero, or skip them.",
            _plain(lambda s: s.toggle_zeros()), ("z",), "", "zeros"),
)  # fmt: skip


def find_command(word: str) -> Command:
    """The command that a word means: its name, an alias, or a unique prefix.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    for command in COMMANDS:
        if word == command.name or word in command.aliases:
            return command
    found = [c for c in COMMANDS if c.name.startswith(word)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"'{word}' may mean: {', '.join(c.name for c in found)}")
    guess = near(word, [c.name for c in COMMANDS])
    hint = f"did you mean '{guess[0]}'?" if guess else "type ? for the list"
    raise CommandError(f"unknown command '{word}'; {hint}")


def execute(session: Session, line: str) -> str:
    """Carry out one line of the command language.

    Returns:
        What to tell the person; may be empty.

    Raises:
        CommandError: the line cannot be carried out; the session stays as it was.
    """
    word, _, argument = line.strip().partition(" ")
    if not word:
        return ""
    try:
        return find_command(word).run(session, argument)
    except CommandError:
        raise
    except TuiBackpropError as error:
        raise CommandError(str(error)) from error
