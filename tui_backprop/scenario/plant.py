"""The key ``plant``: a bug that a student is to find, in plain words or not in plain sight.

Not in plain sight it is base64 of the same keys as JSON. That is decoded, and read like the rest of
the file: it is data, and nothing in it is executed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, cast

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import joined, said
from tui_backprop.rules.planted.kinds import BUGS, WHERE, Bug
from tui_backprop.scenario.kinds import Choice, Integer, String, Word, Words
from tui_backprop.scenario.records import Either, Record, key
from tui_backprop.scenario.report import UNKNOWN_NAME, shown

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.graph.planted import Planted
    from tui_backprop.scenario.kinds import Kind, Schema
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node, Span

_LONGEST: Final = 1000
"""Characters of a plant that is encoded."""

# Sentences stand here by themselves: what `key` is given is a sentence of its own.
_OP_NAME: Final = Words(said("the name of an op"))
_VALUE_NAME: Final = Words(said("the name of a value"))


@dataclass(frozen=True, slots=True, eq=False)
class PlantFields:
    """``{op: tanh, bug: missing-square}``."""

    span: Span
    bug: Bug | None = field(metadata=key(Choice(BUGS), "What is wrong."))
    op: Word | None = field(
        metadata=key(_OP_NAME, "Every use of this op has the bug."),
        default=None,
    )
    at: Word | None = field(
        metadata=key(
            _VALUE_NAME,
            "Only this value has it: its derivative, or of 'overwrite' and 'stale' its gradient.",
        ),
        default=None,
    )
    argument: int | None = field(
        metadata=key(Integer(0), "By which operand alone, counted from 0."), default=None
    )


class Encoded:
    """The same fields as base64 of a JSON object."""

    def read(self, node: Node, report: Report) -> PlantFields | None:
        """Decode it; what is no plant is one problem, which repeats nothing of it."""
        text = String(said("a mapping, or base64 of one as JSON")).read(node, report)
        if text is None:
            return None
        found = _decoded(text)
        if found is None:
            message = said("this is no plant: expected base64 of a JSON object with {keys}",
                           keys="bug, op, at, argument")  # fmt: skip
            report.at(node, message)
            return None
        bug, argument = found.get("bug"), found.get("argument")
        op, at = (Word(found[k], node.span) if k in found else None for k in ("op", "at"))
        return PlantFields(node.span, cast("Bug", bug), op, at, argument)

    def schema(self, _definitions: Schema) -> Schema:
        """A string."""
        return {"type": "string", "contentEncoding": "base64", "maxLength": _LONGEST}


def _decoded(text: str) -> dict[str, Any] | None:
    """The fields with their types checked; None where it holds no plant."""
    if len(text) > _LONGEST:
        return None
    import json  # which no file needs that has no plant

    try:
        found = json.loads(b64decode("".join(text.split()), validate=True))
    except (ValueError, RecursionError):  # binascii's error is a ValueError
        return None
    if not isinstance(found, dict) or not found.keys() <= {"bug", "op", "at", "argument"}:
        return None
    words = all(isinstance(found.get(name, ""), str) for name in ("op", "at"))
    argument = found.get("argument", 0)
    is_number = type(argument) is int and argument >= 0
    return found if words and is_number and found.get("bug") in BUGS else None


def encoded(**keys: str | int) -> str:
    """A plant as the file has it where it is not in plain sight."""
    import json

    return b64encode(json.dumps(keys).encode()).decode()


PLANT: Final[Kind[PlantFields]] = Either(
    said("a mapping, or base64 of one as JSON"), scalar=Encoded(), mapping=Record(PlantFields)
)


def planted(graph: Graph, declared: PlantFields | None, report: Report) -> Planted | None:
    """What is planted in a graph; None where nothing is, or where it cannot be."""
    if declared is None or declared.bug is None:
        return None
    # Few scenarios have a bug: the first screen of the others does not wait for this.
    from tui_backprop.graph.planted import Plant, Planted, places

    op, at = declared.op, declared.at
    if op is None and at is None:
        report.span(declared.span, said("where is it? Name an op with 'op', or a value with 'at'"))
        return None
    there = places(graph, declared.bug)
    nodes = [n for n in there if op is None or graph.nodes[n].op == op.text]
    if at is not None:
        node = graph.names.get(at.text)
        if node is None:
            report.unknown(UNKNOWN_NAME, at.text, at.span, graph.names)
            return None
        nodes = [n for n in nodes if n == node]
    if not nodes:
        known = [graph.nodes[n].name for n in there if graph.nodes[n].name]
        where = WHERE[declared.bug]
        message = said("{bug} cannot be there: {where}", bug=shown(declared.bug), where=where)
        hint = said("it can be at {names}", names=joined(", ", known)) if known else ""
        report.span(declared.span, message, hint)
        return None
    return Planted(Plant(declared.bug, frozenset(nodes), declared.argument), graph)
