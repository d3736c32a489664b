"""Kinds made of other kinds: lists, mappings, records and choices between forms.

They report keys that are unknown, missing, or no names.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import joined, said
from tui_backprop.lazy import cached_property
from tui_backprop.scenario.kinds import any_of, expected
from tui_backprop.scenario.report import UNKNOWN_KEY
from tui_backprop.scenario.yaml_tree import Hole, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.scenario.kinds import Kind, Schema
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def key(kind: Kind[Any], description: str) -> dict[str, Any]:
    """Metadata that makes a dataclass field a key of the file; without a default it is required.

    Args:
        kind: what its value may be.
        description: for editors, in one or two sentences; a message.
    """
    return {"kind": kind, "description": description}


@dataclass(frozen=True)
class Record(Generic[T_co]):
    """A mapping with known keys, read into a dataclass whose fields are declared by `key`.

    A field called ``span`` without a declaration receives the record's place. What could not be
    read is None in the result; the report knows.
    """

    of: type[T_co]
    at_least_one: bool = False

    def read(self, node: Node, report: Report) -> T_co | None:
        """The dataclass."""
        if not isinstance(node, Mapping):
            expected(said("a mapping"), node, report)
            return None
        known = self.keys
        values: dict[str, Any] = {"span": node.span} if self._has_span else {}
        for name, value in node.entries:
            if name.text in known:
                values[name.text] = known[name.text].metadata["kind"].read(value, report)
            else:
                report.unknown(UNKNOWN_KEY, name.text, name.span, known)
        for missing in (k for k in self._required if k not in node):
            report.span(node.span, said("missing key '{key}'", key=missing))
            values[missing] = None
        if self.at_least_one and not node.entries:
            message = said("expected at least one of the keys {keys}", keys=joined(", ", known))
            report.at(node, message)
        return self.of(**values)

    @cached_property
    def keys(self) -> dict[str, Field[Any]]:
        """The declared fields by key."""
        return {f.name: f for f in self._fields if "kind" in f.metadata}

    @cached_property
    def _has_span(self) -> bool:
        return any(f.name == "span" for f in self._fields)

    @cached_property
    def _fields(self) -> tuple[Field[Any], ...]:
        return fields(self.of)  # type: ignore[arg-type]  # a dataclass

    @cached_property
    def _required(self) -> list[str]:
        missing = (MISSING, MISSING)
        return [n for n, f in self.keys.items() if (f.default, f.default_factory) == missing]

    def schema(self, definitions: Schema) -> Schema:
        """An object without other keys."""
        properties = {name: _described(f, definitions) for name, f in self.keys.items()}
        required = self._required
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **({"minProperties": 1} if self.at_least_one else {}),
        }


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of one kind; what could not be read is None in it."""

    item: Kind[T]
    what: str
    shortest: int = 0
    longest: int | None = None

    def read(self, node: Node, report: Report) -> tuple[T | None, ...] | None:
        """Every item, in order."""
        if not isinstance(node, Sequence):
            expected(said("a list of {what}", what=self.what), node, report)
            return None
        if len(node.items) < self.shortest:
            least = said("at least {count} of {what}", count=self.shortest, what=self.what)
            expected(least, node, report)
            return None
        if self.longest is not None and len(node.items) > self.longest:
            most = said("at most {count} of {what}", count=self.longest, what=self.what)
            expected(most, node, report)
            return None
        return tuple(self.item.read(item, report) for item in node.items)

    def schema(self, definitions: Schema) -> Schema:
        """An array."""
        return {
            "type": "array",
            "items": self.item.schema(definitions),
            **({"minItems": self.shortest} if self.shortest else {}),
            **({"maxItems": self.longest} if self.longest is not None else {}),
        }


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """A mapping whose keys the author chooses; what could not be read is None in it.

    Attributes:
        item: the kind of every value.
        what: the whole in a message, such as ``a mapping from names to arrays``.
        complaint: why a key is refused, or an empty text.
        key_schema: the same for ``propertyNames``.
        at_least_one: whether it may not be empty.
    """

    item: Kind[T]
    what: str
    complaint: Callable[[str], str] | None = None
    key_schema: Callable[[], Schema] | None = None
    at_least_one: bool = False

    def read(self, node: Node, report: Report) -> dict[Scalar, T | None] | None:
        """Every value under its key, in the order of the file."""
        if not isinstance(node, Mapping):
            expected(self.what, node, report, _empty_hint(node))
            return None
        if self.at_least_one and not node.entries:
            expected(said("at least one entry, {what}", what=self.what), node, report)
            return None
        values = {e.key: self.item.read(e.value, report) for e in node.entries}
        for name in values:
            if self.complaint is not None and (message := self.complaint(name.text)):
                report.at(name, message)
                values[name] = None
        return values

    def schema(self, definitions: Schema) -> Schema:
        """An object of the author's keys."""
        return {
            "type": "object",
            "additionalProperties": self.item.schema(definitions),
            **({"propertyNames": self.key_schema()} if self.key_schema else {}),
            **({"minProperties": 1} if self.at_least_one else {}),
        }


def _described(declared: Field[Any], definitions: Schema) -> Schema:
    schema: Schema = declared.metadata["kind"].schema(definitions)
    default = {} if declared.default in (MISSING, None) else {"default": declared.default}
    return {**schema, "description": declared.metadata["description"], **default}


def _empty_hint(node: Node) -> str:
    is_empty = isinstance(node, Scalar) and not node.text
    return (
        said("write {empty} for an empty one, or leave the key out", empty="{}") if is_empty else ""
    )


@dataclass(frozen=True, slots=True)
class Either(Generic[T_co]):
    """Forms that are told apart by their YAML: a single value, a list or a mapping."""

    what: str
    scalar: Kind[T_co] | None = None
    sequence: Kind[T_co] | None = None
    mapping: Kind[T_co] | None = None

    def read(self, node: Node, report: Report) -> T_co | None:
        """Read the form that is declared for this kind of node."""
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
    """Records that one key each tells apart."""

    cases: dict[str, Record[T_co]]

    def read(self, node: Node, report: Report) -> T_co | None:
        """The record whose telling key is there."""
        if not isinstance(node, Mapping):
            expected(said("a mapping"), node, report)
            return None
        for telling, record in self.cases.items():
            if telling in node:
                return record.read(node, report)
        words = {k for record in self.cases.values() for k in record.keys}
        for name in (e.key for e in node.entries if e.key.text not in words):
            report.unknown(UNKNOWN_KEY, name.text, name.span, sorted(words))
        report.at(node, said("it lacks the key {keys}", keys=any_of(self.cases)))
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
        """Read as the kind does."""
        return self.kind.read(node, report)

    def schema(self, definitions: Schema) -> Schema:
        """A reference."""
        if self.name not in definitions:
            definitions[self.name] = {}
            definitions[self.name] = self.kind.schema(definitions)
        return {"$ref": f"#/$defs/{self.name}"}
