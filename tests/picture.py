"""The pictures of the screen that the README shows: ``python -m tests.picture`` makes them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final, NamedTuple

from tests.tui.conftest import running
from tui_backprop.tui.options import Options


class _Picture(NamedTuple):
    """What is to be seen: a step of a scenario, and what was typed there."""

    scenario: str
    size: tuple[int, int]
    options: Options
    step: int
    line: str = ""


PICTURES: Final = {
    "screen": _Picture("vector-double", (110, 32), Options(), 8),
    "answer": _Picture("mlp-2-3-1", (150, 36), Options(), 37, "why W1.grad[0,1]"),
    "chinese": _Picture("attention-head", (120, 40), Options(language="zh", theme="projector"), 50),
}
_FOLDER: Final = Path(__file__).resolve().parents[1] / ".github"


def path_of(name: str) -> Path:
    """Where a picture lies."""
    return _FOLDER / f"{name}.svg"


async def picture(name: str) -> str:
    """A picture as people save it, but for the numbers of its styles, which are new each time."""
    scenario, size, options, step, line = PICTURES[name]
    async with running(scenario, size, options) as driver:
        for _ in range(400):  # where much else is done it takes seconds to load the algebra
            if driver.app._is_algebra_loaded:
                break
            await driver.pilot.pause(0.05)
        driver.session.goto(step - 1)
        await driver.press("s")
        if line:
            await driver.press("colon")
            await driver.write(line)
            await driver.press("enter")
        await driver.settle()
        drawn = driver.picture()
    return re.sub(r"terminal-\d+", "terminal", drawn)


async def _write() -> None:
    for name in PICTURES:
        path_of(name).write_text(await picture(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    asyncio.run(_write())
