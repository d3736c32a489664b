"""YAML 1.2's core schema: which plain words are numbers, truth values or nothing.

It stands apart because PyYAML follows YAML 1.1, where ``no`` is false and ``1e-3`` a word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from tui_backprop.scenario.yaml_tree import Scalar

Plain: TypeAlias = "str | int | float | bool | None"

NUMBER: Final = re.compile(
    r"[-+]?(?:(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
    r"|0o[0-7]+|0x[0-9a-fA-F]+|\.(?:nan|NaN|NAN)"
)
_LONGEST_INTEGER = 4000
_WHOLE = re.compile(r"[-+]?[0-9]+")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def resolve(scalar: Scalar) -> Plain:
    """What a scalar means: text, a number, a truth value or None.

    The number of digits must have been capped: turning them into an integer is quadratic.
    """
    text = scalar.text
    if not scalar.is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if NUMBER.fullmatch(text) is None:
        return text
    return number(text)


def number(text: str) -> int | float:
    """The number that a match of `NUMBER` stands for.

    Integers too long for Python's own cap on digits become floats: nothing counts that far.
    """
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    if _WHOLE.fullmatch(text) and len(text) < _LONGEST_INTEGER:
        return int(text)
    return real(text)


def real(text: str) -> float:
    """The same as a float; what is beyond the range of floats gives an infinity."""
    try:
        return float(text)
    except ValueError:
        pass
    if text.startswith(("0o", "0x")):
        try:
            return float(int(text, 0))
        except OverflowError:
            return float("inf")
    return float(text.replace(".", "").lower())
