"""Formulas read aloud: ``2 * X`` is "2 times X", ``sum(x, axis=0)`` is "sum of x, with axis 0".

Applications, summaries, conventions and an author's notes all hold formulas, and are read here.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tui_backprop.lazy import cached_property
from tui_backprop.render.speech.words import (
    constants,
    greek,
    joins,
    numeral,
    operators,
    power,
    raised,
    tidied,
    with_comma,
)
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.language.catalogue import Language


_OPERANDS: Final = frozenset(
    {"number", "percent", "word", "prime", "quoted", "small", "constant", "group", "close"}
)
_NORM: Final = re.compile(r"\|(v|J|grad|value)\|")
_SIZE: Final = re.compile(r"\|([^|]+)\|")
_DERIVATIVE: Final = re.compile(r"∂(#?[\w.@]+(?:\[[^\]]*\])?)/∂(#?[\w.@]+(?:\[[^\]]*\])?)")
"""Signs that are around what they mean, not between: told apart before a text is cut."""
_GREEK: Final = re.compile(r"([Α-ΡΣ-ω])(?=([^\W\d_])?)")


class Reader:
    """Reads formulas, and the words around them, in one language.

    Attributes:
        language: in which it reads.
        is_code: whether texts are formulas and nothing else: no hyphens, no remarks.
    """

    def __init__(self, language: Language, *, is_code: bool = False) -> None:
        self.language = language
        self.is_code = is_code

    def read(self, text: str) -> str:
        """A text on one line, every formula in it as words."""
        one_line = printable(" ".join(text.split()))
        whole = _SIZE.sub(r"abs(\1)", _NORM.sub(r"norm(\1)", one_line))
        said = tidied(self._items(parsed(_DERIVATIVE.sub(r"derivative(\1, \2)", whole))))
        return with_comma(said, self.language.say(", "))

    def name(self, text: str) -> str:
        """A name; a Greek letter by its own; a node that has none by its number."""
        if text.startswith("#"):
            return self.language.say("number {number}", number=text[1:])
        return _GREEK.sub(lambda found: greek(found[1]) + " " * bool(found[2]), text)

    def listed(self, parts: Sequence[str]) -> str:
        """``a, b and c``."""
        if len(parts) < 2:
            return "".join(parts)
        *first, last = parts
        say = self.language.say
        return say("{first} and {last}", first=say(", ").join(first), last=last)

    @cached_property
    def _sign(self) -> str:
        """The minus of a number, without the number."""
        return self.language.say("minus {number}", number="").strip()

    @cached_property
    def _operators(self) -> Mapping[str, str]:
        return operators(self.language)

    @cached_property
    def _constants(self) -> Mapping[str, str]:
        return constants(self.language)

    def _items(self, items: Sequence[Item]) -> str:
        """Pieces side by side; the spaces are tidied at the end."""
        said: list[str] = []
        before = touched = ""
        k = 0
        while k < len(items):
            stop = operand_end(items, k + 1) if is_power(items[k]) else k + 1
            kind = kind_of(items[k])
            if kind in {"number", "percent", "word"} and touched in _OPERANDS:
                said.append(" ")
            self._say_piece(items, slice(k, stop), before, said)
            touched = kind_of(items[stop - 1])
            before = before if touched == "space" else touched
            k = stop
        return "".join(said)

    def _say_piece(self, items: Sequence[Item], at: slice, before: str, said: list[str]) -> None:
        """One piece, a power with its exponent; ``before`` is the kind of what it follows."""
        item, *more = items[at]
        if exponent := stripped(more):
            spoken = tidied(self._bracketed(exponent))
            said.append(f" {power(spoken, self.language)} ")
        elif isinstance(item, Group):
            self._group(item, before, said, is_base=is_base(items, at.start))
        elif item.kind == "sign":
            said.append(self._operator(items, at.start, before))
        elif item.kind in {"prime", "small"}:
            base = said.pop() if said else ""
            said.append(f"{base} {raised(item.text, self.language)}")
        else:
            said.append(self._token(item))

    def _token(self, token: Token) -> str:
        if token.kind == "number":
            return numeral(token.text, self.language)
        if token.kind == "percent":
            return self.language.say("{number} percent", number=token.text[:-1])
        if token.kind == "quoted":
            return self._items(parsed(token.text[1:-1]))
        return self._constants.get(token.text) or self.name(token.text)

    def _operator(self, items: Sequence[Item], k: int, before: str) -> str:
        """A sign by its place: between operands, in front of one, inside a word."""
        sign, *around = (
            item.text if isinstance(item, Token) else ""
            for item in (items[k], *items[max(k - 1, 0) : k], *items[k + 1 : k + 2])
        )
        is_word = len(around) == 2 and not self.is_code and joins(sign, *around)
        if sign == ":" or is_word:
            return sign
        if sign in "-−" and before not in _OPERANDS:
            return f" {self._sign} "
        return f" {self._operators.get(sign, sign)} "

    def _group(self, group: Group, before: str, said: list[str], *, is_base: bool) -> None:
        """An index, a call, a list, a remark, or a part of a formula, behind what is ``said``.

        What is raised as a whole stays in brackets: ``(-2)**2`` is not ``-2**2``.
        """
        if is_index(group) or is_call(group):
            tell = self._index if is_index(group) else self._call
            whole = tell(said.pop(), group)
            said.append(self._enclosed(whole) if is_base else whole)
        elif before in {"word", "other"} and not is_base and self._is_remark(group):
            said.append(f"{group.bracket}{self._items(group.items)}{CLOSING[group.bracket]}")
        elif is_list(group) or group.bracket == "[":
            said.append(self._list(group.items))
        else:
            said.append(self._bracketed(group.items, is_base=is_base))

    def _is_remark(self, group: Group) -> bool:
        """Whether a bracket behind a word is no formula: ``the point (1, 2)``, ``[sic]``."""
        if self.is_code:
            return False
        names = (x for x in group.items if isinstance(x, Token) and x.kind == "word")
        is_array = is_list(group) or all(x.text in self._constants for x in names)
        return group.bracket == "(" or not is_array

    def _call(self, name: str, group: Group) -> str:
        """``sum of x, with axis 0``."""
        say = self.language.say
        operands: list[Sequence[Item]] = []
        settings: list[str] = []
        for part in split(group.items, ","):
            keyword, *value = split(part, "=")
            if len(keyword) == len(value) == 1:
                key, given = (tidied(self._items(side)) for side in (keyword, *value))
                settings.append(say("{name} {value}", name=key, value=given))
            elif part:
                operands.append(part)
        said = self._applied(name, operands) if operands else name
        if settings:
            said = say("{call}, with {settings}", call=said, settings=say(", ").join(settings))
        return said

    def _applied(self, name: str, operands: Sequence[Sequence[Item]]) -> str:
        """A function of its operands; of those that have words of their own, these."""
        if name == "derivative" and len(operands) == 2:
            y, x = (tidied(self._items(operand)) for operand in operands)
            return self.language.say("d {y} by d {x}", y=y, x=x)
        members = self._members(operands)
        if name == "abs":
            return self.language.say("the absolute value of {operands}", operands=members)
        if name == "norm" and len(operands) == 1:
            return self.language.say("the norm of {operands}", operands=members)
        return self.language.say("{function} of {operands}", function=name, operands=members)

    def _index(self, name: str, group: Group) -> str:
        """``x at index 0``."""
        parts = [part for part in split(group.items, ",") if part]
        said = self.listed([tidied(self._place(part, len(parts))) for part in parts])
        return self.language.say("{array} at index {index}", array=name, index=said)

    def _place(self, part: Sequence[Item], count: int) -> str:
        """One axis of an index: a number, a stretch, a list."""
        say = self.language.say
        sides = list(split(part, ":"))
        if len(sides) == 1:
            wide = {"None": say("a new axis"), "...": say("all other axes")}
            first = part[0]
            text = first.text if isinstance(first, Token) else ""
            return wide.get(text) or self._member(part, count)
        start, stop, step = (*(tidied(self._items(side)) for side in sides), "")[:3]
        if start and stop:
            said = say("{start} up to {stop}", start=start, stop=stop)
        elif start or stop:
            end = say("up to {stop}", stop=stop)
            said = say("{start} to the end", start=start) if start else end
        else:
            said = say("all")
        return say("{stretch} in steps of {step}", stretch=said, step=step) if step else said

    def _list(self, items: Sequence[Item]) -> str:
        """Members side by side."""
        return self._members([part for part in split(items, ",") if part])

    def _members(self, parts: Sequence[Sequence[Item]]) -> str:
        return self.listed([tidied(self._member(part, len(parts))) for part in parts])

    def _member(self, part: Sequence[Item], count: int) -> str:
        """One of so many; a list among others in brackets."""
        is_nested = count > 1 and len(part) == 1 and isinstance(part[0], Group)
        return self._enclosed(self._items(part)) if is_nested else self._bracketed(part)

    def _bracketed(self, items: Sequence[Item], *, is_base: bool = False) -> str:
        """A part of a formula; in brackets where an operator in it could seem to be outside."""
        said = self._items(items)
        seen = items if is_base else items[1:]  # a sign in front takes in what is raised behind it
        is_open = any(isinstance(x, Token) and x.kind == "sign" and x.text != ":" for x in seen)
        return self._enclosed(said) if is_open else said

    def _enclosed(self, said: str) -> str:
        say = self.language.say
        return " " + say("open bracket {formula} close bracket", formula=tidied(said)) + " "


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
    """Whether a bracket holds members that commas separate."""
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
    """The place after the operand that begins at a place: sign, piece, and what it is called with.

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
    """The pieces without the spaces at both ends."""
    kept = list(items)
    while kept and isinstance(kept[-1], Token) and kept[-1].kind == "space":
        kept.pop()
    while kept and isinstance(kept[0], Token) and kept[0].kind == "space":
        kept.pop(0)
    return tuple(kept)


def split(items: Sequence[Item], mark: str) -> Iterator[tuple[Item, ...]]:
    """The groups of pieces between the marks, without the spaces around them."""
    part: list[Item] = []
    for item in items:
        if isinstance(item, Token) and item.text == mark:
            yield stripped(part)
            part = []
        else:
            part.append(item)
    yield stripped(part)
