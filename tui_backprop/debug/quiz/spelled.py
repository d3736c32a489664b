"""Answers as the screen writes them, and as other keyboards give them, in the program's characters.

Only what can mean one thing is changed; the rest stays as it was typed, and whoever reads it
refuses it.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.naming import entry, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_backprop.graph.model import Graph

_WIDE: Final[dict[int, int | str]] = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
"""The full-width forms of ASCII. No other normal form is taken: that would read ① and ﬁ too."""
_PLAIN: Final[dict[int, int | str]] = {
    **_WIDE,
    **{ord(mark): text for mark, text in {
        "\u3000": " ", "\u00a0": " ", "【": "[", "】": "]", "〔": "(", "〕": ")", "、": ",",
        "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/",
        "∞": "inf",
    }.items()},
}  # fmt: skip
_OF_FORMULAS: Final = {ord("≤"): "<=", ord("≥"): ">=", ord("≠"): "!="}
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LOWERED: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_CALLED: Final = {"σ": "sigmoid", "√": "sqrt"}
"""Signs that stand for a function where a bracket follows; no name of a program has them."""
_RAISED_CALL: Final = r"(?a)\b([A-Za-z]\w*)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*\("
_LOWERED_NAME: Final = r"(?a)((?:#\d+|[A-Za-z_]\w*)(?:@\d+)?)([₀-₉]+(?:,[₀-₉]+)*)"
_POWER: Final = r"(?<=[\w)\]])(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)(?![⁰¹²³⁴⁵⁶⁷⁸⁹]|\s*\()"


def plain(text: str) -> str:
    """An answer in ASCII as far as it is one: ``（２，３）`` is ``(2,3)``, ``4。`` is ``4``."""
    ended = text.strip().removesuffix("。")
    return ended.replace("。", ".").translate(_PLAIN)


def formula_text(text: str, graph: Graph, nodes: Iterable[int], first: int) -> str:
    """A formula as the program's language has it: ``1 − tanh²(z₁)`` is ``1 - tanh(z[0])**2``.

    Args:
        text: as it was typed.
        graph: whose entries are named.
        nodes: the ones that may be.
        first: what the first entry is counted as in subscripts.
    """
    found = plain(text).translate(_OF_FORMULAS)
    for sign, name in _CALLED.items():
        found = re.sub(rf"{sign}(?=\s*\()", name, found)
    found = _with_entries(found, graph, nodes, first)
    found = _with_powers_behind(found)
    return re.sub(_POWER, lambda m: f"**{_exponent(m[1])}", found)


def _exponent(raised: str) -> str:
    number = raised.translate(_RAISED)
    return f"({number})" if number.startswith("-") else number


def _with_powers_behind(text: str) -> str:
    """``tanh²(x)`` as ``tanh(x)**2``; a raised -1 may mean the inverse function, and stays."""
    while (call := re.search(_RAISED_CALL, text)) is not None:
        end = _closing(text, call.end() - 1)
        if end is None:
            return text
        inside = text[call.end() : end]
        power = _exponent(call[2])
        text = f"{text[: call.start()]}{call[1]}({inside})**{power}{text[end + 1 :]}"
    return text


def _closing(text: str, opening: int) -> int | None:
    """Where the bracket that opens at a place is closed."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return None


def _with_entries(text: str, graph: Graph, nodes: Iterable[int], first: int) -> str:
    """``h₁`` as ``h[0]``, or as ``h[1]`` where the screen counts from 0."""
    names = {label(graph, n): n for n in nodes}

    def written(match: re.Match[str]) -> str:
        node = _named(match[1], names)
        place = None if node is None else _place(match[2], graph.nodes[node].shape, first)
        return match[0] if node is None or place is None else entry(graph, node, place)

    return re.sub(_LOWERED_NAME, written, text)


def _named(name: str, names: Mapping[str, int]) -> int | None:
    """The node of a name; in the other case too, as the screen writes entries, where it is one."""
    if name in names:
        return names[name]
    alike = [n for known, n in names.items() if known.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def _place(subscripts: str, shape: tuple[int, ...], first: int) -> int | None:
    """The flat place of subscripts; None where they name none, or could name several."""
    numbers = subscripts.translate(_LOWERED).split(",")
    if len(numbers) == 1 and len(shape) > 1:
        numbers = list(numbers[0])  # without commas each is one digit
    if len(numbers) != len(shape) or not shape or any(len(n) > 9 for n in numbers):
        return None
    if "," not in subscripts and len(shape) > 1 and max(shape) - 1 + first > 9:
        return None
    places = [int(n) - first for n in numbers]
    if not all(0 <= k < length for k, length in zip(places, shape, strict=True)):
        return None
    return sum(k * prod(shape[axis + 1 :]) for axis, k in enumerate(places))
