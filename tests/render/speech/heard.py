"""What a listener understands: spoken English numbers, as numbers again."""

from __future__ import annotations

import math
import re


def heard(said: str) -> float:
    """The number of its words.

    Raises:
        ValueError: these words are no number.
    """
    said = said.removeprefix("about ")
    if said == "not a number":
        return math.nan
    if said.startswith("minus "):
        return -heard(said.removeprefix("minus "))
    if said == "infinity":
        return math.inf
    power = re.fullmatch(r"([\d.]+) times ten to the (minus )?(\d+)", said)
    if power is None:
        return float(said)
    size, sign, exponent = power.groups()
    return float(f"{size}e{'-' if sign else ''}{exponent}")
