"""What the value of a key may be: each kind reads a node and states the same as JSON Schema.

A kind that cannot read a node reports why and returns None, which it returns in no other case, so
that reading goes on.
"""

from __future__ import annotations

from functools import reduce
from math import isinf
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.scenario.report import ONE_OF, nearest, shown
from tui_backprop.scenario.yaml_tree import Hole, Scalar, Sequence, resolve
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node, Span

Schema: TypeAlias = dict[str, Any]
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Kind(Protocol[T_co]):
    """One kind of value."""

    def read(self, node: Node, report: Report) -> T_co | None:
        """The value, or None with the problem reported."""

    def schema(self, definitions: Schema) -> Schema:
        """The kind as JSON Schema; a schema with a name is put into ``definitions``."""


class Word(NamedTuple):
    """A text that is checked later, with its place in the file."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class String:
    """Any text, as it is."""

    what: str = said("text")

    def read(self, node: Node, report: Report) -> str | None:
        """A word, or anything in quotes or in a block."""
        if isinstance(node, Scalar) and isinstance(value := resolve(node), str):
            return value
        hint = said("put it in quotes") if isinstance(node, Scalar) and node.text else ""
        expected(self.what, node, report, hint)
        return None

    def schema(self, _definitions: Schema) -> Schema:
        """A string."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is checked later, when the program is known."""

    what: str

    def read(self, node: Node, report: Report) -> Word | None:
        """The text that `String` reads, with its place."""
        text = String(self.what).read(node, report)
        return None if text is None else Word(text, node.span)

    def schema(self, definitions: Schema) -> Schema:
        """A string."""
        return String(self.what).schema(definitions)


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of a few constants, all words or all numbers or all truth values."""

    options: tuple[T, ...]

    def read(self, node: Node, report: Report) -> T | None:
        """The option as it is declared: 1 where the file says 1.0."""
        value = resolve(node) if isinstance(node, Scalar) else None
        for option in self.options:
            if value == option and isinstance(value, bool) == isinstance(option, bool):
                return option
        names = [str(o).lower() if isinstance(o, bool) else str(o) for o in self.options]
        hint = nearest(value, names, ONE_OF) if isinstance(value, str) and len(names) > 1 else ""
        expected(any_of(names), node, report, hint)
        return None

    def schema(self, _definitions: Schema) -> Schema:
        """A constant, or an enumeration."""
        if len(self.options) == 1:
            return {"const": self.options[0]}
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Real:
    """A number, infinities and NaN included where no minimum forbids them."""

    minimum: float | None = None

    def read(self, node: Node, report: Report) -> float | None:
        """Integers too; not truth values."""
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            expected(said("a number"), node, report, number_hint(value))
            return None
        if self.minimum is not None and not value >= self.minimum:
            least = said("a number of at least {minimum}", minimum=f"{self.minimum:g}")
            expected(least, node, report)
            return None
        real = to_float(value)
        if is_overflow(real, node):
            report.at(node, TOO_LARGE, INFINITY)
            return None
        return real

    def schema(self, _definitions: Schema) -> Schema:
        """A number."""
        bound = {} if self.minimum is None else {"minimum": self.minimum}
        return {"type": "number", **bound}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; 2.0 is one, as in JSON Schema."""

    minimum: int

    def read(self, node: Node, report: Report) -> int | None:
        """A Python integer of any size."""
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            expected(said("a whole number"), node, report, number_hint(value))
            return None
        if value < self.minimum:
            least = said("a whole number of at least {minimum}", minimum=self.minimum)
            expected(least, node, report)
            return None
        return value

    def schema(self, _definitions: Schema) -> Schema:
        """An integer."""
        return {"type": "integer", "minimum": self.minimum}


TOO_LARGE: Final = said("this number is beyond the range of float64")
INFINITY: Final = said("infinity is '.inf'")


def is_overflow(value: float, node: Node) -> bool:
    """Whether digits gave an infinity that nobody wrote."""
    return isinf(value) and isinstance(node, Scalar) and "inf" not in node.text.lower()


def to_float(value: float) -> float:
    """An integer beyond the range of floats as an infinity."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def number_hint(value: object) -> str:
    """What to write for a word that was meant as a number."""
    if not isinstance(value, str):
        return ""
    plain = value.strip().lower().replace("_", "")
    if plain.lstrip("+-") in ("inf", "infinity", "nan"):
        sign = "-" if plain.startswith("-") else ""
        return did_you_mean(f"{sign}.{plain.lstrip('+-')[:3]}")
    try:
        float(plain)
    except ValueError:
        return ""
    return said("did you mean {number}, without quotes or underscores?", number=shown(plain))


def expected(what: str, node: Node, report: Report, hint: str = "") -> None:
    """Report that something else was found; silent where a problem is reported already."""
    if not isinstance(node, Hole):
        found = _description(node)
        report.at(node, said("expected {what}, found {found}", what=what, found=found), hint)


def any_of(words: Iterable[str]) -> str:
    """Words to choose from, as they are written: ``show or skip``."""
    return reduce(lambda before, word: said("{before} or {word}", before=before, word=word), words)


def _description(node: Node) -> str:
    """The node that was found, in the words of a message."""
    if isinstance(node, Sequence):
        return said("a list")
    if not isinstance(node, Scalar):
        return said("a mapping")
    value = resolve(node)
    if value is None:
        return said("nothing")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return said("the text {text}", text=shown(value)) if value else said("an empty text")
    return said("the number {number}", number=shown(node.text)[1:-1])
