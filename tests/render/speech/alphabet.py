"""The characters that a spoken transcript may hold."""

from __future__ import annotations

import re
from typing import Final

ENGLISH: Final = re.compile(r"[A-Za-z0-9_ .,;:'\"()?!-]")
CHINESE: Final = re.compile(
    r"[A-Za-z0-9_ .,;:'\"()?!-]|[\u4e00-\u9fff]|[，。；：、（）？！“”‘’《》]"
)


def strangers(text: str, language: str, known: str = "") -> set[str]:
    """The characters of a line that nobody would speak, but for ``known`` ones."""
    allowed = ENGLISH if language == "en" else CHINESE
    return {c for c in text if not allowed.fullmatch(c)} - set(known)
