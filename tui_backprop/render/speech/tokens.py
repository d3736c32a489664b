"""What formulas in running text are made of: words, numbers, signs, brackets with their insides.

It stands apart from the reader because it knows no language: it only finds the pieces.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RAISED: Final = "²³¹⁰-ⁿᴬ-ᵡ"
_LOWERED: Final = "₀-₟ᵢ-ᵪⱼ"
"""Small characters, as ranges of a character class."""

_LETTER: Final = rf"(?:(?![{_RAISED}{_LOWERED}½\u2e80-\u9fff\uff00-\uffef])\w)"
_PIECE: Final = rf"""(?xs)
        (?P<space>\s+)
      | (?P<percent>\d+(?:\.\d+)?%)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)|\d+|\.\d+)
      | (?P<sign>\*\*|->|\.\.\.|[<>=!]=|[-+*/@<>=−·×≤≥≠≈→…√Σ∂:])
      | (?P<word>\#\d+|(?!\d){_LETTER}+(?:[.@]{_LETTER}+)*(?:['’][a-z]+)?)  # X, #2, h@2, f.z, it's
      | (?P<prime>′|(?<=\w)'(?=\s*[('=·*+/)²−-]))  # f'(0), not: the rows' sums
      | (?P<quoted>(?<!\w)'[^']*'|"[^"]*")
      | (?P<small>ᵀ|(?:(?!ᵀ)[{_RAISED}])+|[{_LOWERED}]+)
      | (?P<constant>[∞½])
      | (?P<open>[(\[])
      | (?P<close>[)\]])
      | (?P<other>.)"""
_CALLED: Final = frozenset({"word", "prime", "small"})

CLOSING: Final = MappingProxyType({"(": ")", "[": "]"})
_DEEPEST: Final = 16
"""Brackets in brackets that are told apart; deeper ones are read as they stand."""


class Token(NamedTuple):
    """One piece of text and its kind: the names of the groups above."""

    kind: str
    text: str


class Group(NamedTuple):
    """A bracket with what it holds; ``follows`` is the kind of what it touches on its left."""

    bracket: str
    items: tuple[Item, ...]
    follows: str


Item: TypeAlias = "Token | Group"


def parsed(text: str) -> tuple[Item, ...]:
    """The pieces of a text. Nothing is lost: a bracket without its partner is a piece itself."""
    levels: list[list[Item]] = [[]]
    opened: list[tuple[str, str]] = []
    for match in re.finditer(_PIECE, text):
        token = Token(match.lastgroup or "other", match.group())
        if token.kind == "open" and len(opened) < _DEEPEST:
            opened.append((token.text, kind_of(levels[-1][-1]) if levels[-1] else ""))
            levels.append([])
        elif token.kind == "close" and opened and CLOSING[opened[-1][0]] == token.text:
            bracket, follows = opened.pop()
            inside = tuple(levels.pop())
            levels[-1].append(Group(bracket, inside, follows))
        else:
            levels[-1].append(token)
    while opened:
        inside = tuple(levels.pop())
        levels[-1] += [Token("open", opened.pop()[0]), *inside]
    return tuple(levels[0])


def kind_of(item: Item) -> str:
    """The kind of a piece; ``group`` of a bracket."""
    return item.kind if isinstance(item, Token) else "group"


def is_call(item: Item) -> bool:
    """Whether it holds the arguments of what it touches."""
    return isinstance(item, Group) and item.bracket == "(" and item.follows in _CALLED


def is_index(item: Item) -> bool:
    """Whether it is an index of what it touches."""
    return isinstance(item, Group) and item.bracket == "[" and item.follows in _CALLED | {"group"}


def is_list(group: Group) -> bool:
    """Whether its members stand side by side."""
    return any(isinstance(item, Token) and item.text == "," for item in group.items)


def is_power(item: Item) -> bool:
    """Whether it is the sign of a power."""
    return isinstance(item, Token) and item.text == "**"


def is_base(items: Sequence[Item], k: int) -> bool:
    """Whether what ends with a piece is raised, marked or indexed as a whole: ``f(x)²``."""
    behind = _behind_spaces(items, k + 1)
    if behind < len(items) and is_power(items[behind]):
        return operand_end(items, behind + 1) > behind + 1
    if k + 1 == len(items):
        return False
    after = items[k + 1]
    return kind_of(after) in {"prime", "small"} or (is_index(after) and not is_index(items[k]))


def operand_end(items: Sequence[Item], start: int) -> int:
    """The place behind the operand that begins at a place: a sign, a piece, what it is called with.

    For the exponent of a power, which is said inside a phrase. Where none follows, ``start``.
    """
    k = _behind_spaces(items, start)
    if k < len(items) and kind_of(items[k]) == "sign" and not is_power(items[k]):
        k = _behind_spaces(items, k + 1)
    if k == len(items) or kind_of(items[k]) in {"sign", "close", "other"}:
        return start
    k += 1
    while k < len(items) and _clings(items[k]):
        k += 1
    return k


def _behind_spaces(items: Sequence[Item], k: int) -> int:
    while k < len(items) and kind_of(items[k]) == "space":
        k += 1
    return k


def _clings(item: Item) -> bool:
    """Whether it belongs to the piece that it touches."""
    if isinstance(item, Group):
        return is_call(item) or is_index(item)
    return item.kind in {"prime", "small"}


def stripped(items: Sequence[Item]) -> tuple[Item, ...]:
    """Without the spaces at both ends."""
    kept = list(items)
    while kept and isinstance(kept[-1], Token) and kept[-1].kind == "space":
        kept.pop()
    while kept and isinstance(kept[0], Token) and kept[0].kind == "space":
        kept.pop(0)
    return tuple(kept)


def split(items: Sequence[Item], mark: str) -> Iterator[tuple[Item, ...]]:
    """What stands between the marks, without the spaces around it."""
    part: list[Item] = []
    for item in items:
        if isinstance(item, Token) and item.text == mark:
            yield stripped(part)
            part = []
        else:
            part.append(item)
    yield stripped(part)
