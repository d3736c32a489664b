"""Numbers as a person types them, ``[1, 0, -2.5e3]``, and written so that they can be typed.

Nothing typed is evaluated: tokens are matched, lists are filled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.errors import CommandError
from tui_backprop.language.message import said
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_NUMBER = r"[+-]?(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
# Text, compiled when a person types one: the first screen needs neither.
_TOKEN = rf"(?i)\s*(?:([\[(])|([\])])|(,)|({_NUMBER}))"
_PLAIN = r"[-+0-9.e,\s\[\]naif]*"
_MOST_DIGITS = 25 * 10**6
"""Characters of a list: a million numbers to the last bit."""


def parse_numbers(text: str) -> Array:
    """A number or a nested list of numbers as a float64 array.

    Raises:
        CommandError: something else was found, mostly with its column.
    """
    if len(text) > _MOST_DIGITS:
        raise CommandError(
            said(
                "{count} characters of numbers; at most {most}",
                count=f"{len(text):,}",
                most=f"{_MOST_DIGITS:,}",
            )
        )
    known = _at_once(text)
    return _as_array(_piece_by_piece(text.rstrip()) if known is None else [known])


def _piece_by_piece(text: str) -> list[Any]:
    """Every top-level list or number of a text."""
    root: list[Any] = []
    stack = [root]
    unclosed: list[int] = []
    at = 0
    is_apart = True  # whether a comma parts what comes from what came
    token = pattern(_TOKEN)
    while at < len(text):
        match = token.match(text, at)
        if match is None:
            blanks = len(text[at:]) - len(text[at:].lstrip())
            raise CommandError(said("expected a number or a list of numbers"), at + blanks)
        opened, closed, comma, number = match.groups()
        if opened:
            if len(stack) == 1 and not is_apart:
                raise CommandError(
                    said("two lists side by side: give one list, or put a comma between rows"),
                    match.start(1),
                )
            inner: list[Any] = []
            stack[-1].append(inner)
            stack.append(inner)
            unclosed.append(match.start(1))
        elif closed:
            if len(stack) == 1:
                raise CommandError(said("'{mark}' closes nothing", mark="]"), match.start(2))
            stack.pop()
            unclosed.pop()
        elif number:
            stack[-1].append(float(number))
        is_apart = bool(comma)
        at = match.end()
    if len(stack) > 1:
        raise CommandError(said("a '[' is not closed"), unclosed[-1])
    return root


def _at_once(text: str) -> Any:
    """A list that is written as JSON writes it, NaN and infinities aside; else None."""
    if not re.fullmatch(_PLAIN, text):
        return None
    from json import loads

    try:
        return loads(text.replace("nan", "NaN").replace("inf", "Infinity"), parse_int=float)
    except (ValueError, RecursionError):
        return None  # it may still be numbers, and else the place is told


def numbers_text(array: Array) -> str:
    """Numbers as `parse_numbers` reads them, to the last bit."""
    if array.ndim:
        return f"[{', '.join(map(numbers_text, array))}]"
    exact = float(array)
    text = repr(exact)
    if array.dtype == np.float32:
        short = str(array[()])
        text = short if np.float32(float(short)) == array else text
    return text.removesuffix(".0") if exact else text


def _as_array(root: list[Any]) -> Array:
    if not root:
        raise CommandError(said("expected a number or a list of numbers, such as [1, 0, 0]"))
    try:
        return np.array(root[0] if len(root) == 1 else root, dtype=np.float64)
    except ValueError:
        raise CommandError(said("the rows of a list must be equally long")) from None
