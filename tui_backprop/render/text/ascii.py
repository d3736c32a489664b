"""Any text in ASCII, cell for cell.

It stands apart because it is the last resort: what is drawn in ASCII already passes through
untouched, and only what a scenario's author wrote is ever changed here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import normalize

from tui_backprop.render.text.spans import width

_LOOKS: Final = {
    "·": "*", "×": "x", "−": "-", "–": "-", "—": "-", "∂": "d", "Σ": "S", "→": ">", "←": "<",
    "≤": "<", "≥": ">", "≠": "#", "≈": "~", "…": ".", "‘": "'", "’": "'", "“": '"', "”": '"',
}  # fmt: skip


def ascii_text(text: str) -> str:
    """The same text with every character that is not ASCII replaced, as wide as before.

    ``x₂`` becomes ``x2`` and ``é`` becomes ``e``; what looks like nothing in ASCII becomes ``?``.
    """
    return text if text.isascii() else "".join(map(_character, text))


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    if character.isascii():
        return character
    cells = width(character)
    if character in _LOOKS:
        return _LOOKS[character]
    base = normalize("NFKD", character)[0]
    return base if cells == 1 and base.isascii() and base.isprintable() else "?" * cells
