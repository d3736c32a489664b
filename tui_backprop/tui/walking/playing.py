"""What goes on by itself, at one of several speeds; here the walk, a step at every beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.errors import CommandError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_backprop.tui.desk import Desk


class TimedPlayer:
    """Goes on by itself, at one of several speeds."""

    def __init__(self, desk: Desk, speeds: tuple[float, ...], usual: float) -> None:
        self._desk = desk
        self._speeds = speeds
        self._at = speeds.index(usual)
        self._is_playing = False
        self._timer: Timer | None = None

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._is_playing

    @property
    def speed(self) -> float:
        """The present one of its speeds."""
        return self._speeds[self._at]

    def toggle(self) -> str:
        """Play on, or pause."""
        if self.is_playing:
            self.pause()
            return said("paused")
        self._is_playing = True
        self._begin()
        return said("playing")

    def pause(self) -> None:
        """Do not go on by itself."""
        self._is_playing = False
        self._set_timer(None)

    def _begin(self) -> None:
        """Set the clock."""
        raise NotImplementedError

    def _set_timer(self, timer: Timer | None) -> None:
        """One timer in place of another."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = timer

    def accelerate(self, by: int) -> None:
        """Another of its speeds: a faster one for a positive number."""
        self._at = min(max(self._at + by, 0), len(self._speeds) - 1)


_INTERVALS: Final = (2.0, 1.0, 0.5, 0.25, 0.1, 0.05)
"""Seconds from step to step."""


class WalkPlayer(TimedPlayer):
    """Plays the walk: a step at every beat, no further than a breakpoint or the end."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _INTERVALS, 0.5)

    def change_speed(self, by: int) -> str:
        """Faster for a positive number, slower for a negative one."""
        self.accelerate(by)
        if self.is_playing:
            self._begin()
        return said("a step every {seconds} s", seconds=f"{self.speed:g}")

    def _begin(self) -> None:
        self._set_timer(self._desk.set_interval(self.speed, self._step))

    def _step(self) -> None:
        """One step, carried out like any other."""
        try:
            self._desk.carry_out("step")
        except CommandError as error:
            self.pause()
            self._desk.warn(str(error))
        if not self._desk.view_model.session.may_go_on:
            self.pause()
