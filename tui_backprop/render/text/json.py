"""JSON as this product writes it: text as it is, numbers that JSON lacks as words."""

from __future__ import annotations

import json
import math
from typing import Any


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON; NaN and infinities must have passed `spelled`.

    Letters of every script stand as they are. What could move a cursor or hide itself is escaped,
    so that the same text comes back and a terminal is never spoken to.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable() or (text.isascii() and "\x7f" not in text):
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text)


def quoted(text: str) -> str:
    """`json_text` of a text, of which most need no escape."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return json_text(text)


def _escaped(character: str) -> str:
    """The escape of a character; DEL, which `json` leaves as it is, is escaped too."""
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


def spelled(value: Any) -> Any:
    """The value with ``"nan"``, ``"inf"`` and ``"-inf"`` where JSON has no number."""
    if isinstance(value, dict):
        return {key: spelled(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
