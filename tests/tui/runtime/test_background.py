"""Work in slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer
from tui_backprop.tui.runtime.background import SlicedWork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from textual.timer import Timer

DONE = Answer(())


class Clock:
    """Calls what is due when a test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def later(self, _seconds: float, call: Callable[[], None]) -> Timer:
        """Remember a call."""
        self.due.append(call)
        return cast("Timer", self)

    def stop(self) -> None:
        """What a timer can do."""
        self.due.clear()

    def tick(self) -> None:
        """Make the call."""
        self.due.pop()()


class Told:
    """What somebody was told."""

    def __init__(self) -> None:
        self.ends: list[Answer | CommandError] = []
        self.moves = 0

    def end(self, end: Answer | CommandError) -> None:
        """The end."""
        self.ends.append(end)

    def move(self) -> None:
        """A slice that was not the last."""
        self.moves += 1


def counting(steps: int, closed: list[int]) -> Generator[int, None, Answer]:
    """Some steps, and at which it was stopped."""
    k = 0
    try:
        for k in range(steps):
            yield k
    except GeneratorExit:
        closed.append(k)
        raise
    return DONE


def failing(steps: int) -> Generator[int, None, Answer]:
    """Some steps, then it cannot go on."""
    yield from range(steps)
    raise CommandError("no")


def test_what_is_short_is_over_at_once() -> None:
    """No timer, nobody told."""
    clock, told = Clock(), Told()
    background = SlicedWork(clock.later, seconds=60)
    assert background.begin(counting(1000, []), told.end, told.move) is DONE
    assert (clock.due, told.ends, background.is_running) == ([], [], False)


def test_what_is_long_goes_on_slice_by_slice() -> None:
    """Without any time, a slice is one step."""
    clock, told = Clock(), Told()
    background = SlicedWork(clock.later, seconds=0)
    assert background.begin(counting(3, []), told.end, told.move) is None
    assert (background.step, background.is_running) == (0, True)
    clock.tick()
    assert (background.step, told.moves) == (1, 1)
    clock.tick()
    clock.tick()
    assert (told.ends, background.is_running, clock.due) == ([DONE], False, [])


def test_given_up_is_closed_and_nobody_is_told() -> None:
    """So what was worked at can put itself in order."""
    clock, told, closed = Clock(), Told(), list[int]()
    background = SlicedWork(clock.later, seconds=0)
    background.begin(counting(9, closed), told.end, told.move)
    clock.tick()
    background.give_up()
    assert (closed, told.ends, background.is_running, clock.due) == ([1], [], False, [])
    background.give_up()


def test_a_new_one_gives_up_the_old_one() -> None:
    """One at a time."""
    clock, told, closed = Clock(), Told(), list[int]()
    background = SlicedWork(clock.later, seconds=0)
    background.begin(counting(9, closed), told.end, told.move)
    background.begin(counting(2, []), told.end, told.move)
    assert closed == [0]
    assert len(clock.due) == 1


def test_failing_in_the_first_slice_is_raised_later_it_is_told() -> None:
    """Whoever asks hears it, as long as he is there."""
    clock, told = Clock(), Told()
    with pytest.raises(CommandError):
        SlicedWork(clock.later, seconds=60).begin(failing(3), told.end, told.move)
    background = SlicedWork(clock.later, seconds=0)
    background.begin(failing(1), told.end, told.move)
    clock.tick()
    assert [str(end) for end in told.ends] == ["no"]
    assert not background.is_running
