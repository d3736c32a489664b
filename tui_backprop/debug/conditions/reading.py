"""Finding what an expression refers to, and writing it so that the program's parser can read it.

It stands apart from the references because it is about spelling: ``X.grad``, ``h@2``, ``f.z`` and
``op == "relu"`` are one name each, and the parser gets a name of the same length in their place,
so that its columns stay the person's.
"""

from __future__ import annotations

import re
from itertools import count
from keyword import kwlist
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.conditions.predicates import VOCABULARY
from tui_backprop.debug.conditions.references import (
    PHASES,
    WORDS,
    Cotangent,
    GradOf,
    JacobianOf,
    StepNumber,
    ValueOf,
    WordIs,
)
from tui_backprop.debug.place_names import find_named, no_such_name
from tui_backprop.errors import CommandError
from tui_backprop.program.foreign import MODULES
from tui_backprop.program.methods import EXTENTS
from tui_backprop.program.names import NUMBERS
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.graph.model import Graph
    from tui_backprop.limits import Limits

_PIECE: Final = (
    r"""(?a)(?P<comparison>\b(?P<word>op|phase|node)\s*(?P<sign>==|!=)\s*(?P<q>["'])(?P<is>.*?)(?P=q))"""
    r"""|(?P<quoted>"[^"]*"|'[^']*')"""
    r"""|(?<![\w.])(?P<name>(?:#\d{1,11}|[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*(?:@\d+(?:\.[A-Za-z_]\w*)*)?)"""
    r"""(?P<after>\s*\(|\s*=(?!=))?"""
)
_KEPT: Final = frozenset(kwlist)
_TAILS: Final = frozenset({*EXTENTS, "T"})
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST: Final = 90


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """An expression, ready to be parsed.

    Attributes:
        text: as it was typed.
        plain: of the same length, each reference one name.
        references: by the name in `plain`.
    """

    text: str
    plain: str
    references: Mapping[str, AnyReference]

    def restored(self, message: str) -> str:
        """A message of the parser with the person's own names."""
        for name, reference in self.references.items():
            message = message.replace(name, reference.text) if name != reference.text else message
        return message


def read(text: str, graph: Graph, limits: Limits) -> Reading:
    """Find every reference of an expression.

    Raises:
        CommandError: a name means nothing here; the message has its column and the nearest.
    """
    return _Reader(text, graph, limits).read()


class _Reader:
    def __init__(self, text: str, graph: Graph, limits: Limits) -> None:
        self.text = text
        self.graph = graph
        self.limits = limits
        self.found: dict[str, AnyReference] = {}

    def read(self) -> Reading:
        plain = re.sub(_PIECE, self._piece, self.text)
        return Reading(self.text, plain, MappingProxyType(self.found))

    def _piece(self, match: re.Match[str]) -> str:
        if match["comparison"] is not None:
            return self._stand_in(self._comparison(match), len(match[0]))
        name, after = match["name"], match["after"] or ""
        if name is None or name in _KEPT:
            return match[0]
        if after:
            return self._called(name, match) if after.endswith("(") else match[0]
        if name in NUMBERS and name not in self.graph.names:
            return match[0]
        base, tail = _without_tail(name)
        reference = self._reference(base, match.start("name"))
        plain = base if base.isidentifier() else self._stand_in(reference, len(base))
        self.found[plain] = reference
        return plain + tail

    def _called(self, name: str, match: re.Match[str]) -> str:
        """A function stays what it is; in front of a method stands what it is called of."""
        base, dot, method = name.rpartition(".")
        if not dot or (base.partition(".")[0] in MODULES and base not in self.graph.names):
            return match[0]
        base, tail = _without_tail(base)
        reference = self._reference(base, match.start("name"))
        plain = base if base.isidentifier() else self._stand_in(reference, len(base))
        self.found[plain] = reference
        return f"{plain}{tail}.{method}{match['after']}"

    def _comparison(self, match: re.Match[str]) -> WordIs:
        word, wanted = match["word"], match["is"]
        known: tuple[str, ...] = PHASES
        if word == "op":
            known = ("input", "const", *VOCABULARY)
        if word == "node":
            known = tuple({node.label for node in self.graph.nodes})
        if wanted not in known:
            guess = near(wanted, known) or (PHASES if word == "phase" else ())
            hint = f"; did you mean {' or '.join(map(repr, guess))}?" if guess else ""
            raise CommandError(f"no {word} is called '{wanted}'{hint}", match.start("is"))
        return WordIs(match[0], word, wanted, match["sign"] == "!=")

    def _reference(self, name: str, column: int) -> AnyReference:
        stem, dot, last = name.rpartition(".")
        if not dot and (special := self._special(name, column)) is not None:
            return special
        if dot and last == "grad":
            return GradOf(name, self._node(stem, column, prefer_input=True))
        if dot and last == "value":
            return ValueOf(name, self._node(stem, column))
        return ValueOf(name, self._node(name, column))

    def _special(self, name: str, column: int) -> AnyReference | None:
        if name == "v":
            return Cotangent()
        if name == "J":
            return JacobianOf(self.limits)
        if name == "step":
            return StepNumber()
        if name in WORDS and name not in self.graph.names:
            raise CommandError(f"'{name}' is a word: compare it, as in {name} == \"…\"", column)
        return None

    def _node(self, name: str, column: int, *, prefer_input: bool = False) -> int:
        graph = self.graph
        try:
            found = find_named(name, graph, prefer_input=prefer_input)
        except CommandError as error:
            raise CommandError(str(error), column) from None
        if found is not None:
            return found
        stem, _, last = name.rpartition(".")
        if stem in graph.names:
            has = ".grad, .value, .T, .shape, .size and .ndim"
            raise CommandError(f"'{stem}' has no '.{last}'; it has {has}", column + len(stem))
        words = ("step", "phase")
        raise no_such_name(name, graph, column, meant=words, listed=("v", "J"))

    def _stand_in(self, reference: AnyReference, length: int) -> str:
        """A name of a given length that means nothing else."""
        if length > _LONGEST:
            raise CommandError(f"'{reference.text[:40]}…' is too long for a name here")
        for number in count(len(self.found)):
            name = "r" + _in_base_36(number).rjust(length - 1, "0")
            is_free = name not in self.found and name not in self.text
            if is_free and name not in self.graph.names and len(name) == length:
                self.found[name] = reference
                return name
        raise AssertionError("numbers do not end")


def _without_tail(name: str) -> tuple[str, str]:
    """A name, and what an array has after it, such as ``.T`` or ``.shape``."""
    base, tail = name, ""
    while base.rpartition(".")[2] in _TAILS:
        base, _, last = base.rpartition(".")
        tail = f".{last}{tail}"
    return base, tail


def _in_base_36(number: int) -> str:
    digits = _DIGITS[number % 36]
    while number := number // 36:
        digits = _DIGITS[number % 36] + digits
    return digits
