"""An app that nobody sees ends as one that somebody sees does."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.exports.support import subject_of
from tui_backprop.tui.exporting.unseen import show

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui_backprop.tui.exporting.unseen import UnseenApp


@pytest.mark.parametrize("where", ["here", "in a task", "in a chain", "in the loop", "twice"])
def test_an_interrupt_leaves_nothing_behind(where: str) -> None:
    """Wherever it is met: what is left of the app would complain when it is thrown away."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    async def met(depth: int) -> None:
        if depth:
            await asyncio.create_task(met(depth - 1))
        interrupted()

    async def act(_app: UnseenApp, _pilot: Pilot[object]) -> None:
        if where == "in the loop":
            asyncio.get_running_loop().call_soon(interrupted)
        elif where == "twice":  # by a task, and by who looks after it when all is called off
            task = asyncio.create_task(met(0))
            try:
                await asyncio.sleep(60)
            finally:
                await task
        else:
            await met(["here", "in a task", "in a chain"].index(where))
        await asyncio.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        show(subject_of(tb.load("chain")), act)
    gc.collect()
