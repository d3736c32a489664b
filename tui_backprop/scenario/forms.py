"""Kinds that take several forms: a number or a list, one record or another.

They stand apart from the records because they decide by what was found which kind reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from tui_backprop.dataclass import dataclass
from tui_backprop.scenario.kinds import expected
from tui_backprop.scenario.yaml_tree import Hole, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Kind, Schema
    from tui_backprop.scenario.records import Record
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Either(Generic[T_co]):
    """Forms that are told apart by what stands there: a single value, a list or a mapping."""

    what: str
    scalar: Kind[T_co] | None = None
    sequence: Kind[T_co] | None = None
    mapping: Kind[T_co] | None = None

    def read(self, node: Node, report: Report) -> T_co | None:
        """By the form that is declared for what was found."""
        forms = {Scalar: self.scalar, Sequence: self.sequence, Mapping: self.mapping, Hole: None}
        form = forms[type(node)]
        if form is None:
            expected(self.what, node, report)
            return None
        return form.read(node, report)

    def schema(self, definitions: Schema) -> Schema:
        """Any of them."""
        forms = [f for f in (self.scalar, self.sequence, self.mapping) if f is not None]
        schemas: list[Schema] = []
        for form in forms:
            if (one := form.schema(definitions)) not in schemas:
                schemas.append(one)
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


@dataclass(frozen=True, slots=True)
class Variants(Generic[T_co]):
    """Records that are told apart by one key each."""

    cases: dict[str, Record[T_co]]

    def read(self, node: Node, report: Report) -> T_co | None:
        """The record whose telling key is there."""
        if not isinstance(node, Mapping):
            expected("a mapping", node, report)
            return None
        for telling, record in self.cases.items():
            if telling in node:
                return record.read(node, report)
        words = {k for record in self.cases.values() for k in record.keys}
        for name in (e.key for e in node.entries if e.key.text not in words):
            report.unknown("key", name.text, name.span, sorted(words))
        expected(f"a mapping with the key {' or '.join(self.cases)}", node, report)
        return None

    def schema(self, definitions: Schema) -> Schema:
        """Any of them."""
        return {"anyOf": [record.schema(definitions) for record in self.cases.values()]}


@dataclass(frozen=True, slots=True)
class Named(Generic[T_co]):
    """A kind that the schema defines once, under a name."""

    name: str
    kind: Kind[T_co]

    def read(self, node: Node, report: Report) -> T_co | None:
        """As the kind does."""
        return self.kind.read(node, report)

    def schema(self, definitions: Schema) -> Schema:
        """A reference."""
        if self.name not in definitions:
            definitions[self.name] = {}
            definitions[self.name] = self.kind.schema(definitions)
        return {"$ref": f"#/$defs/{self.name}"}
