"""Which style sheets a run reads: those of every run at its start, others when they are needed.

Each takes its time to read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

    from tui_backprop.tui.options import Options

_HERE: Final = Path(__file__).parent
REPLAY: Final = _HERE / "walking" / "replay.tcss"


def first_sheets(options: Options) -> list[Path]:
    """Those that the first screen needs."""
    sheets = [_HERE / "app.tcss"]
    if options.ascii:
        sheets.append(_HERE / "ascii.tcss")
    if options.replay is not None:
        sheets.append(REPLAY)
    return sheets


def read_once(app: App[Any], sheet: Path) -> None:
    """Read a style sheet, unless it was read before."""
    if not app.stylesheet.has_source(str(sheet)):
        app.stylesheet.read(sheet)
        app.refresh_css(animate=False)
