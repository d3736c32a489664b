"""A YAML file as a tree in which every key and value knows its place.

Validation depends on this tree and neither on PyYAML nor on its events.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.pattern import pattern


class Span(NamedTuple):
    """A place in the file: lines and columns from 1, in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def width(self) -> int:
        """How much is underlined: all of it where it fits in one line, else its first character."""
        return max(1, self.end_column - self.column) if self.end_line == self.line else 1


class Scalar(NamedTuple):
    """A single value, not interpreted yet.

    A flat tuple, because a file may hold half a million of them.

    Attributes:
        text: its content, after quotes, escapes and indentation.
        is_plain: written without quotes and not as a block, so that it may be a number.
        line: of its first character, the quote or block sign where it has one.
        column: likewise.
        end_line: of what follows it.
        end_column: likewise.
    """

    text: str
    is_plain: bool
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def span(self) -> Span:
        """The place of the scalar."""
        return Span(*self[2:])


class Entry(NamedTuple):
    """One line of a mapping: a key and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys, all different, and their values, in the order of the file."""

    entries: tuple[Entry, ...]
    span: Span

    def find(self, key: str) -> Node | None:
        """The value of a key, None where there is no such key."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Hole:
    """A place whose content was refused and reported already, so that nothing more is said of it.

    An alias, for one: what it would mean is never worked out, so no bomb can go off.
    """

    span: Span


Node: TypeAlias = Scalar | Sequence | Mapping | Hole


Plain: TypeAlias = "str | int | float | bool | None"

NUMBER: Final = pattern(
    r"[-+]?(?:(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
    r"|0o[0-7]+|0x[0-9a-fA-F]+|\.(?:nan|NaN|NAN)"
)
_LONGEST_INTEGER = 4000
_WHOLE = pattern(r"[-+]?[0-9]+")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def resolve(scalar: Scalar) -> Plain:
    """The meaning of a scalar: text, a number, a truth value or None.

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
    """The number that a match of `NUMBER` denotes.

    Integers too long for Python's own cap on digits become floats: nothing counts that far.
    """
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    if _WHOLE.fullmatch(text) and len(text) < _LONGEST_INTEGER:
        return int(text)
    return real(text)


def real(text: str) -> float:
    """The number as a float; beyond the range of floats an infinity."""
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
