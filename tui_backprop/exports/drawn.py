"""The graph with values and adjoints, as Graphviz and Mermaid read it.

Both are the same picture: a box for a node, with its name or how it was written, its value, and
what it has received by the step that is shown; an arrow for each operand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.exports.hunts import told_title
from tui_backprop.graph.model import Role
from tui_backprop.render.text.arrays import Values, summary, value_of
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import plain, printable
from tui_backprop.render.text.updates import iteration_text
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Node

_CELLS: Final = 44
"""Of a line in a box; an array that is longer is shown with gaps."""


class _Box(NamedTuple):
    """A node as it is drawn."""

    node: Node
    lines: list[str]


def dot(subject: Subject) -> Iterator[str]:
    """A directed graph in Graphviz's language, forward from left to right."""
    yield f"digraph {_quoted(subject.name)} {{\n"
    title = printable(_title(subject))
    yield f"  label={_quoted(_without_entities(title))}\n"
    yield '  rankdir="LR"\n  node [shape="box", style="rounded", fontname="monospace"]\n'
    for box in _boxes(subject):
        style = "" if box.node.role is Role.OP else ', style="filled", fillcolor="#eeeeee"'
        # Graphviz reads \\l as the end of a line that is set to the left.
        label = "".join(f"{_escaped(_without_entities(line))}\\l" for line in box.lines)
        yield f'  n{box.node.id} [label="{label}"{style}]\n'
        for parent, count in _operands(box.node):
            times = f' [label="{count}×"]' if count > 1 else ""
            yield f"  n{parent} -> n{box.node.id}{times}\n"
    yield "}\n"


def _title(subject: Subject) -> str:
    """The title; of a training with the iteration that the numbers are of."""
    view = subject.view
    title = told_title(subject, view.language)
    iteration = iteration_text(view)
    if not iteration:
        return title
    return view.spoken.say("{title}, {iteration}", title=title, iteration=iteration)


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _without_entities(text: str) -> str:
    """As Graphviz must be given it, which reads entities of HTML in labels."""
    return text.replace("&", "&amp;")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def mermaid(subject: Subject) -> Iterator[str]:
    """A flowchart in Mermaid's language, forward from left to right."""
    title = _escaped(printable(_title(subject)).translate(_WITHOUT_TAGS))
    yield f'---\ntitle: "{title}"\n---\nflowchart LR\n'
    for box in _boxes(subject):
        label = "<br/>".join(map(_as_entities, box.lines))
        left, right = ("(", ")") if box.node.role is Role.OP else ("[", "]")
        yield f'  n{box.node.id}{left}"{label}"{right}\n'
        for parent, count in _operands(box.node):
            arrow = f'-- "{count}×" -->' if count > 1 else "-->"
            yield f"  n{parent} {arrow} n{box.node.id}\n"


_WITHOUT_TAGS: Final = str.maketrans("<>", "‹›")
"""Mermaid takes tags out of a title, and shows what is left of them as entities."""
_PLAIN: Final = frozenset(" .,;:=+-*/()[]_@")


def _as_entities(text: str) -> str:
    """Whatever its Markdown or HTML would take for its own, by number."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)


def _operands(node: Node) -> list[tuple[int, int]]:
    """The operands in order, and how often each is read."""
    return [(parent, node.parents.count(parent)) for parent in dict.fromkeys(node.parents)]


def _boxes(subject: Subject) -> Iterator[_Box]:
    for node in subject.timeline.nodes:
        yield _Box(node, [line for line in _lines(subject, node) if line])


def _lines(subject: Subject, node: Node) -> Iterator[str]:
    """What stands in the box: a number of the program is its own value."""
    view, trace = subject.view, subject.timeline.trace
    label, numerals = view.namer.label(node.id), numerals_in(view.charset)
    if node.role is Role.OP:
        written = view.namer.text if node.name else view.namer.application
        label = f"{label} = {written(node.id)}"
    yield printable(label)
    if node.literal is None:
        new = view.frame.value(node.id) if view.frame.phase is Phase.UPDATE else None
        known = value_of(trace, node.id, view.spoken.say("not saved"))
        value = known if new is None else Values(new)
        yield plain(summary(value, _CELLS, numerals=numerals))
    adjoint = view.frame.adjoint(node.id)
    if adjoint.is_known:
        told = plain(summary(adjoint, _CELLS, numerals=numerals))
        yield f"{view.namer.adjoint(node.id)} = {told}"
