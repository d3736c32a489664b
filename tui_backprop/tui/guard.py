"""Whatever is raised in a handler or a callback ends there, and whoever carries messages goes on.

It stands apart as one of the few files that reach into Textual's private parts. Each widget has a
loop that carries messages to it; an error in a handler ends the loop, and the program with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message
    from textual.message_pump import MessagePump

    Failed: TypeAlias = Callable[[Exception, str], object]


class Guard:
    """Watches over the loops of an app.

    Attributes:
        at_work: how many messages and callbacks are being carried out at this moment.
    """

    def __init__(self, failed: Failed) -> None:
        """Watch.

        Args:
            failed: told each error, and in what it came up.
        """
        self.at_work = 0
        self._failed = failed

    def over(self, pump: MessagePump) -> None:
        """Let no error of a handler reach the loop of ``pump``; before the loop begins."""
        dispatch = pump._dispatch_message  # noqa: SLF001 - see the module's docstring

        async def guarded(message: Message) -> None:
            self.at_work += 1
            try:
                await dispatch(message)
            except Exception as error:  # noqa: BLE001 - that is what it is for
                self._failed(error, f"{type(pump).__name__}, {message.handler_name}")
            finally:
                self.at_work -= 1

        call_back = pump._flush_next_callbacks  # noqa: SLF001 - the same

        async def counted() -> None:
            self.at_work += 1
            try:
                await call_back()
            finally:
                self.at_work -= 1

        pump._dispatch_message = guarded  # type: ignore[method-assign]  # noqa: SLF001
        pump._flush_next_callbacks = counted  # type: ignore[method-assign]  # noqa: SLF001
