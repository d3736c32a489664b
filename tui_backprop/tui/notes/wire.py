"""The facts of a step as one line of JSON, and a line that somebody sent as facts.

A line is data: it asks for nothing, and what is too long, of another kind or not known is refused.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said
from tui_backprop.render.speaker import Facts
from tui_backprop.render.text.spans import printable, printable_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 1
LONGEST_LINE: Final = 1 << 20
"""Bytes: eight languages of four texts, each character of four bytes."""
LONGEST_TEXT: Final = 4000
LONGEST_NAME: Final = 300
"""Characters."""
MOST_LANGUAGES: Final = 8
_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})?")
_MOST_STEPS: Final = 10**18
_MOST_SECONDS: Final = 10.0**8
_TEXTS: Final = ("title", "note", "upcoming", "words")
_KEYS: Final = frozenset({"notes", "scenario", "step", "last", "next", "elapsed", *_TEXTS})


class WireError(TuiBackpropError):
    """A line that holds no facts."""


def to_line(facts: Facts) -> bytes:
    """A line with its end; texts that are too long are cut, and say so."""
    held = {
        "notes": FORMAT,
        "scenario": _short(facts.scenario, LONGEST_NAME),
        "step": facts.step,
        "last": facts.last,
        "next": facts.upcoming_step,
        "elapsed": round(facts.elapsed, 3),
    } | {name: _shortened(getattr(facts, name)) for name in _TEXTS}
    return json.dumps(held, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _shortened(text: Mapping[str, str]) -> dict[str, str]:
    kept = [(code, text[code]) for code in text if _CODE.fullmatch(code)][:MOST_LANGUAGES]
    return {code: _short(one, LONGEST_TEXT) for code, one in kept}


def _short(text: str, most: int) -> str:
    """Printable, which has no control characters that JSON would write at length."""
    text = printable_lines(text[: 2 * most])
    return text if len(text) <= most else f"{text[: most - 1]}…"


def from_line(line: bytes) -> Facts:
    """The facts of a line.

    Raises:
        WireError: it holds none.
    """
    if len(line) > LONGEST_LINE:
        raise WireError(said("a line of {count} bytes", count=f"{len(line):,}"))
    try:
        held = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise WireError(said("a line that is no JSON")) from None
    if not isinstance(held, dict) or held.get("notes") != FORMAT or held.keys() != _KEYS:
        raise WireError(said("a line of another version"))
    last = _whole(held["last"], _MOST_STEPS)
    upcoming = held["next"]
    return Facts(
        scenario=printable(_text(held["scenario"], LONGEST_NAME)),
        step=_whole(held["step"], last),
        last=last,
        upcoming_step=None if upcoming is None else _whole(upcoming, last),
        elapsed=_seconds(held["elapsed"]),
        **{name: _texts(held[name]) for name in _TEXTS},
    )


def _refuse(_constant: str) -> NoReturn:
    raise ValueError


def _whole(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise WireError(said("a number that is none, or too large"))
    return value


def _seconds(value: Any) -> float:
    # Compared before it is made a float, which a whole number of many digits cannot be.
    if type(value) not in {int, float} or not 0 <= value <= _MOST_SECONDS:
        raise WireError(said("a number that is none, or too large"))
    found = float(value)
    if not math.isfinite(found):
        raise WireError(said("a number that is none, or too large"))
    return found


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_LANGUAGES:
        raise WireError(said("a text that is none, or too long"))
    found = {}
    for code, text in value.items():
        if not _CODE.fullmatch(code):
            raise WireError(said("a text that is none, or too long"))
        found[code] = printable_lines(_text(text, LONGEST_TEXT))
    return found


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise WireError(said("a text that is none, or too long"))
    return value
