"""The formats that show the screen: a row each, beside those that need none."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.exports.formats import FORMATS, Format, Option
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE: Final = Option("--size", said("columns and lines of the screen, as 100x30"), said("WxH"))
THEME: Final = Option("--theme", said("its colours, by the name of a theme"), said("NAME"))
FONT: Final = Option(
    "--font", said("a font file, where the system's fonts lack signs or Chinese"), said("FILE")
)
SPEED: Final = Option(
    "--speed", said("how many times faster than recorded; left out, 1"), said("N")
)
V3: Final = Option("--v3", said("asciicast version 3, which asciinema 3 and newer play"))

_screen = partial(Format, package="tui_backprop.tui.exporting")

FORMATS_OF_SCREEN: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "svg": _screen(
            "frame", "svg", ".svg", said("the screen at a step, as a picture"), (SIZE, THEME)
        ),
        "png": _screen(
            "frame", "png", ".png", said("the same in pixels; needs the extra 'png'"),
            (SIZE, THEME, FONT),
        ),
        "cast": _screen(
            "cast", "cast", ".cast",
            said("a replay as asciinema plays it, its chapters as markers"),
            (SIZE, THEME, SPEED, V3), needs_replay=True,
        ),
    }
)  # fmt: skip

EXPORTS: Final[Mapping[str, Format]] = MappingProxyType({**FORMATS, **FORMATS_OF_SCREEN})
"""All that there are, by the word after ``--to``."""
