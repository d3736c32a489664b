"""The program of a graph, where each node is written in it, and how a value is called at a place.

Where a graph has no program, one is written for it, a line for each node.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.rules.text import Binding, application, binding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.model import Graph, Node

_OWN: Final = "node_"
"""Begins the names of a program that was written for a graph."""

_LONGEST: Final = 500
_DEEPEST: Final = 12


class Change(NamedTuple):
    """A node, and what to write for it."""

    node: int
    text: str


@dataclass(frozen=True, eq=False)
class Written:
    """A graph as a program.

    Attributes:
        graph: the tape.
    """

    graph: Graph

    @cached_property
    def program(self) -> str:
        """The scenario's program, or one that is written for the graph."""
        return self.graph.program if self.is_given else "\n".join(self._lines.values())

    @cached_property
    def is_given(self) -> bool:
        """Whether the graph came from a text."""
        return any(node.span is not None for node in self.graph.nodes)

    @cached_property
    def leaf_names(self) -> Mapping[str, str]:
        """The names of the leaves in the program."""
        leaves = {**self.graph.inputs, **self.graph.constants}
        return {name: name if self.is_given else f"{_OWN}{n}" for name, n in leaves.items()}

    def name_of(self, node: int) -> str:
        """A name under which the program has a node; empty where it has none."""
        if not self.is_given:
            return f"{_OWN}{node}"
        return next((name for name, n in self.graph.names.items() if n == node), "")

    def shown(self, text: str) -> str:
        """A text of the program with the names that a person uses."""
        if self.is_given:
            return text
        return re.sub(rf"\b{_OWN}(\d+)", lambda found: label(self.graph, int(found[1])), text)

    def text(self, node: int) -> str:
        """The text of a node in the program; empty where it has none, or not on one line."""
        found = self._range(node)
        return "" if found is None else self.program[found[0] : found[1]]

    def changed(self, changes: Sequence[Change]) -> str | None:
        """The program with other texts for some nodes; None where they overlap or have no place."""
        ranges = [self._range(change.node) for change in changes]
        placed = [(r, change.text) for r, change in zip(ranges, changes, strict=True) if r]
        if len(placed) < len(changes):
            return None
        program, begins = self.program, len(self.program) + 1
        for (start, stop), text in sorted(placed, reverse=True):
            if stop > begins:
                return None
            program, begins = program[:start] + text + program[stop:], start
        return program

    def verbatim(self, node: int, argument: int, place: int) -> str:
        """An operand as it is written, where the application holds the place; else empty."""
        whole, within = self._range(node), self._range(place)
        if not self.is_given or whole is None or within is None:
            return ""
        if not whole[0] <= within[0] <= within[1] <= whole[1]:
            return ""
        text, places = self.text(node), segments(self.text(node))
        if argument >= len(places):
            return ""
        return text[places[argument][0] : places[argument][1]]

    def expressed(self, node: int, place: int, depth: int = _DEEPEST) -> str:
        """A value as it can be written at the place of another node; empty where it cannot."""
        found = self.graph.nodes[node]
        name = self._name_at(found, place)
        if name:
            return name
        if found.literal is not None:
            return found.text
        if found.rule is None or not depth:
            return ""
        parts = [self.expressed(p, place, depth - 1) for p in found.parents]
        if not all(parts) or sum(map(len, parts)) > _LONGEST:
            return ""
        return self._applied(found, parts)

    def _applied(self, node: Node, parts: Sequence[str]) -> str:
        """An application with other texts for its operands, as the program writes it."""
        if self.is_given:
            own = self.text(node.id)
            places = segments(own)
            if len(places) < len(parts):
                return ""
            for (start, stop), part in sorted(zip(places, parts, strict=False), reverse=True):
                own = put(own, start, stop, part)
            return own
        if node.rule is None:
            return ""
        return application(node.rule, list(parts), node.params)

    def _name_at(self, node: Node, place: int) -> str:
        """The name by which the program has a value where another is computed."""
        if not self.is_given:
            is_called = node.id < place and (node.name or node.role is not Role.OP)
            return f"{_OWN}{node.id}" if is_called and node.literal is None else ""
        base = node.name.split("@")[0].rsplit(".", maxsplit=1)[-1]
        if not base or node.id >= place:
            return ""
        return base if self._latest(base, place) == node.id else ""

    def _latest(self, base: str, place: int) -> int:
        """The last node before a place that has a name."""
        return max((n for n in self._bound.get(base, ()) if n < place), default=-1)

    @cached_property
    def _bound(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for node in self.graph.nodes:
            if node.name:
                base = node.name.split("@")[0].rsplit(".", maxsplit=1)[-1]
                found.setdefault(base, []).append(node.id)
        return found

    @cached_property
    def _lines(self) -> dict[int, str]:
        """A line for each node that is no named leaf."""
        found: dict[int, str] = {}
        for node in self.graph.nodes:
            if node.literal is not None:
                stated = np.asarray(node.literal, dtype=np.float64).tolist()
                found[node.id] = f"{_OWN}{node.id} = {stated!r}"
            elif node.rule is not None:
                parts = [f"{_OWN}{p}" for p in node.parents]
                text = application(node.rule, parts, node.params)
                found[node.id] = f"{_OWN}{node.id} = {text}"
        return found

    @cached_property
    def _starts(self) -> list[int]:
        """The offset of each line of the program."""
        return [0, *(k + 1 for k, c in enumerate(self.program) if c == "\n")]

    def _range(self, node: int) -> tuple[int, int] | None:
        found = self.graph.nodes[node]
        if not self.is_given:
            if found.rule is None:
                return None
            line = self._starts[list(self._lines).index(node)]
            return line + len(f"{_OWN}{node} = "), line + len(self._lines[node])
        span = found.span
        if found.module and self.graph.composed:
            return None  # only the whole call stands in the program
        if span is None or found.rule is None or span.line != span.end_line:
            return None
        start = self._starts[span.line - 1]
        return start + span.column, start + span.end_column


def put(text: str, start: int, stop: int, part: str) -> str:
    """A text with another operand at a place, in brackets where operators would tear it apart."""
    before, after = text[:start], text[stop:]
    is_grouped = before.endswith("(") and after.startswith(")") and not _is_called(before[:-1])
    if is_grouped and binding(part) is Binding.ATOM:
        before, after = before[:-1], after[1:]
    found = before + part + after
    places = segments(found)
    place = len(before), len(before) + len(part)
    is_whole = len(places) == len(segments(text)) and place in places
    return found if is_whole else f"{before}({part}){after}"


def _is_called(before: str) -> bool:
    """Whether a bracket behind a text is that of a call or of an index."""
    return bool(before) and (before[-1].isalnum() or before[-1] in "_)]")


def segments(text: str) -> list[tuple[int, int]]:
    """The offsets of the operands in the text of an application; none where it cannot be parsed."""
    if not text.isascii() or len(text) > _LONGEST:
        return []
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    return [(one.col_offset, one.end_col_offset or 0) for one in _operands(tree)]


def _operands(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp):
        return [tree.left, tree.right]
    if isinstance(tree, ast.UnaryOp):
        return [tree.operand]
    if isinstance(tree, ast.Compare) and len(tree.comparators) == 1:
        return [tree.left, *tree.comparators]
    if isinstance(tree, ast.Call):
        own = [tree.func.value] if isinstance(tree.func, ast.Attribute) else []
        return [*own, *tree.args]
    if isinstance(tree, ast.Subscript | ast.Attribute):
        return [tree.value]
    return []
