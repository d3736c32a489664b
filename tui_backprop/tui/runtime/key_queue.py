"""Keys in the order in which they came, each when the one before it has had its effect.

A key may open a line, a list or another scenario, and the next key is meant for that; but Textual
sends each key to what has the focus when it arrives, and what is being opened has none yet. So this
is one of the few files that use Textual's private names.
"""

from __future__ import annotations

from asyncio import Task, create_task, sleep
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.events import Event
    from textual.message_pump import MessagePump

_PATIENCE: Final = 2.0
"""Seconds after which a key that is still having an effect keeps the next one no longer."""


class KeyQueue:
    """The keys of an app."""

    def __init__(
        self,
        app: App[None],
        send: Callable[[Event], Awaitable[None]],
        at_work: Callable[[], int],
        caught_up: Callable[[], None],
    ) -> None:
        """Keep keys in order.

        Args:
            app: that gets them.
            send: gives one key to what has the focus; raises nothing.
            at_work: how many messages are being carried out.
            caught_up: told when a key that others waited for was the last.
        """
        self._app = app
        self._send = send
        self._at_work = at_work
        self._caught_up = caught_up
        self._waiting: deque[Event] = deque()
        self._task: Task[None] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether keys wait."""
        return bool(self._waiting)

    async def take(self, key: Event) -> None:
        """Send a key, at once where nothing is under way."""
        if self._task is not None:
            self._waiting.append(key)
            return
        await self._send(key)
        self._task = create_task(self._send_others(), name="keys")

    async def _send_others(self) -> None:
        was_behind = False
        try:
            await self._settled()
            while self._waiting and self._app.is_running:
                was_behind = True
                await self._send(self._waiting.popleft())
                await self._settled()
        finally:
            self._task = None
        if was_behind and self._app.is_running:
            self._caught_up()

    async def _settled(self) -> None:
        """Until the last key has had its effect: no message is under way, and nothing is coming."""
        until = monotonic() + _PATIENCE
        await sleep(0)
        while self._is_moving() and monotonic() < until:
            await sleep(0)

    def _is_moving(self) -> bool:
        app = self._app
        widgets = list(app._registry)  # noqa: SLF001 - Textual has no public list of all
        return self._at_work() > 0 or _is_busy(app) or any(map(_is_busy, widgets))


def _is_busy(pump: MessagePump) -> bool:
    """Whether a message waits for it, or it is coming or going."""
    inner: Any = pump
    return bool(
        pump.message_queue_size
        or inner._pending_message  # noqa: SLF001 - see the module's docstring
        or inner._next_callbacks  # noqa: SLF001 - see the module's docstring
        or not inner._mounted_event.is_set()  # noqa: SLF001 - see the module's docstring
        or getattr(pump, "_pruning", False)
    )
