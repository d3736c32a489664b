"""Playing the walk: one step at every tick, until there is a reason to stop.

It stands apart from the screen because it is a metronome and nothing else: when to stop is the
session's affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

_INTERVALS: Final = (2.0, 1.0, 0.5, 0.25, 0.1, 0.05)


class Player:
    """A metronome for a session.

    Attributes:
        is_playing: whether it ticks.
    """

    def __init__(self, every: Callable[[float, Callable[[], None]], Timer]) -> None:
        self._every = every
        self._speed = 2
        self._timer: Timer | None = None
        self._tick: Callable[[], None] = _nothing

    @property
    def is_playing(self) -> bool:
        """Whether it ticks."""
        return self._timer is not None

    @property
    def interval(self) -> float:
        """Seconds from step to step."""
        return _INTERVALS[self._speed]

    def play(self, tick: Callable[[], None]) -> None:
        """Call ``tick`` at every interval, from now on."""
        self.stop()
        self._tick = tick
        self._timer = self._every(self.interval, tick)

    def stop(self) -> None:
        """Tick no more."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = None

    def change_speed(self, by: int) -> None:
        """Faster for a positive number, slower for a negative one."""
        self._speed = min(max(self._speed + by, 0), len(_INTERVALS) - 1)
        if self.is_playing:
            self.play(self._tick)


def _nothing() -> None:
    """What a player does that was never started."""
