"""The picture of the screen that the README shows: ``python -m tests.picture`` makes it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from tests.tui.conftest import running
from tui_backprop.tui.options import Options

PICTURE: Final = Path(__file__).resolve().parents[1] / ".github" / "screen.svg"
_FONTS: Final = "ui-monospace, 'DejaVu Sans Mono', 'Menlo', 'Consolas', monospace"


async def picture() -> str:
    """The screen in the middle of Y = 2X; a page that shows it asks no other host for a font."""
    async with running("vector-double", (110, 32), Options()) as driver:
        driver.session.goto(7)
        await driver.press("s")
        await driver.settle()
        drawn = driver.picture()
    drawn = re.sub(r" *<!-- Generated .*?-->\n", "", drawn)
    drawn = re.sub(r" *@font-face \{.*?\n    \}\n", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("Fira Code, monospace", _FONTS)
    return re.sub(r"terminal-\d+", "terminal", drawn) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(picture()), encoding="utf-8", newline="\n")
