"""Reading an expression: every reference found, and one name put in place of each.

A reference may be called what Python has no name for, such as ``#3`` or ``encoder.0.weight``.
"""

from __future__ import annotations

import re
from itertools import count
from keyword import iskeyword, kwlist
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.conditions.evaluation import VOCABULARY
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
from tui_backprop.debug.place_names import check_has_gradient, find_named, no_such_name
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import longest_name
from tui_backprop.language.message import joined, one_of, said
from tui_backprop.program.compiling.methods import EXTENTS
from tui_backprop.program.vocabulary.foreign import MODULES
from tui_backprop.program.vocabulary.names import NUMBERS
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.graph.model import Graph
    from tui_backprop.limits import Limits


_PIECE: Final = (
    r"""(?a)(?P<comparison>\b(?P<word>op|phase|node)\s*(?P<sign>==|!=)\s*(?P<q>["'])(?P<is>.*?)(?P=q))"""
    r"""|(?P<quoted>"[^"]*"|'[^']*')"""
    r"""|(?<![\w.])(?P<name>(?:#\d{1,11}|\w+)(?:\.\w+)*(?:@\d+(?:\.\w+)*)?)"""
    r"""(?P<after>\s*\(|\s*=(?!=))?"""
)
"""What may be a reference is taken whole, digits between points too, before Python's grammar sees
it: there ``encoder.0.weight`` is no name. The longest name that the graph has is then cut off."""
_KEPT: Final = frozenset(kwlist)
_TAILS: Final = frozenset({*EXTENTS, "T"})
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_NAME: Final = 90
"""Of a stand-in; behind a shorter one stand spaces, so that columns stay."""


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
        return self._replaced(name, match.start("name"))

    def _replaced(self, name: str, column: int) -> str:
        """A reference as one name, with what an array has behind it; a number as it is."""
        if name[0].isdigit() and self._is_number(name, column):
            return name
        base, tail = self._cut(name)
        reference = self._reference(base, column)
        is_plain = base.isidentifier() and not iskeyword(base)
        plain = base if is_plain else self._stand_in(reference, len(base))
        self.found[plain.rstrip()] = reference
        return plain + tail

    def _is_number(self, name: str, column: int) -> bool:
        """Whether digits begin a number, and not a name of the graph.

        Raises:
            CommandError: they begin neither, and nearly a name.
        """
        try:
            float(name)
        except ValueError:
            if longest_name(name, self.graph.names):
                return False
            if near(name, [known for known in self.graph.names if known[:1].isdigit()]):
                raise no_such_name(name, self.graph, column) from None
        return True  # or something that the parser refuses

    def _cut(self, name: str) -> tuple[str, str]:
        """What is referred to, and what an array has behind it, such as ``.T`` or ``.shape``."""
        known = longest_name(name, self.graph.names)
        base, tail = name, ""
        while len(base) > len(known) and base.rpartition(".")[2] in _TAILS:
            base, _, last = base.rpartition(".")
            tail = f".{last}{tail}"
        return base, tail

    def _called(self, name: str, match: re.Match[str]) -> str:
        """Put a reference in place of the array of a method call; a function keeps its name."""
        base, dot, method = name.rpartition(".")
        is_of_module = base.partition(".")[0] in MODULES
        if not dot or (is_of_module and not longest_name(base, self.graph.names)):
            return match[0]
        return f"{self._replaced(base, match.start('name'))}.{method}{match['after']}"

    def _comparison(self, match: re.Match[str]) -> WordIs:
        word, wanted = match["word"], match["is"]
        known: tuple[str, ...] = PHASES
        if word == "op":
            known = ("input", "const", *VOCABULARY)
        if word == "node":
            known = tuple({node.label for node in self.graph.nodes})
        if wanted not in known:
            guess = near(wanted, known) or (PHASES if word == "phase" else ())
            text = said("no {word} is called '{name}'", word=word, name=wanted)
            if guess:
                hint = said("did you mean {names}?", names=one_of(guess))
                text = joined("; ", [text, hint])
            raise CommandError(text, match.start("is"))
        return WordIs(match[0], word, wanted, match["sign"] == "!=")

    def _reference(self, name: str, column: int) -> AnyReference:
        stem, dot, last = name.rpartition(".")
        if not dot and (special := self._special(name, column)) is not None:
            return special
        if name in self.graph.names:
            return ValueOf(name, self._node(name, column))
        if dot and last in {"grad", "tangent"}:
            node = self._node(stem, column, is_gradient=True)
            try:
                check_has_gradient(self.graph, node)
            except CommandError as error:
                raise CommandError(str(error), column) from None
            return GradOf(name, node, is_tangent=last == "tangent")
        if dot and last == "value":
            return ValueOf(name, self._node(stem, column))
        return ValueOf(name, self._node(name, column))

    def _special(self, name: str, column: int) -> AnyReference | None:
        if name in self.graph.names and name in {"v", "J"}:
            return None  # the program's own keeps its name; the vector is the adjoint, Y.grad
        if name == "v":
            return Cotangent()
        if name == "J":
            return JacobianOf(self.limits)
        if name == "step":
            return StepNumber()
        if name in WORDS and name not in self.graph.names:
            raise CommandError(
                said(
                    "'{name}' is a word: compare it, as in {example}",
                    name=name,
                    example=f'{name} == "…"',
                ),
                column,
            )
        return None

    def _node(self, name: str, column: int, *, is_gradient: bool = False) -> int:
        graph = self.graph
        try:
            found = find_named(name, graph, is_gradient=is_gradient)
        except CommandError as error:
            raise CommandError(str(error), column) from None
        if found is not None:
            return found
        stem, _, last = name.rpartition(".")
        if stem in graph.names and not any(n.startswith(f"{stem}.") for n in graph.names):
            has = said(
                "{names} and {last}",
                names=joined(", ", [".grad", ".value", ".T", ".shape", ".size"]),
                last=".ndim",
            )
            raise CommandError(
                said("'{name}' has no '{last}'; it has {has}", name=stem, last=f".{last}", has=has),
                column + len(stem),
            )
        words = ("step", "phase")
        raise no_such_name(name, graph, column, meant=words, listed=("v", "J"))

    def _stand_in(self, reference: AnyReference, length: int) -> str:
        """Text of a given length whose one name means nothing else, one name for one reference."""
        for name, known in self.found.items():
            if known == reference and name != reference.text and len(name) <= length:
                return name.ljust(length)
        for number in count(len(self.found)):
            name = "r" + _in_base_36(number).rjust(min(length, _LONGEST_NAME) - 1, "0")
            is_free = name not in self.found and name not in self.text
            if is_free and name not in self.graph.names and len(name) <= length:
                self.found[name] = reference
                return name.ljust(length)
        raise AssertionError("numbers do not end")


def _in_base_36(number: int) -> str:
    digits = _DIGITS[number % 36]
    while number := number // 36:
        digits = _DIGITS[number % 36] + digits
    return digits
