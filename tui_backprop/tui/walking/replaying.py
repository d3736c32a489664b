"""A replay, which goes on line by line, with the way back, and its bar.

It keeps the time for the player, which knows none; the screen only routes keys and lines to it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from textual.message import Message

from tui_backprop.debug.replay.player import Shown
from tui_backprop.debug.replay.reader import LONGEST_WAIT
from tui_backprop.debug.replay.script import Claim, Do, Look, Mark, Say, Wait, text_in
from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import NO_ANSWER, Answer, answer_of, said
from tui_backprop.render.panes.replay import ReplayState, position_at, replay_content
from tui_backprop.render.text.charset import told
from tui_backprop.tui.commands import carry_out, look_command, looks_of
from tui_backprop.tui.line_pane import LinePane
from tui_backprop.tui.walking.playing import TimedPlayer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.timer import Timer

    from tui_backprop.debug.replay.player import Event, Player
    from tui_backprop.debug.replay.script import Line
    from tui_backprop.progress import Resumable
    from tui_backprop.render.text.spans import Content
    from tui_backprop.tui.asking.drawer import DrawerState
    from tui_backprop.tui.desk import Desk


_SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_PAUSES: Final[dict[type, float]] = {Do: 0.8, Look: 0.8, Say: 2.0, Mark: 0.5, Claim: 0.3, Wait: 0.0}
"""Seconds after a line of each kind, where neither a time nor a wait says otherwise."""

_HINTS: Final = (
    (said("a line on, back"), ("replay-forward", "replay-back")),
    (said("chapters"), ("next-mark", "previous-mark")),
    (said("play, pause"), ("play",)),
    (said("speed"), ("faster", "slower")),
    (said("return to the replay"), ("return",)),
)
"""What is said of which keys."""
_SOON: Final = 0.01
"""Seconds: a clock that is set to nothing never rings."""


class Replaying(TimedPlayer):
    """Plays a replay on a desk.

    Attributes:
        player: where it stands.
        is_away: whether the walk was taken over by hand.
        pane: its bar.
        wait: sets the clock for the next line, as `Desk.set_timer` does; who writes a replay down
            has no need to wait.
    """

    def __init__(self, desk: Desk, player: Player, pane: ReplayPane | None = None) -> None:
        """Play on a desk.

        Args:
            desk: where.
            player: at the beginning of the replay.
            pane: the bar of another replay, which becomes this one's.
        """
        super().__init__(desk, _SPEEDS, 1.0)
        self.player = player
        self.is_away = False
        self._answers: dict[int, DrawerState | None] = {}
        self.pane = pane or ReplayPane(self.state())
        self.wait: Callable[[float, Callable[[], None]], Timer | None] = desk.set_timer

    @property
    def length(self) -> int:
        """How many lines it has."""
        return self.player.length

    def close(self) -> None:
        """Take the bar away."""
        self.pause()
        self.pane.remove()

    def draw(self) -> None:
        """Show where it stands."""
        self.pane.state = self.state()
        self.pane.redraw()

    def leave(self) -> None:
        """Somebody took the walk over."""
        self.pause()
        self.is_away = True

    def come_back(self) -> str:
        """Put the walk to where the replay stands."""
        self._take_over()
        return said("back in the replay, at {position}", position=self.player.position)

    def change_speed(self, by: int) -> str:
        """Faster for a positive number, slower for a negative one."""
        self.accelerate(by)
        return said("{speed} times the recorded speed", speed=f"{self.speed:g}")

    def forward(self) -> None:
        """One line.

        Raises:
            CommandError: there is none, it cannot be carried out, or one is being carried out.
        """
        line = self.player.next_line
        act = None if line is None else line.act
        name = act.command if isinstance(act, Do | Look) else "replay"
        if not self._desk.is_busy:
            self._take_over()
        self._desk.work(self._one_line(), name, self.player.resume)

    def back(self) -> None:
        """One line back."""
        self.pause()
        self._take_over()
        if not self.player.back():
            raise CommandError(said("this is the beginning of the replay"))
        self._desk.put_back_answer(self._answers.get(self.player.position))
        self._desk.view_model.message = ""

    def seek(self, position: int) -> None:
        """To where so many lines are carried out."""
        self.pause()
        self._take_over()
        self._desk.work(self._as_far_as(position), "replay", self.player.resume)

    def _take_over(self) -> None:
        """The walk stands where the replay does again, whatever is under way."""
        self._desk.give_up()
        self._keep_answer()
        self.is_away = False
        self.player.resume()
        self._desk.mark()

    def _keep_answer(self) -> None:
        """Remember the answer that lies open here: going back gives it again."""
        self._answers[self.player.position] = self._desk.answer_state

    def mark(self, way: int) -> None:
        """To the first sentence of the next chapter, or of this one, or of the one before it."""
        player = self.player
        openings = [(mark, player.opening(mark)) for mark in player.marks]
        if way > 0:
            found = [said_at for mark, said_at in openings if mark > player.position]
        else:
            found = [said_at for _, said_at in openings if said_at < player.position]
        if not found:
            raise CommandError(
                said("this is the last chapter")
                if way > 0
                else said("there is no chapter before this place")
            )
        self.seek(found[0] if way > 0 else found[-1])

    def state(self) -> ReplayState:
        """What the bar shows."""
        player, view_model = self.player, self._desk.view_model
        done = player.script.lines[: player.position]
        return ReplayState(
            position=player.position,
            length=player.length,
            marks=player.marks,
            chapter=_latest(done, Mark, view_model.language),
            narration=_latest(done, Say, view_model.language),
            is_playing=self.is_playing,
            is_away=self.is_away,
            speed=self.speed,
            language=view_model.language,
            charset=view_model.charset,
            hint=self._hint(),
            is_bare=self._desk.is_presenting,
        )

    def _hint(self) -> str:
        """The keys of a replay, as they are set."""
        named = {name: keys[0] for name, keys in self._desk.keys.items() if keys}
        retold = self._desk.view_model.spoken.retold
        shown = [(retold(text), [named.get(n, "") for n in names]) for text, names in _HINTS]
        return "   ".join(f"{' '.join(keys)} {text}".strip() for text, keys in shown if all(keys))

    def _begin(self) -> None:
        self._schedule(0.0)

    def _schedule(self, seconds: float) -> None:
        self._set_timer(self.wait(max(seconds / self.speed, _SOON), self._tick))

    def _tick(self) -> None:
        self._timer = None
        if self.player.next_line is None:
            self.pause()
        else:
            try:
                self.forward()
            except CommandError as error:
                self._desk.warn(str(error))
        self._desk.mark()

    def _pause_after(self, line: Line) -> float:
        """Seconds until the line after this one."""
        after = self.player.next_line
        if isinstance(line.act, Wait):
            return line.act.seconds
        if after is not None and after.at is not None and line.at is not None:
            return min(max(after.at - line.at, 0.0), LONGEST_WAIT)
        return 0.0 if after is None or isinstance(after.act, Wait) else _PAUSES[type(line.act)]

    def _one_line(self) -> Resumable[Answer]:
        line = self.player.next_line
        if line is None:
            raise CommandError(said("this is the end of the replay"))
        try:
            event = yield from self.player.forward()
        except CommandError as error:
            self.pause()
            raise CommandError(
                said("line {line}: {what}", line=line.number, what=str(error))
            ) from error
        except BaseException:  # somebody gave it up, or worse
            self.pause()
            raise
        if isinstance(line.act, Mark):
            self._desk.close_answer()  # it was about the chapter before
        if self._is_playing:
            self._schedule(self._pause_after(line))
        return NO_ANSWER if event is None else self._said(event)

    def _as_far_as(self, position: int) -> Resumable[Answer]:
        try:
            is_known = position in self._answers
            yield from self.player.seek(position, self._passed)
            if is_known:
                self._desk.put_back_answer(self._answers[position])
        except CommandError as error:
            line = self.player.next_line
            what = str(error)
            if line is not None:
                what = said("line {line}: {what}", line=line.number, what=what)
            raise CommandError(what) from error
        return NO_ANSWER

    def _passed(self, event: Event) -> None:
        """A line was carried out on the way to another: what it leaves open is the same."""
        if isinstance(event.line.act, Mark):
            self._desk.close_answer()
        elif isinstance(event.line.act, Do) and len(event.answer.lines) > 1:
            self._desk.answered(event.line.act.command, event.answer)
        self._keep_answer()

    def _said(self, event: Event) -> Answer:
        from tui_backprop.render.export.text import claimed

        act = event.line.act
        if isinstance(act, Claim):
            return answer_of(claimed(event, self._desk.view_model.language))
        if isinstance(act, Do):
            return event.answer if event.answer.lines else answer_of(f"> {act.command}")
        return answer_of(f"> {act.command}") if isinstance(act, Look) else NO_ANSWER


def shown_on(desk: Desk) -> Callable[[str], Shown]:
    """What carries out a line about the look on a desk."""

    def show(line: str) -> Shown:
        before = looks_of(desk)
        name, _, argument = line.partition(" ")
        carry_out(desk, look_command(name), argument)
        after = looks_of(desk)
        changed = [name for name in after if before[name] != after[name]]
        return Shown(lambda: give(before, changed), lambda: give(after, changed))

    def give(looks: Mapping[str, str], names: list[str]) -> None:
        for name in names:
            with suppress(CommandError):  # a pane, or an answer, that is not there any more
                look_command(name).run(desk, looks[name])

    return show


def _latest(lines: tuple[Line, ...], kind: type[Mark | Say], language: str) -> str:
    """The last chapter, or what was said last in it."""
    for line in reversed(lines):
        act = line.act
        if isinstance(act, Mark):
            return text_in(act.name, language) if kind is Mark else ""
        if isinstance(act, Say) and kind is Say:
            return text_in(act.text, language)
    return ""


class ReplayPane(LinePane, can_focus=False):
    """The bar of a replay, and what is being said."""

    class Chosen(Message):
        """A place of the bar was clicked on."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, state: ReplayState) -> None:
        super().__init__(state.charset, said("replay"), id="replay")
        self.state = state

    def translated(self, text: str) -> str:
        """A sentence in the language of the replay."""
        return told(text, language_of(self.state.language), self.state.charset)

    def make(self, width: int, height: int) -> Content:
        """The bar and the narration."""
        return replay_content(self.state, width, height)

    def point(self, x: int, y: int) -> bool:
        """Jump to where the bar was clicked on."""
        is_bar = y == 0 and not self.state.is_bare
        position = position_at(self.state, x, self.content_size.width) if is_bar else None
        if position is not None:
            self.post_message(self.Chosen(position))
        return position is not None
