"""Playing a replay: one line forward, one line back, or straight to a place.

The way back restores a stored state of the session. States share what did not change, so each is
small, and a line back costs what a line forward costs, wherever it is.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands import perform
from tui_backprop.debug.commands.command import expression
from tui_backprop.debug.format import is_now
from tui_backprop.debug.replay.script import Claim, Do, Look, Mark, Say
from tui_backprop.debug.session import restore_state, state_of
from tui_backprop.errors import CommandError
from tui_backprop.language.message import NO_ANSWER, Answer, joined, said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.program.text.nesting import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.debug.commands.command import Perform
    from tui_backprop.debug.replay.script import Line, Script
    from tui_backprop.debug.session import Session, State
    from tui_backprop.progress import Resumable


@dataclass(frozen=True, slots=True)
class Event:
    """The result of playing a line.

    Attributes:
        line: that was carried out.
        answer: of a command; empty for everything else.
        failure: of a claim that does not hold: what was found; empty where it does.
        has_moved: whether the walk stands elsewhere, or on other numbers.
    """

    line: Line
    answer: Answer
    failure: str = ""
    has_moved: bool = False


class Shown(NamedTuple):
    """What a line changed on the screen: both ways, so that whatever else is there stays.

    Attributes:
        undo: gives the look from before the line.
        redo: gives the look that it made.
    """

    undo: Callable[[], None]
    redo: Callable[[], None]


def _stay() -> None:
    """Change nothing."""


UNCHANGED: Final = Shown(_stay, _stay)


class Player:
    """Plays a script in a session.

    Attributes:
        session: that it drives; who leaves the replay may drive it too, until the next line.
        script: what is played.
        position: how many lines are carried out.
    """

    def __init__(
        self,
        session: Session,
        script: Script,
        perform: Perform = perform,
        show: Callable[[str], Shown] = lambda _line: UNCHANGED,
    ) -> None:
        """Begin at the beginning.

        Args:
            session: that is driven.
            script: to be played.
            perform: carries out one line of the command language.
            show: carries out one line about the look; where there is no screen it does nothing.
        """
        self.session = session
        self.script = script
        self._perform = perform
        self.position = 0
        self._show = show
        self._events: list[Event] = []
        self._shown: list[Shown] = []
        self._states: list[State] = [state_of(session)]

    @property
    def length(self) -> int:
        """How many lines there are."""
        return len(self.script.lines)

    @property
    def last(self) -> Event | None:
        """The event of the line before the position."""
        return self._events[self.position - 1] if self.position else None

    @property
    def next_line(self) -> Line | None:
        """The line that comes; None at the end."""
        lines = self.script.lines
        return lines[self.position] if self.position < len(lines) else None

    @property
    def marks(self) -> tuple[int, ...]:
        """The positions right after each mark: where its chapter begins."""
        lines = self.script.lines
        return tuple(k for k, line in enumerate(lines, 1) if isinstance(line.act, Mark))

    def opening(self, mark: int) -> int:
        """The position at which a chapter's first sentence has just been said.

        Args:
            mark: the position right after its mark; it is this one where nothing is said in it.
        """
        for k, line in enumerate(self.script.lines[mark:], mark + 1):
            if isinstance(line.act, Mark):
                break
            if isinstance(line.act, Say):
                return k
        return mark

    def forward(self) -> Resumable[Event | None]:
        """Carry out the next line; None where there is none.

        Yields:
            Steps that a search has come to.

        Raises:
            CommandError: the line cannot be carried out; nothing has changed.
        """
        line = self.next_line
        if line is None:
            return None
        if self.position < len(self._events):
            self._walk_to(self.position + 1)
            return self._events[self.position - 1]
        self.resume()
        position = self.position
        event, shown = yield from self._carried_out(line)
        if position != self.position:
            self.resume()
            raise CommandError(said("the replay was moved while a line of it was carried out"))
        self._events.append(event)
        self._shown.append(shown)
        self._states.append(state_of(self.session))
        self.position += 1
        return event

    def back(self) -> bool:
        """Go back by one line; whether there was one."""
        if not self.position:
            return False
        self._walk_to(self.position - 1)
        return True

    def seek(
        self, position: int, tell: Callable[[Event], None] = lambda _event: None
    ) -> Resumable[None]:
        """Go to where so many lines are carried out, or as far as that is possible.

        Args:
            position: how many.
            tell: is told of each line that is carried out for the first time, right after it.

        Yields:
            Steps that a search has come to.

        Raises:
            CommandError: a line on the way cannot be carried out; the position is before it.
        """
        position = min(max(position, 0), self.length)
        self._walk_to(min(position, len(self._events)))
        while self.position < position:
            event = yield from self.forward()
            if event is not None:
                tell(event)

    def resume(self) -> None:
        """Put the session at the replay's position, whatever was done in it meanwhile."""
        restore_state(self.session, self._states[self.position])

    def _walk_to(self, position: int) -> None:
        """Be where so many lines are carried out, all of which were: the walk, and the look."""
        before, self.position = self.position, position
        self.resume()
        for shown in reversed(self._shown[position:before]):
            shown.undo()
        for shown in self._shown[before:position]:
            shown.redo()

    def _carried_out(self, line: Line) -> Resumable[tuple[Event, Shown]]:
        act = line.act
        if isinstance(act, Look):
            return Event(line, NO_ANSWER), self._show(act.command)
        if isinstance(act, Do):
            before = self.session.cursor, self.session.timeline
            answer = yield from self._perform(self.session, act.command)
            has_moved = before != (self.session.cursor, self.session.timeline)
            return Event(line, answer, "", has_moved), UNCHANGED
        failure = checked(self.session, act.expression) if isinstance(act, Claim) else ""
        return Event(line, NO_ANSWER, failure), UNCHANGED


def checked(session: Session, text: str) -> str:
    """The value found where an expression does not hold; empty where it holds.

    Raises:
        CommandError: it is no expression, or has more than one entry.
    """
    if expression(session, text).holds(session.frame):
        return ""
    found = [_valued(session, part) for part in dict.fromkeys(_sides(text))]
    return joined(", ", filter(None, found)) or said("{text} is not known at this step", text=text)


def _sides(text: str) -> list[str]:
    """The sides of a comparison that are no plain numbers; of any other text all of it."""
    if text.count("+") + text.count("-") > DEEPEST:
        return [text]  # one level per term: only the program's own reader has a way with that
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [text]
    sides = (side for side in _compared(tree) if not _is_plain(side))
    return [ast.get_source_segment(text.strip(), side) or text for side in sides]


def _compared(tree: ast.expr) -> Iterator[ast.expr]:
    """The operands of an expression's comparisons, under ``and``, ``or`` and ``not``."""
    if isinstance(tree, ast.BoolOp):
        for part in tree.values:
            yield from _compared(part)
    elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        yield from _compared(tree.operand)
    elif isinstance(tree, ast.Compare):
        yield from (tree.left, *tree.comparators)
    else:
        yield tree


def _is_plain(side: ast.expr) -> bool:
    inner = side.operand if isinstance(side, ast.UnaryOp) else side
    return isinstance(inner, ast.Constant)


def _valued(session: Session, text: str) -> str:
    try:
        asked = expression(session, text)
    except CommandError:
        return ""
    return is_now(asked.text, asked.displayed(session.frame))
