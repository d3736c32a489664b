"""From SVG to PNG, by resvg.

It comes as one wheel for each system, with nothing else to install, draws text with the system's
own fonts sign by sign, and knows the length of a text, so that each sign stays in its cell.
(CairoSVG needs Cairo beside it and takes one font for a whole text; Pillow draws no SVG.)
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from tui_backprop.errors import TuiBackpropError
from tui_backprop.files import open_regular
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from pathlib import Path


def check_pixels() -> None:
    """Do nothing where PNG can be made.

    Raises:
        TuiBackpropError: what makes them is not installed.
    """
    if find_spec("resvg_py") is None:
        raise TuiBackpropError(
            said(
                "PNG is drawn by resvg-py, which is not installed: {command}; or take SVG",
                command="pip install 'tui-backprop[png]'",
            )
        )


def pixels(drawn: str, font: Path | None = None) -> bytes:
    """An SVG as PNG.

    Args:
        drawn: the SVG.
        font: a file with signs that the system's fonts lack.

    Raises:
        TuiBackpropError: what draws is not installed, or there is no such font.
    """
    check_pixels()
    from resvg_py import svg_to_bytes

    fonts = []
    if font is not None:
        open_regular(font).close()
        fonts = [str(font)]
    return bytes(svg_to_bytes(svg_string=drawn, font_files=fonts))
