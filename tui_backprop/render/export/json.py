"""The walk as one JSON object, for programs.

Its shape is a promise: format 1. It is made piece by piece, so that a walk of any length needs no
memory.

    {"format": 1, "title": …, "values": {name: array}, "grad": {input: array},
     "nodes": [{"id", "name", "op", "parents", "shape", "module"}],
     "steps": [{"k", "phase": "build", "node"}
               {"k", "phase": "seed", "pass", "node", "v", "assumed_ones"}
               {"k", "phase": "partial", "node", "argument", "parent", "j", "i",
                "partial", "symbolic", "v", "contribution", "adjoint"}
               {"k", "phase": "zero_grad", "pass"}]}

A node has a ``module`` where it lies in one, or in a composed op. Coordinates count from 0.
``symbolic`` is null where formulas were not asked for. NaN and infinities are the strings "nan",
"inf" and "-inf". At the level of nodes the object has ``"level": "node"``, and all partials of an
edge are one step:

    {"k", "from", "phase": "edge", "node", "argument", "parent", "vjp", "adjoint"}

where ``from`` and ``k`` are the edge's first and last step, and the adjoint is the parent's.

Of a forward walk it has ``"mode": "forward"``, and ``"tangents"`` by name in place of ``"grad"``;
in the steps ``t`` stands for ``v``, ``tangent`` for ``adjoint`` and ``jvp`` for ``vjp``, of the
node.

Of a training ``values`` and ``grad`` are those of the first iteration. Every step has the
``iteration`` that it belongs to, from 0, an update is a step, and after the steps there is more:

    {"k", "phase": "update", "node", "i", "before", "grad", "subtracted", "after", "kept"}
    "training": {"rule", "settings", "steps", "of", "zero_grad",
                 "loss": [of each iteration], "updated": {input: array after the last update}}

where ``kept`` has what the rule keeps of the entry for the next iteration, by its letter. At the
level of nodes an update is of a whole input, with ``from``, and with arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.export.json_arrays import members_json
from tui_backprop.render.export.json_steps import steps_json
from tui_backprop.render.text.json import json_text, quoted, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.model import Node
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Timeline


def trace_json(view: View, _source: str = "", level: Level = "partial") -> Iterator[str]:
    """The pieces of the object, in order; joined they are JSON. Format 1 has no source."""
    timeline = view.frame.timeline
    trace = timeline.trace
    yield f'{{"format": 1, "title": {json_text(view.title)},\n'
    if level == "node":
        yield ' "level": "node",\n'
    yield ' "values": {'
    yield from members_json(trace.values)
    if timeline.is_forward:
        yield '},\n "mode": "forward",\n "tangents": {'
        yield from members_json(_tangents(timeline))
    else:
        yield '},\n "grad": {'
        yield from members_json(trace.grad)
    if trace.untold:
        yield '},\n "unknown": {'
        yield ", ".join(f"{json_text(name)}: {json_text(w)}" for name, w in trace.untold.items())
    yield '},\n "nodes": ['
    for node in timeline.nodes:
        yield f"{',' if node.id else ''}\n  {_node(node)}"
    yield '],\n "steps": ['
    steps = steps_json(view, level)
    yield next(steps, "")[1:]  # without the comma before the first of them
    yield from steps
    yield "]"
    yield from _training(timeline)
    yield "}\n"


def _training(timeline: Timeline) -> Iterator[str]:
    """How it was trained, and what came of it; nothing where nothing was."""
    if timeline.iterations is None:
        return
    training, last = timeline.iterations, timeline.at(timeline.length - 1).updates
    update = last.update
    if update is None:
        raise AssertionError("an iteration ends with updates")
    told = {
        "rule": update.rule.name,
        "settings": dict(update.settings),
        "steps": update.steps,
        "of": list(update.of),
        "zero_grad": update.zero_grad,
        "loss": [spelled(training.loss(k)) for k in range(training.count)],
    }
    yield f',\n "training": {json_text(told)[:-1]}, "updated": {{'
    yield from members_json({n: c[-1].value for n, c in zip(update.of, last.lines, strict=True)})
    yield "}}"


def _tangents(timeline: Timeline) -> Mapping[str, Array]:
    """By name, as ``values``; of a name that is bound again its last node."""
    found = timeline.walk(0).run.cotangents
    names = timeline.trace.graph.names
    return {name: found[n] for name, n in names.items() if n in found}


def _node(node: Node) -> str:
    module = f', "module": {quoted(node.module)}' if node.module else ""
    return (
        f'{{"id": {node.id}, "name": {quoted(node.name)}, "op": {quoted(node.op)}, '
        f'"parents": {[*node.parents]}, "shape": {[*node.shape]}{module}}}'
    )
